import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import type { DeadlineChanges, FamilyDeadlines } from '@parley/eventlog'
import { unreachable } from '@parley/kernel'

export type DeadlineKind = 'bot_turn' | 'silence' | 'ending' | 'app_silence' | 'closing'

const TYPES = [
  'MessageReceived',
  'AppMessageSent',
  'RobotResumed',
  'BotTurnRequested',
  'BotTurnCompleted',
  'BotTurnFailed',
  'HandoverRequested',
  'ConversationReturnedToRobot',
  'CloseAnnounced',
  'CloseUndone',
  'ConversationEnding',
  'ConversationClosed',
] as const

export const conversationDeadlines: FamilyDeadlines<
  ConversationCommand,
  ConversationEvent,
  (typeof TYPES)[number]
> = {
  types: TYPES,
  deadlinesOf(event) {
    switch (event.type) {
      case 'MessageReceived':
        return changes({ silence: event.data.silenceDeadlineAt })
      case 'AppMessageSent': {
        const { robotSilentUntil } = event.data
        return changes({ app_silence: robotSilentUntil }, robotSilentUntil === undefined ? [] : ['silence'])
      }
      case 'RobotResumed':
        return changes({ silence: event.data.silenceDeadlineAt }, ['app_silence'])
      case 'BotTurnRequested':
        return changes({ bot_turn: event.data.deadlineAt })
      case 'BotTurnCompleted':
        return changes({ silence: event.data.silenceDeadlineAt }, ['bot_turn'])
      case 'BotTurnFailed':
        return changes({}, ['bot_turn'])
      case 'HandoverRequested':
        return changes({}, ['bot_turn', 'silence'])
      case 'ConversationReturnedToRobot':
        return changes({ silence: event.data.silenceDeadlineAt })
      case 'CloseAnnounced':
        return changes({ closing: event.data.until })
      case 'CloseUndone':
        return changes({}, ['closing'])
      case 'ConversationEnding':
        return changes({ ending: event.data.deadlineAt }, ['bot_turn', 'silence', 'closing'])
      case 'ConversationClosed':
        return changes({}, ['bot_turn', 'silence', 'ending', 'closing'])
      default:
        return unreachable(event)
    }
  },
  expiry: ({ kind, reference, dueAt }) => conversations.command('ExpireDeadline', { kind, reference, dueAt }),
}

function changes(
  due: Partial<Record<DeadlineKind, string | undefined>>,
  clear: readonly DeadlineKind[] = [],
): DeadlineChanges {
  const set = Object.entries(due).flatMap(([kind, dueAt]) => (dueAt === undefined ? [] : [{ kind, dueAt }]))
  return { set, clear }
}
