import { conversations } from '@parley/conversation'
import { UnreadableRecord, readEvent } from '@parley/kernel'
import type { RawEvent } from '../record/raw-record.ts'
import type { TranscriptEntry } from './entry.ts'
import { type Conversation, conversationIdsOf, foldConversation } from './fold-conversation.ts'
import { entryIdsOf, foldEntry } from './fold-entry.ts'
import { FOLDED_TYPES, type FoldedEvent } from './audience.ts'
import type { WholeTranscript } from './transcript.ts'

/** A transcript from its raw events alone, without a read model. Undefined when they do not open the conversation. */
export function foldTranscript(
  conversationId: string,
  events: readonly RawEvent[],
): WholeTranscript | undefined {
  const entries = new Map<string, TranscriptEntry>()
  let conversation: Conversation | undefined
  for (const event of events.flatMap(({ raw }) => foldedIn(raw))) {
    const { streamVersion } = event.envelope
    for (const id of entryIdsOf(event)) {
      const folded = foldEntry(entries.get(id), event, id)
      if (folded !== undefined) entries.set(id, { ...folded, seenVersion: streamVersion })
    }
    if (!conversationIdsOf(event).includes(conversationId)) continue
    const folded = foldConversation(conversation, event)
    conversation = folded && { ...folded, seenVersion: streamVersion }
  }
  if (conversation === undefined) return undefined
  return {
    conversation,
    entries: [...entries.values()].sort((one, other) => one.streamVersion - other.streamVersion),
    records: events,
    events,
  }
}

const foldedTypes: ReadonlySet<string> = new Set(FOLDED_TYPES)

/** What cannot be read is left out, as it is where an operator let a reader go on without it. */
function foldedIn(raw: Uint8Array): FoldedEvent[] {
  const { envelope } = readEvent(raw)
  if (!foldedTypes.has(envelope.type)) return []
  try {
    return [{ ...conversations.readEvent(envelope), envelope } as FoldedEvent]
  } catch (error) {
    if (error instanceof UnreadableRecord) return []
    throw error
  }
}
