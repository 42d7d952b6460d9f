import type { Message } from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { atMost } from '../at-most.ts'
import { writeIgnoringNewer } from '../writing.ts'
import type { Measurement } from './measurement.ts'
import { Poisons, type ReadEvent, type ReaderBatch } from './batch.ts'

export interface ProjectedDocument {
  _id: string
  /** The stream whose events it folds; a document belongs to one stream. Empty for a metric of a partition. */
  streamId: string
  /** The last version of the stream that it folded; of a metric the last offset of its partition. Kept by `projectDocuments`, not by `fold`. */
  seenVersion: number
}

/**
 * A read model whose documents are folds of events. One find and one bulkWrite per batch, never one per event;
 * each document carries how much it has seen, so a batch delivered twice is as good as once.
 */
export interface DocumentProjection<Doc extends ProjectedDocument, Event extends Message = Message> {
  readonly collection: Collection<Doc>
  /** Spares reading again what was just written. Only for a collection that nothing but this projection writes. */
  readonly cache?: DocumentCache<Doc>
  /** Its documents are figures over many streams, made by `metricProjection`. */
  readonly isMetric?: true
  /**
   * Its figures count what that projection measures, which stands in the same list. They are written before the documents that were
   * measured: after a crash between the two the same is measured again, and a figure knows what it has counted.
   */
  readonly countsFrom?: DocumentProjection<any, Event>
  /**
   * Pure. The document begins with this event, and nothing of the log touched it before: then it is not looked for in the store, which costs
   * as much as half of its write. Where it is there all the same (the event comes again), the batch is folded once more by what is there.
   */
  begins?(event: ReadEvent<Event>, id: string): boolean
  /** The ids of the documents that this event touches. `isLate`: see ReaderBatch. `measured`: by the projection that it counts from. */
  route(event: ReadEvent<Event>, isLate: boolean, measured: readonly Measurement[]): readonly string[]
  /** Pure. Gets the document as it is, if it is; gives it as it will be; `undefined` leaves it as it is. */
  fold(
    doc: Doc | undefined,
    event: ReadEvent<Event>,
    id: string,
    measured: readonly Measurement[],
  ): Omit<Doc, keyof ProjectedDocument> | undefined
  /** Pure. What the event adds to figures, by the document as it was before it. */
  measure?(doc: Doc | undefined, event: ReadEvent<Event>, id: string): readonly Measurement[]
  /** Default: the stream and its version. */
  seen?(event: ReadEvent<Event>, id: string): Pick<ProjectedDocument, 'streamId' | 'seenVersion'>
  /**
   * Which documents of a batch are written only when those of a lower turn stand, default 0: what tells a reader that others have changed must
   * not be there before they have.
   */
  turn?(doc: Doc): number
}

/** Documents as they were last written, while the generation lasts: after a rebalance somebody else may have written them. */
export class DocumentCache<Doc extends ProjectedDocument> {
  readonly #docs: LRUCache<string, Doc>
  #generation = -1

  constructor(max = 20_000) {
    this.#docs = new LRUCache(atMost(max))
  }

  known(generation: number, ids: readonly string[]): Doc[] {
    if (generation !== this.#generation) this.#docs.clear()
    this.#generation = generation
    return ids.flatMap((id) => this.#docs.get(id) ?? [])
  }

  written(generation: number, docs: readonly Doc[]): void {
    if (generation === this.#generation) for (const doc of docs) this.#docs.set(doc._id, doc)
  }
}

/** @throws {Poisoned} before anything is written, with the events whose route or fold throws */
export async function projectDocuments<Event extends Message>(
  projections: readonly DocumentProjection<any, Event>[],
  batch: ReaderBatch<Event>,
): Promise<void> {
  // What was taken to begin is there: the batch comes again. Once more, by what is there.
  if (!(await areWritten(projections, batch, true))) await areWritten(projections, batch, false)
}

/** @param trustsBegins documents that begin are not looked for @returns whether none of those was there */
async function areWritten<Event extends Message>(
  projections: readonly DocumentProjection<any, Event>[],
  batch: ReaderBatch<Event>,
  trustsBegins: boolean,
): Promise<boolean> {
  const poisons = new Poisons()
  const folds = new Map<DocumentProjection<any, Event>, BatchFold<Event>>()
  for (const projection of projections)
    if (projection.countsFrom === undefined)
      folds.set(projection, new BatchFold(projection, batch, trustsBegins))
  const figures = projections.flatMap((projection) => {
    const { countsFrom } = projection
    return countsFrom === undefined
      ? []
      : [new BatchFold(projection, batch, trustsBegins, folds.get(countsFrom))]
  })
  // Figures are read after what is measured: who was here before wrote them before.
  for (const together of [[...folds.values()], figures]) await foldAll(together, batch, poisons)
  poisons.assertNone()
  const counted = await Promise.all(figures.map((fold) => fold.write()))
  // By documents that are written, the figures that were there would be measured no more.
  if (!counted.every(Boolean)) return false
  const folded = await Promise.all([...folds.values()].map((fold) => fold.write()))
  return folded.every(Boolean)
}

async function foldAll<Event extends Message>(
  folds: readonly BatchFold<Event>[],
  { events }: ReaderBatch<Event>,
  poisons: Poisons,
): Promise<void> {
  const each = (work: (fold: BatchFold<Event>, event: ReadEvent<Event>) => void) => {
    for (const event of events) {
      if (poisons.isBehind(event)) continue
      try {
        for (const fold of folds) work(fold, event)
      } catch (error) {
        poisons.add(event, error)
      }
    }
  }
  each((fold, event) => fold.route(event))
  await Promise.all(folds.map((fold) => fold.load()))
  each((fold, event) => fold.fold(event))
}

const NOTHING: readonly Measurement[] = []

class BatchFold<Event extends Message> {
  readonly #projection: DocumentProjection<any, Event>
  readonly #generation: number
  readonly #isLate: boolean
  readonly #trustsBegins: boolean
  readonly #routes = new Map<ReadEvent<Event>, readonly string[]>()
  readonly #docs = new Map<string, ProjectedDocument>()
  readonly #changed = new Set<string>()
  readonly #begun = new Set<string>()
  readonly #measured = new Map<ReadEvent<Event>, readonly Measurement[]>()
  readonly #source: BatchFold<Event> | undefined
  #absent: ReadonlySet<string> = new Set()

  constructor(
    projection: DocumentProjection<any, Event>,
    { generation, isLate }: ReaderBatch<Event>,
    trustsBegins: boolean,
    source?: BatchFold<Event>,
  ) {
    this.#projection = projection
    this.#trustsBegins = trustsBegins
    this.#source = source
    this.#generation = generation
    this.#isLate = isLate
  }

  measured(event: ReadEvent<Event>): readonly Measurement[] {
    return this.#measured.get(event) ?? NOTHING
  }

  route(event: ReadEvent<Event>): void {
    const ids = this.#projection.route(event, this.#isLate, this.#source?.measured(event) ?? NOTHING)
    if (ids.length === 0) return
    this.#routes.set(event, ids)
    if (!this.#trustsBegins) return
    for (const id of ids) if (this.#projection.begins?.(event, id) === true) this.#begun.add(id)
  }

  async load(): Promise<void> {
    const { cache, collection } = this.#projection
    const ids = [...new Set([...this.#routes.values()].flat())]
    if (ids.length === 0) return
    for (const doc of cache?.known(this.#generation, ids) ?? []) this.#docs.set(doc._id, doc)
    const unknown = ids.filter((id) => !this.#docs.has(id))
    const sought = unknown.filter((id) => !this.#begun.has(id))
    if (sought.length > 0)
      for (const doc of await collection.find({ _id: { $in: sought } }).toArray())
        this.#docs.set(doc._id, doc as ProjectedDocument)
    this.#absent = new Set(unknown.filter((id) => !this.#docs.has(id)))
  }

  fold(event: ReadEvent<Event>): void {
    for (const id of this.#routes.get(event) ?? []) {
      const doc = this.#docs.get(id)
      const { streamId, seenVersion } = this.#projection.seen?.(event, id) ?? {
        streamId: event.envelope.streamId,
        seenVersion: event.envelope.streamVersion,
      }
      if (doc !== undefined && seenVersion <= doc.seenVersion) continue
      const more = this.#projection.measure?.(doc, event, id) ?? NOTHING
      if (more.length > 0) this.#measured.set(event, [...this.measured(event), ...more])
      const next = this.#projection.fold(doc, event, id, this.#source?.measured(event) ?? NOTHING)
      if (next === undefined) continue
      this.#docs.set(id, { ...next, _id: id, streamId, seenVersion })
      this.#changed.add(id)
    }
  }

  /** @returns whether nothing was there already of what was taken to begin; else it is left as it is */
  async write(): Promise<boolean> {
    if (this.#changed.size === 0) return true
    const changed = [...this.#changed].map((id) => this.#docs.get(id)!)
    const { collection, turn = () => 0 } = this.#projection
    const overtaken: ProjectedDocument[] = []
    for (const [, docs] of [...Map.groupBy(changed, turn)].toSorted(([one], [other]) => one - other))
      overtaken.push(...(await writeDocuments(collection, docs, this.#absent, this.#begun)))
    const there = new Set(overtaken.filter(({ _id }) => this.#begun.has(_id)))
    this.#projection.cache?.written(
      this.#generation,
      changed.filter((doc) => !there.has(doc)),
    )
    return there.size === 0
  }
}

/**
 * New documents are inserted, which costs a store the least; where another member was quicker, the newer of both stays.
 * @returns the new ones that were there. Those of `begun` were folded without what is there, and stay as they are
 */
async function writeDocuments(
  collection: Collection<any>,
  docs: readonly ProjectedDocument[],
  absent: ReadonlySet<string>,
  begun: ReadonlySet<string>,
): Promise<readonly ProjectedDocument[]> {
  const replacing = (doc: ProjectedDocument): AnyBulkWriteOperation<any> => ({
    replaceOne: {
      filter: { _id: doc._id, seenVersion: { $lt: doc.seenVersion } },
      replacement: doc,
      upsert: true,
    },
  })
  const already = await writeIgnoringNewer(
    collection,
    docs.map((doc) => (absent.has(doc._id) ? { insertOne: { document: doc } } : replacing(doc))),
  )
  const overtaken = already.map((index) => docs[index]!).filter(({ _id }) => absent.has(_id))
  const sought = overtaken.filter(({ _id }) => !begun.has(_id))
  if (sought.length > 0) await writeIgnoringNewer(collection, sought.map(replacing))
  return overtaken
}
