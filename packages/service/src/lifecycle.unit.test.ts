import { afterEach, expect, test, vi } from 'vitest'
import { type Resource, createLifecycle } from './lifecycle.ts'
import { createLogger } from './logger.ts'

const log = createLogger({ service: 'agent', level: 'silent' })
const shortly = { drainMs: 30, closeMs: 30, flushMs: 30 }
const inSeconds = { drainMs: 20_000, closeMs: 5_000, flushMs: 3_000 }
const never = (): Promise<void> => new Promise(() => {})

afterEach(() => void vi.useRealTimers())

/** A logger that keeps what of whom took too long. */
function budgetLog() {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return {
    log: createLogger({ service: 'agent', level: 'error', destination }),
    leftBehind: () =>
      lines
        .map((line) => JSON.parse(line) as { code: string; resource: string; state: string })
        .filter(({ code }) => code === 'SHUTDOWN_BUDGET_EXCEEDED')
        .map(({ resource, state }) => `${state} ${resource}`),
  }
}

function ledger() {
  const steps: string[] = []
  const resource = (name: string, more: Partial<Resource> = {}): Resource => ({
    name,
    drain: async () => void steps.push(`drain ${name}`),
    close: async () => void steps.push(`close ${name}`),
    ...more,
  })
  return { steps, resource }
}

test('a stop drains all in reverse order, then closes all in reverse order, then flushes', async () => {
  const { steps, resource } = ledger()
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('mongodb'), resource('log'), resource('http')],
    flush: async () => void steps.push('flush'),
  })
  const running = lifecycle.run()
  lifecycle.shutdown({ reason: 'SIGTERM' })
  expect(await running).toBe(0)
  expect(steps).toEqual([
    'drain http',
    'drain log',
    'drain mongodb',
    'close http',
    'close log',
    'close mongodb',
    'flush',
  ])
  expect(lifecycle.state()).toBe('stopped')
})

test('it is ready only between the end of the start and the word to stop, and only if its resources are', async () => {
  const { resource } = ledger()
  let isJoined = false
  const started = Promise.withResolvers<readonly Resource[]>()
  const lifecycle = createLifecycle({ log, start: () => started.promise })
  const running = lifecycle.run()
  expect(lifecycle.notReady()).toEqual(['starting'])
  started.resolve([resource('mongodb'), resource('reader', { isReady: () => isJoined })])
  await expect.poll(() => lifecycle.notReady()).toEqual(['reader'])
  isJoined = true
  expect(lifecycle.isReady()).toBe(true)
  lifecycle.shutdown()
  expect(lifecycle.isReady()).toBe(false)
  await running
})

test('it is not ready before the first resource is asked to drain', async () => {
  const { resource } = ledger()
  const readyWhileDraining: boolean[] = []
  const lifecycle = createLifecycle({
    log,
    start: async () => [
      resource('http', { drain: async () => void readyWhileDraining.push(lifecycle.isReady()) }),
    ],
  })
  const running = lifecycle.run()
  lifecycle.onShutdown(() => readyWhileDraining.push(lifecycle.isReady()))
  lifecycle.shutdown()
  await running
  expect(readyWhileDraining).toEqual([false, false])
})

test('a stop that was asked for while starting closes what was started', async () => {
  const { steps, resource } = ledger()
  const started = Promise.withResolvers<readonly Resource[]>()
  const lifecycle = createLifecycle({ log, start: () => started.promise })
  const running = lifecycle.run()
  lifecycle.shutdown()
  started.resolve([resource('mongodb')])
  expect(await running).toBe(0)
  expect(steps).toEqual(['drain mongodb', 'close mongodb'])
})

test('a drain that takes longer than its budget ends with 1, and everything is closed all the same', async () => {
  const { steps, resource } = ledger()
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('mongodb'), resource('stuck', { drain: () => new Promise(() => {}) })],
  })
  const running = lifecycle.run()
  lifecycle.shutdown({ budgets: shortly })
  expect(await running).toBe(1)
  expect(steps).toEqual(['drain mongodb', 'close stuck', 'close mongodb'])
})

test('a resource that fails to stop does not keep the others from stopping, and the exit code is 1', async () => {
  const { steps, resource } = ledger()
  const lifecycle = createLifecycle({
    log,
    start: async () => [
      resource('mongodb'),
      resource('broken', {
        drain() {
          throw new Error('no')
        },
        close: () => Promise.reject(new Error('no')),
      }),
    ],
  })
  const running = lifecycle.run()
  lifecycle.shutdown()
  expect(await running).toBe(1)
  expect(steps).toEqual(['drain mongodb', 'close mongodb'])
})

test('a fault ends with 1 even when all stops well, and the first word counts', async () => {
  const { resource } = ledger()
  const lifecycle = createLifecycle({ log, start: async () => [resource('mongodb')] })
  const running = lifecycle.run()
  lifecycle.shutdown({ reason: 'LOG_GAP', exitCode: 1, budgets: shortly })
  lifecycle.shutdown({ reason: 'SIGTERM' })
  expect(await running).toBe(1)
})

test('a start that fails rejects', async () => {
  const lifecycle = createLifecycle({ log, start: () => Promise.reject(new Error('no broker')) })
  await expect(lifecycle.run()).rejects.toThrow('no broker')
  expect(lifecycle.state()).toBe('stopped')
})

test('a resource that is stuck takes no time of the others: they drain in full, and it alone is named', async () => {
  vi.useFakeTimers()
  const { log, leftBehind } = budgetLog()
  const { steps, resource } = ledger()
  const slow = (name: string) =>
    resource(name, {
      drain: () =>
        new Promise((resolve) =>
          setTimeout(() => {
            steps.push(`drained ${name}`)
            resolve()
          }, 5_000),
        ),
    })
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('mongodb'), slow('reader'), resource('http', { drain: never })],
  })
  const running = lifecycle.run()
  lifecycle.shutdown({ budgets: inSeconds })
  await vi.advanceTimersByTimeAsync(inSeconds.drainMs)
  expect(await running).toBe(1)
  expect(steps).toEqual(['drained reader', 'drain mongodb', 'close http', 'close reader', 'close mongodb'])
  expect(leftBehind()).toEqual(['drain http'])
})

test('a resource that is slow, and not stuck, has the whole budget, though the one before it does not wait so long', async () => {
  vi.useFakeTimers()
  const { log, leftBehind } = budgetLog()
  const { steps, resource } = ledger()
  const lifecycle = createLifecycle({
    log,
    start: async () => [
      resource('reader'),
      resource('http', { drain: () => new Promise((resolve) => setTimeout(resolve, 19_000)) }),
    ],
  })
  const running = lifecycle.run()
  lifecycle.shutdown({ budgets: inSeconds })
  await vi.advanceTimersByTimeAsync(11_000)
  expect(steps).toEqual(['drain reader'])
  await vi.advanceTimersByTimeAsync(9_000)
  expect(await running).toBe(0)
  expect(leftBehind()).toEqual([])
})

test('those that do not need each other stop together, and what they need stops after all of them', async () => {
  const { steps, resource } = ledger()
  const [http, grpc] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const held = (name: string, drained: Promise<void>) =>
    resource(name, {
      drain: () => {
        steps.push(`drain ${name}`)
        return drained
      },
    })
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('reader'), [held('http', http.promise), held('grpc', grpc.promise)]],
  })
  const running = lifecycle.run()
  lifecycle.shutdown()
  await expect.poll(() => steps).toEqual(['drain http', 'drain grpc'])
  grpc.resolve()
  http.resolve()
  expect(await running).toBe(0)
  expect(steps).toEqual([
    'drain http',
    'drain grpc',
    'drain reader',
    'close http',
    'close grpc',
    'close reader',
  ])
})

test('closing and flushing have budgets of their own: a stuck one in each, and the process ends all the same', async () => {
  vi.useFakeTimers()
  const { log, leftBehind } = budgetLog()
  const { steps, resource } = ledger()
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('mongodb'), resource('stuck', { drain: never, close: never })],
    flush: never,
  })
  const running = lifecycle.run()
  lifecycle.shutdown({ budgets: inSeconds })
  await vi.advanceTimersByTimeAsync(28_000)
  expect(await running).toBe(1)
  expect(steps).toEqual(['drain mongodb', 'close mongodb'])
  expect(leftBehind()).toEqual(['drain stuck', 'close stuck', 'flush telemetry'])
})

test('a start that hangs does not outlast a stop', async () => {
  vi.useFakeTimers()
  const { log, leftBehind } = budgetLog()
  const lifecycle = createLifecycle({ log, start: () => new Promise(() => {}) })
  const running = lifecycle.run()
  lifecycle.shutdown({ budgets: inSeconds })
  await vi.advanceTimersByTimeAsync(inSeconds.drainMs)
  expect(await running).toBe(1)
  expect(leftBehind()).toEqual(['starting start'])
})

test('a reader that is stuck is named, and leaves the service ready for what else it does', async () => {
  const { resource } = ledger()
  let isStuck = false
  const lifecycle = createLifecycle({
    log,
    start: async () => [resource('mongodb'), [resource('sending', { isStuck: () => isStuck })]],
  })
  const running = lifecycle.run()
  await expect.poll(() => lifecycle.isReady()).toBe(true)
  expect(lifecycle.stuck()).toEqual([])
  isStuck = true
  expect(lifecycle.stuck()).toEqual(['sending'])
  expect(lifecycle.isReady()).toBe(true)
  lifecycle.shutdown()
  await running
})
