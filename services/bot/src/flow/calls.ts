import { entryOf } from '@parley/kernel'
import { filledAddress } from './address.ts'
import type { Call, Flow, Json } from './flow.ts'
import { fillIn, onlyPlaceholder } from './templates.ts'
import type { Value } from './understanding.ts'
import { shorten } from './values.ts'

const SAVED_VALUE_MAX = 1000

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

/** A template with values in it; one that is nothing but a placeholder keeps the value's type. */
export function rendered(template: string, raw: (name: string) => Value | undefined): Value | undefined {
  const only = onlyPlaceholder(template)
  return only === undefined ? fillIn(template, (name) => String(raw(name) ?? '')) : raw(only)
}

export function httpCall(
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
    name.startsWith('env.') ? (entryOf(turn.secrets, name.slice(4)) ?? '') : turn.raw(name)
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
export function savedFields(call: Call, answerJson: unknown): [string, Value][] | undefined {
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
