import { setTimeout as pause } from 'node:timers/promises'
import type { Message, TypeOf } from '@parley/kernel'
import { MembershipLost } from '../errors.ts'
import type { Position } from '../log.ts'
import type { ReaderBatch } from './batch.ts'
import { type DocumentProjection, projectDocuments } from './documents.ts'
import { Progress } from './progress.ts'
import { type Reader, type ReaderOptions, type Wanted, startReader } from './reader.ts'

export interface ProjectionOptions<Event extends Message, Type extends TypeOf<Event>> extends Omit<
  ReaderOptions<Event, Type>,
  'handle' | 'sharesBatches'
> {
  /** Part of the consumer group and of the checkpoint collections: another version is built from offset zero, beside this one. */
  readonly version: number
  readonly documents: readonly DocumentProjection<any, NoInfer<Wanted<Event, Type>>>[]
  /** So many events are handled in a second at most, for a rebuild beside live traffic. Default: as many as come. */
  readonly eventsPerSecondMax?: number
  /** Told of what was written. */
  onProjected?(batch: ReaderBatch<Wanted<Event, Type>>): void
}

export interface ProjectionReader extends Reader {
  /**
   * True when the read model holds the record at the position, false when it does not within the deadline. Any replica may be asked: one
   * that owns the partition knows at once, another half a second later. A record of a parked stream counts as seen: the model is stale there.
   */
  whenProcessed(position: Position, deadlineMs: number, signal?: AbortSignal): Promise<boolean>
  /** By partition: everything before that offset was handled by this member since it started. */
  progress(): ReadonlyMap<number, bigint>
}

/** A limited rate is kept in so many portions of a partition a second: what is fetched at once may be the work of minutes. */
const PORTIONS_PER_SECOND = 5

/** What is far behind is folded while the store writes: a document is of one stream, and a figure's of one partition, so two rounds share none. */
const ROUNDS_AT_ONCE = 2

/** A read model: built from the log alone, so it can be built anew at any time. */
export async function runProjection<Event extends Message, Type extends TypeOf<Event>>(
  options: ProjectionOptions<Event, Type>,
): Promise<ProjectionReader> {
  const { name, namespace, version, db, documents, onProjected } = options
  const prefix = projectionPrefix(name, version)
  const progress = new Progress(db, prefix, options.onFault)
  const stopping = new AbortController()
  const { eventsPerSecondMax } = options
  const batchRecordsMax =
    eventsPerSecondMax && Math.max(1, Math.floor(eventsPerSecondMax / PORTIONS_PER_SECOND))
  const project =
    eventsPerSecondMax === undefined ? projectDocuments : paced(eventsPerSecondMax, stopping.signal)
  const reader = await startReader<Event, Type>(
    {
      ...options,
      async handle(batch) {
        await project(documents, batch)
        onProjected?.(batch)
      },
    },
    {
      group: projectionGroup(namespace, name, version),
      prefix,
      progress,
      batchRecordsMax,
      roundsAtOnce: ROUNDS_AT_ONCE,
    },
  )
  return {
    ...reader,
    whenProcessed: (position: Position, deadlineMs: number, signal?: AbortSignal) =>
      progress.whenSeen(position, deadlineMs, signal),
    progress: () => progress.positions(),
    async stop() {
      stopping.abort()
      await reader.stop()
      progress.end()
    },
  }
}

/** @param stopping What is left of a batch comes again at the next start. */
function paced(eventsPerSecondMax: number, stopping: AbortSignal): typeof projectDocuments {
  let nextAtMs = 0
  return async (documents, batch) => {
    await pause(Math.max(0, nextAtMs - performance.now()), undefined, { signal: stopping })
    // Another member goes on with the rest.
    if (!batch.isOwned()) throw new MembershipLost('a rebuild')
    nextAtMs = Math.max(nextAtMs, performance.now()) + (1_000 * batch.events.length) / eventsPerSecondMax
    await projectDocuments(documents, batch)
  }
}

/** Its collections begin with this. */
export function projectionPrefix(name: string, version: number): string {
  return `${name}_v${version}`
}

export function projectionGroup(namespace: string, name: string, version: number): string {
  return `${namespace}.${name}.v${version}`
}
