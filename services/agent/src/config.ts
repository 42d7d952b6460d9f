import { commonSettings, httpSettings, portNumber, readSettings, setting } from '@parley/service'
import { z } from 'zod'

const settings = z.object({
  ...commonSettings,
  ...httpSettings('AGENT'),
  httpPort: setting('AGENT_HTTP_PORT', portNumber.default(4700), 'the port of the console'),
  grpcPort: setting('AGENT_GRPC_PORT', portNumber.default(4714), 'the port of the gRPC server'),
  configDirectory: setting('PARLEY_CONFIG_DIR', z.string().default('config'), 'the folder of company.yaml'),
})

export type AgentSettings = z.output<typeof settings>

export function agentSettings(env: NodeJS.ProcessEnv): AgentSettings {
  return readSettings(settings, env)
}
