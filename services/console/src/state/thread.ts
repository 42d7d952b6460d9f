import type { Message } from '../api/shapes.ts'

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

function isOneGroup(before: Message, after: Message): boolean {
  return (
    before.author.kind === after.author.kind &&
    before.author.id === after.author.id &&
    before.isNote === after.isNote &&
    Date.parse(after.recordedAt) - Date.parse(before.recordedAt) < MINUTE_MS
  )
}
