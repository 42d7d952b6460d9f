import { MessageBody } from '@parley/proto/content'
import type { RawEvent } from '../record/raw-event.ts'
import type { MessageEntry, TranscriptEntry } from './entry.ts'
import type { Conversation } from './fold-conversation.ts'
import { type BodyWords, readableText } from './readable-text.ts'

/** One conversation as it stood after one version of its stream: header, entries and raw events of the same moment. */
export interface Transcript {
  readonly conversation: Conversation
  /** In stream order. */
  readonly entries: readonly TranscriptEntry[]
  /** The accepted records, in stream order. */
  readonly events: readonly RawEvent[]
}

/** The link message's address opens this very record: it stays in the raw event, and is not repeated where people read, share and print. */
export function bodyOf(entry: Pick<MessageEntry, 'body' | 'purpose'>, stored = entry.body): MessageBody {
  const message = MessageBody.fromJSON(stored)
  return entry.purpose === 'transcript_link' && message.body?.$case === 'linkButton'
    ? { body: { $case: 'linkButton', value: { ...message.body.value, url: '' } } }
    : message
}

export function textOf(entry: MessageEntry, words?: BodyWords): string {
  return readableText(bodyOf(entry), words)
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
  /** Base64 of the exact record value. */
  readonly raw: string
  readonly partition: number
  readonly offset: string
}

export function transcriptJson({ conversation, entries, events }: Transcript): TranscriptJson {
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
    events: events.map(({ type, streamVersion, raw, partition, offset }) => ({
      type,
      streamVersion,
      raw: Buffer.from(raw).toString('base64'),
      partition,
      offset: String(offset),
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
    streamVersion: entry.streamVersion,
    revoked: entry.revoked !== null,
    edits: entry.edits.map(({ before, occurredAt, recordedAt }) => ({
      textBefore: readableText(bodyOf(entry, before)),
      occurredAt,
      recordedAt,
    })),
    reactions: entry.reactions,
  }
}
