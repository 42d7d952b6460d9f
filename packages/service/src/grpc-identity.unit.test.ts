import { expect, test } from 'vitest'
import { makeCallerKeys } from './grpc-caller-keys.ts'
import { grpcIdentity } from './grpc-identity.ts'

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

test('no setting of a caller tells a private key but its own', () => {
  const own = JSON.parse(given.GRPC_CALLER_KEY) as { d: string }
  expect(own.d).toMatch(/^[\w-]{43}$/)
  expect(Object.values(keys.envOf('archive')).join()).not.toContain(own.d)
  expect(given.GRPC_CALLERS).not.toContain('"d"')
})
