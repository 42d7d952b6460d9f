import { fileURLToPath } from 'node:url'
import { passwordOf, startIdentityProvider } from '@parley/identity'
import { readPeopleIn } from '@parley/people/directory'
import { type Resource, type Resources, createLifecycle, createLogger } from '@parley/service'
import { freePort } from '@parley/stack'
import { callerEnv } from '@parley/testkit'
import { compose } from '../../compose.ts'

const CONFIG = fileURLToPath(new URL('../../../../../config', import.meta.url))
const PASSWORD_SECRET = 'of-tests-only-0123456789'
export const passwordFor = (login: string): string => passwordOf(PASSWORD_SECRET, login)

export interface Surroundings {
  readonly namespace: string
  readonly brokers: readonly string[]
  readonly mongoUri: string
}

/** The local provider with the example company's people, and the settings by which an agent service knows it. */
export async function startIdentity(settings: Readonly<Record<string, string>> = {}) {
  const { people } = await readPeopleIn(CONFIG)
  const [consolePort, port] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${port}`
  const consoleUrl = `http://localhost:${consolePort}`
  const client = { id: 'parley-console', secret: 'of-tests-only-9876543210', consoleUrl }
  const start = () =>
    startIdentityProvider({
      issuer,
      port,
      client,
      accounts: [...people.values()].map(({ login, subject }) => ({ login, subject })),
      passwordSecret: PASSWORD_SECRET,
    })
  return {
    issuer,
    consoleUrl,
    start,
    provider: await start(),
    env: {
      AGENT_HTTP_PORT: String(consolePort),
      AGENT_PUBLIC_URL: consoleUrl,
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: client.id,
      OIDC_CLIENT_SECRET: client.secret,
      ...settings,
    },
  }
}

/** The service as it runs, in this process. */
export async function startAgent(
  { namespace, brokers, mongoUri }: Surroundings,
  env: Readonly<Record<string, string>>,
) {
  let resources: Resources = []
  const lines: string[] = []
  const faults: unknown[] = []
  const lifecycle = createLifecycle({
    log: createLogger({ service: 'agent', level: 'silent' }),
    start: async () =>
      (resources = await compose({
        name: 'agent',
        env: {
          KAFKA_BROKERS: brokers.join(','),
          MONGODB_URI: mongoUri,
          PARLEY_NAMESPACE: namespace,
          PARLEY_PARTITIONS: '2',
          PARLEY_CONFIG_DIR: CONFIG,
          AGENT_GRPC_PORT: '0',
          ...callerEnv('agent'),
          ...env,
        },
        log: createLogger({
          service: 'agent',
          destination: { write: (line: string) => void lines.push(line) },
        }),
        fault: (error) => faults.push(error),
        onShutdown: (listener) => lifecycle.onShutdown(listener),
        isReady: () => lifecycle.isReady(),
      })),
  })
  const running = lifecycle.run()
  const deadline = performance.now() + 90_000
  while (!lifecycle.isReady()) {
    if (performance.now() > deadline) throw new Error('The service was not ready within 90 s.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const portOf = (name: string) =>
    (resources.flat().find((resource) => resource.name === name) as Resource & { port: number }).port
  return {
    url: `http://localhost:${portOf('http')}`,
    grpcAddress: `127.0.0.1:${portOf('grpc')}`,
    lines,
    faults,
    stop: () => {
      lifecycle.shutdown()
      return running
    },
  }
}
