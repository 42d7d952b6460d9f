import type { Message } from '@parley/kernel'
import type { Db } from 'mongodb'
import { appendCommands } from '../commands.ts'
import type { EventLog } from '../log.ts'
import { type ParkedStream, type Reader, runProjection } from '../reader/index.ts'
import type { FamilyTopics } from '../topics.ts'
import { DeadlineStore } from './deadline-store.ts'
import type { FamilyDeadlines } from './deadlines.ts'
import { Ticker, tick } from './ticker.ts'

export interface DeadlinesOptions<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'],
> {
  readonly log: EventLog
  readonly topics: FamilyTopics<Command, Event>
  readonly deadlines: FamilyDeadlines<Command, Event, Type>
  /** Default `<family>_deadlines`: name and version are part of the consumer group and of the collections. */
  readonly name?: string
  readonly version: number
  readonly namespace: string
  readonly db: Db
  /** How late a deadline may be noticed. Default 300 ms. */
  readonly everyMs?: number
  now?(): Date
  /** A look at due deadlines failed; the next one tries again. */
  onError(error: unknown): void
  /** Deadlines of this stream are not kept any more. Log it loudly. */
  onParked?(parked: ParkedStream): void
  onFault(error: Error): void
}

const EVERY_MS = 300

/**
 * Keeps the deadlines of a family: a projection of its events says which are set, a ticker says the wish of each that has passed.
 * Whoever projects a partition looks after its deadlines, so all that it must know passes through one process.
 */
export async function runDeadlines<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'],
>(options: DeadlinesOptions<Command, Event, Type>): Promise<Reader> {
  const { log, topics, deadlines, version, namespace, db, everyMs = EVERY_MS } = options
  const name = options.name ?? `${topics.family.name}_deadlines`
  const store = await DeadlineStore.open<Command, Event>(db, name, version, deadlines)
  const reader = await runProjection({
    log,
    topics,
    types: deadlines.types,
    name,
    version,
    namespace,
    db,
    gatherMs: everyMs,
    documents: [store.projection as never],
    onProjected: (batch) => store.written(batch as never),
    onAssigned: async () => store.forget(),
    ...(options.onParked === undefined ? {} : { onParked: options.onParked }),
    onFault: options.onFault,
  })
  const ticker = new Ticker(
    () =>
      tick<Command>({
        family: deadlines,
        store,
        partitions: () => reader.assigned(),
        append: (commands) => appendCommands(log, topics, commands),
        now: options.now ?? (() => new Date()),
      }),
    everyMs,
    options.onError,
  )
  return {
    ...reader,
    async stop() {
      await ticker.stop()
      await reader.stop()
    },
  }
}
