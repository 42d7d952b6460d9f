import { readdirSync } from 'node:fs'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { CommandEnvelope, DeadLetter, EventEnvelope } from '../gen/parley/envelope/v1/envelope.ts'
import { type Golden, envelopes, payloadsOf, readGolden, registry } from './samples.ts'

const codecs = {
  'parley.envelope.v1.EventEnvelope': EventEnvelope,
  'parley.envelope.v1.CommandEnvelope': CommandEnvelope,
  'parley.envelope.v1.DeadLetter': DeadLetter,
} as const

describe.each(envelopes)('golden $folder', ({ folder, message }) => {
  const directory = new URL(`./${folder}/`, import.meta.url)
  const goldens = readdirSync(directory).map((file): [string, Golden] => [
    file,
    readGolden(new URL(file, directory)),
  ])

  test.each(goldens)(
    '%s, written long ago, says today what it said then',
    (file, { name, message: of, bytes, json }) => {
      const raw = Buffer.from(bytes, 'base64')
      const codec = codecs[of as keyof typeof codecs]
      const read = codec.decode(raw)
      expect(codec.toJSON(read as never)).toEqual(json)
      expect(`${name}.json`).toBe(file)
      // And what today's code writes of it is read the same by another implementation.
      const again = codec.encode(read as never).finish()
      const descriptor = registry.getMessage(of)!
      expect(toBinary(descriptor, fromBinary(descriptor, again))).toEqual(
        toBinary(descriptor, fromBinary(descriptor, raw)),
      )
    },
  )

  test('there is one for every type: run pnpm --filter @parley/proto golden for a new one', () => {
    const written = new Set(goldens.map(([, { json }]) => (json as { type?: string }).type))
    const missing = payloadsOf(message)
      .map((payload) => payload.message!.typeName.replace(/^.*\./, ''))
      .filter((type) => !written.has(type))
    expect(missing).toEqual([])
    expect(goldens.length).toBeGreaterThan(0)
  })
})
