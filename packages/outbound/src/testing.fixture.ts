import { once } from 'node:events'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { certificates } from '../../../infra/stack/src/container/certificates.ts'

/** The only name that the server's certificate holds. */
export const SERVER = 'graph.example.com'

/**
 * A server with a certificate that this process trusts, and a proxy that leads every name to it, but those that say what it does instead:
 * `refuses.…`, `is-silent.…`, `hangs-up.…`.
 */
export async function serverBehindProxy() {
  const authority = await certificates()
  const { certificate: cert, key } = await authority.of(SERVER)
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, authority.authority])

  const requests: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = []
  const server = createTlsServer({ cert, key }, ({ url, headers, socket }, response) => {
    requests.push({ url, headers })
    if (url === '/cut') socket.destroy()
    else response.end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  const open = new Set<Socket>()
  const asked: { readonly server: string | undefined; readonly authorization: unknown }[] = []
  const proxy = createServer()
    .on('connect', ({ url = '', headers }, socket: Socket) => {
      asked.push({ server: url, authorization: headers['proxy-authorization'] })
      open.add(socket.on('error', () => {}))
      const [name] = url.split('.', 1)
      if (name === 'hangs-up') socket.destroy()
      else if (name === 'refuses') socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      else if (name !== 'is-silent') {
        const there = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
          socket.pipe(there).pipe(socket)
        }).on('error', () => socket.destroy())
        open.add(there)
      }
    })
    .listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(proxy, 'listening')])
  return {
    asked,
    requests,
    proxy: new URL(`http://parley:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      setDefaultCACertificates(trusted)
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await Promise.all([server, proxy].map((one) => new Promise((closed) => one.close(closed))))
    },
  }
}
