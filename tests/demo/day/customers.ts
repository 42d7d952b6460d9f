import {
  type Language,
  SURVEY_REASONS,
  consentWishOf,
  contentOf,
  isCourtesy,
  languageByCountry,
  sendableType,
  surveyAnswerOf,
  surveyButton,
  waitWishOf,
} from '@parley/conversation'
import { deterministicId, sha256 } from '@parley/kernel'
import { ContactProfile, MessageBody } from '@parley/proto/content'
import type { DayWorld } from './day-world.ts'
import { HOUR, MINUTE, SECOND } from './times.ts'
import {
  ANSWERS,
  GIVES_UP,
  HELLOS,
  MATTERS,
  NAMES,
  STOPS,
  THANKS,
  TOPICS,
  UNCLEAR,
  type InEach,
} from './words.ts'

/** How many come in each hour of the clock, beside each other. */
const ARRIVALS = [
  0.6, 0.3, 0.2, 0.2, 0.3, 0.6, 1.5, 3, 5.5, 8, 9, 8.5, 6.5, 6.5, 7.5, 8, 7.5, 6.5, 5.5, 4.5, 3.5, 2.5, 1.8,
  1,
]
/** So many of them come back in the same day. */
export const COME_BACK = 0.1
const JUDGED = 0.05
const NUMBERS: Readonly<Record<Language, string>> = { pt: '55119', en: '1415', bn: '88017' }

export interface Customer {
  readonly id: string
  readonly language: Language
  readonly profile: ContactProfile
  readonly topic: 'lost_card' | 'branches' | 'person'
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
}

export interface Judged {
  readonly conversationId: string
  readonly agentId: string
  readonly queue: string
}

/** Of the nth customer of a day of this name. */
export function contactIdOf(dayName: string, nth: number): string {
  return deterministicId('day', dayName, String(nth))
}

/** Whoever writes to the company in the day: what they say, what they wait for, and when they lose patience. */
export class Customers {
  readonly #world: DayWorld
  readonly #judges: (conversation: Judged, at: Date) => void
  readonly #customers = new Map<string, Customer>()

  /** @param judges a supervisor judges a conversation that an agent had last */
  constructor(world: DayWorld, judges: (conversation: Judged, at: Date) => void) {
    this.#world = world
    this.#judges = judges
  }

  get all(): Iterable<Customer> {
    return this.#customers.values()
  }

  has(contactId: string): boolean {
    return this.#customers.has(contactId)
  }

  of(contactId: string): Customer {
    return this.#customers.get(contactId)!
  }

  /** So many come in the day, and say hello. */
  arrive(count: number): void {
    for (let nth = 0; nth < count; nth += 1) {
      const customer = this.#customer(nth)
      this.#world.at(this.#arrival(), () => this.saysOne(customer, HELLOS))
    }
  }

  /** One of these, in their language. */
  saysOne(customer: Customer, words: InEach): void {
    this.says(customer, this.#world.chance.one(words[customer.language]))
  }

  says(customer: Customer, text: string): void {
    this.#sends(customer, textBody(text), text.length)
  }

  #sends(customer: Customer, message: MessageBody, characters: number): void {
    const { id, profile } = customer
    customer.said += 1
    customer.heardTurn = ''
    const providerMessageId = `wamid.day.${id.slice(0, 13)}.${customer.said}`
    const { wish = '', via = '' } = consentWishOf(message) ?? {}
    const judged = surveyAnswerOf(message)
    this.#world.tell(
      customer.id,
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

  answersRobot(customer: Customer, turn: string, step: string): void {
    if (customer.heardTurn !== turn || this.#world.contact(customer.id).conversation.stage !== 'with_robot')
      return
    customer.answersLeft -= 1
    if (customer.answersLeft < 0) {
      if (this.#world.chance.happens(0.04)) this.saysOne(customer, STOPS)
      return
    }
    if (step === 'menu' && customer.isUnclear && customer.said < 2) return this.saysOne(customer, UNCLEAR)
    const answers = step === 'menu' ? TOPICS[customer.topic] : (ANSWERS[step] ?? TOPICS.person)
    this.saysOne(customer, answers)
  }

  waits(customer: Customer, wait: string): void {
    customer.wait = wait
    if (customer.topic === 'person' && this.#world.chance.happens(0.6))
      this.#world.later(this.#world.chance.between(5 * SECOND, 40 * SECOND), () => {
        if (customer.wait === wait && this.#isWaiting(customer)) this.saysOne(customer, MATTERS)
      })
    this.#world.later(customer.patience, () => {
      if (customer.wait === wait && this.#isWaiting(customer)) this.saysOne(customer, GIVES_UP)
    })
  }

  #isWaiting({ id }: Customer): boolean {
    const { stage } = this.#world.contact(id).conversation
    return stage === 'waiting' || stage === 'offered'
  }

  isAsked(customer: Customer, conversationId: string, purpose: string): void {
    const chance = this.#world.chance
    const tap = (answer: Parameters<typeof surveyButton>[1], title: string) => {
      const value = { id: surveyButton(conversationId, answer), title, source: 'button_reply' }
      this.#sends(customer, MessageBody.fromPartial({ body: { $case: 'choice', value } }), title.length)
    }
    if (purpose === 'survey' && chance.happens(0.45)) {
      const score = chance.one([1, 1, 3, 3, 3, 5, 5, 5, 5, 5] as const)
      const types = chance.happens(0.4) ? chance.one([2, 4, 4]) : undefined
      this.#world.later(chance.between(20 * SECOND, 20 * MINUTE), () =>
        types === undefined ? tap(score, String(score)) : this.says(customer, String(types)),
      )
    } else if (purpose === 'survey_reason' && chance.happens(0.7)) {
      const reason = chance.one(SURVEY_REASONS)
      this.#world.later(chance.between(10 * SECOND, 3 * MINUTE), () => tap(reason, reason))
    }
  }

  isDone(customer: Customer, reason: string): void {
    customer.wait = ''
    if (this.#world.chance.happens(0.15)) this.#world.later(20 * SECOND, () => this.saysOne(customer, THANKS))
    if (!customer.comesBack || ['opted_out', 'blocked'].includes(reason)) return
    customer.comesBack = false
    customer.wasPassedOn = false
    const after = this.#world.chance.between(3 * MINUTE, 90 * MINUTE)
    if (this.#world.now + after < this.#world.plan.ends)
      this.#world.later(after, () => this.saysOne(customer, MATTERS))
  }

  isJudged({ id }: Customer, conversationId: string): void {
    const { lastAgent } = this.#world.contact(id).contact
    if (lastAgent?.conversationId !== conversationId || !this.#world.chance.happens(JUDGED)) return
    const { agentId, queue } = lastAgent
    this.#world.later(this.#world.chance.between(5 * MINUTE, 3 * HOUR), () =>
      this.#judges({ conversationId, agentId, queue }, new Date(this.#world.now)),
    )
  }

  #arrival(): number {
    const { begins, ends } = this.#world.plan
    const total = ARRIVALS.reduce((sum, share) => sum + share, 0)
    let left = this.#world.chance.between(0, 1_000_000) / 1_000_000
    const hour = ARRIVALS.findIndex((share) => (left -= share / total) < 0)
    return Math.min(begins + Math.max(0, hour) * HOUR + this.#world.chance.between(0, HOUR), ends - MINUTE)
  }

  #customer(nth: number): Customer {
    const chance = this.#world.chance
    const language = chance.one(['pt', 'pt', 'pt', 'pt', 'pt', 'pt', 'en', 'en', 'bn', 'bn'] as const)
    const id = contactIdOf(this.#world.plan.name, nth)
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
    }
    this.#customers.set(id, customer)
    return customer
  }
}

export function textBody(text: string): MessageBody {
  return MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
}
