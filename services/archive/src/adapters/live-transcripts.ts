import type { ConversationEvent } from '@parley/conversation'
import {
  type EventLog,
  type FamilyTopics,
  type ParkedStream,
  type Reader,
  runProjection,
} from '@parley/eventlog'
import type { Logger, Resource } from '@parley/service'
import type { Db } from 'mongodb'
import { SHOWN_TYPES } from '../transcript/shown.ts'
import type { RawArchive } from './raw-archive.ts'
import { TRANSCRIPT_PROJECTION, type TranscriptRouting } from './transcript-route.ts'
import {
  type TranscriptCollections,
  type TranscriptStore,
  transcriptDocuments,
  transcriptCollections,
  transcriptStore,
} from './transcript-store.ts'

export interface TranscriptReaderOptions {
  readonly log: EventLog
  readonly topics: FamilyTopics<any, ConversationEvent>
  readonly namespace: string
  readonly db: Db
  readonly raw: Pick<RawArchive, 'ofConversation'>
  onParked(parked: ParkedStream): void
  onFault(error: Error): void
}

export interface TranscriptVersion {
  readonly version: number
  readonly collections: TranscriptCollections
  readonly store: TranscriptStore
  readonly reader: Reader
}

/** A message is requested, sent, delivered and read within half a second or so: written once. */
const GATHER_MS = 400

/** One version of the projection: its collections, and the reader that keeps them up to date. */
export async function startTranscriptVersion(
  { log, topics, namespace, db, raw, onParked, onFault }: TranscriptReaderOptions,
  version: number,
): Promise<TranscriptVersion> {
  const collections = await transcriptCollections(db, version)
  const reader = await runProjection({
    log,
    topics,
    types: SHOWN_TYPES,
    name: TRANSCRIPT_PROJECTION,
    version,
    namespace,
    db,
    gatherMs: GATHER_MS,
    // What is read at one version of a stream is judged by its head.
    commitEveryMs: 0,
    documents: transcriptDocuments(collections),
    onParked,
    onFault,
  })
  return { version, collections, store: transcriptStore(collections, raw), reader }
}

const ROUTE_CHECK_INTERVAL_MS = 2_000

/** The version that the route names, and after a switch the new one, without a restart. */
export async function liveTranscripts(
  options: TranscriptReaderOptions,
  { routing, logger }: { readonly routing: TranscriptRouting; readonly logger: Logger },
): Promise<
  Resource & {
    readonly store: TranscriptStore
    readonly parking: Pick<Reader, 'parked' | 'retry' | 'discard'>
  }
> {
  let live = await startTranscriptVersion(options, (await routing.current()).version)
  let isStopping = false
  let check: Promise<void> = Promise.resolve()

  async function followRoute(): Promise<void> {
    const version = (await routing.current()).version
    if (version === live.version || isStopping) return
    const before = live
    live = await startTranscriptVersion(options, version)
    await before.reader.stop()
    logger.info({ version }, 'the transcripts are read from another version')
  }
  const timer = setInterval(() => {
    check = check.then(() =>
      followRoute().catch((error: unknown) =>
        logger.warn({ code: 'ROUTE_CHECK_FAILED', err: error }, 'the transcript route could not be followed'),
      ),
    )
  }, ROUTE_CHECK_INTERVAL_MS)

  return {
    name: 'transcripts',
    isReady: () => live.reader.isReady(),
    async drain() {
      isStopping = true
      clearInterval(timer)
      await check
      await live.reader.stop()
    },
    async close() {},
    parking: {
      parked: () => live.reader.parked(),
      retry: (streamId) => live.reader.retry(streamId),
      discard: (streamId, reason) => live.reader.discard(streamId, reason),
    },
    store: {
      conversation: (conversationId) => live.store.conversation(conversationId),
      transcript: (conversationId) => live.store.transcript(conversationId),
      list: (filter, size, after) => live.store.list(filter, size, after),
    },
  }
}
