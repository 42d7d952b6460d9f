import type { ReadEvent } from '@parley/eventlog'
import type { WorkforceEvent } from '@parley/workforce'
import { secondsBetween } from './count.ts'

/** A conversation as the pool has it, as far as figures need it. Times are milliseconds since 1970, by the log's clock. */
export type Work = Waiting | Handled | WrapUp | Gone

/** Whoever had it before it waited again, and how long: they may get it back, and then go on. */
interface Handling {
  readonly agent: string
  readonly team: string
  readonly withSeconds: number
  readonly parkedSeconds: number
}

interface Waiting {
  readonly stage: 'waiting'
  readonly queue: string
  readonly enteredAt: number
  /** What the queue promises; 0: nothing. */
  readonly targetSeconds: number
  /** False: it was parked, and comes back. */
  readonly counts: boolean
  readonly handling: Handling | null
}

interface Handled {
  readonly stage: 'with_agent' | 'parked'
  readonly queue: string
  readonly since: number
  readonly handling: Handling
  /** Who wished last that another agent has it: whose it is, or a supervisor. Undefined: nobody. */
  readonly offeredBy?: string
}

interface WrapUp {
  readonly stage: 'wrap_up'
  readonly queue: string
  readonly since: number
  readonly handling: Handling
}

interface Gone {
  readonly stage: 'gone'
}

const GONE: Work = { stage: 'gone' }

/** The only clock of figures: of beginning and end alike, so that no device that is wrong makes a time negative or long. */
export function recordedAtOf({ envelope }: ReadEvent): number {
  return Date.parse(envelope.recordedAt ?? '')
}

/** Pure. */
export function evolveWork(work: Work | undefined, event: ReadEvent<WorkforceEvent>): Work | undefined {
  const at = recordedAtOf(event)
  switch (event.type) {
    case 'ConversationEnqueued':
      return {
        stage: 'waiting',
        queue: event.data.queue,
        enteredAt: at,
        targetSeconds: event.data.serviceLevelSeconds,
        counts: true,
        handling: null,
      }
    case 'ConversationRequeued': {
      const { queue, reason, serviceLevelSeconds: targetSeconds } = event.data
      const counts = !isReturn(reason)
      const handling = counts ? null : handlingUntil(work, at)
      return { stage: 'waiting', queue, enteredAt: at, targetSeconds, counts, handling }
    }
    case 'ConversationAssigned': {
      const { agentId: agent, team, queue } = event.data
      const before = handlingUntil(work, at)
      const handling = before?.agent === agent ? before : { agent, team, withSeconds: 0, parkedSeconds: 0 }
      return { stage: 'with_agent', queue, since: at, handling }
    }
    case 'ConversationOffered':
      return work?.stage === 'with_agent' ? { ...work, offeredBy: event.envelope.actor?.id ?? '' } : work
    case 'ConversationParked': {
      const handling = handlingUntil(work, at)
      if (handling === null || work === undefined || !('queue' in work)) return work
      return { stage: 'parked', queue: work.queue, since: at, handling }
    }
    case 'ConversationReturnedToRobot':
      return GONE
    case 'ConversationWithdrawn': {
      const handling = handlingUntil(work, at)
      if (event.data.wrapUpUntil === undefined || handling === null || work?.stage !== 'with_agent')
        return GONE
      return { stage: 'wrap_up', queue: work.queue, since: at, handling }
    }
    case 'WrapUpEnded':
      return GONE
    default:
      return work
  }
}

/** Who had it, with the time up to now; null: nobody. */
export function handlingUntil(work: Work | undefined, at: number): Handling | null {
  switch (work?.stage) {
    case 'with_agent':
      return { ...work.handling, withSeconds: work.handling.withSeconds + secondsBetween(work.since, at) }
    case 'parked':
      return { ...work.handling, parkedSeconds: work.handling.parkedSeconds + secondsBetween(work.since, at) }
    case 'waiting':
    case 'wrap_up':
      return work.handling
    default:
      return null
  }
}

/** Parked and back: the customer answered the agent, and asked for nobody new. */
export function isReturn(reason: string): boolean {
  return reason === 'customer_wrote' || reason === 'snooze_over'
}
