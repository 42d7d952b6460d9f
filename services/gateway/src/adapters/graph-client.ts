import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { WayOut } from '@parley/outbound'
import { NotConnected, connectorFor } from '@parley/outbound/connector'
import { Agent, request } from 'undici'
import type { CallResult } from '../sending/answer.ts'

export interface GraphAccount {
  readonly phoneNumberId: string
  readonly accessToken: string
  readonly graphUrl: string
  readonly graphVersion: string
}

/** A file on its way to the channel. */
export interface OutgoingFile {
  readonly mimeType: string
  readonly bytes: number
  readonly body: AsyncIterable<Uint8Array>
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
  /** Gives a file to the channel, which names it by an id for 30 days. Never repeated here, never rejecting. */
  upload(account: GraphAccount, file: OutgoingFile): Promise<CallResult>
  close(): Promise<void>
}

const ANSWER_BYTES_MAX = 1_000_000

export function graphClient({
  wayOut,
  timeoutMs,
  connectionsMax,
}: {
  wayOut: WayOut
  timeoutMs: number
  /** Of each number. */
  connectionsMax: number
}): GraphClient {
  const newAgent = () =>
    new Agent({
      connections: connectionsMax,
      // Meta's API has no idempotency key: a second request behind one that hangs would be one more in doubt.
      pipelining: 1,
      connect: connectorFor(wayOut, { timeoutMs: Math.min(timeoutMs, 5_000) }),
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
  const send = async (
    account: GraphAccount,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Readable,
  ): Promise<CallResult> => {
    const url = `${account.graphUrl.replace(/\/+$/, '')}/${account.graphVersion}/${path}`
    try {
      const response = await request(url, {
        dispatcher: agentOf(account),
        method,
        headers: { authorization: `Bearer ${account.accessToken}`, ...headers },
        ...(body !== undefined && { body }),
      })
      return { outcome: 'answered', status: response.statusCode, json: jsonOf(await response.body.text()) }
    } catch (error) {
      return wasNotSent(error)
        ? { outcome: 'notSent', reason: codeOf(error) }
        : { outcome: 'lost', reason: codeOf(error) }
    }
  }
  return {
    call: (account, method, path, body) =>
      send(
        account,
        method,
        `${account.phoneNumberId}/${path}`,
        { 'content-type': 'application/json' },
        JSON.stringify(body),
      ),
    upload(account, { mimeType, bytes, body }) {
      const boundary = `parley-${randomUUID()}`
      const field = (name: string, more: string, value: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${value}`
      const before = Buffer.from(
        `${field('messaging_product', '', 'whatsapp')}\r\n${field('type', '', mimeType)}\r\n` +
          field('file', `; filename="file"\r\ncontent-type: ${mimeType}`, ''),
      )
      const behind = Buffer.from(`\r\n--${boundary}--\r\n`)
      const form = async function* () {
        yield before
        yield* body
        yield behind
      }
      // A FormData would hold the whole file in memory.
      return send(
        account,
        'POST',
        `${account.phoneNumberId}/media`,
        {
          'content-type': `multipart/form-data; boundary=${boundary}`,
          'content-length': String(before.length + bytes + behind.length),
        },
        Readable.from(form(), { objectMode: false }),
      )
    },
    get: (account, path) => send(account, 'GET', path),
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

/** Only what surely failed before the first byte of the request went out. All else may have arrived. */
function wasNotSent(error: unknown): boolean {
  return error instanceof NotConnected || codeOf(error) === 'UND_ERR_INVALID_ARG'
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'UNKNOWN'
}
