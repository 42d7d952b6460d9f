import { contentOf } from '@parley/conversation'
import { type Customer, type Customers, textBody } from './customers.ts'
import { type DayWorld, type Told, agentActor } from './day-world.ts'
import { HOUR, MINUTE, SECOND } from './times.ts'
import { AGENT_GOODBYES, AGENT_LINES, AGENT_OPENINGS, GIVES_UP, MATTERS, NOTES, REPLIES } from './words.ts'

/** The agents of the day: when they are there, what they take, and how they serve whom they have. */
export class Staff {
  readonly #world: DayWorld
  readonly #customers: Customers

  constructor(world: DayWorld, customers: Customers) {
    this.#world = world
    this.#customers = customers
  }

  /** Each has a shift of nine hours, with breaks. */
  work(): void {
    const { begins, ends } = this.#world.plan
    const agents = [...this.#world.pool.agents.entries()].filter(([, { capacity }]) => capacity > 0)
    for (const [nth, [agentId]] of agents.entries()) {
      const from = Math.min(begins + (nth % 5 === 4 ? 13 : 8 + (nth % 4)) * HOUR, ends - 10 * HOUR)
      const to = from + 9 * HOUR
      const is = (at: number, status: string) => this.#world.at(at, () => this.#presence(agentId, status))
      is(from + this.#world.chance.between(0, 10 * MINUTE), 'available')
      for (const [after, minutes] of [
        [2, 12],
        [4, 45],
        [7, 10],
      ] as const) {
        const away = from + after * HOUR + this.#world.chance.between(0, 30 * MINUTE)
        is(away, 'away')
        is(away + minutes * MINUTE, 'available')
      }
      is(to, 'finishing')
      for (let after = 1; after <= 60; after += 1)
        this.#world.at(to + after * MINUTE, () => {
          const agent = this.#world.pool.agents.get(agentId)
          if (agent === undefined || agent.status === 'offline') return
          if (after === 60 || agent.has.length + agent.wrapsUp.length === 0)
            this.#world.tellPool('SignOut', { agentId }, agentId)
        })
    }
  }

  /** Who missed offers was made away by the rules, and comes back after a while. */
  isAway(agentId: string): void {
    this.#world.later(3 * MINUTE, () => {
      if (this.#world.pool.agents.get(agentId)?.status === 'away') this.#presence(agentId, 'available')
    })
  }

  isOffered({ agentId, offerId }: { readonly agentId: string; readonly offerId: string }): void {
    if (this.#world.chance.happens(0.04)) return
    const type = this.#world.chance.happens(0.05) ? 'DeclineOffer' : 'AcceptOffer'
    this.#world.later(this.#world.chance.between(2 * SECOND, 14 * SECOND), () =>
      this.#world.tellPool(type, { agentId, offerId }, agentId),
    )
  }

  serves(
    customer: Customer,
    { agentId, how, conversationId, queue, closeReasons }: Told<'ConversationAssigned'>['data'],
  ): void {
    const chance = this.#world.chance
    let round = 0
    const goOn = (after: number, act: () => void) =>
      this.#world.later(after, () => {
        if (this.#owns(customer, conversationId, agentId)) act()
      })
    const speak = () => {
      round += 1
      this.#agentSays(
        customer,
        conversationId,
        agentId,
        chance.one((round === 1 ? AGENT_OPENINGS : AGENT_LINES)[customer.language]),
      )
      if (round >= customer.rounds) return goOn(chance.between(20 * SECOND, 90 * SECOND), finish)
      if (chance.happens(0.1))
        goOn(3 * SECOND, () =>
          this.#world.tell(
            customer.id,
            'AddNote',
            { conversationId, agentId },
            agentActor(agentId),
            contentOf({ note: chance.one(NOTES) }),
          ),
        )
      if (chance.happens(0.08)) {
        goOn(5 * SECOND, () =>
          this.#world.tell(customer.id, 'HoldConversation', { conversationId, agentId }, agentActor(agentId)),
        )
        goOn(chance.between(40 * SECOND, 4 * MINUTE), () =>
          this.#world.tell(customer.id, 'EndHold', { conversationId, agentId }, agentActor(agentId)),
        )
      }
      goOn(chance.between(8 * SECOND, 80 * SECOND), () => {
        this.#customers.saysOne(customer, round === 1 ? MATTERS : REPLIES)
        goOn(chance.between(12 * SECOND, 90 * SECOND), speak)
      })
    }
    const finish = () => {
      const passesOn = (to: object) => {
        customer.wasPassedOn = true
        this.#world.tellPool(
          'TransferConversation',
          { agentId, conversationId, ...to },
          agentId,
          contentOf({ note: chance.one(NOTES) }),
        )
      }
      if (how === 'taken_over')
        return this.#world.tellPool('GiveBackConversation', { agentId, conversationId }, agentId)
      const what = customer.wasPassedOn ? 1 : chance.between(0, 1_000) / 1_000
      if (what < 0.2 && queue !== 'cards') return passesOn({ toQueue: 'cards' })
      if (what < 0.24) {
        const others = [...this.#world.pool.agents.entries()].filter(
          ([id, agent]) => id !== agentId && agent.status === 'available',
        )
        if (others.length > 0) return passesOn({ toAgentId: chance.one(others)[0] })
      }
      if (what < 0.26) return passesOn({ toFlow: 'atendimento', toStep: 'menu' })
      if (what < 0.28) {
        customer.wasPassedOn = true
        const [supervisor] = this.#world.pool.configuration.supervisors.slice(-1)
        if (supervisor !== undefined) {
          this.#world.tellPool('TakeOverConversation', { agentId: supervisor, conversationId }, supervisor)
          return
        }
      }
      if (what < 0.35) {
        customer.wasPassedOn = true
        this.#world.tell(customer.id, 'ParkConversation', { conversationId, agentId }, agentActor(agentId))
        this.#world.later(chance.between(3 * MINUTE, 30 * MINUTE), () => {
          if (this.#world.contact(customer.id).conversation.stage === 'parked')
            this.#customers.saysOne(customer, REPLIES)
        })
        return
      }
      const reason = chance.happens(0.75)
        ? 'solved'
        : chance.one(closeReasons.length > 0 ? closeReasons : ['solved'])
      this.#closes(
        customer,
        conversationId,
        agentId,
        reason,
        chance.happens(0.6) ? chance.one(AGENT_GOODBYES[customer.language]) : undefined,
      )
    }
    goOn(chance.between(6 * SECOND, 50 * SECOND), speak)
  }

  /** The night is coming: nobody is left waiting, and nothing is left parked. */
  closeAll(): void {
    for (const customer of this.#customers.all) {
      const { conversation } = this.#world.contact(customer.id)
      switch (conversation.stage) {
        case 'with_agent':
        case 'parked':
          this.#closes(
            customer,
            conversation.id,
            conversation.agentId,
            conversation.closeReasons[0] ?? 'solved',
          )
          break
        case 'waiting':
        case 'offered':
          this.#customers.saysOne(customer, GIVES_UP)
          break
        default:
      }
    }
  }

  #presence(agentId: string, status: string): void {
    const agent = this.#world.pool.agents.get(agentId)
    if (agent !== undefined && agent.status !== status)
      this.#world.tellPool('SetPresence', { agentId, status }, agentId)
  }

  /** Whose the conversation is: only they go on with it. */
  #owns(customer: Customer, conversationId: string, agentId: string): boolean {
    const { conversation } = this.#world.contact(customer.id)
    return (
      conversation.stage === 'with_agent' &&
      conversation.id === conversationId &&
      conversation.agentId === agentId
    )
  }

  #agentSays(customer: Customer, conversationId: string, agentId: string, text: string): void {
    const message = textBody(text)
    this.#world.tell(
      customer.id,
      'SendAgentMessage',
      { conversationId, agentId, type: 'text' },
      agentActor(agentId),
      contentOf({ messages: [message] }),
    )
  }

  #closes(
    customer: Customer,
    conversationId: string,
    agentId: string,
    reason: string,
    goodbye?: string,
  ): void {
    this.#world.tell(
      customer.id,
      'CloseConversation',
      { conversationId, agentId, reason, type: goodbye === undefined ? '' : 'text' },
      agentActor(agentId),
      contentOf({ messages: goodbye === undefined ? [] : [textBody(goodbye)] }),
    )
  }
}
