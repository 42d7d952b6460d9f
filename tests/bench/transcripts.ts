import { type EventLog, type ProjectionTrouble, eventRecord } from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'
import type { Db } from 'mongodb'

const EVENTS_PER_APPEND = 5_000

export async function appendEvents(
  log: EventLog,
  topic: string,
  events: readonly RecordedEvent[],
): Promise<void> {
  for (let start = 0; start < events.length; start += EVENTS_PER_APPEND)
    await log.append(topic, events.slice(start, start + EVENTS_PER_APPEND).map(eventRecord))
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
