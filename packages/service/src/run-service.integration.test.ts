import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const parentFixture = fileURLToPath(new URL('./fixtures/parent-process.ts', import.meta.url))
const fixture = fileURLToPath(new URL('./fixtures/service-process.ts', import.meta.url))

function service(
  mode: string,
  file = fixture,
  more: NodeJS.ProcessEnv = {},
  stdout: 'pipe' | number = 'pipe',
) {
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'], MODE: mode, AGENT_PROBE_PORT: '0', ...more },
    stdio: ['ignore', stdout, 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const listener of listeners) listener()
    })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    child,
    output: () => output,
    /** Until the output has the text, or the process ended. */
    async said(text: string): Promise<void> {
      await Promise.race([
        ended,
        new Promise<void>((resolve) => {
          const look = () => output.includes(text) && resolve()
          listeners.add(look)
          look()
        }),
      ])
      expect(output).toContain(text)
    },
    closed: ended,
    exitCode: async () => (await ended)[0],
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test.for(['SIGTERM', 'SIGINT'] as const)('%s drains, closes and exits 0', async (signal) => {
  await using process = service('')
  await process.said('"ready"')
  process.child.kill(signal)
  expect(await process.exitCode()).toBe(0)
  expect(process.output()).toMatch(/draining\nclosed\n/)
})

test('the process is named after its service', async () => {
  await using process = service('')
  await process.said('"ready"')
  expect(await readFile(`/proc/${process.child.pid}/cmdline`, 'utf8')).toContain('parley-agent')
})

/** One whose every line meets a full disk. */
function silenced(mode: string) {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  return service(mode, fixture, { SAYS: 'aside' }, full)
}

test('a service whose log cannot be written works and stops as ever', async () => {
  await using process = silenced('')
  await process.said('pid ')
  process.child.kill('SIGTERM')
  expect(await process.exitCode()).toBe(0)
  expect(process.output()).toMatch(/draining\nclosed\n/)
})

test('a service whose log cannot be written ends at a fault, and does not try for ever to say so', async () => {
  await using process = silenced('fault')
  expect(await process.exitCode()).toBe(1)
  expect(process.output()).toMatch(/draining\nclosed\n/)
})

test('the probe port answers from before the start until after the drain, and has the metrics of the process', async () => {
  await using process = service('stuck')
  await process.said('"ready"')
  const port = Number(/"port":(\d+)/.exec(process.output())?.[1])
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  expect(process.output().indexOf('"port"')).toBeLessThan(process.output().indexOf('pid '))
  expect((await get('/readyz')).status).toBe(200)
  expect(await (await get('/metrics')).text()).toMatch(/^process_memory_usage\{.*\} \d+$/m)
  process.child.kill('SIGTERM')
  await process.said('draining')
  expect((await get('/readyz')).status).toBe(503)
  expect((await get('/livez')).status).toBe(200)
})

test('a second signal ends a drain that does not end, with 1', async () => {
  await using process = service('stuck')
  await process.said('"ready"')
  process.child.kill('SIGTERM')
  await process.said('draining')
  process.child.kill('SIGTERM')
  expect(await process.exitCode()).toBe(1)
  expect(process.output()).toContain('SHUTDOWN_FORCED')
})

test('bad settings are printed for people, all of them, and the exit code is 1', async () => {
  await using process = service('settings')
  expect(await process.exitCode()).toBe(1)
  expect(process.output()).toContain(
    [
      'agent: 2 settings are not usable (CONFIG_INVALID).',
      '  PORT',
      '    why: it is not set',
      '    fix: a number',
      '  SECRET',
      '    why: it is not set',
    ].join('\n'),
  )
})

test.for(['collector:4317', 'http//collector:4318', 'ftp://collector'])(
  'an address of a collector to which nothing would come through stops the start: %s',
  async (address) => {
    await using process = service('', fixture, { OTEL_EXPORTER_OTLP_ENDPOINT: address })
    expect(await process.exitCode()).toBe(1)
    expect(process.output()).toContain(
      'agent: 1 setting is not usable (CONFIG_INVALID).\n  OTEL_EXPORTER_OTLP_ENDPOINT',
    )
  },
)

test('a setting that nothing reads is told with the one that was meant, and the service starts', async () => {
  await using process = service('', fixture, { AGENT_PROBE_HOST: 'probes.example.com', LC_PROBE_HOST: 'b' })
  await process.said('"ready"')
  const told = process.output().match(/.*SETTING_MISSPELT.*/g)
  expect(told).toHaveLength(1)
  expect(JSON.parse(told![0])).toMatchObject({ variable: 'AGENT_PROBE_HOST', meant: 'AGENT_PROBE_HOSTS' })
})

test('a start that fails is logged with its code and exits 1', async () => {
  await using process = service('no-start')
  expect(await process.exitCode()).toBe(1)
  expect(process.output()).toContain('"code":"LOG_UNAVAILABLE"')
})

test('a fault is logged with its code, drains and exits 1', async () => {
  await using process = service('fault')
  expect(await process.exitCode()).toBe(1)
  expect(process.output()).toMatch(/"level":"fatal".*"code":"LOG_GAP"[^]*draining\nclosed\n/)
})

test.for(['uncaught', 'unhandled'])(
  'an error that nobody caught (%s) is logged and exits 1',
  async (mode) => {
    await using process = service(mode)
    expect(await process.exitCode()).toBe(1)
    expect(process.output()).toContain('"level":"fatal"')
    expect(process.output()).not.toContain('5511987654321')
  },
)

test('no service outlives its parent, not even one that was killed with SIGKILL', async () => {
  await using parent = service('', parentFixture)
  await parent.said('"ready"')
  parent.child.kill('SIGKILL')
  // The pipes that the service inherited close only when it ends too.
  await parent.closed
  expect(parent.output()).toMatch(/PARENT_GONE[^]*draining\nclosed\n/)
})

test("under a supervisor, Ctrl-C in the terminal is the supervisor's to handle", async () => {
  await using parent = service('', parentFixture)
  await parent.said('"ready"')
  const pid = Number(/^pid (\d+)\.$/m.exec(parent.output())?.[1])
  process.kill(pid, 'SIGINT')
  process.kill(pid, 'SIGTERM')
  await parent.said('closed')
  expect(parent.output()).toContain('"reason":"SIGTERM"')
  expect(parent.output()).not.toContain('SHUTDOWN_FORCED')
})
