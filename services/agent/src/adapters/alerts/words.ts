import { type ConversationEvent, messageIn, readableText, wordsOf } from '@parley/conversation'
import type { ReadEvent, ReaderBatch } from '@parley/eventlog'
import { wordsAlert } from '../../alerts/alert.ts'
import { type RulesInForce, type WordsRule, appliesIn } from '../../alerts/rules.ts'
import { authorOf } from '../../conversation/message.ts'
import type { AlertStore, ClosedConversation } from './store.ts'
import type { ConversationDocument } from '../read-models/conversation-documents.ts'

export const HEARD_FOR_WORDS = [
  'MessageReceived',
  'MessageSendRequested',
  'MessageEdited',
  'ConversationClosed',
] as const
export type HeardForWords = Extract<ConversationEvent, { type: (typeof HEARD_FOR_WORDS)[number] }>

export interface AlertWordsOptions {
  readonly store: Pick<AlertStore, 'begin' | 'endOfConversations'>
  readonly rules: RulesInForce
  /** The configuration is known: before that, nothing is known to be harmless. */
  whenConfigured(): Promise<void>
  /** That record is in what is known of conversations. False: that is behind. */
  isFolded(record: { readonly partition: number; readonly offset: bigint }): Promise<boolean>
  conversation(id: string): Promise<Pick<ConversationDocument, 'queue' | 'closedAt'> | undefined>
  changed(): void
  readonly now: () => Date
}

/** What was said before that is no news: whoever begins to read the log is not told of its past. */
const NEWS_MS = 24 * 60 * 60 * 1_000

/** Whoever went on without the place of a conversation would never tell of it where a rule is of some queues. It comes again. */
class ConversationsBehind extends Error {
  constructor() {
    super('What is known of conversations is behind what was said: that is looked at again.')
  }
}

/** The handler of the `alert-words` reader: what is said opens alerts, and the end of a conversation ends those of it. */
export function hearingWords(options: AlertWordsOptions) {
  const { store, rules, whenConfigured, isFolded, conversation, changed, now } = options
  return async ({ events }: Pick<ReaderBatch<HeardForWords>, 'events'>): Promise<void> => {
    await whenConfigured()
    const words = rules.now()?.words ?? []
    let hasChanged = false
    const closed: ClosedConversation[] = []
    for (const event of events) {
      const { type, envelope, record } = event
      const conversationId = envelope.correlationId
      const at = envelope.recordedAt ?? ''
      if (type === 'ConversationClosed') {
        closed.push({ id: conversationId, at })
        continue
      }
      if (conversationId === '' || now().getTime() - Date.parse(at) > NEWS_MS) continue
      const broken = brokenBy(words, event)
      if (broken.length === 0) continue
      if (!(await isFolded(record))) throw new ConversationsBehind()
      const { queue = null, closedAt = null } = (await conversation(conversationId)) ?? {}
      const alerts = broken
        .filter((rule) => appliesIn(rule, queue))
        .map((rule) => wordsAlert(rule, { conversationId, queue, at }, now().toISOString()))
      await store.begin(alerts)
      hasChanged ||= alerts.length > 0
      // An edit or a last word behind its end: no other end comes, and the alert would stay open for ever.
      if (alerts.length > 0 && closedAt !== null) closed.push({ id: conversationId, at: now().toISOString() })
    }
    // Behind what was said before it.
    await store.endOfConversations(closed)
    if (hasChanged || closed.length > 0) changed()
  }
}

function brokenBy(
  rules: readonly WordsRule[],
  { type, data, envelope }: ReadEvent<HeardForWords>,
): readonly WordsRule[] {
  // Notices in the name of an agent are the company's own words.
  if (type === 'MessageSendRequested' && data.purpose !== 'agent_message') return []
  // What the channel says of the customer, such as a new number, nobody said.
  if (type === 'MessageReceived' && data.isNote) return []
  const by = authorOf(envelope).kind
  if (by !== 'customer' && by !== 'agent') return []
  const asked = rules.filter(({ saidBy }) => saidBy === undefined || saidBy === by)
  const message = asked.length === 0 ? undefined : messageIn(envelope.content)
  if (message === undefined) return []
  const words = wordsOf(readableText(message))
  return asked.filter(({ has }) => has(words))
}
