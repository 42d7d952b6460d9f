import { expect, test } from 'vitest'
import { createLifecycle } from './lifecycle.ts'
import { createLogger } from './logger.ts'
import { startProbeServer } from './probe-server.ts'

const log = createLogger({ service: 'agent', level: 'silent' })

/** The probes of a service that starts, works and stops at a test's word. */
async function probed() {
  const started = Promise.withResolvers<void>()
  const drained = Promise.withResolvers<void>()
  const reader = { isReady: true, isStuck: false }
  const lifecycle = createLifecycle({
    log,
    async start() {
      await started.promise
      return [
        {
          name: 'reader',
          isReady: () => reader.isReady,
          isStuck: () => reader.isStuck,
          drain: () => drained.promise,
          close: async () => {},
        },
      ]
    },
  })
  const server = await startProbeServer(
    { ...lifecycle, scrape: async () => 'nodejs_eventloop_delay_p99 0.001\n' },
    { host: '127.0.0.1', port: 0, hosts: ['127.0.0.1'] },
  )
  const running = lifecycle.run()
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() }
  }
  const readiness = async () => {
    const { status, body } = await get('/readyz')
    return [status, JSON.parse(body) as unknown]
  }
  return {
    lifecycle,
    reader,
    started,
    drained,
    running,
    get,
    readiness,
    [Symbol.asyncDispose]: () => server.close(),
  }
}

test('readiness follows the service from its start to its end, and says what it waits for; it lives all the while', async () => {
  await using service = await probed()
  expect(await service.readiness()).toEqual([503, { status: 'not ready', notReady: ['starting'], stuck: [] }])
  service.started.resolve()
  await expect.poll(service.readiness).toEqual([200, { status: 'ready', notReady: [], stuck: [] }])
  service.reader.isReady = false
  expect(await service.readiness()).toEqual([503, { status: 'not ready', notReady: ['reader'], stuck: [] }])
  service.reader.isReady = true
  service.lifecycle.shutdown()
  expect(await service.readiness()).toEqual([503, { status: 'not ready', notReady: ['draining'], stuck: [] }])
  expect((await service.get('/livez')).status).toBe(200)
  service.drained.resolve()
  expect(await service.running).toBe(0)
  expect(await service.readiness()).toEqual([503, { status: 'not ready', notReady: ['stopped'], stuck: [] }])
})

test('a reader that is stuck is named, and takes no traffic away from a service that can still take it', async () => {
  await using service = await probed()
  service.started.resolve()
  service.reader.isStuck = true
  await expect.poll(service.readiness).toEqual([200, { status: 'ready', notReady: [], stuck: ['reader'] }])
})

test('a scrape gets the text format of Prometheus', async () => {
  await using service = await probed()
  expect(await service.get('/metrics')).toEqual({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: 'nodejs_eventloop_delay_p99 0.001\n',
  })
})
