import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** What is lost when the connection breaks: the command on its way in, or the answer to a command that was carried out. */
export type Lost = 'command' | 'answer'

export interface MongoProxy extends AsyncDisposable {
  /** Of the server behind it, by way of this proxy. */
  readonly uri: string
  /** Breaks the connection once, at the next command of this name. */
  breakAt(command: string, lost: Lost): void
  /** How often it broke one. */
  readonly breaks: number
}

/** For tests: a TCP proxy before a real MongoDB, so that a test can lose one command or one answer. */
export async function mongoProxy(uri: string): Promise<MongoProxy> {
  const behind = new URL(uri)
  const sockets = new Set<Socket>()
  let next: { readonly command: string; readonly lost: Lost } | undefined
  let breaks = 0

  const server = createServer((client) => {
    const upstream = connect(Number(behind.port), behind.hostname)
    let isLosingAnswer = false
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
    client.on('data', (chunk) => {
      // A command is the first element of its document: BSON type string, its name, NUL.
      if (next !== undefined && chunk.includes(`\u0002${next.command}\u0000`, 0, 'latin1')) {
        const { lost } = next
        next = undefined
        breaks += 1
        if (lost === 'command') return cut()
        isLosingAnswer = true
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => (isLosingAnswer ? cut() : void client.write(chunk)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = new URL(uri)
  own.hostname = '127.0.0.1'
  own.port = String((server.address() as AddressInfo).port)

  return {
    uri: own.href,
    breakAt(command, lost) {
      next = { command, lost }
    },
    get breaks() {
      return breaks
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
