import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portsFromEnv, requireFree } from './ports.ts'
import { freePorts } from './provision/free-port.ts'

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
})

describe.runIf(process.platform === 'linux')('a free port', () => {
  test('is given to one of all processes that ask, and to none that connects', async () => {
    const module = fileURLToPath(new URL('provision/free-port.ts', import.meta.url))
    const other = spawn(
      process.execPath,
      [
        '-e',
        `import(${JSON.stringify(module)}).then(async ({ freePorts }) => { console.log(JSON.stringify(await freePorts(300))); setInterval(() => {}, 1e6) })`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    onTestFinished(() => void other.kill('SIGKILL'))
    const [line] = (await once(other.stdout, 'data')) as [Buffer]
    const theirs = JSON.parse(line.toString()) as number[]
    const ours = await freePorts(300)
    expect(new Set([...theirs, ...ours]).size).toBe(600)
    const [lowest] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)
    expect(Math.max(...ours)).toBeLessThan(Number(lowest))
  })
})
