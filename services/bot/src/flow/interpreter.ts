import { createHash } from 'node:crypto'
import { asPhrase } from '@parley/conversation/said'
import { unreachable } from '@parley/kernel'
import { Action } from '@parley/proto/bot'
import { LearntValue, type MessageBody } from '@parley/proto/content'
import { type Calendars, openingInWords } from '@parley/workforce/opening'
import { type CallOutcome, type HttpCall, httpCall, rendered, savedFields } from './calls.ts'
import { holds } from './conditions.ts'
import { correctionIn } from './correcting.ts'
import { dayIn } from './days.ts'
import type { Ask, Flow, Option, Step } from './flow.ts'
import { leadsToIrreversible } from './going-on.ts'
import {
  type Heard,
  type Input,
  type Piece,
  type Standing,
  UNFIT_KINDS,
  goesOn,
  hear,
  isPoliteness,
  isSilent,
} from './hearing.ts'
import { LANGUAGES, type Language, type Translations, isLanguage, languageOf } from './language.ts'
import { type Voice, questionMessage, sayMessage, textMessage, transcriptMessage } from './messages.ts'
import { PHRASES, type PhraseName } from './phrases.ts'
import { type Revised, reread, withMore } from './revising.ts'
import { mayCorrect, mayHoldAnswerTo, valuesApart } from './secrets.ts'
import { type Given, type Session, writeSession } from './session.ts'
import { fillIn, placeholders, queueIn } from './templates.ts'
import { type Moment, type Value, spoken, understand, wishOf } from './understanding.ts'
import { protocolNumber, shorten, showValue } from './values.ts'
import { besideLanguageWish } from './wording.ts'

/** More steps than this without a question to the customer is a loop of the flow. */
export const STEPS_PER_TURN_MAX = 50
/** A value that a customer wrote takes no more room than this in a text of ours. */
const SHOWN_VALUE_MAX = 300
const SAID_MAX = 20
/** Turns in which a question is said again and no try is lost: two machines that greet each other would do so for ever. */
const IDLE_TURNS_MAX = 5

export interface Turn {
  readonly turnId: string
  /** Counted from 1 in the conversation. */
  readonly number: number
  readonly language: string
  /** Undefined: the conversation begins. */
  readonly session: Session | undefined
  /** The step to begin with; without it the flow's own first one. */
  readonly beginsAt?: string | undefined
  readonly inputs: readonly Input[]
  /** The turn's only clock, ISO 8601. */
  readonly at: string
  /** In force by now, for what the flow says of hours. Undefined: not known here. */
  readonly calendars?: Calendars | undefined
  /** Without it the turn is held back before a call that follows on an irreversible answer: the customer may have written on by then. */
  readonly mayAct?: boolean
}

export type Answer =
  | {
      readonly outcome: 'answered'
      readonly session: string
      readonly actions: readonly Action[]
      /** Inputs that were said to a sensitive question, by message id: fitting or not, they are masked wherever they are shown. */
      readonly sensitive: readonly string[]
      /** Those of them that say more: nothing but what is `shown` is masked in them. */
      readonly partlySensitive: readonly string[]
      /** What stands in the robot's texts for sensitive answers of this turn, in each language: it is masked too. */
      readonly shown: readonly string[]
      /** What the answers told so far, for people who take over. */
      readonly learnt: readonly LearntValue[]
      /** Whether the question that waits is sensitive: what is said to it is masked before it is heard. */
      readonly asksSensitive: boolean
      /** Messages of the conversation that something irreversible was done with: a change of one no longer changes it. */
      readonly used: readonly string[]
      /** The steps that it came to. */
      readonly steps: readonly string[]
    }
  /** Nothing was called: it is to be asked again, with all that came meanwhile and `mayAct`. */
  | { readonly outcome: 'held back' }
  | { readonly outcome: 'failed'; readonly code: 'FLOW_LOOP' }

/**
 * One turn of a flow: pure, so the same turn gives the same answer, however often it is asked. Where the flow calls an endpoint,
 * the call is yielded and its outcome is handed back; the caller does the talking.
 * @param secrets values of the environment names that the flow may use in calls
 */
export function answer(
  flow: Flow,
  turn: Turn,
  secrets: Readonly<Record<string, string>> = {},
): Generator<HttpCall, Answer, CallOutcome> {
  return new Play(flow, turn, secrets).run()
}

/** A flow while one turn of it is played: where it is, what it knows, what it says. */
class Play {
  readonly #flow: Flow
  readonly #turn: Turn
  readonly #secrets: Readonly<Record<string, string>>
  readonly #today: string
  readonly #variables: Map<string, Value>
  readonly #callsMade = new Map<string, number>()
  readonly #sensitive = new Set<string>()
  /** Inputs in which a value alone is sensitive, unless they are so as a whole. */
  readonly #partlySensitive = new Set<string>()
  readonly #shownForSensitive = new Set<string>()
  readonly #steps = new Set<string>()
  #language: Language
  #actions: Action[] = []
  #used: readonly string[] = []
  #inputs: readonly Input[]
  #at: string
  /** False at the question that waited for this turn; it was come to before. */
  #arrives: boolean
  #misfits: number
  #said: readonly string[]
  #pieces: readonly Piece[]
  #hadMoment: boolean
  #wasCalledOff: boolean
  #offered = ''
  #idle: number
  #answers: readonly Given[]
  #kept: readonly Given[]
  /** The question as it stood when the turn began, until it is answered. */
  #stood: (Session['asked'] & { readonly step: string }) | undefined
  /** Said before the next question: what became of the answers before it. */
  #remark: PhraseName | undefined

  constructor(flow: Flow, turn: Turn, secrets: Readonly<Record<string, string>>) {
    const { session } = turn
    this.#flow = flow
    this.#turn = turn
    this.#secrets = secrets
    this.#today = dayIn(turn.at, flow.timeZone)
    this.#language = languageOf(turn.language)
    this.#inputs = turn.inputs
    this.#variables = new Map(Object.entries(session?.variables ?? {}))
    this.#at = session?.step ?? turn.beginsAt ?? flow.start
    this.#arrives = session === undefined
    this.#misfits = session?.misfits ?? 0
    this.#said = session?.said ?? []
    this.#pieces = session?.pieces ?? []
    this.#hadMoment = session?.hadMoment ?? false
    this.#wasCalledOff = session?.wasCalledOff ?? false
    this.#idle = session?.idle ?? 0
    this.#answers = session?.answers ?? []
    this.#kept = session?.kept ?? []
    this.#stood = session && { step: session.step, ...session.asked }
  }

  *run(): Generator<HttpCall, Answer, CallOutcome> {
    if (this.#turn.session === undefined) this.#takeOpeningLanguage()
    else this.#revise()

    for (let steps = 0; steps < STEPS_PER_TURN_MAX; steps += 1) {
      const step = this.#stepAt(this.#at)
      this.#steps.add(this.#at)
      switch (step.kind) {
        case 'say':
          this.#say(sayMessage(step.say, this.#voice()))
          this.#at = step.next
          break
        case 'ask': {
          if (this.#arrives && this.#comesAgain(step)) {
            steps = 0
            break
          }
          const waits = this.#listen(step)
          if (waits) return waits
          break
        }
        case 'branch': {
          const way = step.branch.find(({ when }) => when === undefined || holds(when, this.#raw))
          if (way === undefined)
            throw new Error(
              `Flow ${this.#flow.id}, step "${this.#at}": no branch fits and none is for all else.`,
            )
          this.#at = way.goto
          break
        }
        case 'call': {
          if (this.#used.length > 0 && !this.#turn.mayAct) return { outcome: 'held back' }
          const times = (this.#callsMade.get(this.#at) ?? 0) + 1
          this.#callsMade.set(this.#at, times)
          const outcome = yield httpCall(this.#at, step.call, {
            flow: this.#flow,
            turnId: this.#turn.turnId,
            times,
            raw: this.#raw,
            secrets: this.#secrets,
          })
          const saved = outcome.ok ? savedFields(step.call, outcome.json) : undefined
          if (saved) for (const [name, value] of saved) this.#variables.set(name, value)
          this.#at = saved ? step.next : step.call.fallback
          break
        }
        case 'set':
          for (const [name, template] of Object.entries(step.set)) {
            const value = typeof template === 'string' ? rendered(template, this.#raw) : template
            if (value === undefined) this.#variables.delete(name)
            else this.#variables.set(name, value)
          }
          this.#at = step.next
          break
        case 'choose_language': {
          const { choose } = step
          const chosen = typeof choose === 'string' ? choose : String(this.#raw(choose.variable) ?? '')
          if (isLanguage(chosen)) this.#speak(chosen)
          this.#at = step.next
          break
        }
        case 'hand_over':
          this.#hideUnheard()
          return this.#handOver(step.queue, step.text)
        case 'end':
          this.#hideUnheard()
          return this.#end(step)
        case 'goto':
          this.#at = step.goto
          break
        default:
          unreachable(step)
      }
    }
    return { outcome: 'failed', code: 'FLOW_LOOP' }
  }

  // --- questions ---

  /** Hears what is left of the inputs; gives the turn's answer where the customer has to say more. */
  #listen({ ask, next }: Step & { kind: 'ask' }): Answer | undefined {
    const standing = this.#standing(ask)
    const heard = hear(ask, this.#inputs, standing, this.#momentOf)
    if (ask.sensitive) this.#hide(heard.said.filter((id) => ask.type === 'choice' || !this.#isTap(id)))
    const asked = [standing.before, this.#asked].filter((one) => one?.sensitive)
    const hidden = heard.crossed.filter(({ message }) =>
      asked.some((one) => mayHoldAnswerTo(one!, message, this.#moment(), ask)),
    )
    this.#hide(hidden.map(({ messageId }) => messageId))
    // What a conversation begins with may name an option, and so may its new words.
    const mayMean = heard.kind === 'misfit' || (standing.isOpening && ask.type === 'choice')
    const saidToIt = [...(mayMean ? heard.said : []), ...heard.asides]
    this.#said = [...this.#said, ...saidToIt].slice(-SAID_MAX)
    this.#pieces = heard.pieces.slice(-SAID_MAX)
    this.#hadMoment = heard.hadMoment
    this.#wasCalledOff = heard.wasCalledOff
    const rest = 'rest' in heard ? heard.rest : []
    this.#hideCorrections(
      this.#inputs.filter((input) => !rest.includes(input)),
      'by' in heard ? heard.by : undefined,
    )
    switch (heard.kind) {
      case 'answer':
        this.#take(ask, heard)
        this.#goTo(heard.goto ?? next)
        return undefined
      case 'more':
        this.#goOn(heard)
        return undefined
      case 'wish':
        return this.#grant(ask, heard)
      case 'called off':
        this.#inputs = heard.rest
        this.#toMenu()
        this.#remark = 'calledOff'
        return undefined
      case 'misfit':
        return this.#tryLost(
          ask,
          heard.meant ? this.#offer(ask, heard.meant) : correction(ask, heard.why, this.#voice()),
        )
      case 'none':
        return this.#again(ask, heard.meant ? this.#offer(ask, heard.meant) : this.#question(ask, heard.why))
      case 'nothing':
        return this.#isOld(ask, heard.isEarly)
          ? this.#waitFor(ask)
          : this.#again(
              ask,
              this.#question(ask, this.#remark ?? (heard.wasCalledOff ? 'callOff' : undefined)),
            )
      default:
        return unreachable(heard)
    }
  }

  /** Says the question, and no try is lost, unless that was so too often: what stands without an answer needs a person. */
  #again(ask: Ask, words: MessageBody): Answer | undefined {
    const { inputs, number } = this.#turn
    // What they did not say is no machine's greeting either: it never leads to people.
    const isIdle =
      inputs.some((input) => !isSilent(input)) &&
      this.#remark === undefined &&
      this.#standsSince(ask) < number
    if (isIdle) this.#idle += 1
    if (this.#idle > IDLE_TURNS_MAX && isIdle) return this.#tryLost(ask, words)
    this.#say(words)
    return this.#waitFor(ask)
  }

  #tryLost(ask: Ask, words: MessageBody): Answer | undefined {
    this.#misfits += 1
    if (this.#misfits <= ask.retries) {
      this.#say(words)
      return this.#waitFor(ask)
    }
    if (ask.otherwise === undefined) return this.#toPeople(ask)
    this.#inputs = []
    this.#goTo(ask.otherwise)
    return undefined
  }

  /** "Did you mean …?" */
  #offer(ask: Ask, { id, title }: Option): MessageBody {
    this.#offered = id
    const words = PHRASES.perhapsMeant[this.#language].replace('{option}', () => title[this.#language])
    return questionMessage(ask, this.#voice(), words)
  }

  /** The question that waited for this turn. */
  get #asked(): Ask | undefined {
    const { session } = this.#turn
    return session && this.#askAt(session.step)
  }

  /** What stands on a button is ours, and no secret of theirs. */
  #isTap(messageId: string): boolean {
    const words = spoken(this.#inputs.find((input) => input.messageId === messageId)?.message)
    return words !== undefined && 'tapped' in words
  }

  /** Whatever question it may be an answer to, it is named once. */
  #hide(messageIds: readonly string[]): void {
    for (const messageId of messageIds) this.#sensitive.add(messageId)
  }

  /** What answers a sensitive question, said to another one or before any, is as secret as what is said to that one. */
  #hideCorrections(inputs: readonly Input[], answered?: Input): void {
    const moment = this.#moment()
    const secrets = [...this.#flow.questions]
      .filter(([, { sensitive }]) => sensitive)
      .map(([name, ask]) => ({ ask, answer: this.#variables.get(name) }))
    for (const input of inputs) {
      const { message, messageId } = input
      const corrected = secrets.filter(({ ask, answer: said }) =>
        mayCorrect(ask, message, { moment, answer: said, isAnswer: input === answered }),
      )
      if (corrected.length === 0) continue
      const values = valuesApart(
        corrected.map(({ ask }) => ask),
        message,
        moment,
      )
      if (values === undefined) this.#hide([messageId])
      else {
        for (const value of values) this.#shownForSensitive.add(value)
        this.#partlySensitive.add(messageId)
      }
    }
  }

  /** Nothing asks any more: what was written to a sensitive question and nobody heard may be its answer. */
  #hideUnheard(): void {
    this.#hideCorrections(this.#inputs)
    const asked = this.#asked
    if (!asked?.sensitive) return
    const unheard = this.#inputs.filter(({ message }) => mayHoldAnswerTo(asked, message, this.#moment()))
    this.#hide(unheard.map(({ messageId }) => messageId))
  }

  #grant(ask: Ask, { wish, rest }: Heard & { kind: 'wish' }): Answer | undefined {
    this.#inputs = rest
    switch (wish.wish) {
      case 'person':
        this.#hideUnheard()
        return this.#toPeople(ask)
      case 'menu':
        this.#toMenu()
        return undefined
      case 'language':
        this.#speak(wish.language)
        return undefined
      default:
        return unreachable(wish)
    }
  }

  #toMenu(): void {
    this.#answers = []
    this.#kept = []
    this.#goTo(this.#flow.menu)
  }

  #standing(ask: Ask): Standing {
    const { number, session } = this.#turn
    const before = this.#answers.at(-1)
    return {
      since: this.#standsSince(ask),
      turn: number,
      said: this.#said,
      pieces: this.#pieces,
      hadMoment: this.#hadMoment,
      wasGainsaid: this.#misfits > 0 || this.#hadMoment,
      canBeCalledOff: this.#answers.length > 0 && leadsToIrreversible(this.#flow, this.#at),
      wasCalledOff: this.#wasCalledOff,
      wasToldHow: this.#stood !== undefined && session?.wasCalledOff === true,
      offered: ask.type === 'choice' ? ask.options.find(({ id }) => id === session?.offered) : undefined,
      isOpening: session === undefined && this.#answers.length === 0,
      before: before && this.#askAt(before.step),
      showsAnswers: shownIn(ask).length > 0,
    }
  }

  /** The question stands as it stood, and nothing came but changes that change nothing, or a greeting that it crossed: to say it again would be noise. */
  #isOld(ask: Ask, isEarly: boolean): boolean {
    const { inputs, number } = this.#turn
    const isOnlyChanges = inputs.length > 0 && inputs.every(({ change }) => change !== '')
    return (isOnlyChanges || isEarly) && this.#remark === undefined && this.#standsSince(ask) < number
  }

  #take(ask: Ask, { value, by, rest, pieces }: Heard & { kind: 'answer' }): void {
    const from = this.#standsSince(ask)
    const messages =
      pieces.length > 0 ? pieces.map(({ id, text }) => ({ id, text })) : [{ id: by.messageId, text: '' }]
    const given = { step: this.#at, value, from, to: this.#turn.number - 1, messages }
    this.#variables.set(ask.into, value)
    this.#conceal(ask, value)
    this.#answers = [...this.#answers, given]
    this.#inputs = rest
    if (isIrreversible(ask)) this.#used = this.#answers.flatMap((one) => one.messages.map(({ id }) => id))
  }

  /** As it may be written in any language, and as a call is told it. */
  #conceal(ask: Ask, value: Value): void {
    if (!ask.sensitive || ask.type === 'choice') return
    this.#shownForSensitive.add(String(value))
    for (const language of LANGUAGES) this.#shownForSensitive.add(inAText(value, ask, language))
  }

  #goTo(step: string): void {
    this.#at = step
    this.#arrives = true
    this.#misfits = 0
    this.#said = []
    this.#pieces = []
    this.#hadMoment = false
    this.#wasCalledOff = false
    this.#idle = 0
    this.#stood = undefined
  }

  /**
   * On the way to a question: true where an answer to it still holds, and the flow goes on. A flow that leads back to a question asks
   * it anew, and all that came after it.
   */
  #comesAgain({ ask, next }: Step & { kind: 'ask' }): boolean {
    const kept = this.#kept.find(({ step }) => step === this.#at)
    if (kept) {
      this.#kept = this.#kept.filter((one) => one !== kept)
      this.#answers = [...this.#answers, kept]
      this.#variables.set(ask.into, kept.value)
      // What was said on this way was said before.
      this.#actions = this.#actions.filter(({ action }) => action?.$case !== 'say')
      const option = ask.type === 'choice' ? ask.options.find(({ id }) => id === kept.value) : undefined
      this.#at = option?.goto ?? next
      return true
    }
    this.#arrives = false
    this.#kept = []
    const place = this.#answers.findIndex(({ step }) => step === this.#at)
    if (place >= 0) {
      this.#answers = this.#answers.slice(0, place)
      this.#used = []
    }
    return false
  }

  /** The first turn from which on the question at hand stands as it does now. */
  #standsSince(ask: Ask): number {
    const { number } = this.#turn
    const stood = this.#stood
    return stood?.step === this.#at && stood.shows === this.#shows(ask) ? stood.turn : number
  }

  /** The same digest: the same question, whatever language it is read in. */
  #shows(ask: Ask): string {
    const values = shownIn(ask).map((name) => [name, this.#raw(name) ?? null])
    return createHash('sha256')
      .update(JSON.stringify([this.#at, values]))
      .digest('hex')
      .slice(0, 16)
  }

  // --- answers that change ---

  /** Takes what the customer edited or deleted of earlier answers, wrote to an earlier question by quoting it, or added to the last one. */
  #revise(): void {
    const revised = new Map<string, Revised>()
    const others: Input[] = []
    const asRevised = (given: Given): readonly Given[] => {
      const outcome = revised.get(given.step)
      return outcome === undefined ? [given] : 'given' in outcome ? [outcome.given] : []
    }
    const waiting = this.#askAt(this.#at)
    const standing = this.#standing(waiting)
    let isTakenBack = false
    for (const input of this.#inputs) {
      const meant = this.#answerMeantBy(input, revised)
      const corrected = this.#correctedBy(input, waiting, { meant, revised })
      const isMore = !corrected && !meant && goesOn(waiting, input, standing, this.#momentOf(input))
      const given = corrected?.given ?? (isMore ? this.#answers.at(-1) : meant)
      const outcome =
        given &&
        (isMore
          ? withMore(
              this.#askAt(given.step),
              asRevised(given)[0] ?? { ...given, messages: [] },
              input,
              this.#momentOf(input),
            )
          : reread(
              given,
              corrected === undefined ? input : { ...input, message: textMessage(corrected.said) },
              {
                ask: this.#askAt(given.step),
                canBeCalledOff: leadsToIrreversible(this.#flow, given.step),
                moment: this.#momentOf(input),
              },
            ))
      if (given && outcome) {
        isTakenBack ||= !isMore && input.change === ''
        if ('why' in outcome || outcome.given.value !== given.value) this.#remark = 'noted'
        revised.set(given.step, outcome)
        if ('given' in outcome) this.#conceal(this.#askAt(given.step), outcome.given.value)
        if (this.#askAt(given.step).sensitive) this.#sensitive.add(input.messageId)
        this.#hideCorrections([input], 'given' in outcome ? input : undefined)
      } else if (input.change !== 'deleted') others.push(input)
    }
    this.#inputs = others
    // A yes beside it is none, also where the question shows nothing of it, or the same again: `9876`, and then `não, 4321` as before.
    if (isTakenBack && isIrreversible(waiting)) this.#stood = undefined
    if (this.#remark === undefined) {
      this.#answers = this.#answers.flatMap(asRevised)
      return
    }
    const place = this.#answers.findIndex(({ step }) => revised.has(step))
    const [first, ...later] = place < 0 ? [] : this.#answers.slice(place)
    this.#kept = [...later, ...this.#kept].flatMap(asRevised)
    if (first === undefined) return
    this.#answers = this.#answers.slice(0, place)
    const outcome = revised.get(first.step)!
    if ('given' in outcome) {
      this.#kept = [outcome.given, ...this.#kept]
      this.#at = first.step
      this.#arrives = true
    } else this.#askAgain(first.step, outcome.why)
  }

  /** The answer that this is about, as it is by now. Taps are about the question that shows the button, and that is the present one or none. */
  #answerMeantBy(input: Input, revised: ReadonlyMap<string, Revised>): Given | undefined {
    const { change, messageId, message, replyToTurn: turn = 0, replyToMessageId = '' } = input
    const answers = this.#answersNow(revised)
    const givenBy = (said: string) => answers.find(({ messages }) => messages.some(({ id }) => id === said))
    if (change !== '') return givenBy(messageId)
    if (message?.body?.$case !== 'text' || isPoliteness(message)) return undefined
    const own = givenBy(replyToMessageId)
    if (own) return this.#replaces(own, input) ? own : undefined
    if (turn === 0 || (this.#stood !== undefined && turn >= this.#stood.turn)) return undefined
    return answers.find(({ from, to }) => from <= turn && turn <= to)
  }

  /** Who quotes an answer of theirs and says another one to the same question means that, unless it is an option of the question that waits. */
  #replaces({ step }: Given, input: Input): boolean {
    const fits = (ask: Ask) => 'fits' in understand(ask, input.message, this.#momentOf(input))
    const waiting = this.#askAt(this.#at)
    return fits(this.#askAt(step)) && !(waiting.type === 'choice' && fits(waiting))
  }

  /** An earlier answer that is taken back in so many words, and what is said instead: by a text that quotes a question, the answer to that one. */
  #correctedBy(
    input: Input,
    waiting: Ask,
    { meant, revised }: { readonly meant: Given | undefined; readonly revised: ReadonlyMap<string, Revised> },
  ) {
    const { change, message, replyToTurn = 0 } = input
    if (change !== '' || message?.body?.$case !== 'text') return undefined
    if (replyToTurn > 0 && meant === undefined && waiting.type === 'text') return undefined
    const answers = (meant ? [meant] : this.#answersNow(revised)).map((given) => ({
      given,
      ask: this.#askAt(given.step),
    }))
    return correctionIn(message.body.value.text, meant ? undefined : waiting, answers, this.#momentOf(input))
  }

  #answersNow(revised: ReadonlyMap<string, Revised>): readonly Given[] {
    return [...this.#answers, ...this.#kept].map((given) => {
      const outcome = revised.get(given.step)
      return outcome && 'given' in outcome ? outcome.given : given
    })
  }

  /** More of an answer of this same turn: the question behind it was not asked yet. */
  #goOn({ by, rest }: Heard & { kind: 'more' }): void {
    const before = this.#answers.at(-1)!
    const ask = this.#askAt(before.step)
    const { into, sensitive } = ask
    const outcome = withMore(ask, before, by, this.#momentOf(by))
    this.#inputs = rest
    this.#answers = this.#answers.slice(0, -1)
    if (sensitive) this.#sensitive.add(by.messageId)
    if ('why' in outcome) return this.#askAgain(before.step, outcome.why)
    this.#answers = [...this.#answers, outcome.given]
    this.#conceal(this.#askAt(before.step), outcome.given.value)
    this.#variables.set(into, outcome.given.value)
  }

  #askAgain(step: string, why: PhraseName): void {
    const ask = this.#askAt(step)
    this.#goTo(step)
    this.#arrives = false
    this.#variables.delete(ask.into)
    this.#wasCalledOff = why === 'callOff'
    this.#remark = why
  }

  // --- what is said ---

  readonly #raw = (name: string): Value | undefined => {
    switch (name) {
      case 'language':
        return this.#language
      case 'turn.id':
        return this.#turn.turnId
      case 'turn.date':
        return this.#today
      case 'turn.protocol':
        return protocolNumber(this.#turn.turnId, this.#today)
      default:
        return this.#variables.get(name)
    }
  }

  readonly #shown = (name: string): string => {
    const queue = queueIn(name)
    if (queue !== undefined) return this.#opening(queue)
    const value = this.#raw(name)
    if (value === undefined) return ''
    const question = name === 'turn.date' ? 'date' : this.#flow.questions.get(name)
    return inAText(value, question, this.#language)
  }

  #opening(queue: string): string {
    const { at, calendars } = this.#turn
    const language = this.#language
    return (calendars && openingInWords(calendars, { queue, at, language })) ?? PHRASES.hoursUnknown[language]
  }

  #learnt(): readonly LearntValue[] {
    return [...this.#flow.questions].flatMap(([name, ask]) => {
      const value = this.#variables.get(name)
      if (value === undefined) return []
      const shown = inAText(value, ask, this.#language)
      return [LearntValue.fromPartial({ name, value: shown, isSensitive: ask.sensitive })]
    })
  }

  #moment(): Moment {
    return this.#momentOf({ at: this.#turn.at })
  }

  /** Of when something was said, which is never in the future. */
  readonly #momentOf = ({ at = this.#turn.at }: Pick<Input, 'at'>): Moment => {
    const saidAt = Math.min(Date.parse(at), Date.parse(this.#turn.at))
    const dayBefore = (minutes: number) =>
      dayIn(new Date(saidAt - minutes * 60_000).toISOString(), this.#flow.timeZone)
    return { today: this.#today, saidOn: dayBefore(0), language: this.#language, dayBefore }
  }

  #voice(): Voice {
    return { language: this.#language, fill: (template) => fillIn(template, this.#shown) }
  }

  #words(text: Translations): string {
    return fillIn(text[this.#language], this.#shown)
  }

  #question(ask: Ask, remark: PhraseName | undefined): MessageBody {
    return questionMessage(ask, this.#voice(), remark === undefined ? '' : PHRASES[remark][this.#language])
  }

  #say(message: MessageBody): void {
    this.#actions.push(Action.fromPartial({ action: { $case: 'say', value: { message } } }))
  }

  #speak(language: Language): void {
    if (language === this.#language) return
    this.#language = language
    this.#actions.push(Action.fromPartial({ action: { $case: 'chooseLanguage', value: { language } } }))
  }

  /** A language asked for in the very first words holds for the greeting already; what is said beside it is heard in that language. */
  #takeOpeningLanguage(): void {
    this.#inputs = this.#inputs.flatMap((input) => {
      const wish = wishOf(input.message)
      if (wish?.wish !== 'language') return [input]
      this.#speak(wish.language)
      const words = spoken(input.message)
      const more = words !== undefined && 'text' in words ? besideLanguageWish(words.text) : ''
      return more === '' ? [] : [{ ...input, message: textMessage(more) }]
    })
  }

  // --- how a turn ends ---

  #waitFor(ask: Ask): Answer {
    const isUsed = this.#used.length > 0
    return this.#answered(
      ask.sensitive,
      writeSession({
        flow: this.#flow.id,
        digest: this.#flow.digest,
        step: this.#at,
        asked: { turn: this.#standsSince(ask), shows: this.#shows(ask) },
        said: [...this.#said],
        pieces: [...this.#pieces],
        hadMoment: this.#hadMoment,
        wasCalledOff: this.#wasCalledOff,
        offered: this.#offered,
        idle: this.#idle,
        misfits: this.#misfits,
        variables: Object.fromEntries(this.#variables),
        answers: isUsed ? [] : [...this.#answers],
        kept: isUsed ? [] : [...this.#kept],
      }),
    )
  }

  #toPeople(ask: Ask): Answer {
    const { queue, text } = this.#flow.people
    return this.#handOver(ask.queue ?? queue, text)
  }

  #handOver(queue: string, text: Translations | undefined): Answer {
    if (text) this.#say(textMessage(this.#words(text)))
    this.#actions.push(Action.fromPartial({ action: { $case: 'handOver', value: { queue } } }))
    return this.#answered(false, '')
  }

  #end({ text, transcriptButton }: Step & { kind: 'end' }): Answer {
    if (text && !transcriptButton) this.#say(textMessage(this.#words(text)))
    const linkButton =
      text && transcriptButton
        ? transcriptMessage(this.#words(text), transcriptButton[this.#language])
        : undefined
    const sendsLink = linkButton !== undefined
    this.#actions.push(Action.fromPartial({ action: { $case: 'end', value: { sendsLink, linkButton } } }))
    return this.#answered(false, '')
  }

  #answered(asksSensitive: boolean, session: string): Answer {
    return {
      outcome: 'answered',
      session,
      actions: this.#actions,
      sensitive: [...new Set([...this.#sensitive, ...this.#partlySensitive])],
      partlySensitive: [...this.#partlySensitive].filter((id) => !this.#sensitive.has(id)),
      shown: [...this.#shownForSensitive],
      learnt: this.#learnt(),
      asksSensitive,
      used: this.#used,
      steps: [...this.#steps],
    }
  }

  #stepAt(name: string): Step {
    const step = this.#flow.steps.get(name)
    if (step === undefined)
      throw new Error(`Flow ${this.#flow.id} has no step "${name}": it was not checked before it was played.`)
    return step
  }

  #askAt(name: string): Ask {
    const step = this.#stepAt(name)
    if (step.kind !== 'ask') throw new Error(`Flow ${this.#flow.id}, step "${name}" asks nothing.`)
    return step.ask
  }
}

const inAText = (value: Value, question: Ask | 'date' | undefined, language: Language): string =>
  shorten(asPhrase(showValue(value, question, language)), SHOWN_VALUE_MAX)

const isIrreversible = (ask: Ask): boolean => ask.type === 'choice' && ask.irreversible

/** The variables that a question shows, in any language. */
const shownIn = ({ text }: Ask): string[] =>
  [...new Set(LANGUAGES.flatMap((language) => placeholders(text[language])))].filter(
    (name) => queueIn(name) === undefined,
  )

/** Words for an answer that does not fit. The question is shown again where these words alone do not say what is wanted. */
function correction(ask: Ask, why: PhraseName, voice: Voice): MessageBody {
  const byKind = UNFIT_KINDS.has(why)
  const text = byKind ? PHRASES[why] : (ask.invalid ?? PHRASES[why])
  const again = byKind || ask.type === 'choice' || text === PHRASES.notUnderstood
  const filled = voice.fill(text[voice.language])
  return again ? questionMessage(ask, voice, filled) : textMessage(filled)
}
