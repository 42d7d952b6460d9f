import { type Name, type Row, rowOf, secretsOf } from '../conversation/shown.ts'
import type { ConversationDocument, ConversationStore } from './conversation-store.ts'
import type { DeskStore } from './desk-store.ts'

export interface RowSources {
  readonly conversations: Pick<ConversationStore, 'sensitive'>
  readonly desks: Pick<DeskStore, 'drafted' | 'readUpTo'>
}

/** Conversations as the rows of one person's list: what is unread, what they began to write, and nothing that must not be repeated. */
export async function rowsFor(
  personId: string,
  found: readonly ConversationDocument[],
  { conversations, desks }: RowSources,
  name: Name,
): Promise<readonly Row[]> {
  const ids = found.map(({ _id }) => _id)
  const [readUpTo, drafted, sensitive] = await Promise.all([
    desks.readUpTo(ids),
    desks.drafted(ids, personId),
    conversations.sensitive(ids),
  ])
  const secrets = Map.groupBy(sensitive, ({ conversationId }) => conversationId)
  return found.map((conversation) => {
    const { _id: id } = conversation
    const around = { name, secrets: (secrets.get(id) ?? []).flatMap(secretsOf), readUpTo: readUpTo.get(id) }
    return { ...rowOf(conversation, around), hasDraft: drafted.has(id) }
  })
}
