/** What every conversation with people has. */
interface Handled {
  readonly id: string
  readonly queue: string
  /** Of the pool's words about it, the last one that was heard. */
  readonly revision: number
  /** Turns of the robot so far: should it go on, they are counted from here. */
  readonly turns: number
  readonly wait: Wait
}

/** What the customer knows of how long they wait. */
export interface Wait {
  /** When their queue opens, as the pool said last; null: it is open. */
  readonly opensAt: string | null
  /** When they were last told, and that it opens then. */
  readonly toldAt: string | null
  readonly toldOpensAt: string | null
  /** They tapped something old since, and were told that they wait: once is enough until they are told how long. */
  readonly isTapAnswered: boolean
}

export const UNTOLD: Wait = { opensAt: null, toldAt: null, toldOpensAt: null, isTapAnswered: false }

interface NobodysYet extends Handled {
  /** The customer waits since then, under whichever name. */
  readonly since: string
  /** Somebody had it: it waits before what never was anybody's. */
  readonly isAtHead: boolean
  /** Their agent had parked it: they wait for nothing, and are told nothing until they write. */
  readonly isSilent: boolean
  /** The customer was told that the queue is closed, and wishes to be written to when it opens. */
  readonly callsBack: boolean
}

export interface Waiting extends NobodysYet {
  readonly stage: 'waiting'
}

export interface Offered extends NobodysYet {
  readonly stage: 'offered'
  readonly offerId: string
  readonly agentId: string
}

interface OfAgent extends Handled {
  readonly agentId: string
  readonly closing: Closing | null
  /** What its queue may be closed for; none: any. */
  readonly closeReasons: readonly string[]
  /** When it is closed, the customer is asked how it went. */
  readonly asksSurvey: boolean
}

export interface WithAgent extends OfAgent {
  readonly stage: 'with_agent'
  readonly isOnHold: boolean
}

/** The customer is silent: the agent has room for another one meanwhile. */
export interface Parked extends OfAgent {
  readonly stage: 'parked'
  /** The pool was asked who has it, now that the customer wrote. */
  readonly isUnparking: boolean
}

/** The agent closed it and may still take that back. */
export interface Closing {
  readonly agentId: string
  readonly reason: string
  /** The event that announced it: its deadline refers to it, and it has the closing message. */
  readonly reference: string
  /** The provider's word for that message; empty: there is none. */
  readonly type: string
}
