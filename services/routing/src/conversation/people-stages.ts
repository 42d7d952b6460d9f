/** What every conversation with people has. */
interface Handled {
  readonly id: string
  readonly queue: string
  /** Of the pool's words about it, the last one that was heard. */
  readonly revision: number
  readonly turns: number
}

export interface Offered extends Handled {
  readonly stage: 'offered'
  readonly offerId: string
  readonly agentId: string
  readonly notifiedAt: string | null
}

export interface WithAgent extends Handled {
  readonly stage: 'with_agent'
  readonly agentId: string
  readonly isOnHold: boolean
  readonly closing: Closing | null
}

/** The customer is silent: the agent has room for another one meanwhile. */
export interface Parked extends Handled {
  readonly stage: 'parked'
  readonly agentId: string
  readonly closing: Closing | null
  /** The pool was asked who has it, now that the customer wrote. */
  readonly isUnparking: boolean
}

/** The agent closed it and may still take that back. */
export interface Closing {
  readonly agentId: string
  readonly reason: string
  /** The event that announced it: its deadline refers to it. */
  readonly reference: string
}
