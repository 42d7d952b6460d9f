import { createHash } from 'node:crypto'
import { asPhrase } from '@parley/conversation'
import { unreachable } from '@parley/kernel'
import { Action } from '@parley/proto/bot'
import type { MessageBody } from '@parley/proto/content'
import { filledAddress } from './address.ts'
import { holds } from './conditions.ts'
import { formatCpf } from './cpf.ts'
import { dayIn, showDay } from './days.ts'
import type { Ask, Call, Flow, Json } from './flow.ts'
import { type Language, type Translations, isLanguage, languageOf } from './language.ts'
import { type Voice, questionMessage, sayMessage, textMessage, transcriptMessage } from './messages.ts'
import { PHRASES, type PhraseName } from './phrases.ts'
import { type Session, writeSession } from './session.ts'
import { fillIn, onlyPlaceholder } from './templates.ts'
import { type Value, spoken, understand, wishOf } from './understanding.ts'
import { type GlobalWish, isNudge } from './wording.ts'

/** More steps than this without a question to the customer is a loop of the flow. */
export const STEPS_PER_TURN_MAX = 50
/** A value that a customer wrote takes no more room than this in a text of ours. */
const SHOWN_VALUE_MAX = 300
const SAVED_VALUE_MAX = 1000

/** One message of the customer. */
export interface Input {
  readonly messageId: string
  readonly message: MessageBody | undefined
}

export interface Turn {
  readonly turnId: string
  readonly language: string
  /** Undefined: the conversation begins. */
  readonly session: Session | undefined
  readonly inputs: readonly Input[]
  /** The turn's only clock, ISO 8601. */
  readonly at: string
}

export interface HttpCall {
  readonly step: string
  readonly method: Call['method']
  /** Undefined when the address, as filled, is not one that the flow may call. */
  readonly url: string | undefined
  /** Hosts inside the company that this call may reach. */
  readonly privateHosts: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly timeoutMs: number
  readonly expect: readonly number[]
}

export type CallOutcome =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly why: string }

export type Answer =
  | {
      readonly outcome: 'answered'
      readonly session: string
      readonly actions: readonly Action[]
      /** Inputs that were said to a sensitive question, by message id: fitting or not, they are masked wherever they are shown. */
      readonly sensitive: readonly string[]
    }
  | { readonly outcome: 'failed'; readonly code: 'FLOW_LOOP' }

/**
 * One turn of a flow: pure, so the same turn gives the same answer, however often it is asked. Where the flow calls an endpoint,
 * the call is yielded and its outcome is handed back; the caller does the talking.
 * @param secrets values of the environment names that the flow may use in calls
 */
export function* answer(
  flow: Flow,
  turn: Turn,
  secrets: Readonly<Record<string, string>> = {},
): Generator<HttpCall, Answer, CallOutcome> {
  const today = dayIn(turn.at, flow.timeZone)
  const variables = new Map<string, Value>(Object.entries(turn.session?.variables ?? {}))
  const actions: Action[] = []
  const sensitive: string[] = []
  let language = languageOf(turn.language)
  let inputs = turn.inputs
  let at = turn.session?.step ?? flow.start
  let misfits = turn.session?.misfits ?? 0
  // Whether the customer had the question before the eyes when writing.
  let seen = turn.session !== undefined
  const callsMade = new Map<string, number>()

  const raw = (name: string): Value | undefined => {
    switch (name) {
      case 'language':
        return language
      case 'turn.id':
        return turn.turnId
      case 'turn.date':
        return today
      case 'turn.protocol':
        return protocolNumber(turn.turnId, today)
      default:
        return variables.get(name)
    }
  }
  const shown = (name: string): string => {
    const value = raw(name)
    if (value === undefined) return ''
    return shorten(
      asPhrase(showValue(value, name === 'turn.date' ? 'date' : flow.questions.get(name), language)),
      SHOWN_VALUE_MAX,
    )
  }
  const voice = (): Voice => ({ language, fill: (template) => fillIn(template, shown) })
  const words = (text: Translations) => fillIn(text[language], shown)
  const say = (message: MessageBody) =>
    actions.push(Action.fromPartial({ action: { $case: 'say', value: { message } } }))
  const speak = (chosen: Language) => {
    if (chosen === language) return
    language = chosen
    actions.push(Action.fromPartial({ action: { $case: 'chooseLanguage', value: { language } } }))
  }
  const handOver = (queue: string, text: Translations | undefined): Answer => {
    if (text) say(textMessage(words(text)))
    actions.push(Action.fromPartial({ action: { $case: 'handOver', value: { queue } } }))
    return { outcome: 'answered', session: '', actions, sensitive }
  }
  const waitAt = (step: string): Answer => ({
    outcome: 'answered',
    actions,
    sensitive,
    session: writeSession({
      flow: flow.id,
      digest: flow.digest,
      step,
      misfits,
      variables: Object.fromEntries(variables),
    }),
  })

  // A language asked for in the very first words holds for the greeting already.
  if (turn.session === undefined)
    inputs = inputs.filter(({ message }) => {
      const wish = wishOf(message)
      if (wish?.wish !== 'language') return true
      speak(wish.language)
      return false
    })

  for (let steps = 0; steps < STEPS_PER_TURN_MAX; steps += 1) {
    const step = flow.steps.get(at)
    if (step === undefined)
      throw new Error(`Flow ${flow.id} has no step "${at}": it was not checked before it was played.`)
    switch (step.kind) {
      case 'say':
        say(sayMessage(step.say, voice()))
        at = step.next
        break
      case 'ask': {
        const heard = hear(step.ask, inputs, seen, { today, language })
        if (step.ask.sensitive) sensitive.push(...heard.said)
        if (heard.kind === 'answer') {
          variables.set(step.ask.into, heard.value)
          inputs = heard.rest
          misfits = 0
          seen = false
          at = heard.goto ?? step.next
          break
        }
        if (heard.kind === 'wish') {
          inputs = heard.rest
          if (heard.wish.wish === 'person') return handOver(flow.people.queue, flow.people.text)
          if (heard.wish.wish === 'menu') {
            misfits = 0
            seen = false
            at = flow.menu
          } else speak(heard.wish.language)
          break
        }
        if (heard.kind === 'nothing') {
          say(questionMessage(step.ask, voice()))
          return waitAt(at)
        }
        misfits += 1
        inputs = []
        if (misfits > step.ask.retries) {
          if (step.ask.otherwise === undefined) return handOver(flow.people.queue, flow.people.text)
          misfits = 0
          seen = false
          at = step.ask.otherwise
          break
        }
        say(correction(step.ask, heard.why, voice()))
        return waitAt(at)
      }
      case 'branch': {
        const way = step.branch.find(({ when }) => when === undefined || holds(when, raw))
        if (way === undefined)
          throw new Error(`Flow ${flow.id}, step "${at}": no branch fits and none is for all else.`)
        at = way.goto
        break
      }
      case 'call': {
        const times = (callsMade.get(at) ?? 0) + 1
        callsMade.set(at, times)
        const outcome = yield httpCall(at, step.call, { flow, turnId: turn.turnId, times, raw, secrets })
        const saved = outcome.ok ? savedFields(step.call, outcome.json) : undefined
        if (saved) for (const [name, value] of saved) variables.set(name, value)
        at = saved ? step.next : step.call.fallback
        break
      }
      case 'set':
        for (const [name, template] of Object.entries(step.set)) {
          const value = typeof template === 'string' ? rendered(template, raw) : template
          if (value === undefined) variables.delete(name)
          else variables.set(name, value)
        }
        at = step.next
        break
      case 'choose_language': {
        const chosen = typeof step.choose === 'string' ? step.choose : String(raw(step.choose.variable) ?? '')
        if (isLanguage(chosen)) speak(chosen)
        at = step.next
        break
      }
      case 'hand_over':
        return handOver(step.queue, step.text)
      case 'end': {
        const { text, transcriptButton } = step
        if (text && !transcriptButton) say(textMessage(words(text)))
        const linkButton =
          text && transcriptButton ? transcriptMessage(words(text), transcriptButton[language]) : undefined
        const sendsLink = linkButton !== undefined
        actions.push(Action.fromPartial({ action: { $case: 'end', value: { sendsLink, linkButton } } }))
        return { outcome: 'answered', session: '', actions, sensitive }
      }
      case 'goto':
        at = step.goto
        break
      default:
        unreachable(step)
    }
  }
  return { outcome: 'failed', code: 'FLOW_LOOP' }
}

/** `said`: the inputs that were meant for the question, by message id, whether they fit or not. */
type Heard = { readonly said: readonly string[] } & (
  | { kind: 'answer'; value: Value; goto: string | undefined; rest: readonly Input[] }
  | { kind: 'wish'; wish: GlobalWish; rest: readonly Input[] }
  | { kind: 'misfit'; why: PhraseName }
  | { kind: 'nothing' }
)

/**
 * What the customer wrote, as seen from one question: the first message that answers it or wishes something else counts, what came
 * before it is passed over. Messages that fit nothing are a wrong answer only to a question that was seen.
 */
function hear(
  ask: Ask,
  inputs: readonly Input[],
  seen: boolean,
  moment: { today: string; language: Language },
): Heard {
  let why: PhraseName | undefined
  const meant: string[] = []
  for (const [index, { messageId, message }] of inputs.entries()) {
    const said = spoken(message)
    if (said === undefined) continue
    const rest = inputs.slice(index + 1)
    const understood: ReturnType<typeof understand> =
      (ask.wait || (ask.type === 'choice' && ask.irreversible)) && !seen
        ? { misfit: 'notUnderstood' }
        : understand(ask, message, moment)
    const wish = wishOf(message, ask)
    // An option that is called "Menu" or "English" is meant, since it was offered; to a free question every text would be an answer.
    const isOffered = ask.type === 'choice' && 'fits' in understood
    if (wish && !isOffered) return { kind: 'wish', wish, rest, said: meant }
    if ('text' in said && isNudge(said.text) && (ask.type === 'text' || 'misfit' in understood)) continue
    meant.push(messageId)
    if ('fits' in understood)
      return { kind: 'answer', value: understood.fits, goto: understood.goto, rest, said: meant }
    why ??= understood.misfit
  }
  return seen && why !== undefined ? { kind: 'misfit', why, said: meant } : { kind: 'nothing', said: meant }
}

/** Misfits by kind of message: what is wrong is not the answer's content, so the question's own words for that would mislead. */
const UNFIT_KINDS = new Set<PhraseName>([
  'oldButton',
  'noAudio',
  'noMedia',
  'noSticker',
  'noLocation',
  'noSuchType',
])

/** Words for an answer that does not fit. The question is shown again where these words alone do not say what is wanted. */
function correction(ask: Ask, why: PhraseName, voice: Voice): MessageBody {
  const byKind = UNFIT_KINDS.has(why)
  const text = byKind ? PHRASES[why] : (ask.invalid ?? PHRASES[why])
  const again = byKind || ask.type === 'choice' || text === PHRASES.notUnderstood
  const filled = voice.fill(text[voice.language])
  return again ? questionMessage(ask, voice, filled) : textMessage(filled)
}

function showValue(value: Value, question: Ask | 'date' | undefined, language: Language): string {
  if (question === 'date') return showDay(String(value), language)
  switch (question?.type) {
    case 'date':
      return showDay(String(value), language)
    case 'cpf':
      return formatCpf(String(value))
    case 'choice':
      return question.options.find((option) => option.id === value)?.title[language] ?? String(value)
    default:
      return typeof value === 'number'
        ? value.toLocaleString(LOCALES[language], { maximumFractionDigits: 10 })
        : String(value)
  }
}

const LOCALES: Record<Language, string> = { pt: 'pt-BR', en: 'en-US', bn: 'bn-BD' }

const shorten = (text: string, max: number) =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

function rendered(template: string, raw: (name: string) => Value | undefined): Value | undefined {
  const only = onlyPlaceholder(template)
  return only === undefined ? fillIn(template, (name) => String(raw(name) ?? '')) : raw(only)
}

/** The day and eight digits that follow from the turn: asked again, the same turn gives the same number. */
export function protocolNumber(turnId: string, day: string): string {
  const digest = createHash('sha256').update(`protocol:${turnId}`).digest()
  return `${day.replaceAll('-', '')}-${String(digest.readUInt32BE(0) % 100_000_000).padStart(8, '0')}`
}

function httpCall(
  step: string,
  call: Call,
  turn: {
    flow: Flow
    turnId: string
    times: number
    raw: (name: string) => Value | undefined
    secrets: Readonly<Record<string, string>>
  },
): HttpCall {
  const value = (name: string): Value | undefined =>
    name.startsWith('env.') ? (turn.secrets[name.slice(4)] ?? '') : turn.raw(name)
  const json = (part: Json): Json => {
    if (typeof part === 'string') return rendered(part, value) ?? null
    if (Array.isArray(part)) return part.map(json)
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, json(each)]))
    return part
  }
  const headers = Object.fromEntries(
    Object.entries(call.headers).map(([name, template]) => [
      name.toLowerCase(),
      // A header value is printable ASCII: a line break in a customer's words must not become a header of its own.
      fillIn(template, (each) => String(value(each) ?? '')).replace(/[^\x20-\x7e]/g, ' '),
    ]),
  )
  return {
    step,
    method: call.method,
    url: filledAddress(call.url, turn.flow.privateHosts, (name) => String(value(name) ?? '')),
    privateHosts: turn.flow.privateHosts,
    headers: {
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      accept: 'application/json',
      ...headers,
      'idempotency-key': turn.times === 1 ? `${turn.turnId}:${step}` : `${turn.turnId}:${step}:${turn.times}`,
    },
    body: call.body === undefined ? undefined : JSON.stringify(json(call.body)),
    timeoutMs: Math.round(call.timeout_seconds * 1000),
    expect: call.expect,
  }
}

/** Undefined when the answer lacks a field that was to be saved: then the call counts as failed. */
function savedFields(call: Call, answerJson: unknown): [string, Value][] | undefined {
  const saved: [string, Value][] = []
  for (const [name, path] of Object.entries(call.save)) {
    let found = answerJson
    for (const part of path.split('.'))
      found =
        typeof found === 'object' && found !== null && Object.hasOwn(found, part)
          ? (found as Record<string, unknown>)[part]
          : undefined
    if (typeof found === 'string') saved.push([name, shorten(found, SAVED_VALUE_MAX)])
    else if (typeof found === 'number' || typeof found === 'boolean') saved.push([name, found])
    else return undefined
  }
  return saved
}
