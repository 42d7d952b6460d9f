import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sessionIn } from '@parley/conversation'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkFlow } from '../../services/bot/src/flow/checking.ts'
import { type Session, readSession } from '../../services/bot/src/flow/session.ts'
import { Chat, type Shown } from './chat.ts'

// The bank's lost card from the first word to the reference number, in each language, by customers who do everything else beside it.

const FILE = join(import.meta.dirname, '../../config/flows/atendimento.yaml')
const BANK = readFileSync(FILE, 'utf8')

const { flow } = checkFlow(FILE, BANK)
const retriesAt = (step: string) => {
  const found = flow!.steps.get(step)
  return found?.kind === 'ask' ? found.ask.retries : Infinity
}

const LANGUAGES = ['pt', 'en', 'bn'] as const
type Language = (typeof LANGUAGES)[number]
const QUESTIONS = ['cpf', 'card', 'when', 'where'] as const
type Question = (typeof QUESTIONS)[number]

/** By what a question is known on the phone; the summary has all of them. */
const ASKED: Record<Language, Record<Question, string>> = {
  pt: { cpf: 'Qual é o seu *CPF*', card: '4 últimos', when: 'percebeu a perda', where: 'Onde foi?' },
  en: { cpf: 'your *CPF*', card: 'last 4 digits', when: 'When did you notice', where: 'Where was it?' },
  bn: { cpf: 'আপনার *CPF*', card: 'শেষ ৪টি', when: 'টের পেলেন', where: 'কোথায় হারিয়েছে' },
}
/** One answer in several wordings. The story's today is 2 March 2026. */
const ANSWERS: Record<Language, Record<Question, readonly string[]>> = {
  pt: {
    cpf: ['529.982.247-25', 'meu cpf é 52998224725', 'segue: 529 982 247 25', 'cpf 529.982.247-25, obrigada'],
    card: ['4321', 'só 4321', 'final 4321', 'os últimos são 4321', 'quatro três dois um'],
    when: ['ontem', 'foi ontem à noite', 'acho que ontem', '01/03/2026', 'dia 1º'],
    where: ['no metrô da Luz'],
  },
  en: {
    cpf: ['529.982.247-25', 'my cpf is 52998224725', 'here: 529 982 247 25'],
    card: ['4321', '4321 only', 'it ends in 4321', 'four three two one'],
    when: ['yesterday', 'it was last night', 'i think it was yesterday', '1 March 2026', 'March 1st'],
    where: ['at the bus station'],
  },
  bn: {
    cpf: ['529.982.247-25', 'আমার CPF ৫২৯৯৮২২৪৭২৫', 'amar cpf 52998224725'],
    card: ['৪৩২১', 'শেষ ৪৩২১', 'shesh 4321', 'চার তিন দুই এক'],
    when: ['গতকাল', 'গতকাল রাতে', 'gotokal', '১ মার্চ ২০২৬'],
    where: ['গুলশান বাজারে'],
  },
}
/** What fits the question and is not meant: it is edited, deleted, or taken back. */
const SLIPS: Record<Question, string> = {
  cpf: '111.444.777-35',
  card: '9876',
  when: '20/02/2026',
  where: 'Rio',
}
const TAKES_BACK: Record<Language, string> = { pt: 'ops, ', en: 'sorry, i mean ', bn: 'ভুল হয়েছে, ' }
const SHOWS: Record<Language, readonly string[]> = {
  pt: ['CPF: 529.982.247-25', 'final: 4321', 'Data: 01/03/2026', 'Local: no metrô da Luz'],
  en: ['CPF: 529.982.247-25', 'ending in: 4321', 'Date: 1 March 2026', 'Place: at the bus station'],
  bn: ['CPF: 529.982.247-25', 'শেষ সংখ্যা: 4321', 'তারিখ: ১ মার্চ ২০২৬', 'জায়গা: গুলশান বাজারে'],
}

const media = (type: string): DeepPartial<MessageBody>['body'] => ({ $case: 'media', value: { type } })
/** None of it answers anything. */
const BESIDE = {
  audio: media('audio'),
  sticker: media('sticker'),
  image: media('image'),
  contacts: { $case: 'contactCards', value: { cards: [{ name: 'Bia' }] } },
  unsupported: { $case: 'unsupported', value: {} },
} satisfies Record<string, DeepPartial<MessageBody>['body']>
const NUDGES: Record<Language, readonly string[]> = {
  pt: ['oi', '?', 'um minuto', 'não entendi', '👍'],
  en: ['hello', '?', 'hold on', "i don't understand", '👍'],
  bn: ['হ্যালো', '?', 'এক মিনিট', 'বুঝিনি', '👍'],
}

interface Move {
  readonly wording: number
  readonly beside: keyof typeof BESIDE | 'nudge' | 'old tap' | 'none'
  readonly which: number
  /** Where it stands: before the answer, behind it in one burst, or behind what the robot said to that. */
  readonly place: 'before' | 'burst' | 'behind'
  /** How the answer comes about. */
  readonly way: 'at once' | 'edited' | 'deleted' | 'taken back'
  /** How far the services came meanwhile. */
  readonly acts: number
}
const move: fc.Arbitrary<Move> = fc.record({
  wording: fc.nat(9),
  beside: fc.constantFrom('none' as const, 'nudge' as const, 'old tap' as const, ...keysOf(BESIDE)),
  which: fc.nat(9),
  place: fc.constantFrom('before', 'burst', 'behind'),
  way: fc.constantFrom('at once', 'at once', 'edited', 'deleted', 'taken back'),
  acts: fc.nat(4),
})
function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[]
}

class Customer {
  readonly chat = new Chat(FILE, BANK)
  readonly #language: Language

  constructor(language: Language) {
    this.#language = language
  }

  async begins(): Promise<void> {
    this.chat.write({ pt: 'oi', en: 'english', bn: 'বাংলা' }[this.#language])
    await this.chat.settle()
    this.chat.story.later(5)
    this.chat.tap(this.chat.offer!, 'lost_card')
    await this.chat.settle()
  }

  /** What the phone asks last; words of the robot that ask nothing stand behind it. */
  get asked(): Question | 'summary' | undefined {
    for (const { words, options } of this.chat.phone.toReversed()) {
      if (options.has('confirm')) return 'summary'
      const question = QUESTIONS.find((each) => words.includes(ASKED[this.#language][each]))
      if (question) return question
    }
    return undefined
  }

  /** As the robot had it in its last turn. */
  get session(): Session {
    const turn = this.chat.story.events.findLast(({ type }) => type === 'BotTurnRequested')!
    return readSession(sessionIn(turn.envelope.content))!
  }

  get registered(): Shown | undefined {
    return this.chat.phone.find(({ words }) => words.includes('✅'))
  }

  async #meanwhile(acts: number): Promise<void> {
    for (let times = 0; times < acts; times++) await this.chat.act()
  }

  #besides({ beside, which }: Move): void {
    if (beside === 'none') return
    if (beside === 'nudge') this.chat.write(NUDGES[this.#language][which % 5]!)
    else if (beside === 'old tap') this.chat.tap(this.#menu, 'branches')
    else this.chat.send(MessageBody.fromPartial({ body: BESIDE[beside] }), beside)
  }

  get #menu(): Shown {
    return this.chat.phone.find(({ options }) => options.has('lost_card'))!
  }

  async answers(question: Question, one: Move): Promise<void> {
    const { chat } = this
    const wordings = ANSWERS[this.#language][question]
    const words = wordings[one.wording % wordings.length]!
    if (one.place === 'before') {
      this.#besides(one)
      await chat.settle()
      chat.story.later(5)
      if (this.asked !== question) return
    }
    switch (one.way) {
      case 'at once':
        chat.write(words)
        break
      case 'edited': {
        const slip = chat.write(SLIPS[question])
        await this.#meanwhile(one.acts)
        chat.edit(slip, words)
        break
      }
      case 'deleted': {
        const slip = chat.write(SLIPS[question])
        await this.#meanwhile(one.acts)
        chat.delete(slip)
        break
      }
      case 'taken back': {
        // Of a place nobody knows which words of a sentence take it back.
        if (question === 'where') {
          chat.write(words)
          break
        }
        chat.write(SLIPS[question])
        await chat.settle()
        chat.story.later(5)
        chat.write(TAKES_BACK[this.#language] + words)
      }
    }
    if (one.place === 'burst') {
      await this.#meanwhile(one.acts)
      this.#besides(one)
    }
    await chat.settle()
    chat.story.later(5)
    if (one.place === 'behind' && this.asked !== undefined && this.asked !== 'summary') {
      this.#besides(one)
      await chat.settle()
      chat.story.later(5)
    }
  }

  async confirms(one: Move | undefined): Promise<void> {
    const { chat } = this
    const { words } = chat.offer!
    for (const line of SHOWS[this.#language]) ok(words.includes(line), `${words}\nhas no ${line}`)
    if (one?.place === 'burst') this.#besides(one)
    chat.tap(chat.offer!, 'confirm')
    if (one?.place === 'behind') this.#besides(one)
    await chat.settle()
    chat.story.later(5)
  }
}

test.each(LANGUAGES)(
  'in %s: whatever is said, shown, edited, deleted and tapped beside the answers, what is registered is what was said',
  async (language) => {
    const holds = fc.asyncProperty(fc.array(move, { maxLength: 8 }), async (plan) => {
      const customer = new Customer(language)
      await customer.begins()
      const moves = [...plan]
      for (let round = 0; customer.registered === undefined; round++) {
        const { asked, chat } = customer
        const { stage } = chat.story.state.conversation
        if (stage !== 'with_robot') {
          // Who was not understood too often waits for people, and nothing is registered; nobody else does.
          ok(plan.length > 0)
          const { step, misfits } = customer.session
          ok(misfits >= retriesAt(step), `handed over at ${step} behind ${misfits}`)
          return
        }
        ok(round < 25, chat.phone.map(({ words }) => words).join('\n'))
        if (asked === 'summary') await customer.confirms(moves.shift())
        else await customer.answers(asked!, moves.shift() ?? PLAIN)
      }
      equal(customer.registered.words.includes('4321'), true)
    })
    await expect(fc.assert(holds, runs(8))).resolves.toBeUndefined()
  },
)

const PLAIN: Move = { wording: 0, beside: 'none', which: 0, place: 'before', way: 'at once', acts: 0 }
