import { MessageBody } from '@parley/proto/content'
import type { AcceptedRecord, RawEvent } from '../record/raw-record.ts'
import type { MessageEntry, TranscriptEntry } from './entry.ts'
import type { Conversation } from './fold-conversation.ts'
import { ENGLISH_BODY_WORDS, readableText } from './readable-text.ts'

/** One conversation as it stood after one version of its stream: header, entries and records of the same moment. */
export interface Transcript {
  readonly conversation: Conversation
  /** In stream order. */
  readonly entries: readonly TranscriptEntry[]
  /** The accepted records, in stream order, without their bytes: a page says how many there are, and the hash of the last. */
  readonly records: readonly AcceptedRecord[]
}

export interface WholeTranscript extends Transcript {
  /** `records` with their exact bytes. */
  readonly events: readonly RawEvent[]
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
  readonly events: readonly RawEventJson[]
}

export interface MessageJson {
  readonly messageId: string
  readonly providerMessageId: string
  readonly author: { readonly kind: string }
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
  /** Base64 of the exact record value; null where it holds a link to a record that this download does not give access to. */
  readonly raw: string | null
  /** SHA-256 of the exact record value, and of that of the record before it in the stream; hex. */
  readonly hash: string
  readonly prevHash: string
  readonly partition: number
  readonly offset: string
}

/** @param isWithheld of which records only the hashes are given */
export function transcriptJson(
  { conversation, entries, events }: WholeTranscript,
  isWithheld: (event: RawEvent) => boolean,
): TranscriptJson {
  return {
    conversationId: conversation._id,
    channelAccountId: conversation.channelAccountId,
    language: conversation.language,
    stage: conversation.stage,
    openedAt: conversation.openedAt,
    closedAt: conversation.closed?.at ?? null,
    closeReason: conversation.closed?.reason ?? null,
    messages: entries.filter((entry) => entry.kind === 'message').map(messageJson),
    systemLines: entries
      .filter((entry) => entry.kind === 'system')
      .map(({ line, streamVersion, occurredAt, recordedAt }) => ({
        ...line,
        streamVersion,
        occurredAt,
        recordedAt,
      })),
    events: events.map((event) => ({
      type: event.header.type,
      streamVersion: event.header.streamVersion,
      raw: isWithheld(event) ? null : Buffer.from(event.raw).toString('base64'),
      hash: Buffer.from(event.hash).toString('hex'),
      prevHash: Buffer.from(event.header.prevHash).toString('hex'),
      partition: event.partition,
      offset: String(event.offset),
    })),
  }
}

function messageJson(entry: MessageEntry): MessageJson {
  return {
    messageId: entry._id,
    providerMessageId: entry.providerMessageId,
    author: { kind: entry.author },
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
