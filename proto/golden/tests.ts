import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CommandEnvelope, EventEnvelope } from '../gen/parley/envelope/v1/envelope.ts'
import { type Golden, readGolden } from './samples.ts'

interface Family<Event> {
  readonly eventTypes: readonly string[]
  readEvent(envelope: EventEnvelope): Event
  writeEvent(event: Event): Pick<EventEnvelope, 'type' | 'schemaVersion' | 'payload'>
  readCommand(envelope: CommandEnvelope): unknown
}

/**
 * Tests that what a family wrote long ago says today what it said then, in each of its versions, and that nothing is missing.
 * @param directory where the golden records stand
 * @param goldens one for each type and version, as written today
 * @param folder of the package whose script writes new ones
 */
export function goldenTests<Event>(
  family: Family<Event>,
  directory: URL,
  goldens: readonly Pick<Golden, 'name'>[],
  folder: string,
): void {
  const written = readdirSync(directory)
  const isEvent = (file: string) => family.eventTypes.includes(storedIn(file, directory).type)

  test.each(written.filter(isEvent))(
    'the event %s, written long ago, says today what it said then, and so does what is written of it today',
    (file) => {
      const { json, ...stored } = storedIn(file, directory)
      const event = family.readEvent(EventEnvelope.fromPartial(stored))
      expect(plain(event)).toMatchObject({ type: stored.type, data: json })
      const again = family.readEvent(EventEnvelope.fromPartial(family.writeEvent(event)))
      expect(plain(again)).toMatchObject(plain(event))
    },
  )

  test.each(written.filter((file) => !isEvent(file)))(
    'the command %s, written long ago, says today what it said then',
    (file) => {
      const { json, ...stored } = storedIn(file, directory)
      const command = family.readCommand(CommandEnvelope.fromPartial(stored))
      expect(plain(command)).toMatchObject({ type: stored.type, data: json })
    },
  )

  test(`there is one for each type and version: \`npm run golden --prefix ${folder}\` writes a new one`, () => {
    expect(goldens.filter(({ name }) => !written.includes(`${name}.json`))).toEqual([])
  })
}

/** Of `MessageSendUncertain.v1.json` the first version, whatever its message is called by now. */
function storedIn(file: string, directory: URL) {
  const { name, bytes, json } = readGolden(new URL(file, directory))
  const [, type = '', version] = /^(\w+)\.v(\d+)$/.exec(name) ?? []
  return { type, schemaVersion: Number(version), payload: Buffer.from(bytes, 'base64'), json }
}

/** Fields as proto3 JSON has them: bytes in base64, 64-bit numbers as text, one of several by its name. */
function plain(read: unknown): object {
  const text = JSON.stringify(read, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if ('type' in value && value.type === 'Buffer')
      return Buffer.from((value as unknown as { data: number[] }).data).toString('base64')
    if (Array.isArray(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([field, held]) => (isCase(held) ? [held.$case, held.value] : [field, held])),
    )
  })
  return JSON.parse(text) as object
}

const isCase = (held: unknown): held is { $case: string; value: unknown } =>
  typeof held === 'object' && held !== null && '$case' in held
