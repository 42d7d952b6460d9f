import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CommandEnvelope, EventEnvelope } from '../gen/parley/envelope/v1/envelope.ts'
import { type Golden, readGolden } from './samples.ts'

interface Family {
  readonly eventTypes: readonly string[]
  readEvent(envelope: EventEnvelope): unknown
  readCommand(envelope: CommandEnvelope): unknown
}

/**
 * Tests that what a family wrote long ago says today what it said then, and that nothing is missing.
 * @param directory where the golden records stand
 * @param goldens one for each type, as written today
 * @param packageName whose script writes new ones
 */
export function goldenTests(
  family: Family,
  directory: URL,
  goldens: readonly Pick<Golden, 'name'>[],
  folder: string,
): void {
  const written = readdirSync(directory)

  test.each(written)('%s, written long ago, says today what it said then', (file) => {
    const { message, bytes, json } = readGolden(new URL(file, directory))
    const type = message.replace(/^.*\./, '')
    const stored = { type, schemaVersion: 1, payload: Buffer.from(bytes, 'base64') }
    const read = family.eventTypes.includes(type)
      ? family.readEvent(EventEnvelope.fromPartial(stored))
      : family.readCommand(CommandEnvelope.fromPartial(stored))
    expect(read).toMatchObject({ type, data: json })
  })

  test(`there is one for each type: \`npm run golden --prefix ${folder}\` writes a new one`, () => {
    expect(goldens.filter(({ name }) => !written.includes(`${name}.json`))).toEqual([])
  })
}
