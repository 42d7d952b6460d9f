import { readdirSync } from 'node:fs'
import { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'
import { readGolden } from '@parley/proto/golden'
import { expect, test } from 'vitest'
import { evaluationFamily } from '../src/family.ts'
import { goldens } from './samples.ts'

const directory = new URL('./written/', import.meta.url)
const written = readdirSync(directory)

test.each(written)('%s, written long ago, says today what it said then', (file) => {
  const { message, bytes, json } = readGolden(new URL(file, directory))
  const type = message.replace(/^.*\./, '')
  const stored = { type, schemaVersion: 1, payload: Buffer.from(bytes, 'base64') }
  const read = (evaluationFamily.eventTypes as readonly string[]).includes(type)
    ? evaluationFamily.readEvent(EventEnvelope.fromPartial(stored))
    : evaluationFamily.readCommand(CommandEnvelope.fromPartial(stored))
  expect(read).toMatchObject({ type, data: json })
})

test('there is one for each type: run pnpm --filter @parley/evaluation golden for a new one', () => {
  expect(goldens().filter(({ name }) => !written.includes(`${name}.json`))).toEqual([])
})
