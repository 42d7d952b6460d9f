import { type Alert, isAlertSeen } from '../../alerts/alert.ts'
import type { Place } from '../../conversation/conversation.ts'
import type { Sight } from '../../conversation/viewing.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'

type Conversations = Pick<ConversationStore, 'conversations'>

/** Those that the person may see: of words, whoever sees the conversation. */
export async function alertsSeen(
  alerts: readonly Alert[],
  sight: Sight,
  conversations: Conversations,
): Promise<readonly Alert[]> {
  return seenAmong(alerts, sight, () => placesOf(alerts, conversations))
}

/** @param places where the conversations of the alerts are: asked for by whoever sees a part */
export async function seenAmong(
  alerts: readonly Alert[],
  sight: Sight,
  places: () => Promise<ReadonlyMap<string, Place>>,
): Promise<readonly Alert[]> {
  const known = sight.scope.kind === 'all' ? undefined : await places()
  return alerts.filter((alert) => isAlertSeen(alert, sight, known?.get(alert.conversationId ?? '')))
}

export async function placesOf(
  alerts: readonly Alert[],
  conversations: Conversations,
): Promise<ReadonlyMap<string, Place>> {
  const ids = [...new Set(alerts.flatMap(({ conversationId }) => conversationId ?? []))]
  return new Map((await conversations.conversations(ids)).map((one) => [one._id, one]))
}
