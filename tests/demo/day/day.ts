import { sessionIn, type ConversationCommand, type ConversationEvent } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import type { Actor, NewCommand } from '@parley/kernel'
import type { WorkforceEvent } from '@parley/workforce'
import { COME_BACK, type Customer, Customers, type Judged } from './customers.ts'
import { type DayPlan, DayWorld, type Streams, type Told } from './day-world.ts'
import { Staff } from './staff.ts'
import { MINUTE, SECOND } from './times.ts'

export interface DayPorts extends Streams {
  /** The robot's answer to a turn. */
  answer(turn: Told<'BotTurnRequested'>, at: Date): Promise<NewCommand<ConversationCommand>>
  /** The link that an ending asks for. */
  linksFor(ending: Told<'ConversationEnding'>): readonly NewCommand<ConversationCommand>[]
  /** A supervisor judges a conversation that an agent had last. */
  judges(conversation: Judged, at: Date): void
}

/** So long a message is on its way to the phone. */
const SENT_AFTER = 400

/**
 * A day of a contact centre by event clocks: customers, the robot, agents, routing's other readers and deadlines act at times of their own,
 * and the rules decide what comes of it. Nothing here states an event.
 */
export class Day {
  readonly #ports: DayPorts
  readonly #world: DayWorld
  readonly #customers: Customers
  readonly #staff: Staff

  constructor(ports: DayPorts, plan: DayPlan) {
    this.#ports = ports
    this.#world = new DayWorld(ports, plan, {
      isOfTheDay: (contactId) => this.#customers.has(contactId),
      contact: (event) => this.#hears(event),
      pool: (event) => this.#hearsPool(event),
    })
    this.#customers = new Customers(this.#world, (conversation, at) => ports.judges(conversation, at))
    this.#staff = new Staff(this.#world, this.#customers)
  }

  async live(): Promise<void> {
    const { ends, conversations: wanted } = this.#world.plan
    this.#staff.work()
    this.#customers.arrive(Math.max(1, Math.round(wanted / (1 + COME_BACK))))
    for (const after of [20, 40, 60]) this.#world.at(ends + after * MINUTE, () => this.#staff.closeAll())
    await this.#world.live()
  }

  #hears(event: ReadEvent<ConversationEvent>): void {
    const customer = this.#customers.of(event.envelope.streamId)
    switch (event.type) {
      case 'MessageSendRequested':
        return this.#isSent(customer, event)
      case 'BotTurnRequested':
        return this.#world.later(this.#world.chance.between(150, 700), async () =>
          this.#world.decide(await this.#ports.answer(event, new Date(this.#world.now))),
        )
      case 'BotTurnCompleted': {
        const turn = event.envelope.eventId
        customer.heardTurn = turn
        const session = sessionIn(event.envelope.content)
        const { step = '' } = session === '' ? {} : (JSON.parse(session) as { step?: string })
        return this.#world.later(this.#world.chance.between(4 * SECOND, 45 * SECOND), () =>
          this.#customers.answersRobot(customer, turn, step),
        )
      }
      case 'ConversationEnding':
        return this.#world.later(100, () => {
          for (const command of this.#ports.linksFor(event)) this.#world.decide(command)
        })
      case 'HandoverRequested':
      case 'ConversationRequeued':
        return this.#customers.waits(customer, event.envelope.eventId)
      case 'ConversationAssigned':
        return this.#staff.serves(customer, event.data)
      case 'ConversationClosed':
        this.#customers.isJudged(customer, event.data.conversationId)
        return this.#customers.isDone(customer, event.data.reason)
      default:
    }
  }

  #isSent(customer: Customer, { data, envelope }: Told<'MessageSendRequested'>): void {
    const { messageId, purpose } = data
    const providerMessageId = `wamid.day.${messageId}`
    this.#world.later(SENT_AFTER, () => {
      this.#world.tell(customer.id, 'RecordMessageSent', { messageId, providerMessageId }, channel)
      this.#world.later(this.#world.chance.between(SECOND, 12 * SECOND), () =>
        this.#world.tell(
          customer.id,
          'RecordDeliveryStatus',
          { providerMessageId, status: this.#world.chance.happens(0.85) ? 'read' : 'delivered' },
          channel,
        ),
      )
      this.#customers.isAsked(customer, envelope.correlationId, purpose)
    })
  }

  #hearsPool(event: ReadEvent<WorkforceEvent>): void {
    if (event.type === 'ConversationOffered') this.#staff.isOffered(event.data)
    if (event.type === 'PresenceChanged' && event.data.reasonCode === 'missed_offers')
      this.#staff.isAway(event.data.agentId)
  }
}

const channel: Actor = { kind: 'channel', id: 'whatsapp' }
