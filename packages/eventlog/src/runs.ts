import { BrokenRun, RECORD_BYTES_MAX, RecordTooLarge } from './errors.ts'
import type { LogRecord } from './log.ts'

/** Records that are stored in one record batch or not at all: the first one, and those behind it that are `withPrevious`. */
export interface Run {
  readonly records: readonly LogRecord[]
  readonly bytes: number
}

/** @throws {BrokenRun} @throws {RecordTooLarge} */
export function runsOf(topic: string, records: readonly LogRecord[]): Run[] {
  const runs: { records: LogRecord[]; bytes: number }[] = []
  for (const record of records) {
    const bytes = recordBytes(record)
    const run = runs.at(-1)
    if (record.withPrevious === true) {
      if (run?.records[0]!.key !== record.key) throw new BrokenRun(topic)
      run.records.push(record)
      run.bytes += bytes
    } else runs.push({ records: [record], bytes })
  }
  for (const { records: those, bytes } of runs)
    if (bytes > RECORD_BYTES_MAX) throw new RecordTooLarge(topic, bytes, RECORD_BYTES_MAX, those.length)
  return runs
}

/** What a record costs against the limit of its topic: key, value, headers, and the frame around them. */
function recordBytes(record: {
  key: string
  value: Uint8Array
  headers?: Readonly<Record<string, string>>
}): number {
  let bytes = 80 + Buffer.byteLength(record.key) + record.value.byteLength
  for (const [name, value] of Object.entries(record.headers ?? {}))
    bytes += name.length + Buffer.byteLength(value) + 8
  return bytes
}
