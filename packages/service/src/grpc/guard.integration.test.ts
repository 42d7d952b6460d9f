import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { Client, Metadata, type ServiceError, credentials, status } from '@grpc/grpc-js'
import type { AuditEntry } from '@parley/audit'
import { AgentServiceClient, AgentServiceService } from '@parley/proto/agent'
import { GetTranscriptRequest, ArchiveServiceClient } from '@parley/proto/archive'
import { measuring } from '@parley/testkit'
import { generateKeyPair, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLERS, type Caller, GRPC_ACCESS, type Standing } from './access.ts'
import { makeCallerKeys } from './caller-keys.ts'
import { grpcCall, grpcClient, heldCredentials } from './client.ts'
import { bearer, grpcIdentity, tokenOf } from './identity.ts'
import {
  type GrpcCallContext,
  type GrpcService,
  type Permits,
  grpcService,
  startGrpcServer,
} from './server.ts'
import type { Resource } from '../lifecycle.ts'
import { createLogger } from '../logger.ts'

const samplesOf = measuring()
const bytes = (value: Buffer): Buffer => value
const WAIT = Buffer.from('wait')

/** Every method of the list, answered with nothing: what is asked here is who gets that far. A method that is added to the list is in it. */
const SERVICES = Object.entries(GRPC_ACCESS).map(([service, methods]): GrpcService => {
  const names = Object.keys(methods)
  const method = (name: string) => ({
    path: `/${service}/${name}`,
    requestStream: false,
    responseStream: false,
    requestDeserialize: bytes,
    responseSerialize: bytes,
  })
  /** `WAIT` is answered once nobody waits for it any more. */
  const answer = async (
    request: unknown,
    _metadata: Metadata,
    { caller, person, operator, signal }: GrpcCallContext,
  ) => {
    calls.push({ caller, person, ...(operator !== undefined && { operator }) })
    if (WAIT.equals(request as Buffer)) await once(signal, 'abort')
    return Buffer.alloc(0)
  }
  return grpcService(
    Object.fromEntries(names.map((name) => [name, method(name)])),
    Object.fromEntries(names.map((name) => [name, answer])),
  )
})
const METHODS = SERVICES.flatMap(({ definition }) => Object.values(definition).map(({ path }) => path))
const REFLECTION = ['v1', 'v1alpha'].map((v) => `/grpc.reflection.${v}.ServerReflection/ServerReflectionInfo`)
const UNKNOWN = ['/parley.archive.v1.ArchiveService/DeleteEverything', '/nobody.v1.Nothing/Do']

const calls: (Pick<GrpcCallContext, 'caller' | 'person'> & { operator?: string })[] = []
const logged: string[] = []
const log = createLogger({
  service: 'archive',
  destination: { write: (line: string) => void logged.push(line) },
})
const keys = await makeCallerKeys()
const asked: Parameters<Permits>[] = []
const recorded: AuditEntry[] = []
const options = { host: '127.0.0.1', port: 0, services: SERVICES, isReady: () => true, log }

let server: Resource & { port: number }
let raw: Client
beforeAll(async () => {
  server = await startGrpcServer({
    ...options,
    identity: await grpcIdentity('archive', { ...keys.envOf('archive'), GRPC_REFLECTION: 'true' }),
    permits: (...question) => {
      asked.push(question)
      return question[0] === 'ana'
    },
    record: async (entry) => void recorded.push(entry),
  })
  raw = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure())
})
afterAll(async () => {
  raw.close()
  await server.close()
})

type Headers = Readonly<Record<string, string | readonly string[]>>

/** The status and the code of ours that a call ends with. Reflection is asked as the stream that it is. */
async function outcome(path: string, headers: Headers = {}, client = raw): Promise<string> {
  const metadata = new Metadata()
  for (const [name, values] of Object.entries(headers))
    for (const value of [values].flat()) metadata.add(name, value)
  const { promise, resolve } = Promise.withResolvers<ServiceError | null>()
  if (REFLECTION.includes(path)) {
    const stream = client.makeBidiStreamRequest(path, bytes, bytes, metadata)
    stream.on('error', (error) => resolve(error as ServiceError))
    stream.on('end', () => resolve(null))
    stream.on('data', () => {})
    stream.end()
  } else client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), metadata, resolve)
  const error = await promise
  return error === null ? 'OK' : `${status[error.code]} ${error.metadata.get('parley-code').join()}`.trim()
}
const held = (caller: Caller) => keys.heldBy(caller)

const stranger = await generateKeyPair('EdDSA')
const own = (caller: Caller) => importJWK(JSON.parse(keys.envOf(caller).GRPC_CALLER_KEY) as never, 'EdDSA')
const soon = () => Math.floor(Date.now() / 1000) + 60
const unsigned = `${Buffer.from('{"alg":"none","kid":"operator"}').toString('base64url')}.${Buffer.from('{"aud":"parley","exp":9999999999}').toString('base64url')}.`
const [head = '', , signature = ''] = (await tokenOf('tool', await own('tool'), 'parley', soon())).split('.')
const FORGED: readonly (readonly [string, Headers])[] = [
  ['no metadata', {}],
  ['an empty token', { authorization: '' }],
  ['words', { authorization: 'Bearer operator' }],
  ['another scheme', { authorization: 'Basic b3BlcmF0b3I6' }],
  ['no signature', bearer(unsigned)],
  ['a key that is not ours', bearer(await tokenOf('operator', stranger.privateKey, 'parley', soon()))],
  ["another caller's key", bearer(await tokenOf('operator', await own('tool'), 'parley', soon()))],
  ['a token that is over', bearer(await tokenOf('operator', await own('operator'), 'parley', soon() - 120))],
  [
    'a token for another service',
    bearer(await tokenOf('operator', await own('operator'), 'parley.other.v1.OtherService', soon())),
  ],
  [
    'another content under the signature',
    bearer(`${head}.${Buffer.from('{"aud":"parley","exp":9999999999}').toString('base64url')}.${signature}`),
  ],
  ['the name of a caller in a header of its own', { 'parley-caller': 'operator', 'parley-person': 'ana' }],
]

describe.each(FORGED)('with %s', (_, headers) => {
  test.each([...METHODS, ...REFLECTION, ...UNKNOWN])(
    '%s is not let in, nor told whether it exists',
    async (path) => {
      calls.length = 0
      expect(await outcome(path, headers)).toBe('UNAUTHENTICATED CALLER_UNKNOWN')
      expect(calls).toEqual([])
    },
  )

  test('health is open', async () => {
    expect(await outcome('/grpc.health.v1.Health/Check', headers)).toBe('OK')
  })
})

function outcomesOf(caller: Caller, standing: Standing | undefined): object {
  const denied = (code: string): string => `PERMISSION_DENIED ${code}`
  switch (standing) {
    case undefined:
      return { forNobody: denied('CALLER_NOT_PERMITTED'), forAna: denied('CALLER_NOT_PERMITTED'), calls: [] }
    case 'itself':
      return { forNobody: 'OK', forAna: denied('PERSON_REFUSED'), calls: [{ caller, person: undefined }] }
    case 'for a person':
      return { forNobody: denied('PERSON_MISSING'), forAna: 'OK', calls: [{ caller, person: 'ana' }] }
  }
}

describe.each(CALLERS)('%s', (caller) => {
  test.each(METHODS)('may call %s exactly when the list says so', async (path) => {
    const [, service = '', method = ''] = path.split('/')
    const standing = GRPC_ACCESS[service]?.[method]?.[caller]
    calls.length = 0
    const forNobody = await outcome(path, await held(caller))
    const forAna = await outcome(path, { ...(await held(caller)), 'parley-person': 'ana' })
    expect({ forNobody, forAna, calls }).toEqual(outcomesOf(caller, standing))
  })

  test('learns of an unknown method that there is none, and may see by reflection which there are', async () => {
    for (const path of UNKNOWN)
      expect(await outcome(path, await held(caller))).toBe('UNIMPLEMENTED METHOD_UNKNOWN')
    for (const path of REFLECTION) expect(await outcome(path, await held(caller))).toBe('OK')
  })
})

const GET = '/parley.archive.v1.ArchiveService/GetTranscript'

test('what a person may is asked once more by the service that is called, and who was refused is logged by id alone', async () => {
  asked.length = 0
  logged.length = 0
  const agent = await held('agent')
  expect(await outcome(GET, { ...agent, 'parley-person': 'bob' })).toBe(
    'PERMISSION_DENIED PERSON_NOT_PERMITTED',
  )
  expect(asked.map(([person, path]) => [person, path])).toEqual([['bob', GET]])
  expect(JSON.parse(logged.at(-1)!)).toMatchObject({
    code: 'PERSON_NOT_PERMITTED',
    callerId: 'agent',
    personId: 'bob',
    method: GET,
  })
  expect(recorded).toContainEqual({
    type: 'access_refused',
    person: null,
    subject: { kind: 'method', id: GET.slice(1) },
    fields: { code: 'PERSON_NOT_PERMITTED', callerId: 'agent', personId: 'bob' },
  })
  expect(logged.join()).not.toContain(agent['authorization']!.slice(7))
})

test.each([
  ['two people', ['ana', 'bob']],
  ['a name', 'Ana Souza <ana@bank.example>'],
  ['nothing', ''],
])('a call for %s is refused', async (_, person) => {
  expect(await outcome(GET, { ...(await held('agent')), 'parley-person': person })).toBe(
    'PERMISSION_DENIED PERSON_MISSING',
  )
})

test('who is not let in is counted by the reason, strangers too', async () => {
  const refused = async () => {
    const samples = await samplesOf('parley_grpc_refused_total')
    return ['CALLER_UNKNOWN', 'CALLER_NOT_PERMITTED'].map((code) => samples[`code="${code}"`] ?? 0)
  }
  const [unknown = 0, notPermitted = 0] = await refused()
  await outcome(GET)
  await outcome(UNKNOWN[0]!)
  await outcome(RETRY, await held('bot'))
  expect(await refused()).toEqual([unknown + 2, notPermitted + 1])
})

const RETRY = '/parley.reader.v1.ReaderService/RetryStream'

test('an operator is named by who is at the terminal, in any script; nobody else names one', async () => {
  calls.length = 0
  const named = { 'parley-operator': encodeURIComponent('জোহরা@terminal') }
  expect(await outcome(RETRY, { ...(await held('operator')), ...named })).toBe('OK')
  expect(calls).toEqual([{ caller: 'operator', person: undefined, operator: 'জোহরা@terminal' }])
  const LIST = '/parley.reader.v1.ReaderService/ListReaders'
  expect(await outcome(LIST, { ...(await held('tool')), ...named })).toBe(
    'PERMISSION_DENIED OPERATOR_REFUSED',
  )
})

test.each([
  ['two names', ['Ana', 'Bob']],
  ['none', ''],
  ['what moves a cursor', '%1B%5B2J'],
  ['what is no encoding', '%'],
  ['a long text', 'a'.repeat(201)],
])('an operator is not named by %s', async (_, name) => {
  expect(await outcome(RETRY, { ...(await held('operator')), 'parley-operator': name })).toBe(
    'PERMISSION_DENIED OPERATOR_REFUSED',
  )
})

test('where reflection is off it is there for nobody', async () => {
  await using undo = new AsyncDisposableStack()
  const quiet = undo.adopt(
    await startGrpcServer({
      ...options,
      identity: await grpcIdentity('archive', { ...keys.envOf('archive') }),
    }),
    (it) => it.close(),
  )
  const before = raw
  raw = undo.adopt(new Client(`127.0.0.1:${quiet.port}`, credentials.createInsecure()), (it) => it.close())
  undo.defer(() => void (raw = before))
  for (const path of REFLECTION) {
    expect(await outcome(path)).toBe('UNAUTHENTICATED CALLER_UNKNOWN')
    expect(await outcome(path, await held('tool'))).toBe('UNIMPLEMENTED METHOD_UNKNOWN')
  }
})

test("a client of a service shows that service's identity, with a token that is good for the service that it calls alone", async () => {
  const agent = await grpcIdentity('agent', { ...keys.envOf('agent') })
  const client = grpcClient(ArchiveServiceClient, `127.0.0.1:${server.port}`, agent)
  calls.length = 0
  const request = GetTranscriptRequest.fromPartial({ conversationId: 'c' })
  await grpcCall(client, 'getTranscript', request, { timeoutMs: 30_000, person: 'ana' })
  expect(calls).toEqual([{ caller: 'agent', person: 'ana' }])
  client.close()

  const forGateway = await agent.headersFor('parley.gateway.v1.GatewayService')
  expect(await outcome(GET, { ...forGateway, 'parley-person': 'ana' })).toBe('UNAUTHENTICATED CALLER_UNKNOWN')
})

test('a call that is refused reaches the caller as an error with the code, also through our client', async () => {
  const client = grpcClient(AgentServiceClient, `127.0.0.1:${server.port}`, heldCredentials({}))
  await expect(
    grpcCall(client, 'listWaitingConversations', { pageSize: 1 }, { timeoutMs: 30_000 }),
  ).rejects.toMatchObject({ status: status.UNAUTHENTICATED, code: 'CALLER_UNKNOWN' })
  client.close()
})

test('where health is off it is there for nobody, and strangers are not told so', async () => {
  const silent = await startGrpcServer({
    ...options,
    identity: await grpcIdentity('archive', { ...keys.envOf('archive'), GRPC_HEALTH: 'false' }),
  })
  const health = new Client(`127.0.0.1:${silent.port}`, credentials.createInsecure())
  const asked = async (headers: Headers) => outcome('/grpc.health.v1.Health/Check', headers, health)
  expect(await asked({})).toBe('UNAUTHENTICATED CALLER_UNKNOWN')
  expect(await asked(await held('tool'))).toBe('UNIMPLEMENTED METHOD_UNKNOWN')
  health.close()
  await silent.close()
})

test('what cannot be read of the headers of a call stands nowhere, be it a stranger’s or a token: no library writes it to our output', async () => {
  const written: string[] = []
  await using _ = capturing(written)
  const headers = { authorization: 'Bearer se\u00e7ret-of-a-caller', 'x-note': 'the customer said \u00e9' }
  expect(await statusOf(headers)).toBe('UNAUTHENTICATED')
  expect(written).toEqual([])
})

test.each(['', 'soon', '5', '5s', '-5S', '123456789S', '5S, 5S', '99999999H'])(
  'a deadline that cannot be kept (%j) tells a stranger nothing, and costs a caller nothing',
  async (timeout) => {
    expect(await statusOf({ 'grpc-timeout': timeout })).toBe('UNAUTHENTICATED')
    expect(await statusOf({ 'grpc-timeout': timeout, ...(await held('tool')) })).toBe('OK')
  },
)

test('a deadline that can be kept is', async () => {
  const call = await held('tool')
  expect(await statusOf({ 'grpc-timeout': '20S', ...call })).toBe('OK')
  expect(await statusOf({ 'grpc-timeout': '50m', ...call }, WAIT)).toBe('DEADLINE_EXCEEDED')
})

/** What a call without a message of ours around it ends with. */
async function statusOf(
  headers: Readonly<Record<string, string>>,
  message = Buffer.alloc(0),
): Promise<string | undefined> {
  const session = connectHttp2(`http://127.0.0.1:${server.port}`)
  const told = await new Promise<unknown>((resolve, reject) => {
    const call = session.request({
      ':method': 'POST',
      ':path': GET,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    const tell = ({ 'grpc-status': code }: { readonly 'grpc-status'?: unknown }) =>
      code === undefined || resolve(code)
    call.on('response', tell).on('trailers', tell).on('error', reject).resume()
    call.end(Buffer.concat([notCompressed(message.length), message]))
  })
  session.close()
  return status[Number(told)]
}
const notCompressed = (length: number) => Buffer.from([0, 0, 0, 0, length])

/** What this process writes to its error output while it is held. */
function capturing(written: string[]): AsyncDisposable {
  const write = process.stderr.write.bind(process.stderr)
  const error = console.error
  process.stderr.write = (bytes: string | Uint8Array) => written.push(String(bytes)) > 0
  console.error = (...words: unknown[]) => void written.push(words.join(' '))
  return {
    async [Symbol.asyncDispose]() {
      process.stderr.write = write
      console.error = error
    },
  }
}

test('a method that nobody said who may call stops the start', async () => {
  const method = {
    ...AgentServiceService.listWaitingConversations,
    path: '/parley.agent.v1.AgentService/ForgottenMethod',
  }
  const forgotten = grpcService(
    { forgotten: method },
    { forgotten: () => Promise.reject(new Error('never')) },
  )
  await expect(
    startGrpcServer({
      ...options,
      services: [forgotten],
      identity: await grpcIdentity('agent', { ...keys.envOf('agent') }),
    }),
  ).rejects.toMatchObject({
    code: 'GRPC_ACCESS_MISSING',
    message: expect.stringContaining('ForgottenMethod') as string,
  })
})

test('a stranger writes no line of our log, nor of the audit; a caller that we know and refuse is named in both', async () => {
  logged.length = 0
  const before = recorded.length
  for (const path of [GET, ...UNKNOWN]) await outcome(path)
  expect([logged.length, recorded.length]).toEqual([0, before])
  await outcome(GET, await held('bot'))
  expect(recorded).toContainEqual({
    type: 'access_refused',
    person: null,
    subject: { kind: 'method', id: GET.slice(1) },
    fields: { code: 'CALLER_NOT_PERMITTED', callerId: 'bot' },
  })
  expect(logged.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ code: 'CALLER_NOT_PERMITTED', callerId: 'bot', method: GET }),
  ])
})
