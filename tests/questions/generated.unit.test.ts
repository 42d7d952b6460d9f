import { equal, notDeepEqual, ok } from 'node:assert/strict'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Wish, edits as editOf, factsOf, revokes, says } from '../../services/routing/test/story.ts'
import { Chat, type Shown, type Written } from './chat.ts'

// A customer who writes in bursts, edits, deletes and taps on whatever is on the phone, while the services are as late as they like.

const FLOW = `flow: report
version: 1
people: { queue: q }
steps:
  code: { ask: { type: digits, length: 4, into: code, retries: 10, text: { pt: 'Code?', en: 'Code?', bn: 'Code?' } } }
  amount: { ask: { type: number, whole: true, into: amount, retries: 10, text: { pt: 'Amount?', en: 'Amount?', bn: 'Amount?' } } }
  place: { ask: { type: text, into: place, retries: 10, text: { pt: 'Place?', en: 'Place?', bn: 'Place?' } } }
  summary:
    ask:
      type: choice
      irreversible: true
      into: decided
      retries: 10
      text: { pt: 'SUMMARY {{code}}|{{amount}}|{{place}}|', en: 'SUMMARY {{code}}|{{amount}}|{{place}}|', bn: 'SUMMARY {{code}}|{{amount}}|{{place}}|' }
      options:
        - { id: confirm, title: { pt: Confirmar, en: Confirm, bn: নিশ্চিত }, goto: done }
        - { id: change, title: { pt: Mudar algo, en: Change something, bn: বদলান }, goto: code }
  done: { say: { text: { pt: 'REGISTERED {{code}}|{{amount}}|{{place}}|', en: 'REGISTERED {{code}}|{{amount}}|{{place}}|', bn: 'REGISTERED {{code}}|{{amount}}|{{place}}|' } } }
  bye: { end: {} }
`

const QUESTIONS = ['code', 'amount', 'place'] as const
type Question = (typeof QUESTIONS)[number]
const ASKS: Record<Question, string> = { code: 'Code?', amount: 'Amount?', place: 'Place?' }
const PLACES = ['rua azul', 'no mercado', 'perto do cinema', 'ontem', 'bairro alto']
const wordsFor = (question: Question, n: number) =>
  question === 'code' ? String(1000 + n) : question === 'amount' ? String(1 + n) : PLACES[n % PLACES.length]!

type Step =
  | { do: 'act'; times: number }
  | { do: 'reply'; n: number }
  | { do: 'edit'; which: number; n: number }
  | { do: 'delete'; which: number }
  | { do: 'tap'; back: number; id: 'confirm' | 'change' }
  | { do: 'say'; words: string }
  | { do: 'wait'; seconds: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('act' as const), times: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('reply' as const), n: fc.nat(300) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), which: fc.nat(5), n: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('tap' as const),
      back: fc.constantFrom(0, 0, 0, 1, 2),
      id: fc.constantFrom('confirm' as const, 'confirm' as const, 'change' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      words: fc.constantFrom('👍', '?', 'oi', '❌', ':('),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(10) }) },
)

/** What the customer believes that they told the bank: by question, the messages that answer it, as they stand in the chat. */
class Customer {
  readonly chat = new Chat('report.yaml', FLOW)
  readonly #answers = new Map<Question, Written[]>()
  readonly #unanswered = new Set<Question>(QUESTIONS)
  #repliedTo = ''
  #tooLate = 0
  #toldOf = 0

  get believes(): string {
    return `${QUESTIONS.map((question) => (this.#answers.get(question) ?? []).map(({ text }) => text).join(' ')).join('|')}|`
  }

  /** The question that the phone shows last. */
  get asked(): { readonly question: Question; readonly shown: Shown } | 'summary' | undefined {
    for (const shown of this.chat.phone.toReversed()) {
      if (shown.words.includes('SUMMARY')) return 'summary'
      const question = QUESTIONS.find((each) => shown.words.includes(ASKS[each]))
      if (question) return { question, shown }
    }
    return undefined
  }

  get isOver(): boolean {
    return this.chat.phone.some(({ words }) => words.startsWith('REGISTERED'))
  }

  async does(one: Step): Promise<void> {
    switch (one.do) {
      case 'act':
        for (let times = 0; times < one.times; times++) {
          await this.chat.act()
          this.#follow()
        }
        return
      case 'wait':
        this.chat.story.later(one.seconds)
        return
      case 'say':
        this.chat.write(one.words)
        break
      case 'reply':
        this.#reply(one.n)
        break
      case 'edit': {
        const [question, at] = this.#pick(one.which) ?? []
        if (question === undefined || at === undefined) return
        const messages = this.#answers.get(question)!
        const text = wordsFor(question, one.n)
        this.chat.edit(messages[at]!, text)
        this.#answers.set(question, messages.with(at, { ...messages[at]!, text }))
        this.#changedTooLate()
        break
      }
      case 'delete': {
        const [question, at] = this.#pick(one.which) ?? []
        if (question === undefined || at === undefined) return
        const messages = this.#answers.get(question)!
        this.chat.delete(messages[at]!)
        this.#answers.set(question, messages.toSpliced(at, 1))
        if (messages.length === 1) this.#unanswered.add(question)
        this.#changedTooLate()
        break
      }
      case 'tap': {
        const on = this.chat.phone.filter(({ options }) => options.size > 0).at(-1 - one.back)
        if (on === undefined) return
        this.chat.tap(on, one.id)
        if (one.id === 'change') for (const question of QUESTIONS) this.#unanswered.add(question)
      }
    }
    this.#follow()
  }

  /** To the question on the phone; a second message goes on with the first where words can. */
  #reply(n: number): void {
    const { asked } = this
    if (asked === undefined || asked === 'summary') return
    const { question, shown } = asked
    const isMore = this.#repliedTo === shown.messageId
    const before = isMore ? (this.#answers.get(question) ?? []) : []
    if (isMore && (question !== 'place' || before.length === 0)) return
    // Nobody answers twice what is only said again.
    if (!isMore && !this.#unanswered.delete(question)) return
    const written = this.chat.write(wordsFor(question, n))
    this.#answers.set(question, [...before, written])
    this.#repliedTo = shown.messageId
  }

  #pick(which: number): [Question, number] | undefined {
    const all = QUESTIONS.flatMap((question) =>
      (this.#answers.get(question) ?? []).map((_, at): [Question, number] => [question, at]),
    )
    return all[which % Math.max(1, all.length)]
  }

  #changedTooLate(): void {
    if (this.chat.story.state.conversation.stage !== 'with_robot') this.#tooLate += 1
  }

  /** What is registered is what the customer believed, and nothing else. */
  #follow(): void {
    const told = factsOf(this.chat.story.events, 'BotTurnCompleted').filter(
      ({ usedMessageIds }) => usedMessageIds.length > 0,
    ).length
    if (told === this.#toldOf) return
    this.#toldOf = told
    const words = this.chat.words.findLast((each) => each.startsWith('REGISTERED'))
    equal(words, `REGISTERED ${this.believes}`)
  }

  async settles(): Promise<void> {
    while (await this.chat.act()) this.#follow()
  }

  /** Answers what is asked, and confirms: it must come to an end. */
  async finishes(): Promise<void> {
    for (let round = 0; !this.isOver; round++) {
      await this.settles()
      if (this.isOver) break
      ok(round < 12, this.chat.words.join('\n'))
      const { asked } = this
      this.chat.story.later(5)
      if (asked === 'summary') {
        const shown = this.chat.offer!
        ok(shown.words.includes(`SUMMARY ${this.believes}`), `${shown.words}, not ${this.believes}`)
        this.chat.tap(shown, 'confirm')
      } else if (asked === undefined) this.chat.write('oi')
      else {
        this.#repliedTo = ''
        this.#unanswered.add(asked.question)
        this.#reply(round)
      }
      this.#follow()
    }
    await this.settles()
    const notices = () => this.chat.words.filter((words) => words === 'pt: too late').length
    if (this.#tooLate > 0) ok(notices() > 0, 'who changed it too late is told')
    const before = notices()
    await this.does({ do: 'edit', which: 0, n: 7 })
    equal(notices(), before + 1)
  }
}

test('what is registered is what the customer believes to have said, however they write, edit, delete and tap', async () => {
  const holds = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (plan) => {
    const customer = new Customer()
    customer.chat.write('oi')
    for (const one of plan) if (!customer.isOver) await customer.does(one)
    await customer.finishes()
  })
  await expect(fc.assert(holds, runs(60))).resolves.toBeUndefined()
})

test('an answer, its edits and its deletion end in the same registered value in whatever order the channel brings them', async () => {
  const holds = fc.asyncProperty(
    fc.array(fc.nat(300), { maxLength: 4 }),
    fc.boolean(),
    fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
    fc.boolean(),
    async (edits, isDeleted, order, settles) => {
      const { chat } = new Customer()
      chat.write('oi')
      await chat.settle()
      const began = Date.parse(chat.story.at)
      chat.story.later(60)
      const at = (nth: number) => ({ occurredAt: new Date(began + (nth + 1) * 5000).toISOString() })
      const message = 'wamid.customer.late'
      const told: Wish[] = [
        { ...says('1234', { providerMessageId: message }), ...at(0) },
        ...edits.map((n, nth) => ({ ...editOf(message, String(1000 + n)), ...at(nth + 1) })),
        ...(isDeleted ? [{ ...revokes(message), ...at(edits.length + 1) }] : []),
      ]
      const left = [...told]
      for (const pick of order) {
        const [one] = left.splice(pick % Math.max(1, left.length), 1)
        if (one === undefined) break
        chat.story.when(one)
        if (settles) await chat.settle()
      }
      await chat.settle()
      const code = isDeleted ? '4444' : String(edits.length === 0 ? 1234 : 1000 + edits.at(-1)!)
      for (const words of [...(isDeleted ? [code] : []), '7', 'rua azul']) {
        chat.story.later(60)
        chat.write(words)
        await chat.settle()
      }
      chat.story.later(5)
      chat.tap(chat.offer!, 'confirm')
      await chat.settle()
      equal(
        chat.words.findLast((words) => words.startsWith('REGISTERED')),
        `REGISTERED ${code}|7|rua azul|`,
      )
    },
  )
  await expect(fc.assert(holds, runs(25))).resolves.toBeUndefined()
})

test('a tap on whatever is on the phone is never met with silence', async () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 40 })
  const holds = fc.asyncProperty(steps, fc.nat(3), async (plan, back) => {
    const customer = new Customer()
    customer.chat.write('oi')
    for (const one of plan) if (!customer.isOver) await customer.does(one)
    await customer.settles()
    const on = customer.chat.phone.filter(({ options }) => options.size > 0).at(-1 - back)
    if (on === undefined) return
    const said = await customer.chat.during(() => customer.chat.tap(on, 'confirm'))
    notDeepEqual(said, [])
  })
  await expect(fc.assert(holds, runs(25))).resolves.toBeUndefined()
})
