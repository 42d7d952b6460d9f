import { expect, test } from 'vitest'
import { type Resource, createLifecycle } from './lifecycle.ts'
import { createLogger } from './logger.ts'

const log = createLogger({ service: 'agent', level: 'silent' })
const shortly = { drainMs: 30, closeMs: 30 }

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
  await started.promise
  await Promise.resolve()
  expect(lifecycle.notReady()).toEqual(['reader'])
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
