import type { Message } from '../api/shapes.ts'
import type { Outgoing, Unsent } from './outbox.ts'

/** What stands in a thread, from the oldest down. */
export type ThreadItem =
  | { readonly kind: 'date'; readonly day: string; readonly at: string }
  | { readonly kind: 'new' }
  | { readonly kind: 'message'; readonly message: Message; readonly isFirstOfGroup: boolean }

const MINUTE_MS = 60_000

/**
 * Messages with a line where the day changes and one where the person left off; those of one author within a minute are a group.
 * @param dayOf the day of a moment, where the person is
 * @param newSince id of the last message that had been seen; what came after it is new
 */
export function itemsOf(
  messages: readonly Message[],
  dayOf: (at: string) => string,
  newSince: string | undefined,
): readonly ThreadItem[] {
  const items: ThreadItem[] = []
  let before: Message | undefined
  for (const message of messages) {
    const day = dayOf(message.recordedAt)
    const isNewDay = before === undefined || dayOf(before.recordedAt) !== day
    if (isNewDay) items.push({ kind: 'date', day, at: message.recordedAt })
    const isNew = before !== undefined && before.id === newSince
    if (isNew) items.push({ kind: 'new' })
    items.push({
      kind: 'message',
      message,
      isFirstOfGroup: isNewDay || isNew || before === undefined || !isOneGroup(before, message),
    })
    before = message
  }
  return items
}

/** A transfer has its note on record also where nothing was written in it: of that there is nothing to show. */
export const saysAnything = ({ isNote, text }: Pick<Message, 'isNote' | 'text'>): boolean =>
  !isNote || text !== ''

function isOneGroup(before: Message, after: Message): boolean {
  return (
    before.author.kind === after.author.kind &&
    before.author.id === after.author.id &&
    before.isNote === after.isNote &&
    Date.parse(after.recordedAt) - Date.parse(before.recordedAt) < MINUTE_MS
  )
}

/** What the sender of a file wrote under it. */
export const captionOf = ({ media, text }: Message): string | null =>
  media?.caption === undefined ? text : media.caption

/** A masked message once its words were revealed: with its file, which whoever may read them may open. */
export function asRevealed(message: Message, text: string): Message {
  const { media } = message
  if (media?.type === undefined) return { ...message, text }
  const caption = media.caption == null ? null : text
  return { ...message, text, type: media.type, media: { ...media, fileName: null, caption } }
}

export function wordsOf(content: Outgoing): string {
  switch (content.type) {
    case 'text':
    case 'note':
      return content.text
    case 'template':
      return content.preview
    case 'media':
      return content.caption === undefined ? content.fileName : `${content.fileName}\n${content.caption}`
  }
}

/**
 * What was written and does not yet stand in the thread. The stream may show a message before the answer to its sending is here:
 * an own message with the same words, after the place where it was written, is taken for it, each for one.
 */
export function stillUnsent(
  unsent: readonly Unsent[],
  messages: readonly Message[],
  personId: string,
): readonly Unsent[] {
  const taken = new Set<string>()
  return unsent.filter(({ content, after, state }) => {
    if (state.kind === 'failed') return true
    const isNote = content.type === 'note'
    const words = content.type === 'media' ? (content.caption ?? null) : wordsOf(content)
    const since = messages.findIndex(({ id }) => id === after) + 1
    const found = messages
      .slice(since)
      .find(
        (message) =>
          (state.kind === 'taken'
            ? message.id === state.messageId
            : message.author.id === personId &&
              message.isNote === isNote &&
              (content.type === 'media' ? captionOf(message) : message.text) === words) &&
          !taken.has(message.id),
      )
    if (found !== undefined) taken.add(found.id)
    return found === undefined
  })
}
