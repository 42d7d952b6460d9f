import { int32Of, isObject, listOf, objectOf, textOf } from '../webhook/json-values.ts'

/** What came of one call of the Graph API. */
export type CallResult =
  /** An HTTP answer was read to its end; `json` is undefined when it was no JSON. */
  | { readonly outcome: 'answered'; readonly status: number; readonly json: unknown }
  /** The connection never stood: not a byte of the request was sent. */
  | { readonly outcome: 'notSent'; readonly reason: string }
  /** The request, or a part of it, went out, and no answer came: it may have been taken. */
  | { readonly outcome: 'lost'; readonly reason: string }

/** What to do about it. */
export type Verdict =
  | { readonly action: 'sent'; readonly providerId: string }
  | { readonly action: 'failed'; readonly code: number; readonly title: string; readonly alarm: boolean }
  /** A passing trouble of this message alone. */
  | { readonly action: 'retry'; readonly code: number; readonly title: string; readonly triesMax: number }
  /** Too many messages to this one customer: wait 4^n seconds. */
  | { readonly action: 'retryPair'; readonly code: number; readonly title: string }
  /** The whole number is to go slower, or cannot be reached; order is kept, nothing fails. */
  | {
      readonly action: 'slow'
      readonly code: number
      readonly firstWaitMs: number
      readonly longestWaitMs: number
    }
  /** Nothing goes out on this number until somebody mends it. */
  | { readonly action: 'stop'; readonly code: number }
  /** It may have reached the customer: never repeated blindly. */
  | { readonly action: 'uncertain' }

type Rule = 'failed' | 'failedAlarm' | 'retry' | 'retryMedia' | 'retryPair' | 'slow' | 'maintenance' | 'stop'

const between = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** docs/reference/whatsapp.md, Errors: by code, never by title. */
const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  // Token and permission; account locked, policy, payment, certificate, display name: an operator has to act.
  ...[0, 190, 3, 10, ...between(200, 299), 131031, 368, 131042, 131045, 131037].map(
    (code) => [code, 'stop'] as const,
  ),
  // Limits of the app, the account, the number.
  ...[4, 80007, 130429].map((code) => [code, 'slow'] as const),
  [131057, 'maintenance'],
  [131056, 'retryPair'],
  ...[131000, 131016, 1, 2].map((code) => [code, 'retry'] as const),
  [131053, 'retryMedia'],
  // Spam limits, a country that the policy closes, templates paused or disabled, Flows blocked: this message fails, an operator should know.
  ...[131048, 131064, 130497, 132015, 132016, 132068, 132069].map((code) => [code, 'failedAlarm'] as const),
  ...[131047, 131026, 131049, 131050, 130472, 131051, 131052, 131021, 131062, 137000].map(
    (code) => [code, 'failed'] as const,
  ),
  // Our own mistakes: bad parameters, templates that do not fit.
  ...[131008, 131009, 100, 33, 132000, 132001, 132005, 132007, 132008, 132012].map(
    (code) => [code, 'failedAlarm'] as const,
  ),
])

const TRANSIENT_TRIES_MAX = 8
const MEDIA_TRIES_MAX = 3

export function verdictOf(result: CallResult): Verdict {
  switch (result.outcome) {
    case 'notSent':
      return { action: 'slow', code: 0, firstWaitMs: 500, longestWaitMs: 10_000 }
    case 'lost':
      return { action: 'uncertain' }
    case 'answered':
      return verdictOfAnswer(result.status, result.json)
  }
}

function verdictOfAnswer(status: number, json: unknown): Verdict {
  const body = objectOf(json)
  if (status >= 200 && status < 300 && !isObject(body['error'])) {
    const providerId = textOf(objectOf(listOf(body['messages'])[0])['id'])
    // Taken, as it seems, but by which id? The status webhook will say.
    return providerId === '' ? { action: 'uncertain' } : { action: 'sent', providerId }
  }
  const error = body['error']
  if (isObject(error) && typeof error['code'] === 'number') {
    const code = int32Of(error['code'])
    const rule = RULES.get(code)
    if (rule !== undefined) return ruled(rule, code, titleOf(error))
    if (status < 500) return { action: 'failed', code, title: titleOf(error), alarm: true }
    return { action: 'uncertain' }
  }
  if (status === 429) return ruled('slow', status, '')
  if (status === 401 || status === 403) return { action: 'stop', code: status }
  if (status >= 400 && status < 500 && status !== 408)
    return { action: 'failed', code: status, title: `HTTP ${status} without a Graph error`, alarm: true }
  return { action: 'uncertain' }
}

function titleOf(error: Readonly<Record<string, unknown>>): string {
  return (textOf(error['error_user_title']) || textOf(error['message']) || textOf(error['title'])).slice(
    0,
    256,
  )
}

function ruled(rule: Rule, code: number, title: string): Verdict {
  switch (rule) {
    case 'failed':
    case 'failedAlarm':
      return { action: 'failed', code, title, alarm: rule === 'failedAlarm' }
    case 'retry':
      return { action: 'retry', code, title, triesMax: TRANSIENT_TRIES_MAX }
    case 'retryMedia':
      return { action: 'retry', code, title, triesMax: MEDIA_TRIES_MAX }
    case 'retryPair':
      return { action: 'retryPair', code, title }
    case 'slow':
      return { action: 'slow', code, firstWaitMs: 100, longestWaitMs: 30_000 }
    case 'maintenance':
      return { action: 'slow', code, firstWaitMs: 60_000, longestWaitMs: 60_000 }
    case 'stop':
      return { action: 'stop', code }
  }
}
