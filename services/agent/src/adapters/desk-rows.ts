import type { Roster } from '@parley/people'
import { type Row, rowOf, secretsOf } from '../conversation/shown.ts'
import type { ConversationDocument, ConversationStore } from './conversation-store.ts'
import type { DeskStore } from './desk-store.ts'

export interface RowSources {
  readonly conversations: Pick<ConversationStore, 'sensitive'>
  readonly desks: Pick<DeskStore, 'drafted' | 'readUpTo'>
  readonly roster: Roster
}

/** Rows of lists as one person sees them; what they are made of is looked up for all of them at once. */
export function rowsFrom({ conversations, desks, roster }: RowSources) {
  const name = (id: string): string | null => roster.people.get(id)?.name ?? null
  return async (found: readonly ConversationDocument[], personId: string): Promise<readonly Row[]> => {
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
}
