import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { grpcIdentity } from '@parley/service'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settingsFrom } from '../../infra/identity/src/settings.ts'
import { misspelt } from '../../packages/service/src/misspelt-settings.ts'
import { agentSettings } from '../../services/agent/src/config.ts'
import { archiveSettings } from '../../services/archive/src/config.ts'
import { botSettings } from '../../services/bot/src/config.ts'
import { gatewaySettings } from '../../services/gateway/src/config.ts'
import { routingSettings } from '../../services/routing/src/config.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')
const { services: containers } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, { environment: Record<string, string>; env_file?: unknown }>
}
const image = [...read('infra/images/Dockerfile').matchAll(/(?:^ENV | )([A-Z_]+)=/gm)].map(([, name]) => name)

const SERVICES = {
  gateway: gatewaySettings,
  routing: routingSettings,
  bot: botSettings,
  agent: agentSettings,
  archive: archiveSettings,
}

/** Which variables a service looks at: an environment that has none of them notes what it is asked for. */
async function askedFor(name: keyof typeof SERVICES): Promise<readonly string[]> {
  const asked = new Set<string>()
  const nothing = new Proxy<NodeJS.ProcessEnv>(
    { KAFKA_BROKERS: 'kafka:9092' },
    {
      get(target, variable: string) {
        asked.add(variable)
        return target[variable]
      },
    },
  )
  try {
    SERVICES[name](nothing)
  } catch {
    // It names what it cannot do without.
  }
  await grpcIdentity(name, nothing).catch(() => undefined)
  return [...asked]
}

/** What of a service's settings has no place in the Compose file, and why. */
const NOT_IN_COMPOSE = [
  // It brings Kafka along, without SASL and TLS, with one broker.
  /^KAFKA_(SASL|SSL)/,
  /^KAFKA_REPLICATION_FACTOR$/,
  // Of npm start's tokens; containers show certificates.
  /^GRPC_CALLER/,
  // A file that has to be mounted, too.
  /^WHATSAPP_ACCOUNTS_FILE$/,
  // Made or taken as a file: those secrets that Compose makes have theirs.
  /^(ALERT_WEBHOOK_SECRET|OUTBOUND_PROXY)_FILE$/,
]

test.each(Object.keys(SERVICES) as (keyof typeof SERVICES)[])(
  'whatever %s can be told, its container can be told',
  async (name) => {
    const asked = await askedFor(name)
    expect(asked.length).toBeGreaterThan(10)
    const given = [...Object.keys(containers[name]!.environment), ...image]
    expect(
      asked.filter(
        (variable) => !given.includes(variable) && !NOT_IN_COMPOSE.some((kind) => kind.test(variable)),
      ),
    ).toEqual([])
  },
)

test('no service takes what another one is told for a misspelt setting of its own: npm start gives all of them all', async () => {
  const names = Object.keys(SERVICES) as (keyof typeof SERVICES)[]
  const asked = await Promise.all(names.map(askedFor))
  const given = [
    ...asked.flat(),
    ...Object.values(containers).flatMap(({ environment }) => Object.keys(environment ?? {})),
  ]
  for (const own of asked) expect(misspelt(given, new Set(own))).toEqual([])
})

test('what is not in the Compose file is a setting all the same', async () => {
  const asked = (await Promise.all((Object.keys(SERVICES) as (keyof typeof SERVICES)[]).map(askedFor))).flat()
  expect(NOT_IN_COMPOSE.filter((kind) => !asked.some((variable) => kind.test(variable)))).toEqual([])
})

test('the provider of identities is told in its container all that it can be told', () => {
  const { environment } = containers['identity']!
  const url = 'http://localhost:4700'
  const secret = 'abcdefghijklmnopqrstuvwxyz'
  const settings = settingsFrom({
    IDENTITY_PASSWORD_SECRET: secret,
    IDENTITY_CONSOLE_URL: url,
    OIDC_ISSUER: url,
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: secret,
    AGENT_PUBLIC_URL: url,
  })
  expect(settings).not.toHaveProperty('problem')
  const given = [...Object.keys(environment), ...image]
  expect(Object.keys(settings).filter((variable) => !given.includes(variable))).toEqual([])
})

test("secrets of flows, whose names are a company's own, are the bot's alone", () => {
  const given = Object.entries(containers).filter(([, { env_file }]) => env_file !== undefined)
  expect(given.map(([name, { env_file }]) => [name, env_file])).toEqual([
    ['bot', [{ path: '.env.flows', required: false }]],
  ])
  const secrets = { FLOW_CARDS_TOKEN: 'abcdefghijklmnop' }
  const { flowSecrets } = botSettings({
    KAFKA_BROKERS: 'kafka:9092',
    MONGODB_URI: 'mongodb://mongo',
    ...secrets,
  })
  expect(flowSecrets).toEqual(secrets)
})

test('every setting of a service stands in a page of the reference', async () => {
  const pages = [
    'ports-and-settings',
    'access',
    'telemetry',
    'grpc-access',
    ...Object.keys(SERVICES).map((name) => `services/${name}`),
  ]
    .map((page) => read(`docs/reference/${page}.md`))
    .concat(read('docs/guides/containers.md'))
    .join('\n')
  const asked = (await Promise.all((Object.keys(SERVICES) as (keyof typeof SERVICES)[]).map(askedFor))).flat()
  const stands = (name: string) => new RegExp(String.raw`(?<![A-Z_])${name}(?![A-Z_])`).test(pages)
  const named = (variable: string) => {
    const [, service, rest] = /^([A-Z]+)_(.+)$/.exec(variable) ?? []
    return (
      stands(variable) ||
      stands(variable.replace(/_FILE$/, '')) ||
      // `AGENT_HOSTS`, `GATEWAY_…`: the rest of the name once in a row.
      stands(`[A-Z]+_${rest}\`.*\`${service}_…`)
    )
  }
  expect([...new Set(asked)].filter((variable) => !named(variable))).toEqual([])
})
