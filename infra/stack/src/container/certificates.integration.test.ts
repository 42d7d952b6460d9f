import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { credentials } from '@grpc/grpc-js'
import { ListReadersResponse, ReaderServiceClient } from '@parley/proto/reader'
import { CALLERS, grpcCall, grpcClient, grpcIdentity, readerGrpc, startGrpcServer } from '@parley/service'
import { expect, onTestFinished, test } from 'vitest'
import { certificates } from './certificates.ts'

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'parley-keys-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

type Authority = Awaited<ReturnType<typeof certificates>>

/** The settings of mutual TLS with a certificate of this name, trusting this authority. */
const settingsOf = async (
  name: string,
  signedBy: Authority,
  trusted: Authority,
): Promise<Record<string, string>> => {
  const at = folder()
  const { certificate, key } = await signedBy.of(name)
  const written = { GRPC_TLS_CERT: certificate, GRPC_TLS_KEY: key, GRPC_TLS_CA: trusted.authority }
  return Object.fromEntries(
    Object.entries(written).map(([variable, pem]) => {
      writeFileSync(join(at, variable), pem)
      return [variable, join(at, variable)]
    }),
  )
}

test('by mutual TLS a service knows its callers by their certificates, and nobody without one of its authority gets a word in', async () => {
  const ours = await certificates()
  const theirs = await certificates()
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    identity: await grpcIdentity('archive', {
      HOST: '0.0.0.0',
      ...(await settingsOf('localhost', ours, ours)),
    }),
    services: [readerGrpc('archive', {}, async () => {})],
  })
  onTestFinished(() => server.close())
  const listReaders = async (caller: Parameters<typeof grpcClient>[2]): Promise<unknown> => {
    const client = grpcClient(ReaderServiceClient, `localhost:${server.port}`, caller)
    onTestFinished(() => client.close())
    return grpcCall(client, 'listReaders', {}, { timeoutMs: 30_000 }).catch(
      ({ code }: { code: string }) => code,
    )
  }
  const callerBy = async (name: string, signedBy = ours) =>
    grpcIdentity('operator', await settingsOf(name, signedBy, ours))

  expect(await listReaders(await callerBy('operator'))).toEqual(
    ListReadersResponse.fromPartial({ readers: [] }),
  )
  expect(await listReaders(await callerBy('bot'))).toBe('CALLER_NOT_PERMITTED')
  expect(await listReaders(await callerBy('stranger'))).toBe('CALLER_UNKNOWN')
  const headersFor = async () => ({})
  expect(await listReaders(await callerBy('operator', theirs))).toBe('UNAVAILABLE')
  expect(await listReaders({ channel: credentials.createSsl(Buffer.from(ours.authority)), headersFor })).toBe(
    'UNAVAILABLE',
  )
  expect(await listReaders({ channel: credentials.createInsecure(), headersFor })).toBe('UNAVAILABLE')
})

test('a caller does not speak to a server of another authority', async () => {
  const [ours, theirs] = [await certificates(), await certificates()]
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    identity: await grpcIdentity('archive', await settingsOf('localhost', theirs, ours)),
    services: [readerGrpc('archive', {}, async () => {})],
  })
  onTestFinished(() => server.close())
  const client = grpcClient(
    ReaderServiceClient,
    `localhost:${server.port}`,
    await grpcIdentity('operator', await settingsOf('operator', ours, ours)),
  )
  onTestFinished(() => client.close())
  await expect(grpcCall(client, 'listReaders', {}, { timeoutMs: 30_000 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  })
})

test('in Compose each container gets keys of its own, which stay over starts; the simulator and the gateway share its account', async () => {
  const keys = folder()
  for (const name of [...CALLERS, 'simulator', 'identity']) mkdirSync(join(keys, name))
  const make = () => promisify(execFile)(process.execPath, [join(import.meta.dirname, 'keys.ts'), keys])
  const read = (name: string, file: string): string => readFileSync(join(keys, name, file), 'utf8')
  await make()
  const all = () => [
    ...CALLERS.map((name) => read(name, 'key.pem')),
    ...['access-token', 'app-secret', 'verify-token'].map((file) => read('simulator', file)),
    ...['password-secret', 'oidc-client-secret'].map((file) => read('identity', file)),
    read('archive', 'link-secret'),
  ]
  const made = all()
  expect(new Set(made).size).toBe(made.length)
  expect(statSync(join(keys, 'agent', 'key.pem')).mode & 0o777).toBe(0o600)
  for (const file of ['access-token', 'app-secret', 'verify-token']) {
    expect(read('simulator', file)).toMatch(/^simulated-/)
    expect(read('gateway', file)).toBe(read('simulator', file))
  }
  expect(read('agent', 'oidc-client-secret')).toBe(read('identity', 'oidc-client-secret'))
  await make()
  expect(all()).toEqual(made)

  rmSync(join(keys, 'agent', 'cert.pem'))
  await make()
  expect(new Set(CALLERS.map((name) => read(name, 'ca.pem'))).size).toBe(1)
  expect(read('archive', 'link-secret')).toBe(made.at(-1))
})
