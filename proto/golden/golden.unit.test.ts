import { readdirSync } from 'node:fs'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import {
  AdoptPolicy,
  CommandEnvelope,
  CommandRefused,
  DeadLetter,
  EventEnvelope,
  NothingChanged,
  PolicyAdopted,
} from '../gen/parley/envelope/v1/envelope.ts'
import { envelopes } from './envelopes.ts'
import { descriptorOf, readGolden } from './samples.ts'

const codecs = {
  EventEnvelope,
  CommandEnvelope,
  DeadLetter,
  CommandRefused,
  NothingChanged,
  AdoptPolicy,
  PolicyAdopted,
} as const
const directory = new URL('./envelopes/', import.meta.url)

test.each(readdirSync(directory))('%s, written long ago, says today what it said then', (file) => {
  const { name, message, bytes, json } = readGolden(new URL(file, directory))
  const raw = Buffer.from(bytes, 'base64')
  const codec = codecs[message.replace(/^.*\./, '') as (typeof envelopes)[number]]
  const read = codec.decode(raw)
  expect(codec.toJSON(read as never)).toEqual(json)
  expect(`${name}.json`).toBe(file)
  // And what today's code writes of it is read the same by another implementation.
  const again = codec.encode(read as never).finish()
  const descriptor = descriptorOf(message)
  expect(toBinary(descriptor, fromBinary(descriptor, again))).toEqual(
    toBinary(descriptor, fromBinary(descriptor, raw)),
  )
})

test('there is one for everything that stands in a topic: `npm run golden --prefix proto` writes a new one', () => {
  const written = readdirSync(directory)
  expect(envelopes.filter((name) => !written.includes(`${name}.v1.json`))).toEqual([])
})
