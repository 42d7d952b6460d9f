import type { Words } from '@parley/kernel'
import type { Job } from './schedule.ts'

/**
 * pending → attempting → done once the log has the outcome, with a way back to pending when the provider surely did not take it, and
 * through uncertain when nobody knows. An uncertain one that the rules let go once more is resending until its second attempt begins.
 * What is settled without a call goes pending → concluded → done.
 */
export type OutboxState = 'pending' | 'attempting' | 'uncertain' | 'resending' | 'concluded' | 'done'

export type Attempt = 1 | 2

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
  /** Of its event in the partition. What waits in the store is read in this order. */
  readonly position: number
  /** Of the customer's message that it answers; empty: of none. */
  readonly replyToProviderMessageId: string
  /** The message, and the url that fills its link button. Read at the call only. */
  readonly content: readonly Words[]
}

export interface StoredOutboxMessage extends OutboxMessage {
  readonly state: OutboxState
  /** Which attempt is under way or comes next. One that surely was not taken does not count. */
  readonly attempt: Attempt
  /** Calls of this attempt that surely were not taken. */
  readonly tries: number
  /** Of the call that was written down last; empty and 0 before. */
  readonly attemptId: string
  readonly attemptAt: number
  /** Undefined until it is settled, and when a receipt settled it. */
  readonly outcome: SendOutcome | undefined
}

/** Nothing that was asked for before this place in the stream of the contact may go out any more. */
export interface Suppression {
  readonly contactId: string
  readonly partition: number
  readonly beforeVersion: number
  readonly reason: 'CONTACT_OPTED_OUT' | 'CONTACT_BLOCKED'
}

/** A step of one message, taken only if it still stands where it is believed to stand: two processes never both take it. */
export interface OutboxChange {
  /** The same step asked for again, because its answer was lost, is the same step: it counts as taken. */
  readonly changeId: string
  readonly messageId: string
  readonly from: readonly OutboxState[]
  /** When given, it must still be the attempt with this id. */
  readonly ofAttemptId?: string
  /** When given, it must still be the first attempt, or the second. */
  readonly ofAttempt?: Attempt
  readonly to: OutboxState
  readonly attemptId?: string
  readonly attemptAt?: number
  readonly attempt?: Attempt
  readonly tries?: number
  readonly outcome?: SendOutcome
}

export interface Outbox {
  /** Those that are there already stay as they are. */
  put(messages: readonly OutboxMessage[]): Promise<void>
  /** True when the step was taken. Many calls at once go to the store as one. */
  change(change: OutboxChange): Promise<boolean>
  load(messageId: string): Promise<StoredOutboxMessage | undefined>
  /** All of these partitions that were begun and are not done, in any order. */
  begun(partitions: readonly number[]): AsyncIterable<StoredOutboxMessage>
  /** Where anything is pending. */
  backlogs(partitions: readonly number[]): Promise<readonly Shelf[]>
  /**
   * What is not done behind that position, in order. In any state: what another gateway, which still believes that it owns the partition, is
   * trying at this moment is pending again in the next, and must not be missed.
   */
  open(of: Shelf | OfContact, after: number, limit: number): Promise<readonly StoredOutboxMessage[]>
}

/** What waits for one number in one partition. */
export interface Shelf {
  readonly accountId: string
  readonly partition: number
}

export interface OfContact {
  readonly contactId: string
}
