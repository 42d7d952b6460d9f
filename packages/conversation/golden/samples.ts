// `npm run golden --prefix packages/conversation`
import { type Golden, descriptorOf, sample } from '@parley/proto/golden'
import { writeMissing } from '@parley/proto/golden/write'
import { conversations } from '../src/family.ts'
import { upcasts } from '../src/upcasts.ts'

const PACKAGE = 'parley.conversation.v1'

/** Each event in each of its versions. An older version keeps the message that it was written with, under a name that says so. */
export function events(): readonly Golden[] {
  return conversations.eventTypes
    .filter((type) => conversations.isFolded(type))
    .flatMap((type) => {
      const older = upcasts.filter((upcast) => upcast.type === type)
      return [
        ...older.map(({ from }) => sample(`${PACKAGE}.${type}V${from}`, `${type}.v${from}`)),
        sample(`${PACKAGE}.${type}`, `${type}.v${older.length + 1}`),
      ]
    })
}

export function commands(): readonly Golden[] {
  return conversations.commandTypes
    .filter((type) => type !== 'AdoptPolicy')
    .map((type) => sample(`${PACKAGE}.${type}`, `${type}.v1`))
}

/** The words: every kind of message body, and names. */
export function words(): readonly Golden[] {
  const bodies = descriptorOf(`${PACKAGE}.MessageBody`).oneofs[0]!.fields
  return [
    ...bodies.map(({ name }, index) => sample(`${PACKAGE}.MessageBody`, `MessageBody.${name}`, index)),
    sample(`${PACKAGE}.ContactProfile`, 'ContactProfile'),
    sample(`${PACKAGE}.AdReferral`, 'AdReferral'),
  ]
}

if (import.meta.main)
  for (const [folder, goldens] of Object.entries({ events: events(), commands: commands(), words: words() }))
    writeMissing(new URL(`./${folder}/`, import.meta.url), goldens)
