/** Who has a conversation, in the words of screens and of the services' answers. */
export const STAGES = [
  'with_robot',
  'waiting',
  'offered',
  'with_agent',
  'parked',
  'ending',
  'closed',
] as const
export type StageName = (typeof STAGES)[number]

/** What the rules close conversations for by themselves; for all else queues have reasons of their own. */
export const CLOSED_BY_RULES = ['flow_ended', 'silence', 'opted_out', 'blocked', 'merged', 'left'] as const

/** How far a message of ours got, in the same words. */
export type SentStatus = 'queued' | 'uncertain' | 'sent' | 'delivered' | 'read' | 'failed'

const RANK: Readonly<Record<SentStatus, number>> = {
  queued: 0,
  uncertain: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  failed: 5,
}

/** What is shown of a message only moves forward, in whatever order its receipts came. */
export const isFurther = (status: SentStatus, than: SentStatus): boolean => RANK[status] > RANK[than]

/** What is shown of a receipt: a sound that was played was read. */
export const statusOfReceipt = (receipt: string): SentStatus =>
  receipt === 'delivered' ? 'delivered' : 'read'
