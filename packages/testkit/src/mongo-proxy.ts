import { tcpProxy } from './tcp-proxy.ts'

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
  let next: { readonly command: string; readonly lost: Lost } | undefined
  let breaks = 0

  const proxy = await tcpProxy(behind.hostname, Number(behind.port), ({ client, upstream, cut }) => {
    let isLosingAnswer = false
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
  const own = new URL(uri)
  own.hostname = '127.0.0.1'
  own.port = String(proxy.port)

  return {
    uri: own.href,
    breakAt(command, lost) {
      next = { command, lost }
    },
    get breaks() {
      return breaks
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}
