import type { OfContact, Outbox, OutboxMessage, Shelf, StoredOutboxMessage } from './outbox.ts'

type Row = { -readonly [Key in keyof StoredOutboxMessage]: StoredOutboxMessage[Key] } & {
  changeId?: string
}

/** An outbox in memory that keeps the same words as the one in Mongo. It outlives the sender, as a database outlives a process. */
export class MemoryOutbox implements Outbox {
  readonly rows = new Map<string, Row>()

  async put(messages: readonly OutboxMessage[]): Promise<void> {
    for (const message of messages)
      if (!this.rows.has(message.messageId))
        this.rows.set(message.messageId, {
          ...message,
          state: 'pending',
          attempt: 1,
          tries: 0,
          attemptId: '',
          attemptAt: 0,
          outcome: undefined,
        })
  }

  async change(change: Parameters<Outbox['change']>[0]): Promise<boolean> {
    const row = this.rows.get(change.messageId)
    if (row === undefined) return false
    const standsThere =
      change.from.includes(row.state) &&
      (change.ofAttemptId === undefined || change.ofAttemptId === row.attemptId) &&
      (change.ofAttempt === undefined || change.ofAttempt === row.attempt)
    if (!standsThere && row.changeId !== change.changeId) return false
    row.changeId = change.changeId
    row.state = change.to
    if (change.attemptId !== undefined) row.attemptId = change.attemptId
    if (change.attemptAt !== undefined) row.attemptAt = change.attemptAt
    if (change.attempt !== undefined) row.attempt = change.attempt
    if (change.tries !== undefined) row.tries = change.tries
    if (change.outcome !== undefined) row.outcome = change.outcome
    return true
  }

  async load(messageId: string): Promise<StoredOutboxMessage | undefined> {
    const row = this.rows.get(messageId)
    return row === undefined ? undefined : { ...row }
  }

  async *begun(partitions: readonly number[]): AsyncIterable<StoredOutboxMessage> {
    const rows = [...this.rows.values()].filter(
      ({ partition, state }) => state !== 'done' && state !== 'pending' && partitions.includes(partition),
    )
    for (const row of rows.toReversed()) yield { ...row }
  }

  async backlogs(partitions: readonly number[]): Promise<readonly Shelf[]> {
    const shelves = new Map<string, Shelf>()
    for (const { state, partition, accountId } of this.rows.values())
      if (state === 'pending' && partitions.includes(partition))
        shelves.set(`${partition} ${accountId}`, { partition, accountId })
    return [...shelves.values()]
  }

  async open(of: Shelf | OfContact, after: number, limit: number): Promise<readonly StoredOutboxMessage[]> {
    return [...this.rows.values()]
      .filter(
        (row) =>
          row.state !== 'done' &&
          row.position > after &&
          ('contactId' in of
            ? row.contactId === of.contactId
            : row.partition === of.partition && row.accountId === of.accountId),
      )
      .toSorted((left, right) => left.position - right.position)
      .slice(0, limit)
      .map((row) => ({ ...row }))
  }
}
