import { execFile, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backOffMs } from './back-off.ts'
import { type Control, callControl, holdServices, runningStack, serveControl } from './control.ts'
import { filesOf } from './data-directory.ts'
import { beganAt, endLeftovers } from './process/leftovers.ts'
import { freePort, freePorts } from './provision/free-port.ts'
import { Supervisor } from './supervisor.ts'
import { workerProgram } from './testing/worker-program.ts'

const WITHIN = { timeout: 20_000, interval: 50 }

const workplace = () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-supervisor-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const journal = join(directory, 'journal')
  return { directory, journal, read: () => readFileSync(journal, 'utf8').trim().split('\n') }
}

const supervise = <Layer extends string>(
  directory: string,
  layers: Layer[],
  patience = { everyMs: 100, failures: 50 },
) => {
  const supervisor = new Supervisor({ layers, logDirectory: directory, patience })
  onTestFinished(() => supervisor.stop())
  return supervisor
}

test('a killed process is started again, and the restart is counted', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  const first = supervisor.pid('worker')
  expect(supervisor.status()).toEqual({ worker: { pid: first, state: 'ready', restarts: 0 } })

  supervisor.kill('worker', 'SIGKILL')
  await vi.waitFor(
    () => expect(supervisor.status()['worker']).toMatchObject({ state: 'ready', restarts: 1 }),
    WITHIN,
  )
  expect(supervisor.pid('worker')).not.toBe(first)
})

test('what is started again and again fills no disk: its log is put aside once it is long', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  truncateSync(join(directory, 'worker.log'), 10_000_001)
  await supervisor.restart('worker')
  const sizes = ['worker.log', 'worker.log.1'].map((name) => statSync(join(directory, name)).size)
  expect(sizes).toEqual([0, 10_000_001])
})

test('a restart by hand lets the process end in its own time', async () => {
  const { directory, journal, read } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  await supervisor.restart('worker')
  expect(read()).toEqual(['start worker', 'term worker', 'end worker', 'start worker'])
})

test('a restart of what waits to be started again starts it, and ends with it', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  const broken = `${journal}.broken`
  writeFileSync(broken, '')
  supervisor.kill('worker', 'SIGKILL')
  // From then on it waits for a second and more.
  await vi.waitFor(() => expect(supervisor.status()['worker']!.restarts).toBeGreaterThan(3), WITHIN)
  await vi.waitFor(
    () => expect(supervisor.status()['worker']).toMatchObject({ pid: null, state: 'restarting' }),
    WITHIN,
  )
  rmSync(broken)
  await supervisor.restart('worker')
  expect(supervisor.status()['worker']).toMatchObject({ state: 'ready' })
})

test('a restart that comes to nothing is told with the end of the log, and the process is tried on', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  const broken = `${journal}.broken`
  writeFileSync(broken, '')
  await expect(supervisor.restart('worker')).rejects.toMatchObject({
    code: 'PROCESS_NOT_READY',
    why: expect.stringContaining('worker was told to crash') as string,
  })
  rmSync(broken)
  await vi.waitFor(() => expect(supervisor.status()['worker']?.state).toBe('ready'), WITHIN)
})

test('what two hold stands still until both have let it go, and a restart that is asked meanwhile is done then', async () => {
  const { directory, journal, read } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  await Promise.all([supervisor.hold(['worker']), supervisor.hold(['worker'])])
  const restarted = supervisor.restart('worker')
  supervisor.letGo(['worker'])
  await supervisor.hold(['worker'])
  expect(read()).toEqual(['start worker', 'term worker', 'end worker'])
  supervisor.letGo(['worker'])
  supervisor.letGo(['worker'])
  await restarted
  expect(read()).toEqual(['start worker', 'term worker', 'end worker', 'start worker'])
})

test('what somebody restarts, or held, did not fall: it is not counted among the restarts', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  await supervisor.restart('worker')
  await supervisor.hold(['worker'])
  supervisor.letGo(['worker'])
  await supervisor.restart('worker')
  expect(supervisor.status()['worker']).toMatchObject({ state: 'ready', restarts: 0 })
})

test('what waits to be started again is held at once', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  writeFileSync(`${journal}.broken`, '')
  supervisor.kill('worker', 'SIGKILL')
  await vi.waitFor(
    () => expect(supervisor.status()['worker']).toMatchObject({ pid: null, restarts: 5 }),
    WITHIN,
  )
  const began = performance.now()
  await supervisor.hold(['worker'])
  expect(performance.now() - began).toBeLessThan(backOffMs(5) / 2)
  expect(supervisor.status()['worker']).toMatchObject({ pid: null, state: 'stopped' })
  supervisor.letGo(['worker'])
})

test('what was held and let go waits, when it crashes, as long as if it had not been held', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  for (const _ of [1, 2]) await supervisor.hold(['worker'])
  for (const _ of [1, 2]) supervisor.letGo(['worker'])
  await vi.waitFor(() => expect(supervisor.status()['worker']?.state).toBe('ready'), WITHIN)

  const first = supervisor.pid('worker')
  const began = performance.now()
  supervisor.kill('worker', 'SIGKILL')
  await vi.waitFor(() => expect([null, first]).not.toContain(supervisor.pid('worker')), {
    ...WITHIN,
    interval: 5,
  })
  // A timer may come a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(backOffMs(2) - 5)
})

const controlOf = (pid: number): Control => ({
  status: () => ({ pid, ready: false, services: {} }),
  restart: async () => {},
  hold: async () => {},
  letGo() {},
  stop() {},
})

/** Begins a stack's control, which ends with the test. */
const serve = async (directory: string, pid: number) => {
  const server = await serveControl(directory, controlOf(pid))
  onTestFinished(() => void server.close())
}

/** As a stack that is killed leaves it: nobody listens there. */
const leaveSocket = async (directory: string) => {
  const killed = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(filesOf(directory).socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ])
  await once(killed, 'exit')
}

test('of stacks that start on one folder at once one has it, and what a killed one left is no stack', async () => {
  const { directory } = workplace()
  await leaveSocket(directory)
  const pids = Array.from({ length: 8 }, (_, index) => index + 1)
  const began = await Promise.allSettled(pids.map((pid) => serve(directory, pid)))
  const has = pids.filter((_, index) => began[index]!.status === 'fulfilled')
  expect(has).toHaveLength(1)
  expect(began.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))).toEqual(
    pids.slice(1).map(() => expect.objectContaining({ code: 'STACK_ALREADY_RUNS' }) as unknown),
  )
  expect(await runningStack(directory)).toMatchObject({ pid: has[0] })
  expect(readdirSync(directory)).toEqual(['control.sock'])
})

test('who found the socket of a killed stack leaves the one that another has put there since', async () => {
  const { directory } = workplace()
  const { socket } = filesOf(directory)
  // It dies when both have asked it; the second of them hears of that only when the first has the folder.
  const dying = createServer()
  dying.listen(`${socket}.dying`)
  await once(dying, 'listening')
  renameSync(`${socket}.dying`, socket)
  const asking = on(dying, 'connection') as AsyncIterator<[Socket]>
  const starting = async (pid: number) => {
    const outcome = Promise.allSettled([serve(directory, pid)])
    const { value } = (await asking.next()) as { value: [Socket] }
    return { hears: () => value[0].destroy(), outcome }
  }
  const first = await starting(1)
  const second = await starting(2)
  dying.close()
  first.hears()
  expect(await first.outcome).toMatchObject([{ status: 'fulfilled' }])
  second.hears()
  expect(await second.outcome).toMatchObject([
    { status: 'rejected', reason: { code: 'STACK_ALREADY_RUNS', message: expect.stringContaining('pid 1') } },
  ])
  expect(await runningStack(directory)).toMatchObject({ pid: 1 })
})

test("who is killed while taking over the socket of a killed stack stands in nobody's way", async () => {
  const { directory } = workplace()
  await leaveSocket(directory)
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  symlinkSync(`${gone.pid} 1`, `${filesOf(directory).socket}.taken`)
  await serve(directory, 1)
  expect(await runningStack(directory)).toMatchObject({ pid: 1 })
})

test('whoever asks a stack that takes the call and says nothing is told so, and which process stands still', async () => {
  const { directory } = workplace()
  const { socket, supervisor } = filesOf(directory)
  const asked: Socket[] = []
  const mute = createServer((connection) => void asked.push(connection))
  mute.listen(socket)
  await once(mute, 'listening')
  onTestFinished(() => {
    for (const connection of asked) connection.destroy()
    mute.close()
  })
  const told = { code: 'STACK_SILENT', message: expect.stringContaining(directory) as string }
  await expect(callControl(directory, '/status', 200)).rejects.toMatchObject({
    ...told,
    fix: expect.stringContaining('ss -xlp') as string,
  })
  const itself = { pid: process.pid, at: beganAt(process.pid), processes: [] }
  writeFileSync(supervisor, JSON.stringify(itself))
  await expect(callControl(directory, '/status', 200)).rejects.toMatchObject({
    ...told,
    fix: expect.stringContaining(`kill -CONT ${process.pid}`) as string,
  })
  // Nobody is told to end a process that has the pid of a supervisor that is gone.
  writeFileSync(supervisor, JSON.stringify({ ...itself, at: 'another time' }))
  await expect(callControl(directory, '/status', 200)).rejects.toMatchObject({
    ...told,
    fix: expect.not.stringContaining('kill') as string,
  })
  // In the middle of its answer, too.
  for (const connection of asked) connection.destroy()
  mute.once('connection', (connection: Socket) =>
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{'),
  )
  await expect(callControl(directory, '/status', 200)).rejects.toMatchObject(told)
})

test.runIf(process.platform === 'linux')('a stack of another account is not said to be none', async () => {
  const { directory } = workplace()
  await serve(directory, 1)
  chmodSync(directory, 0)
  onTestFinished(() => chmodSync(directory, 0o700))
  const asks = `
    import(${JSON.stringify(fileURLToPath(new URL('control.ts', import.meta.url)))})
      .then(({ runningStack }) => runningStack(${JSON.stringify(directory)}))
      .then((running) => console.log(running), ({ code, why }) => console.log(code, why))
  `
  // Root may look into each folder, unless it gives that right away.
  const lowered = process.getuid?.() === 0 ? '--bounding-set=-dac_override,-dac_read_search' : '--nnp'
  const { stdout } = await promisify(execFile)('setpriv', [lowered, process.execPath, '-e', asks])
  expect(stdout).toMatch(/^DATA_FOLDER_UNUSABLE .*EACCES/)
})

test('what runs is kept running though nothing can be written down of it', async () => {
  const { directory, journal } = workplace()
  let isFull = false
  const supervisor = new Supervisor({
    layers: ['only'],
    logDirectory: directory,
    changed() {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    },
  })
  onTestFinished(() => supervisor.stop())
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  isFull = true
  supervisor.kill('worker', 'SIGKILL')
  await vi.waitFor(
    () => expect(supervisor.status()['worker']).toMatchObject({ state: 'ready', restarts: 1 }),
    WITHIN,
  )
})

test('what is held has ended in its own time and stands still for as long as whoever asked is connected', async () => {
  const { directory, journal, read } = workplace()
  const supervisor = supervise(directory, ['only'])
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  const control = await serveControl(directory, {
    status: () => ({ pid: process.pid, ready: true, services: supervisor.status() }),
    restart: (name) => supervisor.restart(name),
    hold: (names) => supervisor.hold(names),
    letGo: (names) => supervisor.letGo(names),
    stop() {},
  })
  onTestFinished(() => void control.close())

  const held = await holdServices(directory, ['worker'])
  expect(read()).toEqual(['start worker', 'term worker', 'end worker'])
  expect(supervisor.status()['worker']).toMatchObject({ pid: null, state: 'stopped' })
  held.letGo()
  await vi.waitFor(() => expect(supervisor.status()['worker']?.state).toBe('ready'), WITHIN)
  expect(read()).toEqual(['start worker', 'term worker', 'end worker', 'start worker'])
  await expect(holdServices(directory, ['nobody'])).rejects.toThrow('NO_SUCH_SERVICE')
})

test('who wants services held by a stack that never ends them is told so in time, and lets them go', async () => {
  const { directory } = workplace()
  const isHeld = Promise.withResolvers<void>()
  const isLetGo = Promise.withResolvers<void>()
  const control = await serveControl(directory, {
    status: () => ({ pid: process.pid, ready: true, services: {} }),
    restart: async () => {},
    hold: () => isHeld.promise,
    letGo: () => isLetGo.resolve(),
    stop() {},
  })
  onTestFinished(() => void control.close())
  await expect(holdServices(directory, ['worker'], 200)).rejects.toMatchObject({ code: 'STACK_SILENT' })
  // It may be held in the end: by nobody then.
  isHeld.resolve()
  await isLetGo.promise
})

test('a process that runs and fails at its work is killed and started again, and its log says why', async () => {
  const { directory, journal, read } = workplace()
  const supervisor = supervise(directory, ['only'], { everyMs: 20, failures: 5 })
  const program = workerProgram({ name: 'ill', port: await freePort(), journal, habits: ['falls-ill'] })
  await supervisor.start('only', program)
  await vi.waitFor(
    () => expect(supervisor.status()['ill']).toMatchObject({ fault: 'PROCESS_DEAD', restarts: 2 }),
    WITHIN,
  )
  expect(read(), 'it is not asked to end in order').not.toContain('term ill')
  expect(readFileSync(join(directory, 'ill.log'), 'utf8')).toMatch(
    /ill runs and failed its probe 5 times in a row.*\(PROCESS_DEAD\)/,
  )
})

test('a process that stands still for good is killed and started again', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'], { everyMs: 20, failures: 2 })
  await supervisor.start('only', workerProgram({ name: 'worker', port: await freePort(), journal }))
  const stood = supervisor.pid('worker')!
  supervisor.kill('worker', 'SIGSTOP')
  await vi.waitFor(() => expect(supervisor.status()['worker']).toMatchObject({ restarts: 1 }), WITHIN)
  await vi.waitFor(
    () => expect(supervisor.status()['worker']).toMatchObject({ state: 'ready', fault: 'PROCESS_DEAD' }),
    WITHIN,
  )
  expect(beganAt(stood)).toBeUndefined()
})

test('layers stop in the reverse order of their start, each only when those above it are gone', async () => {
  const { directory, journal, read } = workplace()
  const supervisor = supervise(directory, ['servers', 'services'])
  const [kafka, gateway, archive] = await freePorts(3)
  await supervisor.start('servers', workerProgram({ name: 'kafka', port: kafka!, journal }))
  await supervisor.start('services', workerProgram({ name: 'gateway', port: gateway!, journal }))
  await supervisor.start('services', workerProgram({ name: 'archive', port: archive!, journal }))
  await supervisor.stop()

  const ended = read().slice(3)
  expect(ended.slice(0, 4).toSorted()).toEqual(['end archive', 'end gateway', 'term archive', 'term gateway'])
  expect(ended.slice(4)).toEqual(['term kafka', 'end kafka'])
  expect(Object.values(supervisor.status()).map(({ state }) => state)).toEqual([
    'stopped',
    'stopped',
    'stopped',
  ])
})

test('a process that does not listen to SIGTERM is killed when its budget is spent', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  const program = workerProgram({
    name: 'deaf',
    port: await freePort(),
    journal,
    habits: ['ignores-sigterm'],
  })
  await supervisor.start('only', program)
  const pid = supervisor.pid('deaf')!
  await supervisor.stop()
  expect(beganAt(pid)).toBeUndefined()
})

test('a process that cannot start fails the start with the end of its log', async () => {
  const { directory, journal } = workplace()
  const supervisor = supervise(directory, ['only'])
  const program = workerProgram({
    name: 'broken',
    port: await freePort(),
    journal,
    habits: ['crashes-at-start'],
  })
  await expect(supervisor.start('only', program)).rejects.toMatchObject({
    code: 'PROCESS_NOT_READY',
    why: expect.stringContaining('broken was told to crash'),
  })
  expect(supervisor.status()['broken']).toMatchObject({ state: 'failed', pid: null })
})

test('a program that is not on this machine fails the start with its name', async () => {
  const { directory } = workplace()
  const supervisor = supervise(directory, ['only'])
  const start = supervisor.start('only', {
    name: 'absent',
    child: { command: 'parley-no-such-program', args: [] },
    stopBudgetMs: 1_000,
    isReady: () => Promise.resolve(false),
  })
  await expect(start).rejects.toMatchObject({
    code: 'PROCESS_NOT_STARTED',
    fix: expect.stringContaining('parley-no-such-program'),
  })
})

test('kill -9 of the parent leaves no child, not even one that ignores SIGTERM', async () => {
  const { directory } = workplace()
  const [polite, deaf] = await freePorts(2)
  const parent = spawn(
    process.execPath,
    [fileURLToPath(new URL('testing/parent.ts', import.meta.url)), directory, String(polite), String(deaf)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = await once(createInterface(parent.stdout), 'line')
  const status: Record<string, { pid: number }> = JSON.parse(String(line))
  const pids = Object.values(status).map(({ pid }) => pid)
  expect(pids.map(beganAt)).not.toContain(undefined)

  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.map(beganAt)).toEqual([undefined, undefined]), WITHIN)
})

test('what an earlier stack left behind is ended, and a process that took over its pid is not', async () => {
  const leftover = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' })
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => void stranger.kill('SIGKILL'))
  await endLeftovers([
    { pid: leftover.pid!, at: beganAt(leftover.pid!)! },
    { pid: stranger.pid!, at: 'another time' },
  ])
  expect(beganAt(leftover.pid!)).toBeUndefined()
  expect(beganAt(stranger.pid!)).toBeDefined()
})
