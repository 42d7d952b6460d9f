import type { ConversationEvent } from '@parley/conversation'
import { unreachable } from '@parley/kernel'

/** Who has the conversation, or that nobody has it any more. Times are ISO 8601 UTC, by the log's clock. */
export type Stage =
  | { readonly name: 'with_robot'; readonly since: string }
  | { readonly name: 'waiting'; readonly since: string; readonly queue: string; readonly reason: string }
  | { readonly name: 'ending'; readonly since: string; readonly reason: string }
  | { readonly name: 'closed'; readonly since: string; readonly reason: string }

/** What people who serve customers must know of a conversation before they open it. Nothing that was said is in it. */
export interface Conversation {
  readonly stage: Stage
  readonly openedAt: string
  readonly lastActivityAt: string
  readonly customerMessageCount: number
  readonly ourMessageCount: number
}

/** What a conversation is folded from. Receipts are many, and say nothing that is shown here. */
export const CONVERSATION_TYPES = [
  'ConversationOpened',
  'MessageReceived',
  'AppMessageSent',
  'MessageSendRequested',
  'MessageEdited',
  'MessageRevoked',
  'MessageReacted',
  'HandoverRequested',
  'ConversationEnding',
  'ConversationClosed',
] as const satisfies readonly ConversationEvent['type'][]

export type ConversationFact = Extract<ConversationEvent, { type: (typeof CONVERSATION_TYPES)[number] }>

/** Pure. An event of a conversation that never opened here changes nothing. */
export function evolve(
  conversation: Conversation | undefined,
  event: ConversationFact,
  recordedAt: string,
): Conversation | undefined {
  if (event.type === 'ConversationOpened')
    return {
      stage: { name: 'with_robot', since: recordedAt },
      openedAt: recordedAt,
      lastActivityAt: recordedAt,
      customerMessageCount: 0,
      ourMessageCount: 0,
    }
  if (conversation === undefined) return undefined
  const { customerMessageCount, ourMessageCount } = conversation
  switch (event.type) {
    case 'MessageReceived':
      return {
        ...conversation,
        lastActivityAt: recordedAt,
        customerMessageCount: customerMessageCount + 1,
      }
    case 'AppMessageSent':
    case 'MessageSendRequested':
      return { ...conversation, lastActivityAt: recordedAt, ourMessageCount: ourMessageCount + 1 }
    case 'MessageEdited':
    case 'MessageRevoked':
    case 'MessageReacted':
      return { ...conversation, lastActivityAt: recordedAt }
    case 'HandoverRequested': {
      const { queue, reason } = event.data
      return { ...conversation, stage: { name: 'waiting', since: recordedAt, queue, reason } }
    }
    case 'ConversationEnding':
      return { ...conversation, stage: { name: 'ending', since: recordedAt, reason: event.data.reason } }
    case 'ConversationClosed':
      return { ...conversation, stage: { name: 'closed', since: recordedAt, reason: event.data.reason } }
    default:
      return unreachable(event)
  }
}
