import { setTimeout as pause } from 'node:timers/promises'
import { type StageName, conversations } from '@parley/conversation'
import {
  DocumentCache,
  type DocumentProjection,
  type NewestPage,
  type PagePlace,
  type ProjectedDocument,
  type ProjectionReader,
  StoredHeads,
  defineProjection,
  indexesBy,
  newestFirst,
  projectionPrefix,
} from '@parley/eventlog'
import { type Roster, type Scope, scopeIncludes } from '@parley/people'
import type { Collection, Db, Filter } from 'mongodb'
import type { TranscriptEntry } from '../transcript/entry.ts'
import {
  type Conversation,
  beginsConversation,
  conversationIdsOf,
  foldConversation,
  placeOf,
} from '../transcript/fold-conversation.ts'
import { beginsEntry, entryIdsOf, foldEntry } from '../transcript/fold-entry.ts'
import { foldTranscript } from '../transcript/fold-transcript.ts'
import { FOLDED_TYPES, type FoldedFact } from '../transcript/audience.ts'
import type { Shown, Transcript, WholeTranscript } from '../transcript/transcript.ts'
import { askedInParts } from './asked-in-parts.ts'
import type { RawArchive, RawConversation } from './raw-archive.ts'

export interface TranscriptCollections {
  readonly entries: Collection<TranscriptEntry>
  readonly conversations: Collection<Conversation>
  /** How far the transcripts of each contact are: everything up to it is there. */
  readonly heads: StoredHeads
}

export interface ConversationFilter {
  readonly contactId?: string
  readonly stage?: StageName
}

/** One version of the transcripts. */
export interface TranscriptModel extends TranscriptCollections {
  readonly documents: readonly DocumentProjection<any, FoldedFact>[]
}

const GATHER_MS = 400
/** A message is requested, sent, delivered and read within a second or two: written once. Whoever reads a transcript waits for it (`whenFolded`). */
const LEISURE_MS = 1_000

export const transcripts = defineProjection({
  name: 'transcripts',
  family: conversations,
  types: FOLDED_TYPES,
  gatherMs: GATHER_MS,
  leisureMs: LEISURE_MS,
  async open(db, version): Promise<TranscriptModel> {
    const collections = await transcriptCollections(db, version)
    return { ...collections, documents: transcriptDocuments(collections) }
  },
})

const INDEXED = ['streamId', 'stage']
const DELETED_UNKNOWN = 'unknown_message_revoked'

async function transcriptCollections(db: Db, version: number): Promise<TranscriptCollections> {
  const entries = db.collection<TranscriptEntry>(`transcript_entries_v${version}`)
  const headers = db.collection<Conversation>(`transcript_conversations_v${version}`)
  const heads = new StoredHeads(db, projectionPrefix(transcripts.name, version))
  await entries.createIndexes([
    { key: { streamId: 1, conversationId: 1, streamVersion: 1 } },
    {
      key: { 'line.targetProviderMessageId': 1 },
      partialFilterExpression: { 'line.name': DELETED_UNKNOWN },
    },
  ])
  await headers.createIndexes(indexesBy('openedAt', INDEXED))
  return { entries, conversations: headers, heads }
}

function transcriptDocuments({
  entries,
  conversations,
}: TranscriptCollections): readonly DocumentProjection<any, FoldedFact>[] {
  const entryProjection: DocumentProjection<TranscriptEntry, FoldedFact> = {
    collection: entries,
    cache: new DocumentCache(),
    begins: beginsEntry,
    route: entryIdsOf,
    fold: foldEntry,
  }
  const conversationProjection: DocumentProjection<Conversation, FoldedFact> = {
    collection: conversations,
    cache: new DocumentCache(),
    begins: beginsConversation,
    route: conversationIdsOf,
    fold: foldConversation,
  }
  return [entryProjection, conversationProjection]
}

const CONSISTENT_READS_MAX = 5
/** Then what is there is read. */
const FOLDED_WITHIN_MS = 2_000

export interface TranscriptStore {
  conversation(conversationId: string): Promise<Conversation | null>
  /** Header, entries and records as they stood together after one version of the stream. */
  transcript(conversationId: string): Promise<Transcript | undefined>
  /** One message, and all that decides how it is shown: whoever asks for a file, part by part, has no need of the rest. */
  message(conversationId: string, messageId: string): Promise<Shown | undefined>
  /** With the bytes of all records. */
  whole(conversationId: string): Promise<WholeTranscript | undefined>
  /**
   * What stands behind one version of the stream: so many records at most, and fewer where they are large. Undefined for what lies
   * outside the scope, as for what does not exist.
   */
  part(
    conversationId: string,
    scope: Scope,
    afterVersion: number,
    size: number,
  ): Promise<TranscriptPart | undefined>
  list(
    scope: Scope,
    filter: ConversationFilter,
    size: number,
    after?: PagePlace,
  ): Promise<NewestPage<Conversation>>
}

export interface TranscriptPart extends WholeTranscript {
  /** Of the whole conversation: what is masked in a part depends on all that was said. */
  readonly allEntries: readonly TranscriptEntry[]
  /** After which version the next part begins; undefined behind the last. */
  readonly nextAfter: number | undefined
}

/** A gRPC answer holds 4 MB, entries included. */
const PART_BYTES_MAX = 1_500_000

/**
 * @param current The version that is read now: another one after a switch.
 * @param people of people.yaml, by id: whose team a conversation is in
 * @param whenProcessed of the transcripts
 */
export function transcriptStore(
  current: () => TranscriptCollections,
  raw: Pick<RawArchive, 'ofConversation' | 'eventsOf' | 'newestOf'>,
  people: Roster['people'],
  now: () => Date,
  whenProcessed: ProjectionReader['whenProcessed'],
): TranscriptStore {
  /** What is archived of a stream by now is in its transcripts: who opens the link of a last message reads that message. */
  const whenFolded = async (streamId: string): Promise<void> => {
    const newest = await raw.newestOf(streamId)
    if (newest !== undefined) await whenProcessed(newest, FOLDED_WITHIN_MS)
  }
  /** Of these messages, whatever stream it is on record in: their contact may have become another one since. */
  const deletedOf = async (said: readonly TranscriptEntry[]): Promise<readonly string[]> => {
    const ids = said.flatMap((entry) =>
      entry.kind === 'message' && entry.author === 'customer' ? [entry.providerMessageId] : [],
    )
    const lines = await askedInParts(ids, (asked) =>
      current()
        .entries.find({ 'line.name': DELETED_UNKNOWN, 'line.targetProviderMessageId': { $in: [...asked] } })
        .toArray(),
    )
    return lines.flatMap((entry) =>
      entry.kind === 'system' && entry.line.name === DELETED_UNKNOWN
        ? [entry.line.targetProviderMessageId]
        : [],
    )
  }
  const store: TranscriptStore = {
    async conversation(conversationId) {
      const known = await current().conversations.findOne({ _id: conversationId })
      if (known === null) return null
      // Who has it now decides who may see it.
      await whenFolded(known.streamId)
      return current().conversations.findOne({ _id: conversationId })
    },

    async transcript(conversationId) {
      const { entries, conversations: headers, heads } = current()
      const known = await headers.findOne({ _id: conversationId })
      if (known === null) return undefined
      const { streamId } = known
      await whenFolded(streamId)
      let records: RawConversation['records'] = []
      for (let read = 1; read <= CONSISTENT_READS_MAX; read += 1) {
        const head = (await heads.of([streamId])).get(streamId)
        const throughVersion = head?.version ?? 0
        const [conversation, said, archived] = await Promise.all([
          headers.findOne({ _id: conversationId }),
          entries.find({ streamId, conversationId }).sort({ streamVersion: 1, _id: 1 }).toArray(),
          raw.ofConversation({ streamId, conversationId }, head?.offset ?? -1n),
        ])
        records = archived.records
        // All up to the head is there. A document beyond it was written while we read: then read again, as where the raw events are behind.
        const isAtHead = ({ seenVersion }: ProjectedDocument) => seenVersion <= throughVersion
        if (archived.isComplete && conversation !== null && isAtHead(conversation) && said.every(isAtHead))
          return { conversation, entries: said, records, deletedElsewhere: await deletedOf(said) }
        await pause(20 * read)
      }
      // A stream that never rests, or a raw archive that is behind: what is archived says by itself what was the case at its last event.
      const folded = foldTranscript(conversationId, await raw.eventsOf(records))
      return folded && { ...folded, deletedElsewhere: await deletedOf(folded.entries) }
    },

    async message(conversationId, messageId) {
      const { entries } = current()
      const message = await entries.findOne({ _id: messageId, conversationId, kind: 'message' })
      if (message === null) return undefined
      const { streamId } = message
      // What was said to sensitive questions is masked wherever it is repeated, be it in the name of a file.
      const sensitive = await entries.find({ streamId, conversationId, sensitive: true }).toArray()
      const others = sensitive.filter(({ _id }) => _id !== messageId)
      return { entries: [message, ...others], deletedElsewhere: await deletedOf([message]) }
    },

    async whole(conversationId) {
      const transcript = await store.transcript(conversationId)
      return transcript && { ...transcript, events: await raw.eventsOf(transcript.records) }
    },

    async part(conversationId, scope, afterVersion, size) {
      const transcript = await store.transcript(conversationId)
      if (transcript === undefined || !scopeIncludes(scope, placeOf(transcript.conversation, people)))
        return undefined
      const behind = transcript.records.filter(({ header }) => header.streamVersion > afterVersion)
      const events = await raw.eventsOf(behind.slice(0, size), PART_BYTES_MAX)
      const nextAfter = events.length < behind.length ? events.at(-1)?.header.streamVersion : undefined
      const entries = transcript.entries.filter(
        ({ streamVersion }) => streamVersion > afterVersion && streamVersion <= (nextAfter ?? Infinity),
      )
      return { ...transcript, entries, allEntries: transcript.entries, events, nextAfter }
    },

    async list(scope, { contactId, stage }, size, after) {
      if (scope.kind === 'none') return { found: [], next: undefined }
      const where: Filter<Conversation>[] = [
        ...(contactId === undefined ? [] : [{ streamId: contactId }]),
        ...(stage === undefined ? [] : [{ stage }]),
        ...(scope.kind === 'all' ? [] : [{ $or: placesIn(scope, people) }]),
      ]
      return newestFirst(current().conversations, {
        by: 'openedAt',
        indexed: INDEXED,
        where,
        size,
        after,
        now: now(),
        isFew: contactId !== undefined,
      })
    },
  }
  return store
}

/** `scopeIncludes` as a question to MongoDB: whoever has it is who had it last. */
export function placesIn(
  { personId, team, queues }: Extract<Scope, { kind: 'part' }>,
  people: Roster['people'],
): Filter<Conversation>[] {
  const colleagues = [...people.values()].filter((person) => team !== null && person.team === team)
  return [
    { 'held.queue': { $in: [...queues] } },
    { lastAgentId: { $in: [personId, ...colleagues.map(({ id }) => id)] } },
  ]
}
