import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portsFromEnv, requireFree } from './ports.ts'
import { freePort, freePorts, portRange } from './provision/free-port.ts'

describe('ports', () => {
  test('are the ones that tools rely on, unless one is changed', () => {
    expect(portsFromEnv({})).toEqual({
      console: 4700,
      webhooks: 4701,
      transcripts: 4702,
      phone: 4703,
      identity: 4704,
      gateway: 4711,
      routing: 4712,
      bot: 4713,
      agent: 4714,
      archive: 4715,
      gateway_probe: 4721,
      routing_probe: 4722,
      bot_probe: 4723,
      agent_probe: 4724,
      archive_probe: 4725,
      mongo: 4717,
      kafka: 4792,
    })
    expect(portsFromEnv({ PARLEY_PORT_WEBHOOKS: '14701' })).toMatchObject({ webhooks: 14_701, phone: 4703 })
  })

  test.each(['0', '65536', '47x', '-1', '4.5'])('%s is refused as a port', (text) => {
    expect(() => portsFromEnv({ PARLEY_PORT_KAFKA: text })).toThrow(
      expect.objectContaining({ code: 'SETTING_INVALID' }),
    )
  })

  test('two servers on one port are refused with both names', () => {
    expect(() => portsFromEnv({ PARLEY_PORT_PHONE: '4701' })).toThrow(
      /webhooks and phone both have port 4701/,
    )
  })

  test('a taken port is named with its owner and the way to change it', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const taken = requireFree(portsFromEnv({ PARLEY_PORT_WEBHOOKS: String(port) }), ['webhooks'])
    await expect(taken).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`${port} (webhooks)`),
      why: expect.stringContaining(process.platform === 'linux' ? `pid ${process.pid}` : String(port)),
      fix: expect.stringContaining('PARLEY_PORT_WEBHOOKS='),
    })
    await new Promise((resolve) => other.close(resolve))
  })

  test('a port at which browsers would find somebody else under localhost is taken', async () => {
    const other = createServer()
    other.listen(0, '::1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    await expect(
      requireFree(portsFromEnv({ PARLEY_PORT_CONSOLE: String(port) }), ['console']),
    ).rejects.toMatchObject({ code: 'PORT_TAKEN', why: expect.stringContaining('held by') as string })
  })
})

const PORTS = fileURLToPath(new URL('ports.ts', import.meta.url))
const FREE_PORT = fileURLToPath(new URL('provision/free-port.ts', import.meta.url))

/** In a shell, which may narrow what it is allowed. Prints a JSON line. */
const elsewhere = async (script: string, before = ':') => {
  const other = spawn('sh', ['-c', `${before}; exec "$0" -e "$1"`, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void other.kill('SIGKILL'))
  const [line] = (await once(other.stdout, 'data')) as [Buffer]
  return JSON.parse(line.toString()) as unknown
}

/** What it says of a port that cannot be had. */
const asksToHave = (port: number) =>
  `import(${JSON.stringify(PORTS)}).then(({ requireFree }) => requireFree({ phone: ${port} }, ['phone'])).catch(({ code, why }) => ({ code, why })).then((said) => console.log(JSON.stringify(said)))`

describe('a port that cannot be had', () => {
  test('is not said to be held by anybody where this account may not listen, as below 1024', async () => {
    // Stands in for an account that is not root.
    const forbids = `
      const { Server } = require('node:net')
      Server.prototype.listen = function () {
        process.nextTick(() => this.emit('error', Object.assign(new Error('listen EACCES: permission denied'), { code: 'EACCES' })))
      }
    `
    expect(await elsewhere(forbids + asksToHave(80))).toEqual({
      code: 'PORT_TAKEN',
      why: 'listen EACCES: permission denied',
    })
  })

  test.runIf(process.platform === 'linux')('is named with its owner on a machine without IPv6', async () => {
    // Stands in for its kernel, which has no such table.
    const withoutTable = `
      const fs = require('node:fs')
      for (const name of ['existsSync', 'readFileSync']) {
        const itself = fs[name]
        fs[name] = (path, ...rest) => itself(path === '/proc/net/tcp6' ? '/proc/net/none' : path, ...rest)
      }
      require('node:module').syncBuiltinESMExports()
    `
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    expect(await elsewhere(withoutTable + asksToHave(port))).toMatchObject({
      code: 'PORT_TAKEN',
      why: expect.stringContaining(`pid ${process.pid}`) as string,
    })
  })
})

/** Runs on, and keeps what it was given. */
const asksFor = (count: number) =>
  `import(${JSON.stringify(FREE_PORT)}).then(({ freePorts }) => freePorts(${count})).catch(({ code }) => code).then((given) => { console.log(JSON.stringify(given)); setInterval(() => {}, 1e6) })`

describe.runIf(process.platform === 'linux')(
  'of two who start with the same ports at the same moment',
  () => {
    test('one is told before anything runs: it would take the Kafka and the store of the other for its own', async () => {
      const [port] = (await elsewhere(asksFor(1))) as [number]
      await expect(
        requireFree(portsFromEnv({ PARLEY_PORT_KAFKA: String(port) }), ['kafka']),
      ).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        why: expect.stringMatching(`^${port} is promised to pid \\d+ \\(.+\\), which starts$`) as string,
        fix: expect.stringContaining('PARLEY_PORT_KAFKA=') as string,
      })
    })

    test('whoever was given free ports, or starts again, has them', async () => {
      const ports = portsFromEnv({ PARLEY_PORT_KAFKA: String(await freePort()) })
      for (const _ of ['at first', 'and again'])
        await expect(requireFree(ports, ['kafka'])).resolves.toBeUndefined()
    })
  },
)

describe('a free port', () => {
  test.each([
    ['32768\t60999\n', 32_767],
    ['49152\t65535\n', 49_151],
    ['22000\t65535\n', 21_999],
    // Any is as good there.
    ['1024\t65535\n', 32_767],
    ['20001\t65535\n', 32_767],
    // No Linux.
    ['', 32_767],
  ])('is below what a system gives to whoever connects that says %j', (localPortRange, last) => {
    expect(portRange(localPortRange)).toEqual({ first: 20_000, count: last - 20_000 + 1 })
  })

  test('is refused when each is taken', async () => {
    const taken = createServer()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as AddressInfo
    await expect(freePort({ first: port, count: 1 })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  })
})

describe.runIf(process.platform === 'linux')('a free port of Linux', () => {
  test('is given to one of all processes that ask, and to none that connects', async () => {
    const theirs = (await elsewhere(asksFor(300))) as number[]
    const ours = await freePorts(300)
    expect(new Set([...theirs, ...ours]).size).toBe(600)
    const { first, count } = portRange(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))
    expect(Math.max(...ours)).toBeLessThan(first + count)
  })

  test('is no matter of trying on where a process may open no more: it is told so', async () => {
    expect(await elsewhere(asksFor(300), 'ulimit -n 100')).toBe('EMFILE')
  })

  test('is given where a sandbox forbids the names that hold it', async () => {
    // Stands in for the sandbox.
    const forbids = `
      const { Server } = require('node:net')
      const { listen } = Server.prototype
      Server.prototype.listen = function (where, ...rest) {
        if (!where.path?.startsWith('\\0')) return listen.call(this, where, ...rest)
        process.nextTick(() => this.emit('error', Object.assign(new Error(), { code: 'EPERM' })))
      }
    `
    expect(new Set((await elsewhere(forbids + asksFor(300))) as number[]).size).toBe(300)
  })
})
