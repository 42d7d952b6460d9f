import { randomInt } from 'node:crypto'
import { type ListenOptions, type Server, createServer } from 'node:net'

/**
 * Below what systems give to whoever connects (from 32,768 on Linux, 49,152 elsewhere): one of those may be somebody's end of a connection
 * by the time that a server which takes seconds to start wants it, or wants it again.
 */
const FIRST = 20_000
const COUNT = 12_000

/** By this process, until it ends: whoever was promised a port may take it late, and again after a restart. */
const held = new Map<number, Server | undefined>()

const listening = (where: ListenOptions): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(where, () => resolve(server))
  })

/** Of all processes of this machine one holds it, where there are names that end with their process (Linux); elsewhere chance keeps them apart. */
const hold = async (port: number): Promise<boolean> => {
  if (held.has(port)) return false
  held.set(port, undefined)
  if (process.platform !== 'linux') return true
  const server = await listening({ path: `\0parley-port-${port}` })
  if (server === undefined) return false
  held.set(port, server.unref())
  return true
}

const isFree = async (port: number): Promise<boolean> => {
  const server = await listening({ port, host: '127.0.0.1' })
  if (server === undefined) return false
  await new Promise((resolve) => server.close(resolve))
  return true
}

/** A port that nobody listens on now, and that nobody else who asks here is given. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST + randomInt(COUNT)
    if ((await hold(port)) && (await isFree(port))) return port
  }
}

export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort))
