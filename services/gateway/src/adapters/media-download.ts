import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { WayOut } from '@parley/outbound'
import { connectorFor } from '@parley/outbound/connector'
import { isPublic } from '@parley/outbound/public-address'
import { Agent, type Dispatcher, request } from 'undici'
import type { Opened } from '../media/receiving.ts'
import type { GraphAccount } from './graph-client.ts'

export interface MediaDownload {
  /** The file behind a media id: asked for at the Graph API, then read where that says. Never rejects; the body may. */
  open(account: GraphAccount, mediaId: string, signal: AbortSignal): Promise<Opened>
  close(): Promise<void>
}

const ANSWER_BYTES_MAX = 100_000

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED'
}

/**
 * The token goes out with the second request too, to wherever the first answer says. So that answer must name, by https, a host of Meta's
 * (`hosts`, and names below them) that is at a public address when it is connected to (through a proxy: that shows the certificate of that
 * name); or the very server that the token goes to anyway. A redirect is not followed.
 */
export function mediaDownload({
  wayOut,
  hosts,
  timeoutMs,
}: {
  readonly wayOut: WayOut
  readonly hosts: readonly string[]
  /** Without a byte. */
  readonly timeoutMs: number
}): MediaDownload {
  const common = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs } as const
  const connect = (more: { readonly lookup?: LookupFunction } = {}) =>
    connectorFor(wayOut, { timeoutMs: 5_000, ...more })
  const graph = new Agent({ ...common, connect: connect() })
  const elsewhere = new Agent({ ...common, connect: connect({ lookup: publicOnly }) })

  const open = async (account: GraphAccount, mediaId: string, signal: AbortSignal): Promise<Opened> => {
    const headers = { authorization: `Bearer ${account.accessToken}` }
    const base = `${account.graphUrl.replace(/\/+$/, '')}/${account.graphVersion}`
    const asked = await request(
      `${base}/${encodeURIComponent(mediaId)}?phone_number_id=${encodeURIComponent(account.phoneNumberId)}`,
      { dispatcher: graph, headers, signal },
    )
    const answer = objectOf(await smallJson(asked.body))
    if (asked.statusCode !== 200) return refusalOf(asked.statusCode, objectOf(answer['error'])['code'])
    const { url, sha256, file_size: size } = answer
    const place = placeOf(String(url), account.graphUrl, hosts)
    if (place === undefined) return { outcome: 'unavailable', reason: 'address_refused' }
    const file = await request(place.url, {
      dispatcher: place.isGraph ? graph : elsewhere,
      headers,
      signal,
    })
    if (file.statusCode === 200) {
      const bytes = Number(file.headers['content-length'] ?? size)
      return {
        outcome: 'open',
        body: file.body,
        bytes: Number.isSafeInteger(bytes) ? bytes : undefined,
        sha256: typeof sha256 === 'string' ? sha256 : '',
      }
    }
    await file.body.dump()
    if (file.statusCode >= 300 && file.statusCode < 400)
      return { outcome: 'unavailable', reason: 'redirected' }
    // The address lives for five minutes: the next try asks for another one.
    return { outcome: 'later', reason: `http_${file.statusCode}` }
  }

  return {
    async open(account, mediaId, signal) {
      if (mediaId === '') return { outcome: 'unavailable', reason: 'gone' }
      try {
        return await open(account, mediaId, signal)
      } catch (error) {
        const { code } = (error ?? {}) as { code?: unknown }
        return code === 'ADDRESS_REFUSED'
          ? { outcome: 'unavailable', reason: 'address_refused' }
          : {
              outcome: 'later',
              reason: signal.aborted ? 'deadline' : typeof code === 'string' ? code : 'unknown',
            }
      }
    },
    async close() {
      await Promise.all([graph.destroy(), elsewhere.destroy()])
    },
  }
}

/** Where a file may be read; undefined for where not. */
export function placeOf(
  address: string,
  graphUrl: string,
  hosts: readonly string[],
): { readonly url: URL; readonly isGraph: boolean } | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return undefined
  if (url.origin === new URL(graphUrl).origin) return { url, isGraph: true }
  const isMetas = hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))
  return url.protocol === 'https:' && url.port === '' && isMetas ? { url, isGraph: false } : undefined
}

/** Looked up where the connection is made, so that no second answer of the name server can lead elsewhere. */
const publicOnly: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return answer(error, '', 0)
    const [first] = addresses
    if (first === undefined || !addresses.every(({ address }) => isPublic(address)))
      return answer(new AddressRefused(`${hostname} is at an address that is not public.`), '', 0)
    return options.all === true ? answer(null, addresses) : answer(null, first.address, first.family)
  })
}

/** Code 100 with 33 behind it is Meta's word for what is not there; 131052 for what it could not fetch itself. */
function refusalOf(status: number, code: unknown): Opened {
  return status === 404 || code === 100 || code === 131_052
    ? { outcome: 'unavailable', reason: 'gone' }
    : { outcome: 'later', reason: `http_${status}` }
}

async function smallJson(body: Dispatcher.ResponseData['body']): Promise<unknown> {
  let text = ''
  for await (const piece of body) {
    text += String(piece)
    if (text.length > ANSWER_BYTES_MAX) return undefined
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
