import { join, resolve } from 'node:path'
import type { CallerKeys } from '@parley/service'
import { REPOSITORY } from './data-directory.ts'
import type { Ports } from './ports.ts'
import type { Program } from './process/program.ts'
import { cacheDirectory } from './provision/cache.ts'
import { httpAnswersOk } from './ready.ts'
import type { OidcSettings, WhatsAppSettings } from './settings.ts'

export const SERVICES = ['gateway', 'routing', 'bot', 'agent', 'archive'] as const
export type ServiceName = (typeof SERVICES)[number]

const HOST = '127.0.0.1'
/** A little more than a service's own budgets of draining, closing and flushing. */
export const STOP_BUDGET_MS = 29_000

export const grpcAddress = (ports: Ports, name: ServiceName): string => `${HOST}:${ports[name]}`

/** Of a service's /livez, /readyz and /metrics. */
export const probeUrl = (ports: Ports, name: ServiceName): string =>
  `http://${HOST}:${ports[`${name}_probe`]}`

export interface ServiceSurroundings {
  ports: Ports
  kafkaBrokers: readonly string[]
  mongoUri: string
  namespace: string
  partitions: number
  /** Who the simulated customers are, and what their phones show. */
  simulatorFile: string
  whatsapp: WhatsAppSettings
  transcriptLinkSecret: string
  oidc: OidcSettings
  /** Of the local provider's people; empty where the provider is given from outside. */
  passwordSecret: string
}

/** Settings that are secret or belong to such, and whose they are alone: a process that is taken over has no others to give away. */
const OWNED: readonly { readonly settings: RegExp; readonly by: readonly string[] }[] = [
  { settings: /^WHATSAPP_/, by: ['gateway', 'simulator'] },
  { settings: /^TRANSCRIPT_/, by: ['archive'] },
  { settings: /^FLOW_/, by: ['bot'] },
  { settings: /^(OIDC_|AGENT_PUBLIC_URL$)/, by: ['agent', 'identity'] },
  { settings: /^ALERT_WEBHOOK_/, by: ['agent'] },
  { settings: /^OUTBOUND_/, by: ['gateway', 'bot', 'agent'] },
  { settings: /^IDENTITY_/, by: ['identity'] },
  { settings: /^SIMULATOR_/, by: ['simulator'] },
  { settings: /^GRPC_/, by: SERVICES },
]

/** Of an environment for all what is there for the process of this name. */
export const environmentOf = (name: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([variable]) =>
      OWNED.every(({ settings, by }) => !settings.test(variable) || by.includes(name)),
    ),
  )

/** What the processes of the stack find in their environment, on top of ours. docs/reference/ports-and-settings.md */
export const serviceEnvironment = (
  env: NodeJS.ProcessEnv,
  around: ServiceSurroundings,
): NodeJS.ProcessEnv => {
  const { ports, whatsapp } = around
  return {
    ...env,
    HOST,
    // On one machine tokens say who calls.
    GRPC_TLS_CERT: '',
    GRPC_TLS_KEY: '',
    GRPC_TLS_CA: '',
    PARLEY_PARENT_WATCH: '1',
    KAFKA_BROKERS: around.kafkaBrokers.join(','),
    MONGODB_URI: around.mongoUri,
    PARLEY_NAMESPACE: around.namespace,
    PARLEY_PARTITIONS: String(around.partitions),
    PARLEY_CONFIG_DIR: resolve(REPOSITORY, env['PARLEY_CONFIG_DIR'] || 'config'),
    GATEWAY_HTTP_PORT: String(ports.webhooks),
    ARCHIVE_HTTP_PORT: String(ports.transcripts),
    AGENT_HTTP_PORT: String(ports.console),
    AGENT_PUBLIC_URL: env['AGENT_PUBLIC_URL'] || `http://localhost:${ports.console}`,
    OIDC_ISSUER: around.oidc.issuer,
    OIDC_CLIENT_ID: around.oidc.clientId,
    OIDC_CLIENT_SECRET: around.oidc.clientSecret,
    IDENTITY_PORT: String(ports.identity),
    IDENTITY_PASSWORD_SECRET: around.passwordSecret,
    ...Object.fromEntries(
      SERVICES.flatMap((name) => [
        [`${name.toUpperCase()}_GRPC_PORT`, String(ports[name])],
        [`${name.toUpperCase()}_PROBE_PORT`, String(ports[`${name}_probe`])],
        [`${name.toUpperCase()}_GRPC_ADDRESS`, grpcAddress(ports, name)],
      ]),
    ),
    WHATSAPP_GRAPH_URL: whatsapp.graphUrl,
    WHATSAPP_GRAPH_VERSION: whatsapp.graphVersion,
    WHATSAPP_WABA_ID: whatsapp.wabaId,
    WHATSAPP_PHONE_NUMBER_ID: whatsapp.phoneNumberId,
    WHATSAPP_DISPLAY_PHONE_NUMBER: whatsapp.displayPhoneNumber,
    WHATSAPP_APP_SECRET: whatsapp.appSecret,
    WHATSAPP_VERIFY_TOKEN: whatsapp.verifyToken,
    WHATSAPP_ACCESS_TOKEN: whatsapp.accessToken,
    TRANSCRIPT_BASE_URL: env['TRANSCRIPT_BASE_URL'] || `http://localhost:${ports.transcripts}`,
    TRANSCRIPT_LINK_SECRET: env['TRANSCRIPT_LINK_SECRET'] || around.transcriptLinkSecret,
    GRPC_REFLECTION: env['GRPC_REFLECTION'] || 'true',
    SIMULATOR_PORT: String(ports.phone),
    // A phone that forgot its chats at a restart would also refuse every answer to them: it knows of no reply window.
    SIMULATOR_DATA_FILE: env['SIMULATOR_DATA_FILE'] || around.simulatorFile,
    SIMULATOR_WEBHOOK_URL: `http://${HOST}:${ports.webhooks}/webhook`,
  }
}

/** A link to the services as `bundleServices` made them last. */
export const BUNDLES = join(REPOSITORY, 'node_modules/.cache/parley/services')
export const bundledMain = (name: ServiceName): string => join(BUNDLES, `${name}.js`)

/** What a turn leaves behind is garbage at once: a smaller nursery is emptied more often, as cheaply, and never takes 48 MB. */
export const NODE_FLAGS = ['--max-semi-space-size=8']

/** docs/adr/0016: of a service's memory and of its time to start. */
export const nodeEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  // Types are stripped and code is compiled once for all starts: half of the processor time of each, and 15 MB less.
  NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] || join(cacheDirectory(env), 'compiled'),
  // glibc gives each thread a heap of its own, and what is freed in one serves no other.
  MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] || '2',
})

const nodeProgram = (
  name: string,
  main: string,
  env: NodeJS.ProcessEnv,
  isReady: () => Promise<boolean>,
  isAlive = isReady,
): Program => ({
  name,
  child: {
    command: process.execPath,
    args: [...NODE_FLAGS, main],
    cwd: REPOSITORY,
    env: nodeEnvironment(environmentOf(name, env)),
    ipc: true,
  },
  stopBudgetMs: STOP_BUDGET_MS,
  isReady,
  isAlive,
})

export const servicePrograms = (ports: Ports, env: NodeJS.ProcessEnv, callers: CallerKeys): Program[] =>
  SERVICES.map((name) =>
    nodeProgram(
      name,
      bundledMain(name),
      {
        ...env,
        ...callers.envOf(name),
        // Started again after a kill, it takes the place of the dead one in its consumer groups.
        PARLEY_INSTANCE: env['PARLEY_INSTANCE'] || name,
        // Of what all five load, a cache that they share holds what the first of them ran; and with the files it goes.
        NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] || join(BUNDLES, 'compiled', name),
      },
      () => httpAnswersOk(`${probeUrl(ports, name)}/readyz`),
      () => httpAnswersOk(`${probeUrl(ports, name)}/livez`),
    ),
  )

export const simulatorProgram = (ports: Ports, env: NodeJS.ProcessEnv): Program =>
  nodeProgram('simulator', 'infra/simulator/src/main.ts', env, () =>
    httpAnswersOk(`http://${HOST}:${ports.phone}/healthz`),
  )

/** Not loopback's address but its name: browsers keep cookies by it, and the console's is the same. */
export const identityUrl = (ports: Ports): string => `http://localhost:${ports.identity}`

export const identityProgram = (ports: Ports, env: NodeJS.ProcessEnv): Program =>
  nodeProgram('identity', 'infra/identity/src/main.ts', env, () =>
    httpAnswersOk(`http://${HOST}:${ports.identity}/healthz`),
  )
