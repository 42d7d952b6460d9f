import { type Logger, type Resource, currentTraceparent, withSpan } from '@parley/service'
import { Agent, request } from 'undici'
import type { CallOutcome, HttpCall } from '../flow/interpreter.ts'
import { isWebAddress } from '../flow/limits.ts'

const RESPONSE_BYTES_MAX = 64 * 1024

export interface HttpCalls extends Resource {
  /** Never rejects. Redirects are not followed: the flow names the server that is called. */
  call(call: HttpCall, signal: AbortSignal): Promise<CallOutcome>
}

export function httpCalls(log?: Logger): HttpCalls {
  const agent = new Agent({
    maxResponseSize: RESPONSE_BYTES_MAX,
    connections: 64,
    connect: { timeout: 3_000 },
  })

  const perform = async (call: HttpCall, signal: AbortSignal): Promise<CallOutcome> => {
    if (!isWebAddress(call.url)) return { ok: false, why: 'BAD_ADDRESS' }
    const traceparent = currentTraceparent()
    const response = await request(call.url, {
      method: call.method,
      headers: { ...call.headers, ...(traceparent === '' ? {} : { traceparent }) },
      body: call.body ?? null,
      dispatcher: agent,
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
    close: () => agent.destroy(),
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

/** The code alone: an error's words may hold the address, and the address a customer's words. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  if (error.name === 'TimeoutError') return 'TIMEOUT'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
