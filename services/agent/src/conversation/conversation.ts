import { type RecordedEvent, unreachable } from '@parley/kernel'

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

type Event = Pick<RecordedEvent['envelope'], 'payload' | 'recordedAt'>

/** Pure. An event of a conversation that never opened here changes nothing. */
export function evolve(
  conversation: Conversation | undefined,
  { payload, recordedAt }: Event,
): Conversation | undefined {
  const at = recordedAt ?? ''
  if (payload.$case === 'conversationOpened')
    return {
      stage: { name: 'with_robot', since: at },
      openedAt: at,
      lastActivityAt: at,
      customerMessageCount: 0,
      ourMessageCount: 0,
    }
  if (conversation === undefined) return undefined
  switch (payload.$case) {
    case 'messageReceived':
      return {
        ...conversation,
        lastActivityAt: at,
        customerMessageCount: conversation.customerMessageCount + 1,
      }
    case 'messageSendRequested':
      return { ...conversation, lastActivityAt: at, ourMessageCount: conversation.ourMessageCount + 1 }
    case 'messageEdited':
    case 'messageRevoked':
    case 'messageReacted':
      return { ...conversation, lastActivityAt: at }
    case 'handoverRequested': {
      const { queue, reason } = payload.value
      return { ...conversation, stage: { name: 'waiting', since: at, queue, reason } }
    }
    case 'conversationEnding':
      return { ...conversation, stage: { name: 'ending', since: at, reason: payload.value.reason } }
    case 'conversationClosed':
      return { ...conversation, stage: { name: 'closed', since: at, reason: payload.value.reason } }
    case 'contactRegistered':
    case 'contactAliasesAdded':
    case 'contactMerged':
    case 'contactAbsorbed':
    case 'contactLanguageChosen':
    case 'contactOptedOut':
    case 'contactOptedIn':
    case 'contactBlocked':
    case 'contactUnblocked':
    case 'marketingPreferenceChanged':
    case 'commandRedirected':
    case 'messageSent':
    case 'deliveryStatusAdvanced':
    case 'messageFailed':
    case 'messageSendUncertain':
    case 'messageResent':
    case 'messageDoubled':
    case 'privacyNoticeShown':
    case 'botTurnRequested':
    case 'botTurnCompleted':
    case 'botTurnFailed':
    case 'transcriptLinkIssued':
    case 'transcriptLinkRevoked':
    case 'transcriptViewed':
    case 'commandRefused':
      return conversation
    default:
      return unreachable(payload)
  }
}
