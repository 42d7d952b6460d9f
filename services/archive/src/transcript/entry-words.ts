import { MessageBody } from '@parley/proto/content'
import type { StoredBody, TranscriptEntry } from './entry.ts'

/** Fields of a body that are nobody's words: references and kinds. */
const NO_WORDS: ReadonlySet<string> = new Set([
  'agentId',
  'bytes',
  'fromAgentId',
  'mediaId',
  'mentionedAgentIds',
  'messageId',
  'mimeType',
  'sha256',
  'source',
  'targetProviderMessageId',
  'type',
])

/** The same body with each of its words changed. A body nests as deep as its protobuf type, no deeper. */
export function withWords<Body extends StoredBody>(body: Body, change: (words: string) => string): Body {
  const changed = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value)
    if (Array.isArray(value)) return value.map(changed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, NO_WORDS.has(name) ? part : changed(part)]),
    )
  }
  return changed(body) as Body
}

/** The same entry with each of its words changed; one whose words cannot be read is told to be there, and nothing of what it says. */
export function entryWithWords<Entry extends TranscriptEntry>(
  entry: Entry,
  change: (words: string) => string,
): Entry
export function entryWithWords(entry: TranscriptEntry, change: (words: string) => string): TranscriptEntry {
  try {
    return changedEntry(entry, change)
  } catch {
    return withoutWords(entry)
  }
}

function changedEntry(entry: TranscriptEntry, change: (words: string) => string): TranscriptEntry {
  if (entry.kind !== 'message') {
    const { name } = entry.line
    return { ...entry, line: { ...withWords(entry.line, change), name } } as typeof entry
  }
  return {
    ...entry,
    body: withWords(entry.body, change),
    edits: entry.edits.map((edit) => ({ ...edit, before: withWords(edit.before, change) })),
    reactions: entry.reactions.map(({ by, emoji }) => ({ by, emoji: change(emoji) })),
  }
}

const UNSHOWABLE = MessageBody.toJSON(
  MessageBody.fromPartial({ body: { $case: 'unsupported', value: {} } }),
) as StoredBody

/** One entry must not cost the others. */
export function withoutWords<Entry extends TranscriptEntry>(entry: Entry): Entry
export function withoutWords(entry: TranscriptEntry): TranscriptEntry {
  if (entry.kind === 'message') return { ...entry, body: UNSHOWABLE, edits: [], reactions: [], file: null }
  return { ...entry, line: { name: entry.line.name } } as typeof entry
}
