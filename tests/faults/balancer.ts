import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** What stands before the replicas of a service: each connection goes to the next of them that answers. */
export interface Balancer extends AsyncDisposable {
  readonly port: number
  /** Ports on this machine. */
  serve(ports: readonly number[]): void
}

export async function startBalancer(): Promise<Balancer> {
  let ports: readonly number[] = []
  let turn = 0
  const sockets = new Set<Socket>()
  const kept = (socket: Socket): Socket => {
    sockets.add(socket)
    // Whichever end breaks, the other one is told by its own end.
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  }
  const passOn = (client: Socket, left: number): void => {
    const port = ports[turn++ % ports.length]
    if (port === undefined || left === 0) return void client.destroy()
    const replica = kept(connect(port, '127.0.0.1'))
    let isOpen = false
    replica.once('connect', () => {
      isOpen = true
      client.pipe(replica).pipe(client)
    })
    replica.once('close', () => (isOpen ? client.destroy() : passOn(client, left - 1)))
    client.once('close', () => replica.destroy())
  }
  const server = createServer((client) => passOn(kept(client), ports.length))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    serve: (those) => void (ports = those),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
