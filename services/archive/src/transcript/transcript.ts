import { ENGLISH_BODY_WORDS, type StageName, readableText } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import type { AcceptedRecord, RawEvent } from '../record/raw-record.ts'
import { type ConcealmentPolicy, concealmentOf } from './concealment.ts'
import { isInternalRecord } from './audience.ts'
import type { CustomersEntry, MessageEntry, TranscriptEntry } from './entry.ts'
import type { Conversation } from './fold-conversation.ts'

/** Entries, and what is known beside them of how they are shown. */
export interface Shown {
  readonly entries: readonly TranscriptEntry[]
  /**
   * The provider's ids of messages that the contact deleted when nobody remembered any more which conversation they stand in: the deletion is
   * on record in a later one or in none, and what it is about may stand here.
   */
  readonly deletedElsewhere?: readonly string[]
}

/** One conversation as it stood after one version of its stream: header, entries (in stream order) and records of the same moment. */
export interface Transcript extends Shown {
  readonly conversation: Conversation
  /** The accepted records, in stream order, without their bytes: a page says how many there are, and the hash of the last. */
  readonly records: readonly AcceptedRecord[]
}

export interface WholeTranscript extends Transcript {
  /** `records` with their exact bytes. */
  readonly events: readonly RawEvent[]
}

/**
 * Nothing of what people of the company say and do among themselves. That it waits in a queue is said once, however often the customer
 * asks how long. A change that came before its message is the message's own once that is there.
 */
export function customersEntries(entries: readonly TranscriptEntry[]): readonly CustomersEntry[] {
  const known = new Set(entries.map((entry) => (entry.kind === 'message' ? entry.providerMessageId : '')))
  let waitsIn: string | undefined
  return entries.filter((entry): entry is CustomersEntry => {
    if (entry.kind !== 'system') return entry.kind === 'message'
    const { line } = entry
    if (line.name === 'unknown_message_edited' || line.name === 'unknown_message_revoked')
      return line.targetProviderMessageId === '' || !known.has(line.targetProviderMessageId)
    const isSaid = line.name === 'queued' && line.queue === waitsIn
    if (line.name === 'queued' || line.name === 'requeued') waitsIn = line.queue
    if (line.name === 'taken_over' || line.name === 'returned_to_robot') waitsIn = undefined
    return !isSaid
  })
}

/** To whom it is offered is no business of the customer's, who waits. */
export function customersStage({ stage }: Pick<Conversation, 'stage'>): Exclude<StageName, 'offered'> {
  return stage === 'offered' ? 'waiting' : stage
}

/** Under which name an agent stands; undefined: under none. */
export type AgentName = (agentId: string) => string | undefined

/** What happens around a record, and not in it: links to it, and views by them. */
const AROUND: ReadonlySet<string> = new Set([
  'TranscriptLinkIssued',
  'TranscriptLinkRevoked',
  'TranscriptViewed',
])

export interface Fingerprint {
  /** Its hash stands for all records of the stream up to it: each holds the hash of the one before. */
  readonly record: AcceptedRecord
  /** How many records of the conversation there are up to it. */
  readonly recordCount: number
  /** False while the conversation is open: then the next record changes it. */
  readonly isFinal: boolean
}

/** The record that closed the conversation: what comes behind it, such as a view, leaves it as it is. Undefined without any record. */
export function fingerprintOf({ records }: Pick<Transcript, 'records'>): Fingerprint | undefined {
  const closedAt = records.findIndex(({ header }) => header.type === 'ConversationClosed')
  const isFinal = closedAt >= 0
  const at = isFinal ? closedAt : records.findLastIndex(({ header }) => !AROUND.has(header.type))
  const record = records[at]
  return record && { record, recordCount: at + 1, isFinal }
}

/** Views by a link, oldest first. ISO 8601 UTC. */
export function viewsOf({ records }: Pick<Transcript, 'records'>): readonly AcceptedRecord[] {
  return records.filter(({ header }) => header.type === 'TranscriptViewed')
}

/** One message that cannot be shown must not cost the others: it is said to be one. */
export function textOf({ body }: Pick<MessageEntry, 'body'>, words = ENGLISH_BODY_WORDS): string {
  try {
    return readableText(MessageBody.fromJSON(body), words)
  } catch {
    return `[${words.unsupported('')}]`
  }
}

/** The download. Tools rely on its fields: add, never change. */
export interface TranscriptJson {
  readonly conversationId: string
  readonly channelAccountId: string
  readonly language: string
  readonly stage: string
  readonly openedAt: string
  readonly closedAt: string | null
  readonly closeReason: string | null
  readonly messages: readonly MessageJson[]
  readonly systemLines: readonly object[]
  /** The hash at closing, or so far: see `fingerprintOf`. Null without any record. */
  readonly fingerprint: {
    readonly streamVersion: number
    readonly hash: string
    readonly isFinal: boolean
  } | null
  readonly views: readonly { readonly streamVersion: number; readonly recordedAt: string }[]
  readonly events: readonly RawEventJson[]
}

export interface MessageJson {
  readonly messageId: string
  readonly providerMessageId: string
  /** `name` is an agent's, where the company tells it. */
  readonly author: { readonly kind: string; readonly name: string | null }
  readonly type: string
  readonly text: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly status: string
  /** More than one where the channel gave no answer. */
  readonly attempts: number
  /** The provider's id of a second copy that the customer has; null where there is none. */
  readonly doubledProviderMessageId: string | null
  readonly streamVersion: number
  readonly revoked: boolean
  readonly edits: readonly {
    readonly textBefore: string
    readonly occurredAt: string
    readonly recordedAt: string
  }[]
  readonly reactions: readonly { readonly by: string; readonly emoji: string }[]
}

export interface RawEventJson {
  readonly type: string
  readonly streamVersion: number
  /** Base64 of the exact record value; null where it is internal, holds what is not shown, or a link that opens something else. */
  readonly raw: string | null
  /** SHA-256 of the exact record value, and of that of the record before it in the stream; hex. */
  readonly hash: string
  readonly prevHash: string
  readonly partition: number
  readonly offset: string
}

export interface DownloadPolicy extends ConcealmentPolicy {
  readonly agentName: AgentName
}

/**
 * What the customer takes away: what people of the company said and did among themselves is in it as hashes alone.
 * @param isWithheld of which records only the hashes are given, beside those and those that hold what is not shown
 */
export function transcriptJson(
  transcript: WholeTranscript,
  policy: DownloadPolicy,
  isWithheld: (event: RawEvent) => boolean = () => false,
): TranscriptJson {
  const { conversation, events } = transcript
  const concealment = concealmentOf(transcript.entries, policy, transcript.deletedElsewhere)
  const entries = customersEntries(transcript.entries).map(concealment.entry)
  const isHash = (event: RawEvent) =>
    isInternalRecord(event.raw) || isWithheld(event) || concealment.covers(event.raw)
  const fingerprint = fingerprintOf(transcript)
  return {
    conversationId: conversation._id,
    channelAccountId: conversation.channelAccountId,
    language: conversation.language,
    stage: customersStage(conversation),
    openedAt: conversation.openedAt,
    closedAt: conversation.closed?.at ?? null,
    closeReason: conversation.closed?.reason ?? null,
    messages: entries
      .filter((entry) => entry.kind === 'message')
      .map((entry) => messageJson(entry, policy.agentName)),
    systemLines: entries
      .filter((entry) => entry.kind === 'system')
      .map(({ line, streamVersion, occurredAt, recordedAt }) => ({
        ...line,
        ...('agentId' in line && { agentName: policy.agentName(line.agentId) ?? null }),
        streamVersion,
        occurredAt,
        recordedAt,
      })),
    fingerprint:
      fingerprint === undefined
        ? null
        : {
            streamVersion: fingerprint.record.header.streamVersion,
            hash: hex(fingerprint.record.hash),
            isFinal: fingerprint.isFinal,
          },
    views: viewsOf(transcript).map(({ header: { streamVersion }, timestamp }) => ({
      streamVersion,
      recordedAt: timestamp,
    })),
    events: events.map((event) => ({
      type: event.header.type,
      streamVersion: event.header.streamVersion,
      raw: isHash(event) ? null : Buffer.from(event.raw).toString('base64'),
      hash: hex(event.hash),
      prevHash: hex(event.header.prevHash),
      partition: event.partition,
      offset: String(event.offset),
    })),
  }
}

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')

function messageJson(entry: MessageEntry, agentName: AgentName): MessageJson {
  return {
    messageId: entry._id,
    providerMessageId: entry.providerMessageId,
    author: { kind: entry.author, name: agentName(entry.agentId) ?? null },
    type: entry.type,
    text: textOf(entry),
    occurredAt: entry.occurredAt,
    recordedAt: entry.recordedAt,
    status: entry.status,
    attempts: entry.attempts,
    doubledProviderMessageId: entry.doubledProviderMessageId,
    streamVersion: entry.streamVersion,
    revoked: entry.revoked !== null,
    edits: entry.edits.map(({ before, occurredAt, recordedAt }) => ({
      textBefore: textOf({ body: before }),
      occurredAt,
      recordedAt,
    })),
    reactions: entry.reactions,
  }
}
