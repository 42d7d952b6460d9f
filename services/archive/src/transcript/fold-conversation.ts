import type { StageName } from '@parley/conversation'
import type { ProjectedDocument } from '@parley/eventlog'
import type { ConversationPlace, Person } from '@parley/people'
import type { FoldedEvent } from './audience.ts'

/** The header of a transcript. Its streamId is the contact. */
export interface Conversation extends ProjectedDocument {
  readonly channelAccountId: string
  readonly stage: StageName
  readonly language: string
  /** By the log's clock: the order in which conversations are listed. ISO 8601 UTC. */
  readonly openedAt: string
  readonly closed: { readonly at: string; readonly reason: string } | null
  readonly messageCount: number
  /** Who processes this chat, as the notice of this conversation named them. Empty: it was shown in an earlier one. */
  readonly processors: readonly string[]
  /** Who has it; of one that ended while it waited, the queue: whoever served it had it in sight, and a figure counts it there. */
  readonly held: ConversationPlace['held']
  /** The agent who has it or had it last; null: none ever did. */
  readonly lastAgentId: string | null
}

/** Who has it, as far as it decides who may see it. @param people of people.yaml, by id */
export function placeOf(
  { held, lastAgentId }: Pick<Conversation, 'held' | 'lastAgentId'>,
  people: ReadonlyMap<string, Pick<Person, 'team'>>,
): ConversationPlace {
  if (lastAgentId === null) return { held, lastOwner: null }
  return { held, lastOwner: { personId: lastAgentId, team: people.get(lastAgentId)?.team ?? null } }
}

/** The header that the event changes. Receipts, turns and views change none. */
export function conversationIdsOf({ type, envelope }: FoldedEvent): readonly string[] {
  switch (type) {
    case 'ConversationOpened':
    case 'MessageReceived':
    case 'AppMessageSent':
    case 'MessageSendRequested':
    case 'ContactLanguageChosen':
    case 'PrivacyNoticeShown':
    case 'ConversationBegun':
    case 'HandoverRequested':
    case 'ConversationQueued':
    case 'ConversationOffered':
    case 'ConversationOfferEnded':
    case 'ConversationAssigned':
    case 'ConversationRequeued':
    case 'ConversationReturnedToRobot':
    case 'ConversationParked':
    case 'ConversationEnding':
    case 'ConversationClosed':
      return envelope.correlationId === '' ? [] : [envelope.correlationId]
    default:
      return []
  }
}

export const beginsConversation = ({ type }: { readonly type: string }): boolean =>
  type === 'ConversationOpened'

/** Pure. */
export function foldConversation(
  conversation: Conversation | undefined,
  event: FoldedEvent,
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
        held: { by: 'robot' },
        lastAgentId: null,
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
    case 'ConversationRequeued':
      return { ...conversation, stage: 'waiting', held: { by: 'queue', queue: event.data.queue } }
    case 'ConversationQueued': {
      const { queue } = event.data
      return conversation.held.by === 'queue'
        ? { ...conversation, held: { by: 'queue', queue } }
        : conversation
    }
    case 'ConversationOffered':
      // Of a transfer: it stays whose it is until it is taken.
      return conversation.stage === 'waiting' ? { ...conversation, stage: 'offered' } : conversation
    case 'ConversationOfferEnded':
      return conversation.stage === 'offered' ? { ...conversation, stage: 'waiting' } : conversation
    case 'ConversationBegun':
    case 'ConversationAssigned': {
      const { agentId } = event.data
      // An agent who writes first has it set aside until the customer answers.
      const stage = event.type === 'ConversationBegun' ? 'parked' : 'with_agent'
      return { ...conversation, stage, held: { by: 'agent', personId: agentId }, lastAgentId: agentId }
    }
    case 'ConversationReturnedToRobot':
      return { ...conversation, stage: 'with_robot', held: { by: 'robot' } }
    case 'ConversationParked':
      return { ...conversation, stage: 'parked' }
    case 'ConversationEnding':
      return { ...conversation, stage: 'ending', held: leftBy(conversation) }
    case 'ConversationClosed':
      return {
        ...conversation,
        stage: 'closed',
        closed: { at: envelope.recordedAt ?? '', reason: event.data.reason },
        held: leftBy(conversation),
      }
    default:
      return conversation
  }
}

function leftBy({ held }: Conversation): Conversation['held'] {
  return held.by === 'queue' ? held : { by: 'nobody' }
}
