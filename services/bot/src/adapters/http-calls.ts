import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { STRAIGHT, type WayOut } from '@parley/outbound'
import { connectorFor } from '@parley/outbound/connector'
import { type Logger, type Resource, currentTraceparent, withSpan } from '@parley/service'
import { Agent, request } from 'undici'
import { isPrivateAndUnlisted } from '../flow/address.ts'
import type { CallOutcome, HttpCall } from '../flow/calls.ts'

const RESPONSE_BYTES_MAX = 64 * 1024

export interface HttpCalls extends Resource {
  /** Never rejects. Redirects are not followed: the flow names the server that is called. */
  call(call: HttpCall, signal: AbortSignal): Promise<CallOutcome>
}

export function httpCalls({
  wayOut = STRAIGHT,
  log,
}: { readonly wayOut?: WayOut; readonly log?: Logger } = {}): HttpCalls {
  /** One for each list of private hosts: a connection that one flow may open must not be there for another to use. */
  const agents = new Map<string, Agent>()
  const agentFor = (privateHosts: readonly string[]): Agent => {
    const key = privateHosts.toSorted().join(' ')
    let agent = agents.get(key)
    if (agent === undefined) {
      agent = new Agent({
        maxResponseSize: RESPONSE_BYTES_MAX,
        connections: 64,
        // What a flow names as private is inside, where no proxy leads.
        connect: connectorFor(
          { ...wayOut, except: [...wayOut.except, ...privateHosts] },
          { timeoutMs: 3_000, lookup: lookupOutside(privateHosts) },
        ),
      })
      agents.set(key, agent)
    }
    return agent
  }

  const perform = async (call: HttpCall, signal: AbortSignal): Promise<CallOutcome> => {
    if (call.url === undefined) return { ok: false, why: 'BAD_ADDRESS' }
    const traceparent = currentTraceparent()
    const response = await request(call.url, {
      method: call.method,
      headers: { ...call.headers, ...(traceparent === '' ? {} : { traceparent }) },
      body: call.body ?? null,
      dispatcher: agentFor(call.privateHosts),
      // One clock for the whole call: connecting, waiting and reading.
      signal: AbortSignal.any([signal, AbortSignal.timeout(call.timeoutMs)]),
    })
    // The body is read whatever the status is, so that the connection is free again.
    const text = await response.body.text()
    if (!call.expect.includes(response.statusCode)) return { ok: false, why: `STATUS_${response.statusCode}` }
    if (text.trim() === '') return { ok: true, json: undefined }
    try {
      return { ok: true, json: JSON.parse(text) as unknown }
    } catch {
      return { ok: false, why: 'NOT_JSON' }
    }
  }

  return {
    name: 'flow-calls',
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
    call: (call, signal) =>
      withSpan('flow call', { attributes: { 'parley.flow_step': call.step } }, async (span) => {
        const outcome = await perform(call, signal).catch((error: unknown): CallOutcome => ({
          ok: false,
          why: codeOf(error),
        }))
        if (!outcome.ok) {
          span.setAttribute('error.type', outcome.why)
          log?.warn(
            { code: 'FLOW_CALL_FAILED', stage: call.step, reason: outcome.why },
            'a call of a flow failed; its fallback is taken',
          )
        }
        return outcome
      }),
  }
}

type Answered = (
  error: NodeJS.ErrnoException | null,
  address: LookupAddress[] | string,
  family?: number,
) => void

/**
 * The look-up of a connection that is being opened, so what is checked is what is connected to: a name that answers otherwise the next
 * time it is asked gains nothing. A name with one private address among its addresses is refused altogether.
 */
function lookupOutside(privateHosts: readonly string[]) {
  return (hostname: string, options: LookupOptions, answer: Answered): void =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const isRefused =
        !privateHosts.includes(hostname.toLowerCase()) &&
        addresses?.some(({ address }) => isPrivateAndUnlisted(address, privateHosts))
      const refusal = isRefused
        ? Object.assign(new Error('The name leads to a private address.'), { code: 'PRIVATE_ADDRESS' })
        : null
      const failure = error ?? refusal
      if (failure !== null) return answer(failure, [])
      if (options.all === true) return answer(null, addresses)
      const [first] = addresses
      answer(null, first?.address ?? '', first?.family)
    })
}

/** The code alone: an error's words may hold the address, and the address a customer's words. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  if (error.name === 'TimeoutError') return 'TIMEOUT'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
