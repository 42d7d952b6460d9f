import { readdirSync } from 'node:fs'
import { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'
import { readGolden } from '@parley/proto/golden'
import { expect, test } from 'vitest'
import { workforces } from '../src/family.ts'
import { goldens } from './samples.ts'

const directory = new URL('./written/', import.meta.url)
const written = readdirSync(directory)

test.each(written)('%s, written long ago, says today what it said then', (file) => {
  const { message, bytes, json } = readGolden(new URL(file, directory))
  const type = message.replace(/^.*\./, '')
  const stored = { type, schemaVersion: 1, payload: Buffer.from(bytes, 'base64') }
  const read = (workforces.eventTypes as readonly string[]).includes(type)
    ? workforces.readEvent(EventEnvelope.fromPartial(stored))
    : workforces.readCommand(CommandEnvelope.fromPartial(stored))
  expect(read).toMatchObject({ type, data: json })
})

test('there is one for each type: run pnpm --filter @parley/workforce golden for a new one', () => {
  expect(goldens().filter(({ name }) => !written.includes(`${name}.json`))).toEqual([])
})
