import type { Message, TypeOf } from '@parley/kernel'
import type { Position } from '../log.ts'
import { type DocumentProjection, projectDocuments } from './documents.ts'
import { Progress } from './progress.ts'
import { type Reader, type ReaderOptions, type Wanted, startReader } from './reader.ts'

export interface ProjectionOptions<Event extends Message, Type extends TypeOf<Event>> extends Omit<
  ReaderOptions<Event, Type>,
  'handle' | 'sharesBatches'
> {
  /** Part of the consumer group and of the checkpoint collections: another version is built from offset zero, beside this one. */
  readonly version: number
  readonly documents: readonly DocumentProjection<any, Wanted<Event, Type>>[]
  /** Something was written. */
  onProjected?(): void
}

export interface ProjectionReader extends Reader {
  /**
   * True when the read model holds the record at the position, false when it does not within the deadline. Any replica may be asked: one
   * that owns the partition knows at once, another half a second later. A record of a parked stream counts as seen: the model is stale there.
   */
  whenProcessed(position: Position, deadlineMs: number, signal?: AbortSignal): Promise<boolean>
}

/** A read model: built from the log alone, so it can be built anew at any time. */
export async function runProjection<Event extends Message, Type extends TypeOf<Event>>(
  options: ProjectionOptions<Event, Type>,
): Promise<ProjectionReader> {
  const { name, namespace, version, db, documents, onProjected } = options
  const prefix = projectionPrefix(name, version)
  const progress = new Progress(db, prefix)
  const reader = await startReader<Event, Type>(
    {
      ...options,
      async handle(batch) {
        const poisons = await projectDocuments(documents, batch)
        onProjected?.()
        return poisons
      },
    },
    { group: `${namespace}.${name}.v${version}`, prefix, progress },
  )
  return Object.assign(reader, {
    whenProcessed: (position: Position, deadlineMs: number, signal?: AbortSignal) =>
      progress.whenSeen(position, deadlineMs, signal),
  })
}

/** Its collections begin with this. */
export function projectionPrefix(name: string, version: number): string {
  return `${name}_v${version}`
}
