import { type RecordedEvent, readEvent } from '@parley/kernel'
import type { RawEvent } from '../record/raw-event.ts'
import type { TranscriptEntry } from './entry.ts'
import { type Conversation, conversationIdsOf, foldConversation } from './fold-conversation.ts'
import { entryIdsOf, foldEntry } from './fold-entry.ts'
import type { Transcript } from './transcript.ts'

/** A transcript from its raw events alone, without a read model. Undefined when they do not open the conversation. */
export function foldTranscript(conversationId: string, events: readonly RawEvent[]): Transcript | undefined {
  const entries = new Map<string, TranscriptEntry>()
  let conversation: Conversation | undefined
  for (const { envelope } of events.map(({ raw }): RecordedEvent => readEvent(raw))) {
    for (const id of entryIdsOf(envelope)) {
      const folded = foldEntry(entries.get(id), envelope, id)
      if (folded !== undefined) entries.set(id, { ...folded, seenVersion: envelope.streamVersion })
    }
    if (!conversationIdsOf(envelope).includes(conversationId)) continue
    const folded = foldConversation(conversation, envelope)
    conversation = folded && { ...folded, seenVersion: envelope.streamVersion }
  }
  if (conversation === undefined) return undefined
  return {
    conversation,
    entries: [...entries.values()].sort((one, other) => one.streamVersion - other.streamVersion),
    events,
  }
}
