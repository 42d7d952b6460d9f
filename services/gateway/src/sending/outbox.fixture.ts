import type { Outbox, OutboxMessage, StoredOutboxMessage } from './outbox.ts'

type Row = { -readonly [Key in keyof StoredOutboxMessage]: StoredOutboxMessage[Key] } & {
  attemptId?: string
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
          tries: 0,
          attemptAt: 0,
          outcome: undefined,
        })
  }

  async change(change: Parameters<Outbox['change']>[0]): Promise<boolean> {
    const row = this.rows.get(change.messageId)
    if (row === undefined) return false
    const standsThere =
      change.from.includes(row.state) &&
      (change.ofAttempt === undefined || change.ofAttempt === row.attemptId)
    if (!standsThere && row.changeId !== change.changeId) return false
    row.changeId = change.changeId
    row.state = change.to
    if (change.attemptId !== undefined) row.attemptId = change.attemptId
    if (change.attemptAt !== undefined) row.attemptAt = change.attemptAt
    if (change.tries !== undefined) row.tries = change.tries
    if (change.outcome !== undefined) row.outcome = change.outcome
    return true
  }

  async load(messageId: string): Promise<StoredOutboxMessage | undefined> {
    const row = this.rows.get(messageId)
    return row === undefined ? undefined : { ...row }
  }

  async *open(partitions: readonly number[]): AsyncIterable<StoredOutboxMessage> {
    const rows = [...this.rows.values()].filter(
      ({ partition, state }) => state !== 'done' && partitions.includes(partition),
    )
    for (const row of rows.toReversed()) yield { ...row }
  }
}
