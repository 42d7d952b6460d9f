import { readdirSync } from 'node:fs'
import { type CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'
import { AdReferral, ContactProfile, MessageBody } from '@parley/proto/content'
import { type Golden, readGolden } from '@parley/proto/golden'
import { describe, expect, test } from 'vitest'
import { conversations } from '../src/family.ts'
import { commands, events, words } from './samples.ts'

const codecs = { AdReferral, ContactProfile, MessageBody } as const

const goldensIn = (folder: string): [string, Golden][] => {
  const directory = new URL(`./${folder}/`, import.meta.url)
  return readdirSync(directory).map((file) => [file, readGolden(new URL(file, directory))])
}
const typeAndVersion = (name: string) => {
  const [, type = '', version = ''] = /^(\w+)\.v(\d+)$/.exec(name) ?? []
  return { type, schemaVersion: Number(version) }
}
const payloadOf = ({ bytes }: Golden) => Buffer.from(bytes, 'base64')
/** Fields as proto3 JSON has them: bytes in base64, 64-bit numbers as text. */
const plain = (data: unknown): unknown =>
  JSON.parse(
    JSON.stringify(data, (_, value: unknown) =>
      typeof value === 'bigint'
        ? String(value)
        : (value as { type?: string } | null)?.type === 'Buffer'
          ? Buffer.from((value as { data: number[] }).data).toString('base64')
          : value,
    ),
  )

describe('events', () => {
  test.each(goldensIn('events'))('%s, written long ago, is read today in the shape of today', (_, golden) => {
    const { type, schemaVersion } = typeAndVersion(golden.name)
    const event = conversations.readEvent({
      type,
      schemaVersion,
      payload: payloadOf(golden),
    } as EventEnvelope)
    expect(event.type).toBe(type)
    const today = conversations.writeEvent(event)
    const again = conversations.readEvent({ ...EventEnvelope.fromPartial({}), ...today })
    expect(plain(again.data)).toMatchObject(plain(event.data) as object)
    // Everything that it said it still says.
    expect(plain(event.data)).toMatchObject(golden.json as object)
  })

  test('of version 1 that today count attempts say that there was one', () => {
    const [, golden] = goldensIn('events').find(([file]) => file === 'MessageSendUncertain.v1.json')!
    const event = conversations.readEvent({
      type: 'MessageSendUncertain',
      schemaVersion: 1,
      payload: payloadOf(golden),
    } as EventEnvelope)
    expect(event.data).toMatchObject({ attempts: 1 })
  })
})

test.each(goldensIn('commands'))('the command %s is read today as it was written', (_, golden) => {
  const { type, schemaVersion } = typeAndVersion(golden.name)
  const command = conversations.readCommand({
    type,
    schemaVersion,
    payload: payloadOf(golden),
  } as CommandEnvelope)
  expect(command.type).toBe(type)
  expect(command.data).toBeDefined()
})

test.each(goldensIn('words'))('the words %s are read today as they were written', (_, golden) => {
  const codec = codecs[golden.message.replace(/^.*\./, '') as keyof typeof codecs]
  expect(codec.toJSON(codec.decode(payloadOf(golden)) as never)).toEqual(golden.json)
})

test.each([
  ['events', events()],
  ['commands', commands()],
  ['words', words()],
])(
  'there is one of %s for each type and version: `npm run golden --prefix packages/conversation` writes a new one',
  (folder, all) => {
    const written = new Set(goldensIn(folder).map(([file]) => file))
    expect(all.filter(({ name }) => !written.has(`${name}.json`)).map(({ name }) => name)).toEqual([])
  },
)
