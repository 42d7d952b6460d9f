import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeCallerKeys } from './caller-keys.ts'
import { grpcIdentity } from './identity.ts'

/** Of nobody: its key was thrown away. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUES5e3YjEi0gtmNfgrhUWhViC03swCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwHhcNMjYxMTI3MTIyODM2WhcNMjYxMTI5MTIyODM2WjAN
MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN1r7O+JUC2h
gHB30lCcD9sScPUIQteCKK7CWMCh1XiaLjsR5uUhAHch7y+WPX6A7aiU3zgggYIu
wXYiePS8r/SjUzBRMB0GA1UdDgQWBBSQeWFRTi+1WQ5V7s0XBMjBL8ZYPzAfBgNV
HSMEGDAWgBSQeWFRTi+1WQ5V7s0XBMjBL8ZYPzAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIQCBY9cuGQGxgy8KcACvyn7BizTE8i+9/x6fgAS4xHz5
AgIgUgAzz8h0j8rmdOIBaIhdR/Rrru2qnmcKu44vjpkk+Ik=
-----END CERTIFICATE-----
`

const keys = await makeCallerKeys()
const given = keys.envOf('gateway')

const problem = async (env: NodeJS.ProcessEnv): Promise<string> =>
  grpcIdentity('gateway', env).then(
    () => 'none',
    (error: Error) => error.message,
  )

test('a service that could not tell who calls it does not start, and says what to set', async () => {
  expect(await problem({})).toMatch(/GRPC_TLS_CERT[\s\S]+GRPC_TLS_KEY and GRPC_TLS_CA/)
  expect(await problem({ GRPC_CALLERS: given.GRPC_CALLERS })).toMatch(/GRPC_TLS_CERT/)
})

test.each(['0.0.0.0', '10.0.0.7', '::', 'gateway'])(
  'tokens are for one machine: listening on %s they are refused',
  async (HOST) => {
    expect(await problem({ ...given, HOST })).toMatch(/GRPC_CALLERS[\s\S]+GRPC_TLS_CERT/)
  },
)

test.each(['127.0.0.1', 'localhost', '::1'])('listening on %s they are taken', async (HOST) => {
  expect(await problem({ ...given, HOST })).toBe('none')
})

test('half of mutual TLS is refused, also beside tokens, and what is missing is named', async () => {
  const message = await problem({ ...given, GRPC_TLS_CERT: '/nowhere.pem' })
  expect(message).toMatch(/GRPC_TLS_KEY/)
  expect(message).toMatch(/GRPC_TLS_CA/)
})

test('a file that is not there is named by its variable', async () => {
  const path = '/nowhere.pem'
  expect(await problem({ GRPC_TLS_CERT: path, GRPC_TLS_KEY: path, GRPC_TLS_CA: path })).toMatch(
    /GRPC_TLS_CERT[\s\S]+cannot be read/,
  )
})

test('files that are no certificate, no key, or of another certificate are told by their variable, and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const keyOf = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' })
  const certificate = written('certificate', CERTIFICATE)
  const [other, text] = [written('key', String(keyOf())), written('text', 'no PEM')]
  const files = { GRPC_TLS_CERT: certificate, GRPC_TLS_KEY: other, GRPC_TLS_CA: certificate }
  expect(await problem(files)).toMatch(/GRPC_TLS_KEY\s+why: it is not the key of .*GRPC_TLS_CERT[\s\S]+fix:/)
  for (const [variable, what] of [
    ['GRPC_TLS_CERT', 'certificate'],
    ['GRPC_TLS_KEY', 'private key'],
    ['GRPC_TLS_CA', 'certificate'],
  ] as const)
    expect(await problem({ ...files, [variable]: text })).toMatch(
      new RegExp(`${variable}\\s+why: there is no ${what} in the file[\\s\\S]+fix:`),
    )
})

test('no setting of a caller tells a private key but its own', () => {
  const own = JSON.parse(given.GRPC_CALLER_KEY) as { d: string }
  expect(own.d).toMatch(/^[\w-]{43}$/)
  expect(Object.values(keys.envOf('archive')).join()).not.toContain(own.d)
  expect(given.GRPC_CALLERS).not.toContain('"d"')
})
