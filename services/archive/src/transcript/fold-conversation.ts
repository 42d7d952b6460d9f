import type { ProjectedDocument } from '@parley/eventlog'
import type { ConversationPlace } from '@parley/people'
import type { ShownEvent } from './shown.ts'

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
  /** Who has it: that decides who may see it. */
  readonly place: ConversationPlace
}

/** The header that the event changes. Receipts, turns and views change none. */
export function conversationIdsOf({ type, envelope }: ShownEvent): readonly string[] {
  switch (type) {
    case 'ConversationOpened':
    case 'MessageReceived':
    case 'AppMessageSent':
    case 'MessageSendRequested':
    case 'ContactLanguageChosen':
    case 'PrivacyNoticeShown':
    case 'HandoverRequested':
    case 'ConversationEnding':
    case 'ConversationClosed':
      return envelope.correlationId === '' ? [] : [envelope.correlationId]
    default:
      return []
  }
}

/** Pure. */
export function foldConversation(
  conversation: Conversation | undefined,
  event: ShownEvent,
): Conversation | undefined {
  const { envelope } = event
  if (event.type === 'ConversationOpened')
    return (
      conversation ?? {
        _id: envelope.correlationId,
        streamId: envelope.streamId,
        seenVersion: envelope.streamVersion,
        channelAccountId: event.data.channelAccountId,
        stage: 'with_robot',
        language: event.data.language,
        openedAt: envelope.recordedAt ?? '',
        closed: null,
        messageCount: 0,
        processors: [],
        place: { held: { by: 'robot' }, lastOwner: null },
      }
    )
  if (conversation === undefined) return undefined
  switch (event.type) {
    case 'MessageReceived':
    case 'AppMessageSent':
    case 'MessageSendRequested':
      return { ...conversation, messageCount: conversation.messageCount + 1 }
    case 'ContactLanguageChosen':
      return { ...conversation, language: event.data.language }
    case 'PrivacyNoticeShown':
      return { ...conversation, processors: event.data.processors }
    case 'HandoverRequested':
      return {
        ...conversation,
        stage: 'waiting',
        place: { ...conversation.place, held: { by: 'queue', queue: event.data.queue } },
      }
    case 'ConversationEnding':
      return { ...conversation, stage: 'ending' }
    case 'ConversationClosed':
      return {
        ...conversation,
        stage: 'closed',
        closed: { at: envelope.recordedAt ?? '', reason: event.data.reason },
        place: { ...conversation.place, held: { by: 'nobody' } },
      }
    default:
      return conversation
  }
}
