import { wayOutSettings } from '@parley/outbound'
import { commonSettings, grpcAddress, portNumber, readSettings, setting } from '@parley/service'
import { z } from 'zod'

const schema = z.object({
  ...commonSettings,
  ...wayOutSettings,
  grpcPort: setting('BOT_GRPC_PORT', portNumber.default(4713), 'a free port, for example 4713'),
  responderAddress: setting(
    'RESPONDER_GRPC_ADDRESS',
    grpcAddress.optional(),
    'host:port of another robot; leave it out to use the flows',
  ),
  responderTimeoutMs: setting(
    'RESPONDER_TIMEOUT_MS',
    z.coerce.number().int().min(100).max(40_000).default(10_000),
    'less than the 45 s that a turn has',
  ),
  flow: setting('BOT_FLOW', z.string().default('atendimento'), 'the flow that new conversations begin with'),
})

export type BotSettings = z.output<typeof schema> & {
  /** All that begins with FLOW_: what calls of flows may use, each flow what it names. */
  readonly flowSecrets: Readonly<Record<string, string>>
}

/** @throws {SettingsError} */
export function botSettings(env: NodeJS.ProcessEnv): BotSettings {
  const secrets = Object.keys(env)
    .filter((name) => name.startsWith('FLOW_'))
    .flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { ...readSettings(schema, env), flowSecrets: Object.fromEntries(secrets) }
}
