import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ReaderServiceClient } from '@parley/proto/reader'
import { grpcCall, grpcClient, heldCredentials } from '@parley/service'
import { expect, onTestFinished, test, vi } from 'vitest'
import { beganAt } from './process/leftovers.ts'
import { startStack } from './start-stack.ts'

const PARLEY = fileURLToPath(new URL('../../operator/src/parley.ts', import.meta.url))

/** Its exit code. */
async function parley(dataDir: string, words: readonly string[]): Promise<number | null> {
  const { PATH, HOME } = process.env
  const called = spawn(process.execPath, [PARLEY, ...words], {
    env: { PATH, HOME, PARLEY_DATA_DIR: dataDir },
    stdio: 'ignore',
  })
  const [code] = (await once(called, 'exit')) as [number | null]
  return code
}

const NAMES = ['agent', 'archive', 'bot', 'gateway', 'identity', 'kafka', 'mongo', 'routing', 'simulator']

test('a whole stack starts beside others, tells where it is, takes a killed service back, and leaves nothing', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-stack-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const stackFile = join(dataDir, 'stack.json')
  const unset = { KAFKA_BROKERS: undefined, MONGODB_URI: undefined }
  await using stack = await startStack({ dataDir, randomPorts: true, env: unset })

  expect(JSON.parse(readFileSync(stackFile, 'utf8'))).toEqual({
    ready: true,
    urls: {
      webhooks: expect.stringMatching(/^http:\/\/localhost:\d+\/webhook$/),
      simulator: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      phone: expect.stringMatching(/^http:\/\/localhost:\d+\/$/),
      transcripts: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      console: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    },
    grpc: Object.fromEntries(
      ['gateway', 'routing', 'bot', 'agent', 'archive'].map((name) => [
        name,
        expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      ]),
    ),
    probes: Object.fromEntries(
      ['gateway', 'routing', 'bot', 'agent', 'archive'].map((name) => [
        name,
        expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ]),
    ),
    kafkaBrokers: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)],
    mongoUri: expect.stringMatching(/^mongodb:\/\//),
    namespace: 'parley',
    partitions: 12,
    configDirectory: expect.stringMatching(/\/config$/),
    whatsapp: {
      graphUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      wabaId: expect.stringMatching(/^\d+$/),
      phoneNumberId: expect.stringMatching(/^\d+$/),
      displayPhoneNumber: expect.stringMatching(/^\d+$/),
      appSecret: expect.any(String),
      verifyToken: expect.any(String),
      accessToken: expect.any(String),
    },
    identity: { issuer: expect.stringMatching(/^http:\/\/localhost:\d+$/) },
    people: expect.arrayContaining([
      {
        login: 'rahim',
        password: expect.stringMatching(/^[a-z2-9]{14}$/),
        name: 'Rahim Uddin',
        roles: ['agent'],
        team: 'contato-sul',
        vendor: 'Contato Sul Atendimento',
      },
      expect.objectContaining({ roles: ['supervisor'], team: null }),
    ]),
    grpcMetadata: { authorization: expect.stringMatching(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/) },
    sources: { kafka: expect.any(String), mongo: expect.any(String) },
  })
  // Passwords and secrets are in it.
  expect([stackFile, dataDir].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700])
  expect(Object.keys(stack.status()).toSorted()).toEqual(NAMES)
  expect(Object.values(stack.status())).toEqual(
    NAMES.map(() => ({ pid: expect.any(Number), state: 'ready', restarts: 0 })),
  )

  for (const [name, url] of Object.entries(stack.stackJson.probes)) {
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(`service_name="parley-${name}"`)
  }

  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  expect(
    [dataDir, stackFile, join(dataDir, 'operator.json'), join(dataDir, 'secrets.json')].map(modeOf),
  ).toEqual(['700', '600', '600', '600'])
  const { grpc, grpcMetadata } = stack.stackJson
  for (const address of Object.values(grpc)) {
    const listReaders = async (metadata: Readonly<Record<string, string>>): Promise<unknown> => {
      const client = grpcClient(ReaderServiceClient, address, heldCredentials(metadata))
      onTestFinished(() => client.close())
      return grpcCall(client, 'listReaders', {}, { timeoutMs: 10_000 }).then(
        () => 'told',
        ({ code }: { code: string }) => code,
      )
    }
    expect([await listReaders(grpcMetadata), await listReaders({})]).toEqual(['told', 'CALLER_UNKNOWN'])
  }

  // Where services, log and store of it are, whoever operates it need not say.
  const today = new Date().toISOString().slice(0, 10)
  for (const words of [['projection', 'list'], ['recount', '--day', today], ['config', 'diff'], ['audit']])
    expect(await parley(dataDir, words)).toBe(0)
  expect(await parley(tmpdir(), ['projection', 'list'])).toBe(1)

  stack.service('archive').kill('SIGKILL')
  await vi.waitFor(() => expect(stack.status()['archive']).toMatchObject({ state: 'ready', restarts: 1 }), {
    timeout: 60_000,
    interval: 100,
  })

  await expect(startStack({ dataDir, randomPorts: true, env: unset })).rejects.toMatchObject({
    code: 'STACK_ALREADY_RUNS',
  })

  const pids = Object.values(stack.status()).flatMap(({ pid }) => pid ?? [])
  await stack.stop()
  expect(existsSync(stackFile)).toBe(false)
  expect(pids.map(beganAt)).toEqual(pids.map(() => undefined))
})
