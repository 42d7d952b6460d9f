import type { Family, Message, TypeOf } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'
import type { EventLog } from '../log.ts'
import type { ReaderBatch } from '../reader/batch.ts'
import type { DocumentProjection, ProjectedDocument } from '../reader/documents.ts'
import { type ProjectionOptions, type ProjectionReader, runProjection } from '../reader/projection.ts'
import type { ReaderTrouble, Wanted } from '../reader/reader.ts'
import type { FamilyTopics } from '../topics.ts'

/** One version of a read model: its collections, and how events are folded into them. */
export interface ReadModel<Event extends Message = Message> {
  readonly documents: readonly DocumentProjection<any, Event>[]
  /** What readers keep of the documents for themselves: it goes with the version, and is compared with nothing. */
  readonly derived?: readonly Collection<any>[]
  /**
   * What of a document two versions must have in common; `undefined`: nothing, it is left out. Default: all of it. For documents that
   * not only the log changes, such as those that the store drops after a time.
   */
  compared?(document: ProjectedDocument): object | undefined
  /** Told of what was written, and of the partitions changing: for a model that keeps something of it in memory. */
  onWritten?(batch: ReaderBatch<Event>): void
  onAssigned?(): void
}

/** A read model, said once: the service that keeps it and the operator who builds it anew go by the same words. */
export interface Projection<
  Event extends Message,
  Type extends TypeOf<Event>,
  Model extends ReadModel<Wanted<Event, Type>>,
> {
  /** In collections, groups, metrics and commands. For ever: another name is another projection. */
  readonly name: string
  readonly family: Family<any, Event>
  readonly types: readonly Type[]
  readonly gatherMs?: number
  /** So much longer, while nobody waits for what it does not hold yet. */
  readonly leisureMs?: number
  /** Makes the indexes of that version's collections, too. */
  open(db: Db, version: number): Promise<Model>
}

export function defineProjection<
  Event extends Message,
  Type extends TypeOf<Event>,
  Model extends ReadModel<Wanted<Event, Type>>,
>(projection: Projection<Event, Type, Model>): Projection<Event, Type, Model> {
  return projection
}

// oxlint-disable-next-line typescript/no-explicit-any -- of any family
export type AnyProjection = Projection<any, any, any>

/** What surrounds a projection wherever it runs. */
export interface ProjectionPlace {
  readonly log: EventLog
  readonly topics: FamilyTopics
  readonly namespace: string
  /** Of the service that keeps it. */
  readonly db: Db
}

export interface RunningVersion<Model extends ReadModel = ReadModel> {
  readonly version: number
  readonly model: Model
  readonly reader: ProjectionReader
}

/** Runs one version: the service the live one, a rebuild the one that comes. */
export async function runVersion<
  Event extends Message,
  Type extends TypeOf<Event>,
  Model extends ReadModel<Wanted<Event, Type>>,
>(
  projection: Projection<Event, Type, Model>,
  { log, topics, namespace, db }: ProjectionPlace,
  version: number,
  options: Pick<
    ProjectionOptions<Event, Type>,
    'gatherMs' | 'leisureMs' | 'commitEveryMs' | 'eventsPerSecondMax'
  > &
    ReaderTrouble & { onProjected?(): void },
): Promise<RunningVersion<Model>> {
  const model = await projection.open(db, version)
  const reader = await runProjection<Event, Type>({
    ...(projection.gatherMs === undefined ? {} : { gatherMs: projection.gatherMs }),
    ...(projection.leisureMs === undefined ? {} : { leisureMs: projection.leisureMs }),
    ...options,
    log,
    topics: { family: projection.family, events: topics.events },
    types: projection.types,
    name: projection.name,
    namespace,
    version,
    db,
    documents: model.documents,
    onProjected(batch) {
      model.onWritten?.(batch)
      options.onProjected?.()
    },
    onAssigned: async () => model.onAssigned?.(),
  })
  return { version, model, reader }
}
