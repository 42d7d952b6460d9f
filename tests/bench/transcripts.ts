import {
  type EventLog,
  type LogRecord,
  type ProjectionReader,
  type ProjectionTrouble,
  StoredHeads,
  eventRecord,
} from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'
import type { Db } from 'mongodb'

const EVENTS_PER_APPEND = 5_000
const HEADS_AT_ONCE = 10_000

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

/** Events of a topic that nobody writes to any longer, counted without a question to the store, which is measured too. */
export function handledBy(reader: Pick<ProjectionReader, 'progress'>): number {
  return [...reader.progress().values()].reduce((sum, next) => sum + Number(next), 0)
}

/** @throws when the first version of the read model does not say that it has folded them all */
export async function assertFolded(db: Db, name: string, events: number): Promise<void> {
  const heads = new StoredHeads(db, `${name}_v1`)
  const streams: string[] = []
  for await (const streamId of heads.streamIds()) streams.push(streamId)
  let folded = 0
  for (let at = 0; at < streams.length; at += HEADS_AT_ONCE)
    for (const { version } of (await heads.of(streams.slice(at, at + HEADS_AT_ONCE))).values())
      folded += version
  if (folded !== events) throw new Error(`${folded} of ${events} events were folded into ${name}.`)
}
