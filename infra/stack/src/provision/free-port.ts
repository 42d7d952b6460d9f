import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type ListenOptions, type Server, createServer } from 'node:net'
import { StackFault, codeOf } from '../fault.ts'

export interface PortRange {
  first: number
  count: number
}

const FIRST = 20_000
/** Where the system does not say from where on it gives ports to whoever connects: from 32,768 on Linux, from 49,152 elsewhere. */
const LOWEST_GIVEN = 32_768
const FEWEST = 2_000

/**
 * Below what the system gives to whoever connects: one of those may be somebody's end of a connection by the time that a server which takes
 * seconds to start wants it, or wants it again. Where a system gives almost all of them, any is as good.
 * @param localPortRange what Linux has in /proc/sys/net/ipv4/ip_local_port_range
 */
export const portRange = (localPortRange: string): PortRange => {
  const lowest = Number.parseInt(localPortRange, 10) || LOWEST_GIVEN
  return { first: FIRST, count: (lowest < FIRST + FEWEST ? LOWEST_GIVEN : lowest) - FIRST }
}

const rangeHere = (): PortRange => {
  try {
    return portRange(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))
  } catch {
    return portRange('')
  }
}

/** By this process, until it ends: whoever was promised a port may take it late, and again after a restart. */
const held = new Map<number, Server | undefined>()

const listening = (where: ListenOptions): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(where, () => resolve(server))
  })

/** As /proc/net/unix and `ss -xl` show it. */
export const promiseName = (port: number): string => `@parley-port-${port}`

/** Of all processes of this machine one holds it, where there are names that end with their process (Linux); elsewhere chance keeps them apart. */
const hold = async (port: number): Promise<boolean> => {
  if (held.has(port)) return false
  held.set(port, undefined)
  if (process.platform !== 'linux') return true
  try {
    const server = await listening({ path: promiseName(port).replace('@', '\0') })
    held.set(port, server.unref())
    return true
  } catch (error) {
    // A sandbox may forbid such names.
    if (codeOf(error) === 'EPERM' || codeOf(error) === 'EACCES') return true
    held.delete(port)
    if (codeOf(error) === 'EADDRINUSE') return false
    throw error
  }
}

/** A port that somebody chose: promised to this process, now or before. Whoever starts at the same moment and chose it too has to take another. */
export const promised = async (port: number): Promise<boolean> => held.has(port) || (await hold(port))

const isFree = async (port: number): Promise<boolean> => {
  try {
    const server = await listening({ port, host: '127.0.0.1' })
    await new Promise((resolve) => server.close(resolve))
    return true
  } catch (error) {
    // A system may keep some for itself.
    if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') return false
    throw error
  }
}

/**
 * A port that nobody listens on now, and that nobody else who asks here is given.
 * @throws PORT_TAKEN when all of them are, and what keeps this process from listening at all
 */
export const freePort = async ({ first, count }: PortRange = rangeHere()): Promise<number> => {
  const begin = randomInt(count)
  for (let tried = 0; tried < count; tried += 1) {
    const port = first + ((begin + tried) % count)
    if ((await hold(port)) && (await isFree(port))) return port
  }
  throw new StackFault('PORT_TAKEN', `no port from ${first} to ${first + count - 1} is free`, {
    why: 'each is listened on, or promised to a process that runs',
    fix: 'end what holds so many: `ss -ltn` lists what listens, `ss -xl` what is promised (@parley-port-…)',
  })
}

export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, () => freePort()))
