import { readdirSync } from 'node:fs'
import { EventEnvelope } from '@parley/proto/envelope'
import { AdReferral, ContactProfile, MessageBody } from '@parley/proto/content'
import { readGolden } from '@parley/proto/golden'
import { goldenTests } from '@parley/proto/golden/tests'
import { expect, test } from 'vitest'
import { conversations } from '../src/family.ts'
import { commands, events, words } from './samples.ts'

const FOLDER = 'packages/conversation'
const directoryOf = (kind: 'events' | 'commands' | 'words') => new URL(`./${kind}/`, import.meta.url)
const goldenIn = (kind: 'events' | 'words', file: string) => {
  const { message, bytes, json } = readGolden(new URL(file, directoryOf(kind)))
  return { message, payload: Buffer.from(bytes, 'base64'), json }
}

goldenTests(conversations, directoryOf('events'), events(), FOLDER)
goldenTests(conversations, directoryOf('commands'), commands(), FOLDER)

test('of version 1 events that today count attempts say that there was one', () => {
  const { payload } = goldenIn('events', 'MessageSendUncertain.v1.json')
  const stored = { type: 'MessageSendUncertain', schemaVersion: 1, payload }
  expect(conversations.readEvent(EventEnvelope.fromPartial(stored)).data).toMatchObject({ attempts: 1 })
})

const codecs = { AdReferral, ContactProfile, MessageBody } as const

test.each(readdirSync(directoryOf('words')))('the words %s are read today as they were written', (file) => {
  const { message, payload, json } = goldenIn('words', file)
  const codec = codecs[message.replace(/^.*\./, '') as keyof typeof codecs]
  expect(codec.toJSON(codec.decode(payload) as never)).toEqual(json)
})

test(`there is one of words for each kind: \`npm run golden --prefix ${FOLDER}\` writes a new one`, () => {
  const written = readdirSync(directoryOf('words'))
  expect(words().filter(({ name }) => !written.includes(`${name}.json`))).toEqual([])
})
