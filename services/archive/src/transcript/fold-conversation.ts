import type { ProjectedDocument } from '@parley/eventlog'
import type { RecordedEvent } from '@parley/kernel'

type Envelope = RecordedEvent['envelope']

export const STAGES = ['with_robot', 'waiting', 'ending', 'closed'] as const
export type Stage = (typeof STAGES)[number]

/** The header of a transcript. Its streamId is the contact. */
export interface Conversation extends ProjectedDocument {
  readonly channelAccountId: string
  readonly stage: Stage
  readonly language: string
  /** By the log's clock: the order in which conversations are listed. ISO 8601 UTC. */
  readonly openedAt: string
  readonly closed: { readonly at: string; readonly reason: string } | null
  readonly messageCount: number
  /** Who processes this chat, as the notice of this conversation named them. Empty: it was shown in an earlier one. */
  readonly processors: readonly string[]
}

/** The header that the event changes. Receipts, turns and views change none. */
export function conversationIdsOf(envelope: Envelope): readonly string[] {
  switch (envelope.payload.$case) {
    case 'conversationOpened':
    case 'messageReceived':
    case 'messageSendRequested':
    case 'contactLanguageChosen':
    case 'privacyNoticeShown':
    case 'handoverRequested':
    case 'conversationEnding':
    case 'conversationClosed':
      return envelope.correlationId === '' ? [] : [envelope.correlationId]
    default:
      return []
  }
}

/** Pure. */
export function foldConversation(
  conversation: Conversation | undefined,
  envelope: Envelope,
): Conversation | undefined {
  const { payload } = envelope
  if (payload.$case === 'conversationOpened')
    return (
      conversation ?? {
        _id: envelope.correlationId,
        streamId: envelope.streamId,
        seenVersion: envelope.streamVersion,
        channelAccountId: payload.value.channelAccountId,
        stage: 'with_robot',
        language: payload.value.language,
        openedAt: envelope.recordedAt ?? '',
        closed: null,
        messageCount: 0,
        processors: [],
      }
    )
  if (conversation === undefined) return undefined
  switch (payload.$case) {
    case 'messageReceived':
    case 'messageSendRequested':
      return { ...conversation, messageCount: conversation.messageCount + 1 }
    case 'contactLanguageChosen':
      return { ...conversation, language: payload.value.language }
    case 'privacyNoticeShown':
      return { ...conversation, processors: payload.value.processors }
    case 'handoverRequested':
      return { ...conversation, stage: 'waiting' }
    case 'conversationEnding':
      return { ...conversation, stage: 'ending' }
    case 'conversationClosed':
      return {
        ...conversation,
        stage: 'closed',
        closed: { at: envelope.recordedAt ?? '', reason: payload.value.reason },
      }
    default:
      return conversation
  }
}
