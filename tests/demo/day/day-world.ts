import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import { type Deadline, type FamilyDeadlines, type ReadEvent, expiryCommand } from '@parley/eventlog'
import { type Actor, type NewCommand, type Partially, deterministicId } from '@parley/kernel'
import {
  type ContactState,
  type ConversationPolicy,
  type PoolState,
  conversationDeadlines,
  conversationWishes,
  poolWishes,
  workforceDeadlines,
} from '@parley/routing'
import {
  CONVERSATION_HEARS,
  POOL,
  POOL_HEARS,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'
import type { Chance } from '../../faults/chance.ts'
import { Agenda } from './agenda.ts'
import type { DecidedStreams } from './decided-streams.ts'
import { HOUR } from './times.ts'

export type Told<Type extends ConversationEvent['type']> = ReadEvent<
  Extract<ConversationEvent, { type: Type }>
>

export interface Streams {
  readonly contacts: DecidedStreams<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>
  readonly pool: DecidedStreams<PoolState, WorkforceCommand, WorkforceEvent, undefined>
  readonly introductionOf: Parameters<typeof conversationWishes>[1]
}

export interface DayPlan {
  /** In the ids of its customers: two days of one name are one day. */
  readonly name: string
  /** Milliseconds since 1970: the first moment of the day, and of the next one. */
  readonly begins: number
  readonly ends: number
  /** About so many: who comes back begins another one. */
  readonly conversations: number
  readonly chance: Chance
}

/** Services that speak to each other by the log hear of it so soon. */
const HEARD_AFTER = 40

/** Who lives in the day, and what is done when something happened. */
export interface Hears {
  isOfTheDay(contactId: string): boolean
  contact(event: ReadEvent<ConversationEvent>): void
  pool(event: ReadEvent<WorkforceEvent>): void
}

/**
 * The time of a day, and what the rules make of wishes in it: routing's readers and deadlines go on with what was decided, at times of
 * their own.
 */
export class DayWorld {
  readonly plan: DayPlan
  readonly chance: Chance
  readonly #streams: Streams
  readonly #hears: Hears
  readonly #agenda = new Agenda()
  readonly #deadlines = new Map<string, Map<string, Deadline>>()
  #now = 0
  #wishes = 0

  constructor(streams: Streams, plan: DayPlan, hears: Hears) {
    this.#streams = streams
    this.plan = plan
    this.chance = plan.chance
    this.#hears = hears
  }

  get now(): number {
    return this.#now
  }

  get pool(): PoolState {
    return this.#streams.pool.state(POOL)
  }

  contact(contactId: string): ContactState {
    return this.#streams.contacts.state(contactId)
  }

  at(time: number, act: () => void | Promise<void>): void {
    this.#agenda.add(time, act)
  }

  later(after: number, act: () => void | Promise<void>): void {
    this.at(this.#now + after, act)
  }

  /** Until nothing is to come any more. */
  async live(): Promise<void> {
    this.#now = this.plan.begins
    for (let next = this.#agenda.next(); next !== undefined; next = this.#agenda.next()) {
      this.#now = next.at
      await next.act()
    }
  }

  tell<Type extends ConversationCommand['type']>(
    streamId: string,
    type: Type,
    data: Partially<Extract<ConversationCommand, { type: Type }>['data']>,
    actor: Actor,
    content: NewCommand['content'] = [],
  ): void {
    const { conversation } = this.contact(streamId)
    const correlationId = 'id' in conversation ? conversation.id : ''
    this.decide({
      ...(conversations.command(type, data as never) as ConversationCommand),
      ...this.#wish(actor),
      streamId,
      content,
      ...(type !== 'ReceiveMessage' && { correlationId }),
    })
  }

  tellPool(
    type: WorkforceCommand['type'],
    data: object,
    agentId: string,
    content: NewCommand['content'] = [],
  ): void {
    this.#decidePool({
      ...(workforces.command(type, data) as WorkforceCommand),
      ...this.#wish(agentActor(agentId)),
      streamId: POOL,
      content,
    })
  }

  decide(command: NewCommand<ConversationCommand>): void {
    for (const event of this.#streams.contacts.decide(command, this.#now)) {
      this.#expires(conversationDeadlines, event, (expired) => this.decide(expired))
      if (isOneOf(POOL_HEARS, event))
        this.later(HEARD_AFTER, () => {
          for (const wish of poolWishes(event as Parameters<typeof poolWishes>[0])) this.#decidePool(wish)
        })
      this.#hears.contact(event)
    }
  }

  #decidePool(command: NewCommand<WorkforceCommand>): void {
    const { pool, introductionOf } = this.#streams
    for (const event of pool.decide(command, this.#now)) {
      this.#expires(workforceDeadlines, event, (expired) => this.#decidePool(expired))
      if (isOneOf(CONVERSATION_HEARS, event))
        this.later(HEARD_AFTER, () => {
          const heard = event as Parameters<typeof conversationWishes>[0]
          for (const wish of conversationWishes(heard, introductionOf))
            if (this.#hears.isOfTheDay(wish.streamId)) this.decide(wish)
        })
      this.#hears.pool(event)
    }
  }

  /** What is due is looked at when it is, unless something came in between. */
  #expires<Command extends ConversationCommand | WorkforceCommand>(
    family: FamilyDeadlines<Command, any, any>,
    event: ReadEvent,
    say: (command: NewCommand<Command>) => void,
  ): void {
    if (!(family.types as readonly string[]).includes(event.type)) return
    const { set, clear } = family.deadlinesOf(event)
    const { eventId, correlationId, streamId, traceparent } = event.envelope
    const deadlines = this.#deadlines.get(streamId) ?? new Map<string, Deadline>()
    this.#deadlines.set(streamId, deadlines)
    for (const kind of clear) deadlines.delete(kind)
    for (const { kind, dueAt } of set) {
      const deadline = { kind, dueAt, reference: eventId, correlationId, traceparent }
      deadlines.set(kind, deadline)
      // What the pool is to do beyond this day is for whoever decides it then.
      if (Date.parse(dueAt) > this.plan.ends + 2 * HOUR) continue
      this.at(Math.max(this.#now, Date.parse(dueAt)) + 150, () => {
        if (deadlines.get(kind) !== deadline) return
        deadlines.delete(kind)
        say(expiryCommand<Command>(family, streamId, deadline))
      })
    }
  }

  #wish(actor: Actor) {
    return {
      commandId: deterministicId('day', this.plan.name, 'wish', String(this.#wishes++)),
      occurredAt: new Date(this.#now).toISOString(),
      actor,
    }
  }
}

export function agentActor(id: string): Actor {
  return { kind: 'agent', id }
}

function isOneOf(types: readonly string[], { type }: { readonly type: string }): boolean {
  return types.includes(type)
}
