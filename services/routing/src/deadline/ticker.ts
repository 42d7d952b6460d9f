import type { NewCommand } from '@parley/kernel'
import { type Deadline, expiry } from './deadlines.ts'

export interface ContactDeadlines {
  readonly contactId: string
  /** As they were when read; a newer version has other deadlines. */
  readonly seenVersion: number
  readonly deadlines: readonly Deadline[]
}

export interface DueDeadlines {
  /** Contacts of these partitions with a deadline that has passed, longest overdue first. */
  due(partitions: readonly number[], at: Date, limit: number): Promise<readonly ContactDeadlines[]>
  /** Leaves only these deadlines, unless a newer event was seen meanwhile. */
  leave(remaining: readonly ContactDeadlines[]): Promise<void>
}

export interface TickerOptions {
  readonly store: DueDeadlines
  /** Those that this process decides: each deadline is looked at by one process, or for a moment by two, which does no harm. */
  partitions(): readonly number[]
  append(commands: readonly NewCommand[]): Promise<void>
  now(): Date
}

const CONTACTS_PER_TICK = 1_000

/** One look at what is due: one find, one append, one write. Gone from the store only once the log has the commands. */
export async function tick({ store, partitions, append, now }: TickerOptions): Promise<number> {
  const mine = partitions()
  if (mine.length === 0) return 0
  const at = now()
  const contacts = await store.due(mine, at, CONTACTS_PER_TICK)
  if (contacts.length === 0) return 0
  const isDue = ({ dueAt }: Deadline): boolean => Date.parse(dueAt) <= at.getTime()
  const commands = contacts.flatMap(({ contactId, deadlines }) =>
    deadlines.filter(isDue).map((deadline) => expiry(contactId, deadline)),
  )
  await append(commands)
  await store.leave(
    contacts.map((contact) => ({
      ...contact,
      deadlines: contact.deadlines.filter((deadline) => !isDue(deadline)),
    })),
  )
  return commands.length
}
