import type { StoredRecord } from '../log.ts'
import type { FetchedMessage } from './wire.ts'

export function storedRecord(topic: string, partition: number, message: FetchedMessage): StoredRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestamp: new Date(Number(message.timestamp)).toISOString(),
    key: message.key?.toString('utf8') ?? '',
    value: message.value ?? new Uint8Array(),
    headers: headersOf(message.headers),
  }
}

function headersOf(headers: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, string>> {
  if (headers === undefined) return {}
  const texts: Record<string, string> = {}
  // A header that came more than once is a list: the first one counts.
  for (const [name, value] of Object.entries(headers))
    texts[name] = String(Array.isArray(value) ? value[0] : value)
  return texts
}
