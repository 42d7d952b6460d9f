import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { BSON, type Collection, type Db } from 'mongodb'
import type { ProjectedDocument } from '../reader/documents.ts'
import { headsOf } from '../reader/heads.ts'
import { projectionPrefix } from '../reader/projection.ts'
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

type Verdict = 'same' | 'different' | 'moving'

/**
 * Compares what two versions hold of each stream, beside live traffic: streams that move meanwhile are looked at again.
 *
 * A document is a pure fold of its stream, and says how much of it it has seen: two that have seen the same must be the same, wherever
 * their versions are otherwise. Where they have not seen the same, or one is missing, that is a difference only once both versions are
 * at rest at the same place of the stream.
 */
export async function compareVersions(options: CompareOptions): Promise<Omit<Comparison, 'parkedCount'>> {
  const { db, name, live, built, patienceMs, signal, onProgress } = options
  const sides = [live, built].map(({ version, model }) => ({
    heads: headsOf(db, projectionPrefix(name, version)),
    model,
  })) as [Side, Side]
  const open = new Map<string, number>()
  const different = new Set<string>()
  let streams = 0
  let documents = 0
  let settledAtMs = performance.now()

  const look = async (streamIds: readonly string[]) => {
    for (const [streamId, { verdict, count }] of await verdicts(sides, streamIds)) {
      if (verdict === 'moving') {
        open.set(streamId, 0)
        continue
      }
      const looks = (open.get(streamId) ?? 0) + 1
      if (verdict === 'different' && looks < DIFFERENT_AFTER_LOOKS) {
        open.set(streamId, looks)
        continue
      }
      open.delete(streamId)
      settledAtMs = performance.now()
      if (verdict === 'different') different.add(streamId)
      else documents += count
    }
    onProgress?.({ streams, settled: streams - open.size })
  }

  for await (const streamIds of streamsOf(sides)) {
    signal.throwIfAborted()
    streams += streamIds.length
    await look(streamIds)
  }
  settledAtMs = performance.now()
  while (open.size > 0 && performance.now() - settledAtMs < patienceMs) {
    await pause(LOOK_AGAIN_MS, undefined, { signal })
    for (const streamIds of inGroups([...open.keys()])) await look(streamIds)
  }
  return {
    streams,
    documents,
    different: [...different].slice(0, DIFFERENT_NAMED_MAX),
    differentCount: different.size,
    unsettledCount: open.size,
  }
}

interface Side {
  readonly heads: ReturnType<typeof headsOf>
  readonly model: ReadModel
}

/** Of either version: what one of them never saw is a difference, too. */
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
  for await (const { _id } of heads.find({}, { projection: { _id: 1 } })) {
    group.push(_id)
    if (group.length < STREAMS_AT_ONCE) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

function* inGroups(streamIds: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < streamIds.length; at += STREAMS_AT_ONCE)
    yield streamIds.slice(at, at + STREAMS_AT_ONCE)
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
  const found = await heads.find({ _id: { $in: [...streamIds] } }, { projection: { version: 1 } }).toArray()
  return new Map(found.map(({ _id, version }) => [_id, version]))
}

type Documents = ReadonlyMap<string, { readonly seenVersion: number; readonly digest: string }>

/** Of all collections of the version, by stream; a document is named by its collection's place and its id. */
async function documentsOf(
  { model }: Side,
  streamIds: readonly string[],
): Promise<ReadonlyMap<string, Documents>> {
  const byStream = new Map<string, Map<string, { seenVersion: number; digest: string }>>()
  for (const [place, { collection }] of model.documents.entries())
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
