import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { AgentServiceClient, AgentServiceService } from '@parley/proto/agent'
import { samplesIn } from '@parley/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCallerKeys } from '../grpc/caller-keys.ts'
import { grpcCall, grpcClient, heldCredentials } from '../grpc/client.ts'
import { grpcIdentity } from '../grpc/identity.ts'
import { grpcService, startGrpcServer } from '../grpc/server.ts'
import { grpcError, status } from '../grpc/status.ts'
import { createHttpServer, listen } from '../http/server.ts'
import { type Metrics, startMetrics } from './metrics.ts'

interface Pushed {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] }
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[]
  }[]
}

const pushes: { path: string; body: Pushed }[] = []
const collector = createServer(async (request, response) => {
  pushes.push({ path: request.url ?? '', body: (await json(request)) as Pushed })
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})
let metrics: Metrics

beforeAll(async () => {
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const { port } = collector.address() as AddressInfo
  metrics = startMetrics('agent', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` })
})
afterAll(() => {
  collector.closeAllConnections()
  collector.close()
})

const samplesOf = async (name: string) => samplesIn(await metrics.scrape(), name)

test('a scrape shows the memory, the processor time and the event loop of the process', async () => {
  expect((await samplesOf('process_memory_usage'))['']).toBeGreaterThan(10_000_000)
  expect((await samplesOf('v8js_memory_heap_used'))['v8js_heap_space_name="old_space"']).toBeGreaterThan(
    1_000_000,
  )
  expect((await samplesOf('process_cpu_time_total'))['cpu_mode="user"']).toBeGreaterThan(0)
  expect((await samplesOf('nodejs_eventloop_utilization'))['']).toBeLessThanOrEqual(1)
})

test('garbage collections are measured by kind', async () => {
  const collections = async () => {
    const samples = await samplesOf('v8js_gc_duration_count')
    return Object.entries(samples).some(([kind, count]) => kind === 'v8js_gc_type="minor"' && count > 0)
  }
  await expect
    .poll(async () => {
      Array.from({ length: 1_000_000 }, (_, at) => ({ at }))
      return collections()
    })
    .toBe(true)
})

test('an event loop that was held up shows in the next scrape, and no longer in the one after', async () => {
  const delays = async () => {
    const scraped = await metrics.scrape()
    return ['p50', 'p99', 'max'].map((which) => samplesIn(scraped, `nodejs_eventloop_delay_${which}`)[''])
  }
  const longest = async () => (await delays())[2]
  const holdUp = async () => {
    const until = performance.now() + 1_000
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve))
  }
  // The first look after a scrape is only where the next one counts from: between two scrapes there must be time for one.
  const withTimeForALook = { interval: 200, timeout: 30_000 }
  await expect
    .poll(async () => {
      await holdUp()
      const [p50 = Infinity, p99 = 0, max = 0] = await delays()
      return p50 <= p99 && p99 > 0.5 && max > 0.5
    }, withTimeForALook)
    .toBe(true)
  await expect.poll(longest, withTimeForALook).toBeLessThan(0.5)
})

test('how long requests and calls took is measured by route, method and outcome, never by url', async () => {
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  app.get('/t/:token', { config: { access: 'capability' } }, async (_request, reply) =>
    reply.code(404).send({}),
  )
  const http = await listen(app, '127.0.0.1', 0)
  const keys = await makeCallerKeys()
  const grpc = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    identity: await grpcIdentity('agent', { ...keys.envOf('agent') }),
    services: [
      grpcService(AgentServiceService, {
        listWaitingConversations: () => Promise.reject(grpcError(status.UNAVAILABLE, 'NOT_NOW', 'Not now.')),
      }),
    ],
  })
  const client = grpcClient(
    AgentServiceClient,
    `127.0.0.1:${grpc.port}`,
    heldCredentials(await keys.heldBy('tool')),
  )
  await fetch(`http://127.0.0.1:${http.port}/t/AbCdEf123456`)
  await expect(
    grpcCall(client, 'listWaitingConversations', { pageSize: 1 }, { timeoutMs: 30_000 }),
  ).rejects.toThrow('Not now.')

  await expect
    .poll(() => samplesOf('http_server_request_duration_count'))
    .toEqual({ 'http_request_method="GET",http_route="/t/:token",http_response_status_code="404"': 1 })
  expect(await samplesOf('rpc_server_call_duration_count')).toEqual({
    'rpc_system_name="grpc",rpc_method="parley.agent.v1.AgentService/ListWaitingConversations",rpc_response_status_code="UNAVAILABLE"': 1,
  })
  expect(Object.keys(await samplesOf('http_server_request_duration_bucket')).join()).toContain('le="0.25"')
  expect(await metrics.scrape()).not.toContain('AbCdEf123456')
  client.close()
  await http.close()
  await grpc.close()
})

test('an event stream is measured until it is open, a request whose caller gave up until its work is done', async () => {
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  const working = Promise.withResolvers<string>()
  const begun = Promise.withResolvers<void>()
  const givenUp = Promise.withResolvers<void>()
  app.addHook('onRequestAbort', async ({ url }) => {
    if (url === '/long') givenUp.resolve()
  })
  app.get('/live', { config: { access: 'public' } }, (_request, reply) =>
    reply.type('text/event-stream').send(new ReadableStream()),
  )
  app.get('/long', { config: { access: 'public' } }, () => {
    begun.resolve()
    return working.promise
  })
  const http = await listen(app, '127.0.0.1', 0)
  const [watching, asking] = [new AbortController(), new AbortController()]
  const count = async (route: string) =>
    Object.entries(await samplesOf('http_server_request_duration_count'))
      .filter(([labels]) => labels.includes(`http_route="${route}"`))
      .map(([labels, value]) => [/status_code="(\d+)"/.exec(labels)?.[1], value])

  void fetch(`http://127.0.0.1:${http.port}/live`, { signal: watching.signal }).catch(() => {})
  await expect.poll(() => count('/live')).toEqual([['200', 1]])

  const asked = fetch(`http://127.0.0.1:${http.port}/long`, { signal: asking.signal }).catch(() => 'gave up')
  await begun.promise
  asking.abort()
  expect(await asked).toBe('gave up')
  await givenUp.promise
  expect(await count('/long')).toEqual([])
  working.resolve('done')
  await expect.poll(() => count('/long')).toEqual([['499', 1]])
  watching.abort()
  await http.close()
})

test('with a collector, metrics are pushed to it under the name of the service, the last of them at the end', async () => {
  await metrics.shutdown()
  expect(pushes.map(({ path }) => path)).toContain('/v1/metrics')
  const [{ resource, scopeMetrics }] = pushes.at(-1)!.body.resourceMetrics as [
    Pushed['resourceMetrics'][number],
  ]
  expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'parley-agent' } })
  expect(scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name))).toEqual(
    expect.arrayContaining(['process.memory.usage', 'http.server.request.duration']),
  )
})
