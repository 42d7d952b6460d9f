import {
  type ConversationCommand,
  type ConversationEvent,
  type Language,
  SURVEY_REASONS,
  consentWishOf,
  contentOf,
  conversations,
  isCourtesy,
  languageByCountry,
  sendableType,
  sessionIn,
  surveyAnswerOf,
  surveyButton,
  waitWishOf,
} from '@parley/conversation'
import { type Deadline, type FamilyDeadlines, type ReadEvent, expiryCommand } from '@parley/eventlog'
import { type Actor, type NewCommand, type Partially, deterministicId, sha256 } from '@parley/kernel'
import { ContactProfile, MessageBody } from '@parley/proto/content'
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
import {
  AGENT_GOODBYES,
  AGENT_LINES,
  AGENT_OPENINGS,
  ANSWERS,
  GIVES_UP,
  HELLOS,
  MATTERS,
  NAMES,
  NOTES,
  REPLIES,
  STOPS,
  THANKS,
  TOPICS,
  UNCLEAR,
} from './words.ts'

type Told<Type extends ConversationEvent['type']> = ReadEvent<Extract<ConversationEvent, { type: Type }>>

export interface DayPorts {
  readonly contacts: DecidedStreams<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>
  readonly pool: DecidedStreams<PoolState, WorkforceCommand, WorkforceEvent, undefined>
  /** The robot's answer to a turn. */
  answer(turn: Told<'BotTurnRequested'>, at: Date): Promise<NewCommand<ConversationCommand>>
  /** The link that an ending asks for. */
  linksFor(ending: Told<'ConversationEnding'>): readonly NewCommand<ConversationCommand>[]
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

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How many come in each hour of the clock, beside each other. */
const ARRIVALS = [
  0.6, 0.3, 0.2, 0.2, 0.3, 0.6, 1.5, 3, 5.5, 8, 9, 8.5, 6.5, 6.5, 7.5, 8, 7.5, 6.5, 5.5, 4.5, 3.5, 2.5, 1.8,
  1,
]
/** Of 20 customers, by what they come for. */
const TOPICS_OF_20 = ['lost_card', 'branches', 'person'] as const
const COME_BACK = 0.1
const NUMBERS: Readonly<Record<Language, string>> = { pt: '55119', en: '1415', bn: '88017' }
/** Services that speak to each other by the log hear of it so soon. */
const HEARD_AFTER = 40
const SENT_AFTER = 400

interface Customer {
  readonly id: string
  readonly language: Language
  readonly profile: ContactProfile
  readonly topic: (typeof TOPICS_OF_20)[number]
  /** So many times they answer the robot before they lose interest. */
  answersLeft: number
  readonly isUnclear: boolean
  readonly patience: number
  readonly rounds: number
  comesBack: boolean
  wasPassedOn: boolean
  said: number
  /** The last turn of the robot: who wrote since does not answer it again. */
  heardTurn: string
  /** What they wait for: a later wait is another one. */
  wait: string
  readonly deadlines: Map<string, Deadline>
}

/**
 * A day of a contact centre by event clocks: customers, the robot, agents, routing's other readers and deadlines act at times of their own,
 * and the rules decide what comes of it. Nothing here states an event.
 */
export class Day {
  readonly #ports: DayPorts
  readonly #plan: DayPlan
  readonly #chance: Chance
  readonly #agenda = new Agenda()
  readonly #customers = new Map<string, Customer>()
  readonly #wakes = new Map<string, Deadline>()
  #now = 0
  #wishes = 0

  constructor(ports: DayPorts, plan: DayPlan) {
    this.#ports = ports
    this.#plan = plan
    this.#chance = plan.chance
  }

  /** Of the nth customer of a day of this name. */
  static contactId(name: string, nth: number): string {
    return deterministicId('day', name, String(nth))
  }

  async live(): Promise<void> {
    const { begins, ends, conversations: wanted } = this.#plan
    this.#staff()
    const customers = Math.max(1, Math.round(wanted / (1 + COME_BACK)))
    for (let nth = 0; nth < customers; nth += 1) {
      const customer = this.#customer(nth)
      this.#agenda.add(this.#arrival(), () => this.#says(customer, this.#one(HELLOS, customer)))
    }
    for (const after of [20, 40, 60]) this.#agenda.add(ends + after * MINUTE, () => this.#closeAll())
    this.#now = begins
    for (let next = this.#agenda.next(); next !== undefined; next = this.#agenda.next()) {
      this.#now = next.at
      await next.act()
    }
  }

  #arrival(): number {
    const { begins, ends } = this.#plan
    const total = ARRIVALS.reduce((sum, share) => sum + share, 0)
    let left = this.#chance.between(0, 1_000_000) / 1_000_000
    const hour = ARRIVALS.findIndex((share) => (left -= share / total) < 0)
    return Math.min(begins + Math.max(0, hour) * HOUR + this.#chance.between(0, HOUR), ends - MINUTE)
  }

  #customer(nth: number): Customer {
    const chance = this.#chance
    const language = chance.one(['pt', 'pt', 'pt', 'pt', 'pt', 'pt', 'en', 'en', 'bn', 'bn'] as const)
    const id = Day.contactId(this.#plan.name, nth)
    const number = Number.parseInt(id.slice(0, 8), 16) % 100_000_000
    const topic = chance.happens(0.45) ? 'person' : chance.happens(0.6) ? 'lost_card' : 'branches'
    const customer: Customer = {
      id,
      language,
      profile: ContactProfile.fromPartial({
        waId: `${NUMBERS[language]}${String(number).padStart(8, '0')}`,
        name: chance.one(NAMES[language]),
      }),
      topic,
      answersLeft: chance.happens(0.15) ? chance.between(0, 4) : 100,
      isUnclear: chance.happens(0.15),
      patience: chance.between(90 * SECOND, 12 * MINUTE),
      rounds: chance.between(1, 5),
      comesBack: chance.happens(COME_BACK),
      wasPassedOn: false,
      said: 0,
      heardTurn: '',
      wait: '',
      deadlines: new Map(),
    }
    this.#customers.set(id, customer)
    return customer
  }

  // Agents

  #staff(): void {
    const { begins, ends } = this.#plan
    const agents = [...this.#ports.pool.state(POOL).agents.entries()].filter(
      ([, { capacity }]) => capacity > 0,
    )
    for (const [nth, [agentId]] of agents.entries()) {
      const from = Math.min(begins + (nth % 5 === 4 ? 13 : 8 + (nth % 4)) * HOUR, ends - 10 * HOUR)
      const to = from + 9 * HOUR
      const is = (at: number, status: string) => this.#agenda.add(at, () => this.#presence(agentId, status))
      is(from + this.#chance.between(0, 10 * MINUTE), 'available')
      for (const [after, minutes] of [
        [2, 12],
        [4, 45],
        [7, 10],
      ] as const) {
        const away = from + after * HOUR + this.#chance.between(0, 30 * MINUTE)
        is(away, 'away')
        is(away + minutes * MINUTE, 'available')
      }
      is(to, 'finishing')
      for (let after = 1; after <= 60; after += 1)
        this.#agenda.add(to + after * MINUTE, () => {
          const agent = this.#ports.pool.state(POOL).agents.get(agentId)
          if (agent === undefined || agent.status === 'offline') return
          if (after === 60 || agent.has.length + agent.wrapsUp.length === 0)
            this.#tellPool('SignOut', { agentId }, agentId)
        })
    }
  }

  #presence(agentId: string, status: string): void {
    const agent = this.#ports.pool.state(POOL).agents.get(agentId)
    if (agent !== undefined && agent.status !== status)
      this.#tellPool('SetPresence', { agentId, status }, agentId)
  }

  #offered({ agentId, offerId }: { readonly agentId: string; readonly offerId: string }): void {
    if (this.#chance.happens(0.04)) return
    const type = this.#chance.happens(0.05) ? 'DeclineOffer' : 'AcceptOffer'
    this.#later(this.#chance.between(2 * SECOND, 14 * SECOND), () =>
      this.#tellPool(type, { agentId, offerId }, agentId),
    )
  }

  /** Whose the conversation is: only they go on with it. */
  #owns(customer: Customer, conversationId: string, agentId: string): boolean {
    const { conversation } = this.#ports.contacts.state(customer.id)
    return (
      conversation.stage === 'with_agent' &&
      conversation.id === conversationId &&
      conversation.agentId === agentId
    )
  }

  #serves(
    customer: Customer,
    { agentId, how, conversationId, queue, closeReasons }: Told<'ConversationAssigned'>['data'],
  ): void {
    const chance = this.#chance
    let round = 0
    const goOn = (after: number, act: () => void) =>
      this.#later(after, () => {
        if (this.#owns(customer, conversationId, agentId)) act()
      })
    const speak = () => {
      round += 1
      this.#agentSays(
        customer,
        conversationId,
        agentId,
        this.#one(round === 1 ? AGENT_OPENINGS : AGENT_LINES, customer),
      )
      if (round >= customer.rounds) return goOn(chance.between(20 * SECOND, 90 * SECOND), finish)
      if (chance.happens(0.1))
        goOn(3 * SECOND, () =>
          this.#tell(
            customer,
            'AddNote',
            { conversationId, agentId },
            agentActor(agentId),
            contentOf({ note: chance.one(NOTES) }),
          ),
        )
      if (chance.happens(0.08)) {
        goOn(5 * SECOND, () =>
          this.#tell(customer, 'HoldConversation', { conversationId, agentId }, agentActor(agentId)),
        )
        goOn(chance.between(40 * SECOND, 4 * MINUTE), () =>
          this.#tell(customer, 'EndHold', { conversationId, agentId }, agentActor(agentId)),
        )
      }
      goOn(chance.between(8 * SECOND, 80 * SECOND), () => {
        this.#says(customer, this.#one(round === 1 ? MATTERS : REPLIES, customer))
        goOn(chance.between(12 * SECOND, 90 * SECOND), speak)
      })
    }
    const finish = () => {
      const passesOn = (to: object) => {
        customer.wasPassedOn = true
        this.#tellPool(
          'TransferConversation',
          { agentId, conversationId, ...to },
          agentId,
          contentOf({ note: chance.one(NOTES) }),
        )
      }
      if (how === 'taken_over')
        return this.#tellPool('GiveBackConversation', { agentId, conversationId }, agentId)
      const what = customer.wasPassedOn ? 1 : chance.between(0, 1_000) / 1_000
      if (what < 0.2 && queue !== 'cards') return passesOn({ toQueue: 'cards' })
      if (what < 0.24) {
        const others = [...this.#ports.pool.state(POOL).agents.entries()].filter(
          ([id, agent]) => id !== agentId && agent.status === 'available',
        )
        if (others.length > 0) return passesOn({ toAgentId: chance.one(others)[0] })
      }
      if (what < 0.26) return passesOn({ toFlow: 'atendimento', toStep: 'menu' })
      if (what < 0.28) {
        customer.wasPassedOn = true
        const [supervisor] = this.#ports.pool.state(POOL).configuration.supervisors.slice(-1)
        if (supervisor !== undefined) {
          this.#tellPool('TakeOverConversation', { agentId: supervisor, conversationId }, supervisor)
          return
        }
      }
      if (what < 0.35) {
        customer.wasPassedOn = true
        this.#tell(customer, 'ParkConversation', { conversationId, agentId }, agentActor(agentId))
        this.#later(chance.between(3 * MINUTE, 30 * MINUTE), () => {
          if (this.#ports.contacts.state(customer.id).conversation.stage === 'parked')
            this.#says(customer, this.#one(REPLIES, customer))
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
        chance.happens(0.6) ? this.#one(AGENT_GOODBYES, customer) : undefined,
      )
    }
    goOn(chance.between(6 * SECOND, 50 * SECOND), speak)
  }

  #agentSays(customer: Customer, conversationId: string, agentId: string, text: string): void {
    const message = textBody(text)
    this.#tell(
      customer,
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
    this.#tell(
      customer,
      'CloseConversation',
      { conversationId, agentId, reason, type: goodbye === undefined ? '' : 'text' },
      agentActor(agentId),
      contentOf({ messages: goodbye === undefined ? [] : [textBody(goodbye)] }),
    )
  }

  /** The night is coming: nobody is left waiting, and nothing is left parked. */
  #closeAll(): void {
    for (const customer of this.#customers.values()) {
      const { conversation } = this.#ports.contacts.state(customer.id)
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
          this.#says(customer, this.#one(GIVES_UP, customer))
      }
    }
  }

  // Customers

  #says(customer: Customer, text: string): void {
    this.#sends(customer, textBody(text), text.length)
  }

  #sends(customer: Customer, message: MessageBody, characters: number): void {
    const { id, profile } = customer
    customer.said += 1
    customer.heardTurn = ''
    const providerMessageId = `wamid.day.${id.slice(0, 13)}.${customer.said}`
    const { wish = '', via = '' } = consentWishOf(message) ?? {}
    const judged = surveyAnswerOf(message)
    this.#tell(
      customer,
      'ReceiveMessage',
      {
        channelAccountId: '100000000000001',
        providerMessageId,
        type: sendableType(message) === 'text' ? 'text' : 'interactive',
        consent: wish === 'stop_marketing' ? '' : wish,
        consentVia: wish === 'stop_marketing' ? '' : via,
        isCourtesy: isCourtesy(message),
        waitWish: waitWishOf(message),
        surveyScore: judged.score,
        surveyReason: judged.reason,
        surveyConversationId: judged.conversationId,
        characters,
        observed: {
          profileDigest: sha256(ContactProfile.encode(profile).finish()).toString('hex', 0, 8),
          languageHint: languageByCountry(profile),
        },
      },
      { kind: 'customer', id },
      contentOf({ messages: [message], profile }),
    )
  }

  #answersRobot(customer: Customer, turn: string, step: string): void {
    if (
      customer.heardTurn !== turn ||
      this.#ports.contacts.state(customer.id).conversation.stage !== 'with_robot'
    )
      return
    customer.answersLeft -= 1
    if (customer.answersLeft < 0) {
      if (this.#chance.happens(0.04)) this.#says(customer, this.#one(STOPS, customer))
      return
    }
    if (step === 'menu' && customer.isUnclear && customer.said < 2)
      return this.#says(customer, this.#one(UNCLEAR, customer))
    const answers = step === 'menu' ? TOPICS[customer.topic] : (ANSWERS[step] ?? TOPICS.person)
    this.#says(customer, this.#one(answers, customer))
  }

  #waits(customer: Customer, wait: string): void {
    customer.wait = wait
    if (customer.topic === 'person' && this.#chance.happens(0.6))
      this.#later(this.#chance.between(5 * SECOND, 40 * SECOND), () => {
        if (customer.wait === wait && this.#isWaiting(customer))
          this.#says(customer, this.#one(MATTERS, customer))
      })
    this.#later(customer.patience, () => {
      if (customer.wait === wait && this.#isWaiting(customer))
        this.#says(customer, this.#one(GIVES_UP, customer))
    })
  }

  #isWaiting({ id }: Customer): boolean {
    const { stage } = this.#ports.contacts.state(id).conversation
    return stage === 'waiting' || stage === 'offered'
  }

  #isAsked(customer: Customer, conversationId: string, purpose: string): void {
    const chance = this.#chance
    const tap = (answer: Parameters<typeof surveyButton>[1], title: string) => {
      const value = { id: surveyButton(conversationId, answer), title, source: 'button_reply' }
      this.#sends(customer, MessageBody.fromPartial({ body: { $case: 'choice', value } }), title.length)
    }
    if (purpose === 'survey' && chance.happens(0.45)) {
      const score = chance.one([1, 1, 3, 3, 3, 5, 5, 5, 5, 5] as const)
      const types = chance.happens(0.4) ? chance.one([2, 4, 4]) : undefined
      this.#later(chance.between(20 * SECOND, 20 * MINUTE), () =>
        types === undefined ? tap(score, String(score)) : this.#says(customer, String(types)),
      )
    } else if (purpose === 'survey_reason' && chance.happens(0.7)) {
      const reason = chance.one(SURVEY_REASONS)
      this.#later(chance.between(10 * SECOND, 3 * MINUTE), () => tap(reason, reason))
    }
  }

  #isDone(customer: Customer, reason: string): void {
    customer.wait = ''
    if (this.#chance.happens(0.15))
      this.#later(20 * SECOND, () => this.#says(customer, this.#one(THANKS, customer)))
    if (!customer.comesBack || ['opted_out', 'blocked'].includes(reason)) return
    customer.comesBack = false
    customer.wasPassedOn = false
    const after = this.#chance.between(3 * MINUTE, 90 * MINUTE)
    if (this.#now + after < this.#plan.ends)
      this.#later(after, () => this.#says(customer, this.#one(MATTERS, customer)))
  }

  // What services do when they hear of an event

  #hears(event: ReadEvent<ConversationEvent>): void {
    const customer = this.#customers.get(event.envelope.streamId)!
    this.#expires(conversationDeadlines, customer.deadlines, event, (command) => this.#decide(command))
    if (isOneOf(POOL_HEARS, event))
      this.#later(HEARD_AFTER, () => {
        for (const wish of poolWishes(event as Parameters<typeof poolWishes>[0])) this.#decidePool(wish)
      })
    switch (event.type) {
      case 'MessageSendRequested':
        return this.#isSent(customer, event)
      case 'BotTurnRequested':
        return this.#later(this.#chance.between(150, 700), async () =>
          this.#decide(await this.#ports.answer(event as never, new Date(this.#now))),
        )
      case 'BotTurnCompleted': {
        const turn = event.envelope.eventId
        customer.heardTurn = turn
        const session = sessionIn(event.envelope.content)
        const { step = '' } = session === '' ? {} : (JSON.parse(session) as { step?: string })
        return this.#later(this.#chance.between(4 * SECOND, 45 * SECOND), () =>
          this.#answersRobot(customer, turn, step),
        )
      }
      case 'ConversationEnding':
        return this.#later(100, () => {
          for (const command of this.#ports.linksFor(event as never)) this.#decide(command)
        })
      case 'HandoverRequested':
      case 'ConversationRequeued':
        return this.#waits(customer, event.envelope.eventId)
      case 'ConversationAssigned':
        return this.#serves(customer, event.data)
      case 'ConversationClosed':
        return this.#isDone(customer, event.data.reason)
    }
  }

  #isSent(customer: Customer, { data, envelope }: Told<'MessageSendRequested'>): void {
    const { messageId, purpose } = data
    const providerMessageId = `wamid.day.${messageId}`
    this.#later(SENT_AFTER, () => {
      this.#tell(customer, 'RecordMessageSent', { messageId, providerMessageId }, channel)
      this.#later(this.#chance.between(SECOND, 12 * SECOND), () =>
        this.#tell(
          customer,
          'RecordDeliveryStatus',
          { providerMessageId, status: this.#chance.happens(0.85) ? 'read' : 'delivered' },
          channel,
        ),
      )
      this.#isAsked(customer, envelope.correlationId, purpose)
    })
  }

  #hearsPool(event: ReadEvent<WorkforceEvent>): void {
    this.#expires(workforceDeadlines, this.#wakes, event, (command) => this.#decidePool(command))
    if (isOneOf(CONVERSATION_HEARS, event))
      this.#later(HEARD_AFTER, () => {
        for (const wish of conversationWishes(
          event as Parameters<typeof conversationWishes>[0],
          this.#ports.introductionOf,
        ))
          if (this.#customers.has(wish.streamId)) this.#decide(wish)
      })
    if (event.type === 'ConversationOffered') this.#offered(event.data)
    if (event.type === 'PresenceChanged' && event.data.reasonCode === 'missed_offers')
      this.#later(3 * MINUTE, () => {
        const { agentId } = event.data
        if (this.#ports.pool.state(POOL).agents.get(agentId)?.status === 'away')
          this.#presence(agentId, 'available')
      })
  }

  /** What is due is looked at when it is, unless something came in between. */
  #expires<Command extends ConversationCommand | WorkforceCommand>(
    family: FamilyDeadlines<Command, any, any>,
    deadlines: Map<string, Deadline>,
    event: ReadEvent,
    say: (command: NewCommand<Command>) => void,
  ): void {
    if (!(family.types as readonly string[]).includes(event.type)) return
    const { set, clear } = family.deadlinesOf(event as never)
    const { eventId, correlationId, streamId, traceparent } = event.envelope
    for (const kind of clear) deadlines.delete(kind)
    for (const { kind, dueAt } of set) {
      const deadline = { kind, dueAt, reference: eventId, correlationId, traceparent }
      deadlines.set(kind, deadline)
      // What the pool is to do beyond this day is for whoever decides it then.
      if (Date.parse(dueAt) > this.#plan.ends + 2 * HOUR) continue
      this.#agenda.add(Math.max(this.#now, Date.parse(dueAt)) + 150, () => {
        if (deadlines.get(kind) !== deadline) return
        deadlines.delete(kind)
        say(expiryCommand(family, streamId, deadline) as NewCommand<Command>)
      })
    }
  }

  // Wishes

  #tell<Type extends ConversationCommand['type']>(
    { id: streamId }: Customer,
    type: Type,
    data: Partially<Extract<ConversationCommand, { type: Type }>['data']>,
    actor: Actor,
    content: NewCommand['content'] = [],
  ): void {
    const { conversation } = this.#ports.contacts.state(streamId)
    const correlationId = 'id' in conversation ? conversation.id : ''
    this.#decide({
      ...(conversations.command(type, data as never) as ConversationCommand),
      ...this.#wish(actor),
      streamId,
      content,
      ...(type !== 'ReceiveMessage' && { correlationId }),
    })
  }

  #tellPool<Type extends WorkforceCommand['type']>(
    type: Type,
    data: object,
    agentId: string,
    content: NewCommand['content'] = [],
  ): void {
    this.#decidePool({
      ...(workforces.command(type, data as never) as WorkforceCommand),
      ...this.#wish(agentActor(agentId)),
      streamId: POOL,
      content,
    })
  }

  #wish(actor: Actor) {
    return {
      commandId: deterministicId('day', this.#plan.name, 'wish', String(this.#wishes++)),
      occurredAt: new Date(this.#now).toISOString(),
      actor,
    }
  }

  #decide(command: NewCommand<ConversationCommand>): void {
    for (const event of this.#ports.contacts.decide(command, this.#now)) this.#hears(event)
  }

  #decidePool(command: NewCommand<WorkforceCommand>): void {
    for (const event of this.#ports.pool.decide(command, this.#now)) this.#hearsPool(event)
  }

  #later(after: number, act: () => void | Promise<void>): void {
    this.#agenda.add(this.#now + after, act)
  }

  #one(words: Readonly<Record<Language, readonly string[]>>, { language }: Customer): string {
    return this.#chance.one(words[language])
  }
}

const channel: Actor = { kind: 'channel', id: 'whatsapp' }

function agentActor(id: string): Actor {
  return { kind: 'agent', id }
}

function textBody(text: string): MessageBody {
  return MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
}

function isOneOf(types: readonly string[], { type }: { readonly type: string }): boolean {
  return types.includes(type)
}
