import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { grpcIdentity, heldCredentials, makeCallerKeys, readerGrpc, startGrpcServer } from '@parley/service'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveControl } from './control.ts'
import { filesOf } from './data-directory.ts'
import { freePorts } from './provision/free-port.ts'
import { readerFindings } from './doctor.ts'
import { parkedStreams, readersOf, retryStream } from './readers.ts'
import { SERVICES } from './services.ts'
import type { StackJson } from './stack-json.ts'

const keys = await makeCallerKeys()
const operatorMetadata = await keys.heldBy('operator')
const SINCE = '2026-03-02T12:00:00.000Z'

const ofEachService = (of: (nth: number) => string) =>
  Object.fromEntries(SERVICES.map((name, nth) => [name, of(nth)])) as StackJson['probes']

const URLS = {
  phone: 'http://localhost:4703/',
  simulator: 'http://localhost:4703',
  console: 'http://localhost:4700',
  transcripts: 'http://localhost:4702',
  webhooks: 'http://localhost:4701/webhook',
}

const STACK_JSON: StackJson = {
  ready: true,
  urls: URLS,
  grpc: ofEachService((nth) => `127.0.0.1:${4711 + nth}`),
  probes: ofEachService((nth) => `http://127.0.0.1:${4721 + nth}`),
  kafkaBrokers: ['127.0.0.1:4790'],
  mongoUri: 'mongodb://127.0.0.1:4791',
  namespace: 'parley',
  partitions: 12,
  configDirectory: '/config',
  whatsapp: {
    graphUrl: 'http://127.0.0.1:4703',
    wabaId: '1',
    phoneNumberId: '2',
    displayPhoneNumber: '3',
    appSecret: 'of the app',
    verifyToken: 'to verify',
    accessToken: 'to send',
  },
  identity: { issuer: 'http://localhost:4704' },
  people: [{ login: 'ana', password: 'of-ana', name: 'Ana', roles: ['agent'], team: 'cards', vendor: null }],
  grpcMetadata: {},
  sources: { kafka: 'jars', mongo: 'mongod' },
}

let undo: AsyncDisposableStack
beforeEach(() => (undo = new AsyncDisposableStack()))
afterEach(() => undo.disposeAsync())

/** gRPC of a service with one reader, which is stuck on partition 3 and has parked a stream. */
async function stuckService(): Promise<string> {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    identity: await grpcIdentity('gateway', { ...keys.envOf('gateway') }),
    services: [
      readerGrpc(
        'gateway',
        {
          sending: {
            parked: async () => [
              {
                streamId: 'contact-1',
                partition: 3,
                reason: 'the fold threw',
                parkedAt: new Date(SINCE),
                poison: '3:7',
              },
            ],
            retry: async () => true,
            discard: async () => true,
            lag: () => [
              { partition: 3, records: 40n, seconds: 61.5 },
              { partition: 4, records: 2n, seconds: 0.2 },
            ],
            stuck: () => [{ partition: 3, attempts: 6, since: SINCE, streamId: 'contact-1' }],
          },
        },
        async () => {},
      ),
    ],
  })
  undo.defer(() => server.close())
  return `127.0.0.1:${server.port}`
}

/** An address at which connections are taken and nothing is ever answered, as of a process that was stopped. */
async function muteService(): Promise<string> {
  const server = createServer((socket) => {
    undo.defer(() => void socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.defer(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const sending = {
  service: 'gateway',
  reader: 'sending',
  lagRecords: 42,
  lagSeconds: 61.5,
  stuck: [{ partition: 3, attempts: 6, since: SINCE, streamId: 'contact-1' }],
  parked: 1,
}

test('lag and stuck readers are told though another service is mute, and the mute one is named', async () => {
  const grpc = { gateway: await stuckService(), bot: await muteService() }
  expect(await readersOf({ grpc, credentials: heldCredentials(operatorMetadata) })).toEqual({
    readers: [sending],
    silent: ['bot'],
  })
})

test('what is parked is shown though another service is away, and a command to that one says so', async () => {
  const [away] = await freePorts(1)
  const grpc = { gateway: await stuckService(), bot: `127.0.0.1:${away}` }
  const operator = { grpc, credentials: heldCredentials(operatorMetadata) }
  expect(await parkedStreams(operator)).toMatchObject({
    streams: [{ service: 'gateway', reader: 'sending', streamId: 'contact-1', poison: '3:7' }],
    silent: ['bot'],
  })
  await expect(
    retryStream(operator, { service: 'bot', reader: 'turns', streamId: 'contact-1' }),
  ).rejects.toMatchObject({ code: 'SERVICE_SILENT', fix: expect.stringContaining('logs bot') as string })
})

test('the doctor asks Kafka and the store where the stack has them, whatever ports this terminal would give them', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-doctor-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const control = await serveControl(dataDir, {
    status: () => ({
      pid: process.pid,
      ready: true,
      services: { kafka: { pid: process.pid, state: 'ready', restarts: 0 } },
    }),
    restart: async () => {},
    hold: async () => {},
    letGo: () => {},
    stop: () => {},
  })
  undo.defer(() => void control.close())
  // Whoever is asked here hears it, and answers nothing.
  const asked = new Set<string>()
  const deaf = async (name: string) => {
    const server = createServer((socket) => {
      asked.add(name)
      socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    undo.defer(() => void server.close())
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const kafkaBrokers = [await deaf('kafka')]
  const mongoUri = `mongodb://${await deaf('mongo')}/?directConnection=true`
  await writeFile(filesOf(dataDir).stack, JSON.stringify({ ...STACK_JSON, kafkaBrokers, mongoUri }))
  const entry = fileURLToPath(new URL('stack.ts', import.meta.url))
  const env = { ...process.env, PARLEY_DATA_DIR: dataDir, DOCKER_HOST: 'unix:///none' }
  const doctored = promisify(execFile)(process.execPath, [entry, 'doctor', '--json'], { env })
  await expect(doctored).rejects.toMatchObject({
    stdout: expect.stringMatching(/kafka does not answer[^]*mongo does not answer/) as string,
  })
  expect([...asked].toSorted()).toEqual(['kafka', 'mongo'])
})

test('the doctor tells what it finds, and what readers say, also while the supervisor stands still', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-doctor-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const supervisor = createServer(() => {})
  supervisor.listen(filesOf(dataDir).socket)
  await once(supervisor, 'listening')
  undo.defer(() => void supervisor.close())
  const grpc = { gateway: await stuckService() }
  await writeFile(filesOf(dataDir).operator, JSON.stringify({ grpc, grpcMetadata: operatorMetadata }))
  const entry = fileURLToPath(new URL('stack.ts', import.meta.url))
  const [mongo] = await freePorts(1)
  const env = {
    ...process.env,
    PARLEY_DATA_DIR: dataDir,
    DOCKER_HOST: 'unix:///none',
    MONGODB_URI: `mongodb://127.0.0.1:${mongo}/?serverSelectionTimeoutMS=200`,
  }
  const doctored = promisify(execFile)(process.execPath, [entry, 'doctor', '--json'], { env })
  const { stdout } = (await doctored.catch((error: unknown) => error)) as { stdout: string }
  const { findings } = JSON.parse(stdout) as { findings: { code: string }[] }
  const codes = findings.map(({ code }) => code)
  expect(codes).toEqual(
    expect.arrayContaining(['NODE', 'DISK', 'STACK_SILENT', 'SERVER_SILENT', 'READER_STUCK']),
  )
  expect(codes).not.toContain('DOCTOR_FAILED')
})

test('the doctor finds what status shows: a stuck reader, parked streams, a mute service', () => {
  const findings = readerFindings({ readers: [sending], silent: ['bot'] })
  expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual([
    'error READER_STUCK',
    'warning STREAM_PARKED',
    'error SERVICE_SILENT',
  ])
  expect(findings[0]?.what).toContain('partition 3, at stream contact-1')
  const well = { ...sending, stuck: [], parked: 0 }
  expect(readerFindings({ readers: [well], silent: [] }).map(({ code }) => code)).toEqual(['READER_BEHIND'])
  expect(
    readerFindings({ readers: [{ ...well, lagSeconds: 0.2 }], silent: [] }).map(({ level }) => level),
  ).toEqual(['ok'])
})

test('`stack status` prints where to look, probes, lag and stuck readers of the stack that runs, for people and as JSON', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-status-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const services = {
    gateway: { pid: process.pid, state: 'ready', restarts: 0 },
    mongo: { pid: process.pid, state: 'ready', restarts: 1, fault: 'PROCESS_DEAD' },
  } as const
  const control = await serveControl(dataDir, {
    status: () => ({
      pid: process.pid,
      ready: true,
      services,
    }),
    restart: async () => {},
    hold: async () => {},
    letGo: () => {},
    stop: () => {},
  })
  undo.defer(() => void control.close())
  const grpc = { gateway: await stuckService() }
  await writeFile(filesOf(dataDir).stack, JSON.stringify(STACK_JSON))
  await writeFile(filesOf(dataDir).operator, JSON.stringify({ grpc, grpcMetadata: operatorMetadata }))

  const status = async (...words: string[]): Promise<string> => {
    const main = fileURLToPath(new URL('stack.ts', import.meta.url))
    const env = { PATH: process.env['PATH'], PARLEY_DATA_DIR: dataDir }
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'status', ...words], { env })
    return stripVTControlCharacters(stdout)
  }
  const shown = await status()
  for (const url of Object.values(URLS)) expect(shown).toContain(url)
  expect(shown).toMatch(/agent +ana of-ana +sign in as Ana/)
  expect(shown).toMatch(/gateway +ready +\d+ +0 +http:\/\/127\.0\.0\.1:4721/)
  expect(shown).toMatch(/mongo +ready +\d+ +1 +PROCESS_DEAD/)
  expect(shown).toMatch(/gateway sending +42 +61\.5 s +1 +partition 3, 6 tries since 2026-03-02T12:00:00/)
  expect(JSON.parse(await status('--json'))).toEqual({
    urls: URLS,
    services,
    probes: STACK_JSON.probes,
    readers: [sending],
    silent: [],
  })
  // Before all is ready there is no stack.json, and one that does not become ready can be asked all the same.
  await rm(filesOf(dataDir).stack)
  expect(await status()).toMatch(/gateway sending +42 +61\.5 s +1 +partition 3, 6 tries since/)
  await writeFile(filesOf(dataDir).stack, '{ "urls": {} }')
  await expect(status()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('(STACK_FILE_UNREADABLE)') as string,
  })
})
