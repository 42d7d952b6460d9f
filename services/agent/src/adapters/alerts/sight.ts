import { type Alert, isAlertSeen } from '../../alerts/alert.ts'
import type { Sight } from '../../conversation/viewing.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'

/** Those that the person may see: of words, whoever sees the conversation. */
export async function alertsSeen(
  alerts: readonly Alert[],
  sight: Sight,
  conversations: Pick<ConversationStore, 'conversations'>,
): Promise<readonly Alert[]> {
  const ids = sight.scope.kind === 'all' ? [] : alerts.flatMap(({ conversationId }) => conversationId ?? [])
  const places = new Map(
    (await conversations.conversations([...new Set(ids)])).map((conversation) => [
      conversation._id,
      conversation,
    ]),
  )
  return alerts.filter((alert) => isAlertSeen(alert, sight, places.get(alert.conversationId ?? '')))
}
