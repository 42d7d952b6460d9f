import type { Words } from '@parley/kernel'
import type { Job } from './schedule.ts'

/**
 * pending → attempting → done once the log has the outcome, with a way back to pending when the provider surely did not take it, and
 * through uncertain when nobody knows. What is settled without a call goes pending → concluded → done.
 */
export type OutboxState = 'pending' | 'attempting' | 'uncertain' | 'concluded' | 'done'

export type SendOutcome =
  | { readonly status: 'sent'; readonly providerId: string }
  | { readonly status: 'failed'; readonly code: number; readonly title: string }
  | { readonly status: 'uncertain' }

/** A message on its way out. */
export interface OutboxMessage extends Job {
  readonly conversationId: string
  /** The event that asked for it. */
  readonly causationId: string
  readonly traceparent: string
  /** Of the customer's message that it answers; empty: of none. */
  readonly replyToProviderMessageId: string
  /** The message, and the url that fills its link button. Read at the call only. */
  readonly content: readonly Words[]
}

export interface StoredOutboxMessage extends OutboxMessage {
  readonly state: OutboxState
  readonly tries: number
  readonly attemptAt: number
  /** Undefined until it is settled, and when a receipt settled it. */
  readonly outcome: SendOutcome | undefined
}

/** Nothing that was asked for before this place in the stream of the contact may go out any more. */
export interface Suppression {
  readonly contactId: string
  readonly beforeVersion: number
  readonly reason: 'CONTACT_OPTED_OUT' | 'CONTACT_BLOCKED'
}

/** A step of one message, taken only if it still stands where it is believed to stand: two processes never both take it. */
export interface OutboxChange {
  /** The same step asked for again, because its answer was lost, is the same step: it counts as taken. */
  readonly changeId: string
  readonly messageId: string
  readonly from: readonly OutboxState[]
  /** When given, it must still be this attempt. */
  readonly ofAttempt?: string
  readonly to: OutboxState
  readonly attemptId?: string
  readonly attemptAt?: number
  readonly tries?: number
  readonly outcome?: SendOutcome
}

export interface Outbox {
  /** Those that are there already stay as they are. */
  put(messages: readonly OutboxMessage[]): Promise<void>
  /** True when the step was taken. Many calls at once go to the store as one. */
  change(change: OutboxChange): Promise<boolean>
  load(messageId: string): Promise<StoredOutboxMessage | undefined>
  /** All of these partitions that are not done, in any order. */
  open(partitions: readonly number[]): AsyncIterable<StoredOutboxMessage>
}
