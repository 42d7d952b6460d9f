import {
  type Actor,
  type Decision as Decided,
  type NewEvent,
  type Refusal,
  type Wish,
  deterministicId,
  entryOf,
} from '@parley/kernel'
import { type PoolEventData, type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'
import { evolve } from './evolve.ts'
import { countUpTo } from './ordered.ts'
import { paceNow } from './pace.ts'
import { type PoolState, type Work, opensAt } from './state.ts'

const RULES: Actor = { kind: 'system', id: 'rules' }

/** An event with the fields that matter; those left out are empty. */
type Fact<Type extends WorkforceEvent['type']> = Partial<PoolEventData<Type>>

/** One decision in the making: each fact is folded at once, so that the next rule sees the pool as it is by then. */
export class Decision {
  readonly wish: Wish<WorkforceCommand>
  /** The only clock of the rules. */
  readonly at: number
  readonly #events: NewEvent<WorkforceEvent>[] = []
  readonly #states: PoolState[] = []
  #state: PoolState
  #caughtUp = 0

  constructor(wish: Wish<WorkforceCommand>, state: PoolState) {
    this.wish = wish
    this.at = Date.parse(wish.recordedAt)
    this.#state = state
  }

  get state(): PoolState {
    return this.#state
  }

  get eventCount(): number {
    return this.#events.length
  }

  /** What was stated by now the time would have brought without the wish. */
  beginsOwn(): void {
    this.#caughtUp = this.#events.length
  }

  /** Whether the wish itself has led to anything. */
  get hasStated(): boolean {
    return this.#events.length > this.#caughtUp
  }

  /**
   * Of a wish that leads to nothing, nothing: whoever waits for its outcome is told that, and what the time has brought the next one states.
   * @throws when facts were recorded and the wish is refused all the same: they would vanish. That is a bug of the rules.
   */
  outcome(refusal: Refusal | undefined): Decided<PoolState, WorkforceEvent> | Refusal {
    if (refusal === undefined)
      return this.hasStated ? { events: this.#events, states: this.#states } : { events: [] }
    if (this.hasStated)
      throw new Error(`${this.wish.type} was refused (${refusal.refused}) after events were recorded.`)
    return refusal
  }

  /** Another one for each fact of the decision. */
  newId(what: string): string {
    return deterministicId(this.wish.commandId, what, this.#events.length)
  }

  /** What the command itself says. */
  record<Type extends WorkforceEvent['type']>(
    type: Type,
    data: Fact<Type>,
    content: NewEvent['content'] = [],
  ): void {
    this.#add(type, data, content, undefined)
  }

  /** What follows from it by the rules. */
  conclude<Type extends WorkforceEvent['type']>(type: Type, data: Fact<Type>): void {
    this.#add(type, data, [], RULES)
  }

  /**
   * What the customer may be told: their place in the queue, and how long that takes by its measured pace.
   * @param isIn It stands in the queue already.
   */
  outlook(
    queue: string,
    rank: number,
    isIn = false,
  ): { position: number; expectedWaitSeconds: number; opensAt: string | undefined } {
    const { queueLines, lines } = this.#state
    const before = (entryOf(queueLines, queue) ?? []).reduce(
      (count, line) => count + countUpTo(lines.get(line)!, rank),
      0,
    )
    const position = isIn ? before : before + 1
    const until = opensAt(this.#state, queue)
    return {
      position,
      expectedWaitSeconds: Math.round((position * paceNow(this.#state, queue, this.at)) / 1000),
      opensAt: until === null ? undefined : isoOf(until),
    }
  }

  #add<Type extends WorkforceEvent['type']>(
    type: Type,
    data: Fact<Type>,
    content: NewEvent['content'] = [],
    actor: Actor | undefined,
  ): void {
    const event = workforces.event(type, {
      ...data,
      ...this.#countedBy(type, data),
    } as never) as unknown as WorkforceEvent
    const correlationId = 'conversationId' in event.data ? event.data.conversationId : ''
    this.#events.push({
      ...event,
      content,
      correlationId,
      ...(actor === undefined ? {} : { actor, occurredAt: this.wish.recordedAt }),
    })
    this.#state = evolve(this.#state, { ...event, recordedAt: this.wish.recordedAt })
    this.#states.push(this.#state)
  }

  /** What figures are counted by, as it is now: a figure of last year stays what it was, whatever the configuration says by then. */
  #countedBy(
    type: WorkforceEvent['type'],
    { agentId = '', queue = '' }: Partial<PoolEventData<'ConversationAssigned'>>,
  ): object {
    const { agents, configuration } = this.#state
    switch (type) {
      case 'ConversationAssigned':
      case 'PresenceChanged':
        return { team: agents.get(agentId)?.team ?? '' }
      case 'ConversationEnqueued':
      case 'ConversationRequeued':
        return { serviceLevelSeconds: entryOf(configuration.queues, queue)?.serviceLevelSeconds ?? 0 }
      default:
        return {}
    }
  }
}

export function isoOf(time: number): string {
  return new Date(time).toISOString()
}

/** What an owner must know of the queue. */
export function ofQueue({ configuration }: PoolState, { queue }: Work) {
  const { closeReasons = [], asksSurvey = false } = entryOf(configuration.queues, queue) ?? {}
  return { queue, closeReasons: [...closeReasons], asksSurvey }
}

/** What every event about a conversation begins with. */
export function aboutOf(id: string, { contactId, revision }: Work) {
  return { conversationId: id, contactId, revision: revision + 1 }
}
