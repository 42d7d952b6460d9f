import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { StackFault, codeOf, reasonOf } from './fault.ts'
import { freePorts, promiseName, promised } from './provision/free-port.ts'

/** Every port of the local stack. `PARLEY_PORT_<NAME>` changes one. */
export const PORT_TABLE = {
  console: { port: 4700, serves: 'the console, behind the sign-in' },
  webhooks: { port: 4701, serves: 'webhooks of the gateway' },
  transcripts: { port: 4702, serves: 'transcript pages of the archive' },
  phone: { port: 4703, serves: "customer's phone and WhatsApp simulator" },
  identity: { port: 4704, serves: 'sign-in of the local provider of identities' },
  gateway: { port: 4711, serves: 'gRPC of the gateway' },
  routing: { port: 4712, serves: 'gRPC of routing' },
  bot: { port: 4713, serves: 'gRPC of the bot' },
  agent: { port: 4714, serves: 'gRPC of the agent service' },
  archive: { port: 4715, serves: 'gRPC of the archive' },
  gateway_probe: { port: 4721, serves: 'probes and metrics of the gateway' },
  routing_probe: { port: 4722, serves: 'probes and metrics of routing' },
  bot_probe: { port: 4723, serves: 'probes and metrics of the bot' },
  agent_probe: { port: 4724, serves: 'probes and metrics of the agent service' },
  archive_probe: { port: 4725, serves: 'probes and metrics of the archive' },
  mongo: { port: 4717, serves: 'MongoDB' },
  kafka: { port: 4792, serves: 'Kafka' },
} as const

export type PortName = keyof typeof PORT_TABLE
export type Ports = Record<PortName, number>

export const PORT_NAMES = Object.keys(PORT_TABLE) as readonly PortName[]

export const portVariable = (name: PortName): string => `PARLEY_PORT_${name.toUpperCase()}`

const portsOf = (choose: (name: PortName, index: number) => number): Ports =>
  Object.fromEntries(PORT_NAMES.map((name, index) => [name, choose(name, index)])) as Ports

const HIGHEST = 65_535

const parsePort = (variable: string, text: string): number => {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= HIGHEST) return port
  throw new StackFault('SETTING_INVALID', `${variable}=${text} is not a port`, {
    why: `a port is a whole number from 1 to ${HIGHEST}`,
    fix: `unset ${variable} or give it a free port`,
  })
}

export const portsFromEnv = (env: NodeJS.ProcessEnv): Ports => {
  const ports = portsOf((name) => {
    const text = env[portVariable(name)]
    return text ? parsePort(portVariable(name), text) : PORT_TABLE[name].port
  })
  const nameOf = new Map<number, PortName>()
  for (const name of PORT_NAMES) {
    const other = nameOf.get(ports[name])
    if (other) {
      throw new StackFault('SETTING_INVALID', `${other} and ${name} both have port ${ports[name]}`, {
        why: 'two servers cannot listen on one port',
        fix: `change ${portVariable(other)} or ${portVariable(name)}`,
      })
    }
    nameOf.set(ports[name], name)
  }
  return ports
}

export const randomPorts = async (): Promise<Ports> => {
  const free = await freePorts(PORT_NAMES.length)
  return portsOf((_, index) => free[index]!)
}

/** A browser goes to localhost by the second as soon as anybody listens there, and would find them instead of us. */
const LOOPBACK = ['127.0.0.1', '::1'] as const

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 })
    const conclude = (taken: boolean) => {
      socket.destroy()
      resolve(taken)
    }
    socket.once('connect', () => conclude(true))
    socket.once('error', () => conclude(false))
    socket.once('timeout', () => conclude(false))
  })

/** Undefined: we may listen there. */
const refusal = (port: number): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, LOOPBACK[0], () => server.close(() => resolve(undefined)))
  })

/** Why nobody could find us there, in words; undefined where they could. */
export const whyTaken = async (port: number): Promise<string | undefined> => {
  const error = await refusal(port)
  // As a port below 1024 may be, that only root may have: nobody holds it.
  if (error !== undefined && codeOf(error) !== 'EADDRINUSE') return reasonOf(error)
  const isAnswered = (await Promise.all(LOOPBACK.map((host) => answers(host, port)))).includes(true)
  if (error === undefined && !isAnswered) return undefined
  return `${port} is held by ${(await ownerOf(port)) || 'another process'}`
}

const LISTENING = '0A'

const rowsOf = (table: string): string[][] =>
  readFileSync(table, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))

const listeningOn = (port: number): ReadonlySet<string> => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  // Without IPv6 the second is not there.
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].filter(existsSync).flatMap(rowsOf)
  const found = rows.filter(([, local, , state]) => state === LISTENING && local?.endsWith(wanted))
  return new Set(found.map((row) => row[9] ?? ''))
}

const promisedTo = (port: number): ReadonlySet<string> => {
  // Some Nodes fill such a name up with zeros, which are shown so.
  const found = rowsOf('/proc/net/unix').filter((row) => row[7]?.replace(/@+$/, '') === promiseName(port))
  return new Set(found.map((row) => row[6] ?? ''))
}

/** @param inodes of its sockets */
const holderOf = (inodes: ReadonlySet<string>): number | undefined => {
  const sockets = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) =>
        sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)),
      )
      if (holds) return Number(pid)
    } catch {
      // ended meanwhile, or not ours to look at
    }
  }
  return undefined
}

const ownerByLsof = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    execFile('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], (error, stdout) =>
      resolve(error ? undefined : Number(stdout.split('\n')[0]) || undefined),
    )
  })

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 80)
  } catch {
    return ''
  }
}

/** Empty when it cannot be seen. */
const inWords = (pid: number | undefined): string =>
  pid === undefined ? '' : `pid ${pid} (${commandOf(pid) || 'name unknown'})`

/** Who listens on a port, in words. */
const ownerOf = async (port: number): Promise<string> =>
  inWords(process.platform === 'linux' ? holderOf(listeningOn(port)) : await ownerByLsof(port))

/**
 * Two who start with the same ports find them free, both: nobody listens yet. Each would take what answers there for its own, the Kafka and the
 * store of the other among it, so each port is promised to one of them before anything is started: in the order of the ports, or each might get
 * some of them.
 */
const refusedPromise = async (ports: Ports, names: readonly PortName[]) => {
  for (const name of names.toSorted((one, other) => ports[one] - ports[other])) {
    const port = ports[name]
    if (await promised(port)) continue
    const holder = inWords(holderOf(promisedTo(port))) || 'another process'
    return [{ name, why: `${port} is promised to ${holder}, which starts` }]
  }
  return []
}

export const requireFree = async (ports: Ports, names: readonly PortName[]): Promise<void> => {
  const taken = await Promise.all(names.map(async (name) => ({ name, why: await whyTaken(ports[name]) })))
  const held = taken.filter(({ why }) => why !== undefined)
  const lines = held.length > 0 ? held : await refusedPromise(ports, names)
  if (lines.length === 0) return
  throw new StackFault(
    'PORT_TAKEN',
    `${lines.length === 1 ? 'a port' : `${lines.length} ports`} cannot be had: ${lines.map(({ name }) => `${ports[name]} (${name})`).join(', ')}`,
    {
      why: lines.map(({ why }) => why).join('\n       '),
      fix: `stop it yourself, or choose other ports: ${lines.map(({ name }) => `${portVariable(name)}=${another(ports[name])}`).join(' ')} npm start`,
    },
  )
}

const another = (port: number): number => (port + 10_000 > HIGHEST ? port - 10_000 : port + 10_000)
