import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type WayOut, goesThroughProxy } from './way-out.ts'

/** No connection came about, so nothing was sent: whoever may not send twice may try again. */
export class NotConnected extends Error {
  readonly code: string

  constructor(cause: Error & { readonly code?: unknown }) {
    super('No connection came about.', { cause })
    this.code = typeof cause.code === 'string' ? cause.code : 'NOT_CONNECTED'
  }
}

class ProxyFailed extends Error {
  readonly code: 'PROXY_REFUSED' | 'PROXY_UNREACHABLE' | 'PROXY_TIMEOUT'

  constructor(code: ProxyFailed['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/**
 * The `connect` of an undici Agent: opens connections straight or through the proxy, as `wayOut` says. Whatever goes wrong before there is
 * one is `NotConnected`.
 * @param timeoutMs of each step: to the proxy, through it, to the server
 * @param lookup of the names that are connected to straight
 */
export function connectorFor(
  wayOut: WayOut,
  { timeoutMs, lookup }: { readonly timeoutMs: number; readonly lookup?: LookupFunction },
): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, ...(lookup && { lookup }) })
  return (server, opened) => {
    const failed = (error: Error): void => opened(new NotConnected(error), null)
    const open = (httpSocket?: Socket): void =>
      connect({ ...server, ...(httpSocket && { httpSocket }) }, (error, socket) =>
        error === null ? opened(null, socket) : failed(error),
      )
    const { proxy } = wayOut
    if (proxy !== undefined && goesThroughProxy(wayOut, server))
      tunnelTo(server, proxy, timeoutMs).then(open, failed)
    else open()
  }
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-connect */
function tunnelTo(
  { hostname, port }: { readonly hostname: string; readonly port: string },
  proxy: URL,
  timeoutMs: number,
): Promise<Socket> {
  const server = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port || 443}`
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? tlsRequest : plainRequest)({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port,
      method: 'CONNECT',
      path: server,
      agent: false,
      headers: { host: server, ...authorization(proxy) },
    })
    const late = setTimeout(
      () => request.destroy(new ProxyFailed('PROXY_TIMEOUT', 'The proxy does not answer.')),
      timeoutMs,
    )
    request.once('close', () => clearTimeout(late))
    request.once('connect', ({ statusCode = 0 }, socket, first) => {
      clearTimeout(late)
      if (statusCode >= 200 && statusCode < 300) {
        if (first.length > 0) socket.unshift(first)
        resolve(socket)
        return
      }
      socket.destroy()
      reject(new ProxyFailed('PROXY_REFUSED', `The proxy answers ${statusCode}.`))
    })
    request.on('error', (error) =>
      reject(
        error instanceof ProxyFailed
          ? error
          : new ProxyFailed('PROXY_UNREACHABLE', 'The proxy cannot be reached.', error),
      ),
    )
    request.end()
  })
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {}
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` }
}
