import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { Client, Metadata, credentials, makeClientConstructor, status } from '@grpc/grpc-js'
import {
  AgentServiceClient,
  AgentServiceService,
  ListWaitingConversationsResponse,
} from '@parley/proto/agent'
import { service as healthDefinition } from 'grpc-health-check'
import { until } from '@parley/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeCallerKeys } from './caller-keys.ts'
import { grpcCall, grpcClient, heldCredentials } from './client.ts'
import { grpcIdentity } from './identity.ts'
import { type GrpcLimits, grpcService, startGrpcServer } from './server.ts'
import { GrpcError, grpcError } from './status.ts'
import type { Resource } from '../lifecycle.ts'
import { createLogger } from '../logger.ts'
import { currentTraceparent, withSpan } from '../telemetry/spans.ts'
import { startTracing } from '../telemetry/tracing.ts'

const SAID = 'my card was stolen, call +5511987654321'
const agentService = 'parley.agent.v1.AgentService'
const logged: string[] = []
const log = createLogger({
  service: 'agent',
  destination: { write: (line: string) => void logged.push(line) },
})

const keys = await makeCallerKeys()
const identity = await grpcIdentity('agent', { ...keys.envOf('agent'), GRPC_REFLECTION: 'true' })
const tool = await keys.heldBy('tool')

let isReady = true
let traceparentSeen = ''
let server: Resource & { port: number }
let client: AgentServiceClient
const abandoned = Promise.withResolvers<void>()
const givenUp = Promise.withResolvers<void>()
const begun = Promise.withResolvers<void>()
const ended = Promise.withResolvers<void>()

/** What the handler does is told by the page size. */
const handlers = grpcService(AgentServiceService, {
  listWaitingConversations: async ({ pageSize }, _metadata, { signal }) => {
    traceparentSeen = currentTraceparent()
    if (pageSize === 1)
      throw grpcError(status.NOT_FOUND, 'CONVERSATION_UNKNOWN', 'There is no such conversation.')
    if (pageSize === 2) throw new Error(SAID)
    if (pageSize === 3) {
      signal.addEventListener('abort', () => abandoned.resolve())
      await abandoned.promise
    }
    if (pageSize === 6)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(SAID))))
    if (pageSize === 7)
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          reject(signal.reason)
          givenUp.resolve()
        }),
      )
    if (pageSize === 8)
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason)
          ended.resolve()
        })
        begun.resolve()
      })
    if (pageSize === 5)
      throw grpcError(status.NOT_FOUND, 'QUEUE_UNKNOWN', `There is no "${'😀'.repeat(50_000)}".`)
    const queue = pageSize === 4 ? 'q'.repeat(15_000_000) : 'cards'
    return ListWaitingConversationsResponse.fromPartial({ conversations: [{ conversationId: 'c-1', queue }] })
  },
})

beforeAll(async () => {
  startTracing('agent', {})
  server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [handlers],
    isReady: () => isReady,
    identity,
    log,
  })
  client = grpcClient(AgentServiceClient, `127.0.0.1:${server.port}`, heldCredentials(tool))
})
afterAll(async () => {
  client.close()
  await server.close()
})

const metadataOf = (headers: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}

/** Long enough for a handler to be reached on a busy machine: one that is not is told of no end. */
const REACHED_WITHIN_MS = 2_000
const ask = (pageSize: number, timeoutMs = 30_000) =>
  grpcCall(client, 'listWaitingConversations', { pageSize }, { timeoutMs })
const failureOf = async (call: Promise<unknown>): Promise<GrpcError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GrpcError)) throw new Error('The call did not fail with a GrpcError.')
  return error
}

test('a call is answered, in the trace of its caller', async () => {
  const [response, traceparent] = await withSpan(
    'caller',
    {},
    async () => [await ask(0), currentTraceparent()] as const,
  )
  expect(response.conversations[0]).toMatchObject({ conversationId: 'c-1', queue: 'cards' })
  // The same trace; a span of its own only where spans are recorded (tests/telemetry).
  expect(traceparentSeen.slice(0, 36)).toBe(traceparent.slice(0, 36))
})

test('an error that the caller should know arrives with its status, code and message', async () => {
  expect(await failureOf(ask(1))).toMatchObject({
    status: status.NOT_FOUND,
    code: 'CONVERSATION_UNKNOWN',
    message: 'There is no such conversation.',
  })
})

test('what an error repeats of a long question is cut, so that it arrives and ends no other call', async () => {
  const [error] = await Promise.all([failureOf(ask(5)), ask(0)])
  expect(error).toMatchObject({ status: status.NOT_FOUND, code: 'QUEUE_UNKNOWN' })
  expect(error.message).toMatch(/^There is no "\u{1f600}{100,}/u)
})

test('of any other error the caller learns only that it happened; the log has where', async () => {
  const error = await failureOf(ask(2))
  expect(error).toMatchObject({ status: status.INTERNAL, code: 'INTERNAL' })
  expect(error.message).not.toContain('card')
  expect(logged.at(-1)).toContain('GRPC_HANDLER_FAILED')
  expect(logged.at(-1)).toContain('grpc/server.integration.test.ts')
  expect(logged.join('')).not.toContain('5511987654321')
})

test('a call that takes longer than its deadline fails, and its handler is told', async () => {
  expect(await failureOf(ask(3, REACHED_WITHIN_MS))).toMatchObject({
    status: status.DEADLINE_EXCEEDED,
    code: 'DEADLINE_EXCEEDED',
  })
  await abandoned.promise
})

test('what ends because its caller gave up is no failure in the log; what fails by itself then is', async () => {
  const before = logged.length
  await failureOf(ask(7, REACHED_WITHIN_MS))
  await givenUp.promise
  // Answered behind it.
  await ask(0)
  expect(logged.slice(before)).toEqual([])
  await failureOf(ask(6, REACHED_WITHIN_MS))
  await until('the failure is logged', () => logged.length > before)
  expect(logged.at(-1)).toContain('GRPC_HANDLER_FAILED')
})

test('a call ends with whoever it is made for, and fails with why; its handler is told, and one that was over before is not made', async () => {
  const before = logged.length
  const left = new AbortController()
  const asked = (pageSize: number) =>
    grpcCall(
      client,
      'listWaitingConversations',
      { pageSize },
      { timeoutMs: 30_000, signal: left.signal },
    ).catch((reason: unknown) => reason)
  const asking = asked(8)
  await begun.promise
  const why = new Error('They left.')
  left.abort(why)
  expect(await asking).toBe(why)
  await ended.promise
  expect(await asked(2)).toBe(why)
  await ask(0)
  expect(logged.slice(before)).toEqual([])
})

test('an answer of 15 MB arrives', async () => {
  expect((await ask(4)).conversations[0]?.queue).toHaveLength(15_000_000)
})

test('a service is called itself, whatever proxy the environment names for the web', async () => {
  let asked = 0
  const proxy = createServer(() => (asked += 1))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  const own = grpcClient(AgentServiceClient, `127.0.0.1:${server.port}`, heldCredentials(tool))
  try {
    await grpcCall(own, 'listWaitingConversations', { pageSize: 0 }, { timeoutMs: 30_000 })
    expect(asked).toBe(0)
  } finally {
    own.close()
    vi.unstubAllEnvs()
    proxy.close()
  }
})

const HealthClient = makeClientConstructor(healthDefinition, 'grpc.health.v1.Health')

test('health follows readiness at the moment of the question; "live" does not', async () => {
  await using stack = new AsyncDisposableStack()
  const health = new HealthClient(`127.0.0.1:${server.port}`, credentials.createInsecure())
  stack.defer(() => health.close())
  const check = (service: string) =>
    new Promise<string>((resolve) =>
      (health as unknown as Record<string, Function>)['check']!(
        { service },
        (error: { code: number } | null, answer: { status: string }) =>
          resolve(error === null ? answer.status : String(error.code)),
      ),
    )
  expect(await Promise.all(['', 'ready', 'live', agentService, 'nobody'].map(check))).toEqual([
    'SERVING',
    'SERVING',
    'SERVING',
    'SERVING',
    String(status.NOT_FOUND),
  ])
  isReady = false
  expect(await Promise.all(['', 'ready', 'live', agentService].map(check))).toEqual([
    'NOT_SERVING',
    'NOT_SERVING',
    'SERVING',
    'NOT_SERVING',
  ])
  isReady = true
})

test('who watches health is told of each change, and of the end when the server drains', async () => {
  let ready = true
  const own = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [handlers],
    isReady: () => ready,
    identity,
    log,
  })
  const health = new HealthClient(`127.0.0.1:${own.port}`, credentials.createInsecure())
  const stream = (health as unknown as Record<string, Function>)['watch']!({ service: '' }) as AsyncIterable<{
    status: string
  }>
  const seen: string[] = []
  for await (const { status: now } of stream) {
    seen.push(now)
    if (seen.length === 1) ready = false
    if (seen.length === 2) ready = true
    if (seen.length === 3) void own.drain?.()
  }
  expect(seen).toEqual(['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING'])
  health.close()
  await own.close()
})

const onItsOwn = (limits: Partial<GrpcLimits>) =>
  startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [handlers],
    isReady: () => true,
    identity,
    limits,
    log,
  })

test('a connection that says nothing, or speaks and calls nothing, is ended; who called before calls again', async () => {
  const own = await onItsOwn({ askedAfterMs: 50, answeredWithinMs: 1_000, idleMs: 300 })
  const address = `127.0.0.1:${own.port}`
  const caller = grpcClient(AgentServiceClient, address, heldCredentials(tool))
  const call = () => grpcCall(caller, 'listWaitingConversations', { pageSize: 0 }, { timeoutMs: 30_000 })
  await call()
  const silent = connect(own.port, '127.0.0.1').resume()
  silent.on('error', () => {})
  const idle = connectHttp2(`http://${address}`)
  idle.on('error', () => {})
  await Promise.all([silent, idle].map((connection) => once(connection, 'close')))
  expect((await call()).conversations).toHaveLength(1)
  caller.close()
  await own.close()
})

test('there are no more connections than are allowed in all, and from one address', async () => {
  for (const limits of [{ connectionsMax: 2 }, { connectionsPerAddressMax: 2 }]) {
    const own = await onItsOwn(limits)
    const held = [0, 1].map(() => connect(own.port, '127.0.0.1'))
    await Promise.all(held.map((socket) => once(socket, 'data')))
    const late = connect(own.port, '127.0.0.1').resume()
    late.on('error', () => {})
    await once(late, 'close')
    held[0]!.destroy()
    const caller = grpcClient(AgentServiceClient, `127.0.0.1:${own.port}`, heldCredentials(tool))
    const patient = metadataOf(tool)
    patient.setOptions({ waitForReady: true })
    const answered = await new Promise((resolve) =>
      caller.listWaitingConversations({ pageSize: 0 }, patient, resolve),
    )
    expect(answered).toBeNull()
    held[1]!.destroy()
    caller.close()
    await own.close()
  }
})

test('who watches health takes no more than a share of a process', async () => {
  const own = await onItsOwn({})
  const health = new HealthClient(`127.0.0.1:${own.port}`, credentials.createInsecure())
  const watch = () => (health as unknown as Record<string, Function>)['watch']!({ service: '' }) as Readable
  const watching = Array.from({ length: 100 }, () => watch().on('error', () => {}))
  await Promise.all(watching.map((stream) => once(stream, 'data')))
  const [refused] = (await once(watch().resume(), 'error')) as [{ code: number }]
  expect(refused.code).toBe(status.RESOURCE_EXHAUSTED)
  health.close()
  await own.close()
})

test.for(['v1', 'v1alpha'])('reflection %s lists the services and gives their files', async (version) => {
  await using stack = new AsyncDisposableStack()
  const raw = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure())
  stack.defer(() => raw.close())
  const reflect = async (field: number, text: string): Promise<Buffer> => {
    const stream = raw.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      metadataOf(tool),
    )
    stream.write(Buffer.from(new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish()))
    const answers = (await stream.take(1).toArray()) as Buffer[]
    return answers[0]!
  }
  // list_services = 7 in the request; 6 in the response, a list of { name }.
  const listed = partsOf(partsOf(await reflect(7, '*'), 6)[0]!, 1).map((service) =>
    partsOf(service, 1)[0]!.toString(),
  )
  expect(listed).toEqual(expect.arrayContaining([agentService, 'grpc.health.v1.Health']))
  expect(listed).not.toContain('parley.archive.v1.ArchiveService')
  // file_containing_symbol = 4 in the request; 4 in the response, a list of FileDescriptorProto whose name is field 1.
  for (const [symbol, file] of [
    [agentService, 'parley/agent/v1/agent.proto'],
    ['grpc.health.v1.Health', 'grpc_health_v1.proto'],
  ] as const) {
    const files = partsOf(partsOf(await reflect(4, symbol), 4)[0]!, 1).map((proto) =>
      partsOf(proto, 1)[0]!.toString(),
    )
    expect(files.join(' ')).toContain(file)
  }
})

test('a port that is taken is named with the way out', async () => {
  await expect(
    startGrpcServer({ host: '127.0.0.1', port: server.port, services: [], isReady: () => true, identity }),
  ).rejects.toMatchObject({
    code: 'PORT_NOT_FREE',
    message: expect.stringContaining(String(server.port)) as unknown,
  })
})

/** The values of one length-delimited field of a protobuf message. */
function partsOf(message: Uint8Array, wanted: number): Buffer[] {
  const reader = new BinaryReader(message)
  const parts: Buffer[] = []
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === wanted && wireType === WireType.LengthDelimited) parts.push(Buffer.from(reader.bytes()))
    else reader.skip(wireType, field)
  }
  return parts
}
