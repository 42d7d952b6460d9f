import { type EventLog, type LogRecord, type ProjectionTrouble, eventRecord } from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'
import type { Db } from 'mongodb'

const EVENTS_PER_APPEND = 5_000

/** @returns how many there were */
export async function appendEvents(
  log: EventLog,
  topic: string,
  events: Iterable<RecordedEvent>,
): Promise<number> {
  let count = 0
  let records: LogRecord[] = []
  const append = async () => {
    if (records.length > 0) await log.append(topic, records)
    count += records.length
    records = []
  }
  for (const event of events) {
    records.push(eventRecord(event))
    if (records.length >= EVENTS_PER_APPEND) await append()
  }
  await append()
  return count
}

const fail = (error: Error): never => {
  throw error
}

/** A reader in trouble ends the bench: its figure would say nothing. */
export const FATAL: ProjectionTrouble = {
  onParked: ({ reason }) => fail(new Error(reason)),
  onStuck: ({ error }) => fail(new Error('A partition stands still.', { cause: error })),
  onFault: fail,
  onRouteUnreadable: (error) => fail(new Error('The route is unreadable.', { cause: error })),
  onSwitched() {},
}

/** How many events the first version of a read model says that it has folded. */
export async function foldedInto(db: Db, name = 'transcripts'): Promise<number> {
  const heads = await db.collection<{ version: number }>(`${name}_v1_heads`).find().toArray()
  return heads.reduce((sum, { version }) => sum + version, 0)
}
