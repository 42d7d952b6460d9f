import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { callControl, runningStack } from './control.ts'
import { filesOf } from './data-directory.ts'
import type { StackFault } from './fault.ts'
import { beganAt } from './process/leftovers.ts'
import { startStack } from './start-stack.ts'

const BOOTSTRAP = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url))

/** A folder with data, and with a process of an earlier stack that takes its time to end. */
const folder = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-start-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const messages = join(dataDir, 'kafka', 'messages')
  mkdirSync(join(dataDir, 'kafka'))
  writeFileSync(messages, 'of an earlier run')
  writeFileSync(join(dataDir, 'format'), '9')
  const leftover = spawn(
    process.execPath,
    [
      '-e',
      `process.on('SIGTERM', () => { console.log('asked to end'); setTimeout(() => process.exit(), 1000) }); setInterval(() => {}, 1e6); console.log('runs')`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void leftover.kill('SIGKILL'))
  await once(leftover.stdout, 'data')
  const pid = leftover.pid!
  const processes = [{ pid, at: beganAt(pid) }]
  writeFileSync(filesOf(dataDir).supervisor, JSON.stringify({ processes }))
  return { dataDir, messages, leftover: pid, askedToEnd: once(leftover.stdout, 'data') }
}

const untilFree = async (dataDir: string) => {
  while (await runningStack(dataDir)) await delay(10)
}

test.runIf(process.platform === 'linux').each(['by its signal', 'by `down`'])(
  'a start that is ended %s while it clears up after an earlier one deletes nothing, and has the folder until it is over',
  async (how) => {
    const { dataDir, messages, leftover, askedToEnd } = await folder()
    const ending = new AbortController()
    const options = { dataDir, reset: true, randomPorts: true, signal: ending.signal }
    const outcome = Promise.allSettled([startStack(options)])
    await askedToEnd
    if (how === 'by its signal') ending.abort()
    else await callControl(dataDir, '/stop')
    await untilFree(dataDir)
    expect(beganAt(leftover), 'the start waits for it').toBeUndefined()
    expect(await outcome).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }])
    expect(existsSync(messages)).toBe(true)
  },
)

test.runIf(process.platform === 'linux')(
  'what was started without a terminal at its ends, as by nohup, goes on when the one that it was started from closes, though npm does not',
  async () => {
    const { dataDir, messages, askedToEnd } = await folder()
    // The shell stands in for npm. A process group of its own: all of it hears that the terminal is gone.
    const npm = spawn('sh', ['-c', '"$0" "$1" start --reset & wait', process.execPath, BOOTSTRAP], {
      detached: true,
      env: { ...process.env, PARLEY_DATA_DIR: dataDir, npm_lifecycle_event: 'start' },
      stdio: 'ignore',
    })
    onTestFinished(async () => {
      await callControl(dataDir, '/stop')
      await untilFree(dataDir)
    })
    await askedToEnd
    process.kill(-npm.pid!, 'SIGHUP')
    await vi.waitFor(() => expect(existsSync(messages), 'the reset comes next').toBe(false), {
      timeout: 30_000,
      interval: 20,
    })
  },
)

test.runIf(process.platform === 'linux')('what was started in a terminal ends with it', async () => {
  const { dataDir, messages, leftover, askedToEnd } = await folder()
  const inTerminal = 'import pty, sys; pty.spawn(sys.argv[1:])'
  const terminal = spawn('python3', ['-c', inTerminal, process.execPath, BOOTSTRAP, 'start', '--reset'], {
    env: { ...process.env, PARLEY_DATA_DIR: dataDir },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  await askedToEnd
  terminal.kill('SIGKILL')
  await untilFree(dataDir)
  expect(beganAt(leftover), 'the start waits for it').toBeUndefined()
  expect(existsSync(messages)).toBe(true)
})

test('a data folder that cannot be one is told with why and how', async () => {
  const { messages } = await folder()
  await expect(startStack({ dataDir: messages, randomPorts: true })).rejects.toMatchObject({
    code: 'DATA_FOLDER_UNUSABLE',
    why: expect.stringContaining('EEXIST') as string,
    fix: expect.stringContaining('PARLEY_DATA_DIR') as string,
  })
})

test('somebody’s folder is left as it is, also by a reset', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-home-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  chmodSync(dataDir, 0o755)
  mkdirSync(join(dataDir, 'logs'))
  await expect(startStack({ dataDir, reset: true, randomPorts: true })).rejects.toMatchObject({
    code: 'DATA_FOLDER_UNUSABLE',
    why: expect.stringContaining('it holds logs') as string,
    fix: expect.stringContaining('PARLEY_DATA_DIR') as string,
  })
  expect(readdirSync(dataDir)).toEqual(['logs'])
  expect(statSync(dataDir).mode & 0o777).toBe(0o755)
})

test('secrets that cannot be read are named by their file, and nothing of them is told', async () => {
  const { dataDir } = await folder()
  writeFileSync(filesOf(dataDir).secrets, '{ "hunter2')
  const { why } = await startStack({ dataDir, randomPorts: true }).then(
    () => expect.unreachable(),
    (error: unknown) => error as StackFault,
  )
  expect(why).toContain(filesOf(dataDir).secrets)
  expect(why).not.toContain('hunter2')
})
