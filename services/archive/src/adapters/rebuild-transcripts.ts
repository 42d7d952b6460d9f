import { setTimeout as pause } from 'node:timers/promises'
import type { HeadDocument } from '@parley/eventlog'
import type { Collection } from 'mongodb'
import { digestOf } from '../transcript/digest.ts'
import { type TranscriptReaderOptions, startTranscriptVersion } from './live-transcripts.ts'
import type { TranscriptRouting } from './transcript-route.ts'
import { type TranscriptCollections, transcriptCollections } from './transcript-store.ts'

export interface RebuildOptions {
  /** A changed fold gives other documents: switch all the same. */
  readonly acceptDifferences: boolean
  /** Without any stream catching up for so long, the rebuild gives up. */
  readonly patienceMs: number
  readonly now: () => Date
  readonly onProgress?: (progress: { readonly streams: number; readonly compared: number }) => void
}

export interface RebuildReport {
  readonly from: number
  readonly to: number
  readonly switched: boolean
  /** Contacts whose documents were compared. */
  readonly streams: number
  readonly documents: number
  /** Contacts whose documents are not the same in both versions. */
  readonly different: readonly string[]
  /** Contacts that the live version holds and the new one did not reach. */
  readonly missing: readonly string[]
  readonly parked: number
}

const STREAMS_PER_QUERY = 500
const DIFFERENT_FOR_SURE_AFTER = 3

/**
 * Folds the log from its first record into a version beside the live one, compares the two contact by contact, and switches the
 * route when they agree. The version before stays as it was, for switching back. A rebuild that was cut goes on where it was.
 */
export async function rebuildTranscripts(
  reader: TranscriptReaderOptions,
  routing: TranscriptRouting,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { version: from, newest } = await routing.current()
  const to = newest + 1
  const live = await transcriptCollections(reader.db, from)
  const rebuilt = await startTranscriptVersion(reader, to)
  try {
    const comparison = await compareUntilEqual(live, rebuilt.collections, options)
    const parked = (await rebuilt.reader.parked()).length
    const isComplete = comparison.missing.length === 0 && parked === 0
    const isEqual = comparison.different.length === 0
    const isFit = isComplete && (isEqual || options.acceptDifferences)
    const switched = isFit && (await routing.switch(from, to, options.now()))
    return { from, to, switched, parked, ...comparison }
  } finally {
    await rebuilt.reader.stop()
  }
}

type Comparison = Pick<RebuildReport, 'streams' | 'documents' | 'different' | 'missing'>

async function compareUntilEqual(
  live: TranscriptCollections,
  rebuilt: TranscriptCollections,
  options: RebuildOptions,
): Promise<Comparison> {
  const unequal = new Map<string, number>()
  const missing = new Set<string>()
  let streams = 0
  let documents = 0
  let lastProgressAt = performance.now()

  /** Both read at the same version of the stream, or the answer is: not yet. */
  async function compare(streamIds: readonly string[]): Promise<void> {
    const [before, mine, theirs, target] = [
      await versionsOf(live.heads, streamIds),
      await documentsOf(live, streamIds),
      await documentsOf(rebuilt, streamIds),
      await versionsOf(rebuilt.heads, streamIds),
    ]
    const after = await versionsOf(live.heads, streamIds)
    for (const streamId of streamIds) {
      const version = before.get(streamId)
      const isAtRest = version === after.get(streamId) && version === target.get(streamId)
      if (!isAtRest) {
        missing.add(streamId)
        continue
      }
      if (missing.delete(streamId)) lastProgressAt = performance.now()
      const kept = mine.get(streamId) ?? []
      if (digestOf(kept) === digestOf(theirs.get(streamId) ?? [])) {
        unequal.delete(streamId)
        documents += kept.length
      } else unequal.set(streamId, (unequal.get(streamId) ?? 0) + 1)
    }
  }

  for await (const streamIds of inGroups(live.heads)) {
    streams += streamIds.length
    await compare(streamIds)
    options.onProgress?.({ streams, compared: streams - missing.size })
  }
  lastProgressAt = performance.now()
  for (;;) {
    const open = [
      ...missing,
      ...[...unequal].flatMap(([id, times]) => (times < DIFFERENT_FOR_SURE_AFTER ? [id] : [])),
    ]
    if (open.length === 0 || performance.now() - lastProgressAt > options.patienceMs) break
    await pause(200)
    for (let index = 0; index < open.length; index += STREAMS_PER_QUERY)
      await compare(open.slice(index, index + STREAMS_PER_QUERY))
    options.onProgress?.({ streams, compared: streams - missing.size })
  }
  return { streams, documents, different: [...unequal.keys()], missing: [...missing] }
}

async function versionsOf(
  heads: Collection<HeadDocument>,
  streamIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await heads.find({ _id: { $in: [...streamIds] } }, { projection: { version: 1 } }).toArray()
  return new Map(found.map(({ _id, version }) => [_id, version]))
}

async function documentsOf(
  { entries, conversations }: TranscriptCollections,
  streamIds: readonly string[],
): Promise<ReadonlyMap<string, readonly object[]>> {
  const filter = { streamId: { $in: [...streamIds] } }
  const found = [
    ...(await entries.find(filter).sort({ streamId: 1, _id: 1 }).toArray()),
    ...(await conversations.find(filter).sort({ streamId: 1, _id: 1 }).toArray()),
  ]
  return Map.groupBy(found, ({ streamId }) => streamId)
}

async function* inGroups(heads: Collection<HeadDocument>): AsyncGenerator<readonly string[]> {
  let group: string[] = []
  for await (const { _id } of heads.find({}, { projection: { _id: 1 } }).sort({ _id: 1 })) {
    group.push(_id)
    if (group.length < STREAMS_PER_QUERY) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
