import { Agent, request } from 'undici'
import type { CallResult } from '../sending/answer.ts'

export interface GraphAccount {
  readonly phoneNumberId: string
  readonly accessToken: string
  readonly graphUrl: string
  readonly graphVersion: string
}

export interface GraphClient {
  /** One call, never repeated here, never rejecting. */
  call(
    account: GraphAccount,
    method: 'POST' | 'DELETE',
    path: 'messages' | 'block_users',
    body: Readonly<Record<string, unknown>>,
  ): Promise<CallResult>
  /** Reads, below the Graph's version: `<waba id>/message_templates?…`. Never rejecting. */
  get(account: GraphAccount, path: string): Promise<CallResult>
  close(): Promise<void>
}

const ANSWER_BYTES_MAX = 1_000_000

export function graphClient({
  timeoutMs,
  connectionsMax,
}: {
  timeoutMs: number
  /** Of each number. */
  connectionsMax: number
}): GraphClient {
  const newAgent = () =>
    new Agent({
      connections: connectionsMax,
      // Meta's API has no idempotency key: a second request behind one that hangs would be one more in doubt.
      pipelining: 1,
      connect: { timeout: Math.min(timeoutMs, 5_000) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: ANSWER_BYTES_MAX,
    })
  // Of each number its own: a call waits for no connection that another number holds, so an attempt that is written down begins at once.
  const agents = new Map<string, Agent>()
  const agentOf = ({ phoneNumberId }: GraphAccount): Agent => {
    const agent = agents.get(phoneNumberId) ?? newAgent()
    agents.set(phoneNumberId, agent)
    return agent
  }
  const ask = async (
    account: GraphAccount,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<CallResult> => {
    try {
      const response = await request(
        `${account.graphUrl.replace(/\/+$/, '')}/${account.graphVersion}/${path}`,
        {
          dispatcher: agentOf(account),
          method,
          headers: {
            authorization: `Bearer ${account.accessToken}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        },
      )
      return { outcome: 'answered', status: response.statusCode, json: jsonOf(await response.body.text()) }
    } catch (error) {
      return wasNotSent(error)
        ? { outcome: 'notSent', reason: codeOf(error) }
        : { outcome: 'lost', reason: codeOf(error) }
    }
  }
  return {
    call: (account, method, path, body) => ask(account, method, `${account.phoneNumberId}/${path}`, body),
    get: (account, path) => ask(account, 'GET', path),
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Only what surely failed before the first byte of the request went out. All else may have arrived. */
function wasNotSent(error: unknown): boolean {
  const { syscall } = (error ?? {}) as { syscall?: unknown }
  return syscall === 'connect' || syscall === 'getaddrinfo' || BEFORE_SENDING.has(codeOf(error))
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'UNKNOWN'
}
