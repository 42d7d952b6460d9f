import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { BSON, type Collection, type Db } from 'mongodb'
import type { ProjectedDocument } from '../reader/documents.ts'
import { StoredHeads } from '../reader/heads.ts'
import { Progress } from '../reader/progress.ts'
import { projectionPrefix } from '../reader/projection.ts'
import { FigureComparison, type Verdict, figureName, figuresIn } from './comparing-figures.ts'
import type { ReadModel } from './definition.ts'
import type { Comparison } from './route.ts'

export interface ComparedVersion {
  readonly version: number
  readonly model: ReadModel
}

export interface CompareOptions {
  readonly db: Db
  readonly name: string
  readonly live: ComparedVersion
  readonly built: ComparedVersion
  /** With no stream settled for so long, those that still move are given up. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  onProgress?(progress: { readonly streams: number; readonly settled: number }): void
}

const STREAMS_AT_ONCE = 500
const LOOK_AGAIN_MS = 200
/** The two versions are not read in one moment: once is no proof. */
const DIFFERENT_AFTER_LOOKS = 3
const DIFFERENT_NAMED_MAX = 100

/** What is compared: streams by their documents, or figures by their sums. */
interface Kind {
  readonly groups: AsyncIterable<readonly string[]>
  look(
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly verdict: Verdict; readonly count: number }>>
  /** For whoever reads of a difference. */
  name(id: string): string
}

/**
 * Compares what two versions hold, beside live traffic: what moves meanwhile is looked at again.
 *
 * A document is a pure fold of its stream, and says how much of it it has seen: two that have seen the same must be the same, wherever
 * their versions are otherwise. Where they have not seen the same, or one is missing, that is a difference only once both versions are
 * at rest at the same place of the stream. Documents of metrics belong to no stream: `FigureComparison`.
 */
export async function compareVersions(options: CompareOptions): Promise<Omit<Comparison, 'parkedCount'>> {
  const { db, name, live, built } = options
  const sides = [live, built].map(({ version, model }) => ({
    heads: new StoredHeads(db, projectionPrefix(name, version)),
    model,
  })) as [Side, Side]
  const streams = await settled(
    { groups: streamsOf(sides), look: (ids) => verdicts(sides, ids), name: (id) => id },
    options,
  )
  const outcomes = [streams]
  for (const kind of figureKinds(options)) outcomes.push(await settled(kind, options))
  const different = outcomes.flatMap((one) => one.different)
  return {
    streams: streams.count,
    documents: outcomes.reduce((sum, one) => sum + one.documents, 0),
    different: different.slice(0, DIFFERENT_NAMED_MAX),
    differentCount: different.length,
    unsettledCount: outcomes.reduce((sum, one) => sum + one.unsettledCount, 0),
  }
}

interface Outcome {
  readonly count: number
  readonly documents: number
  readonly different: readonly string[]
  readonly unsettledCount: number
}

/** Looks at all of a kind, and again at those that moved or differed. */
async function settled(
  { groups, look, name }: Kind,
  { patienceMs, signal, onProgress }: CompareOptions,
): Promise<Outcome> {
  const open = new Map<string, number>()
  const different: string[] = []
  let count = 0
  let documents = 0
  let settledAtMs = performance.now()

  const lookAt = async (ids: readonly string[]) => {
    for (const [id, { verdict, count: held }] of await look(ids)) {
      if (verdict === 'moving') {
        open.set(id, 0)
        continue
      }
      const looks = (open.get(id) ?? 0) + 1
      if (verdict === 'different' && looks < DIFFERENT_AFTER_LOOKS) {
        open.set(id, looks)
        continue
      }
      open.delete(id)
      settledAtMs = performance.now()
      if (verdict === 'different') different.push(name(id))
      else documents += held
    }
    onProgress?.({ streams: count, settled: count - open.size })
  }

  for await (const ids of groups) {
    signal.throwIfAborted()
    count += ids.length
    await lookAt(ids)
  }
  settledAtMs = performance.now()
  while (open.size > 0 && performance.now() - settledAtMs < patienceMs) {
    await pause(LOOK_AGAIN_MS, undefined, { signal })
    for (const ids of inGroups([...open.keys()])) await lookAt(ids)
  }
  return { count, documents, different, unsettledCount: open.size }
}

/** One for each metric projection: both versions have it at the same place of their documents. */
function figureKinds({ db, name, live, built }: CompareOptions): readonly Kind[] {
  const figuresOf = ({ version, model }: ComparedVersion, place: number) => {
    const progress = new Progress(db, projectionPrefix(name, version))
    return figuresIn(model.documents[place]!.collection, (partitions) => progress.stored(partitions))
  }
  return [...live.model.documents.entries()].flatMap(([place, { isMetric }]) => {
    if (isMetric !== true) return []
    const figures = new FigureComparison(figuresOf(live, place), figuresOf(built, place))
    return {
      groups: (async function* () {
        yield* inGroups(await figures.ids())
      })(),
      look: async (ids: readonly string[]) =>
        new Map([...(await figures.look(ids))].map(([id, verdict]) => [id, { verdict, count: 1 }])),
      name: figureName,
    }
  })
}

interface Side {
  readonly heads: StoredHeads
  readonly model: ReadModel
}

/** Of either version: what one of them never saw is a difference, too. Both have committed what is to be compared, or it is missed. */
async function* streamsOf([live, built]: [Side, Side]): AsyncGenerator<readonly string[]> {
  for await (const streamIds of idsIn(live.heads)) yield streamIds
  for await (const streamIds of idsIn(built.heads)) {
    const known = await versionsOf(live, streamIds)
    const others = streamIds.filter((streamId) => !known.has(streamId))
    if (others.length > 0) yield others
  }
}

async function* idsIn(heads: Side['heads']): AsyncGenerator<readonly string[]> {
  let group: string[] = []
  for await (const streamId of heads.streamIds()) {
    group.push(streamId)
    if (group.length < STREAMS_AT_ONCE) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

function* inGroups(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += STREAMS_AT_ONCE) yield ids.slice(at, at + STREAMS_AT_ONCE)
}

async function verdicts(
  [live, built]: [Side, Side],
  streamIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly verdict: Verdict; readonly count: number }>> {
  // A document is written before the head that covers it, so these four say whether anything moved while they were read.
  const before = await versionsOf(live, streamIds)
  const mine = await documentsOf(live, streamIds)
  const theirs = await documentsOf(built, streamIds)
  const reached = await versionsOf(built, streamIds)
  const after = await versionsOf(live, streamIds)
  return new Map(
    streamIds.map((streamId) => {
      const version = before.get(streamId)
      const [ours, others] = [mine.get(streamId) ?? new Map(), theirs.get(streamId) ?? new Map()]
      const isAtRest =
        version === after.get(streamId) &&
        version === reached.get(streamId) &&
        [...ours.values(), ...others.values()].every(({ seenVersion }) => seenVersion <= (version ?? 0))
      return [streamId, { verdict: verdictOf(ours, others, isAtRest), count: ours.size }]
    }),
  )
}

function verdictOf(ours: Documents, others: Documents, isAtRest: boolean): Verdict {
  let verdict: Verdict = 'same'
  for (const id of new Set([...ours.keys(), ...others.keys()])) {
    const [own, other] = [ours.get(id), others.get(id)]
    if (own !== undefined && own.seenVersion === other?.seenVersion) {
      if (own.digest !== other.digest) return 'different'
    } else verdict = isAtRest ? 'different' : 'moving'
  }
  return verdict
}

async function versionsOf({ heads }: Side, streamIds: readonly string[]): Promise<Map<string, number>> {
  return new Map([...(await heads.of(streamIds))].map(([streamId, { version }]) => [streamId, version]))
}

type Documents = ReadonlyMap<string, { readonly seenVersion: number; readonly digest: string }>

/** Of all collections of the version, by stream; a document is named by its collection's place and its id. */
async function documentsOf(
  { model }: Side,
  streamIds: readonly string[],
): Promise<ReadonlyMap<string, Documents>> {
  const byStream = new Map<string, Map<string, { seenVersion: number; digest: string }>>()
  for (const [place, { collection, isMetric }] of model.documents.entries()) {
    if (isMetric === true) continue
    for (const document of await (collection as Collection<ProjectedDocument>)
      .find({ streamId: { $in: [...streamIds] } })
      .toArray()) {
      const compared = model.compared === undefined ? document : model.compared(document)
      if (compared === undefined) continue
      let documents = byStream.get(document.streamId)
      if (documents === undefined) byStream.set(document.streamId, (documents = new Map()))
      documents.set(`${place}:${document._id}`, {
        seenVersion: document.seenVersion,
        digest: digestOf(compared),
      })
    }
  }
  return byStream
}

/** The same for the same content, whatever the order of the fields. */
function digestOf(document: object): string {
  const canonical = JSON.stringify(
    BSON.EJSON.serialize(document, { relaxed: false }),
    (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
        : part,
  )
  return createHash('sha256').update(canonical).digest('base64')
}
