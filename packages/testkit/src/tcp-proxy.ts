import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A client and what it reached through the proxy; when one of the two ends, so does the other. */
export interface Link {
  readonly client: Socket
  readonly upstream: Socket
  cut(): void
}

export interface TcpProxy extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number
  cutAll(): void
}

/** For tests: stands before a real server. `join` passes on what it wants to pass, of each new connection. */
export async function tcpProxy(host: string, port: number, join: (link: Link) => void): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, host)
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    join({ client, upstream, cut })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cutAll,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cutAll()
      await closed
    },
  }
}
