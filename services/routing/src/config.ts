import { commonSettings, portNumber, readSettings, setting } from '@parley/service'
import { z } from 'zod'

const seconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(7 * 24 * 60 * 60)

const settings = z.object({
  ...commonSettings,
  grpcPort: setting('ROUTING_GRPC_PORT', portNumber.default(4712), 'the port of the gRPC server'),
  botTurnTimeoutSeconds: setting(
    'BOT_TURN_TIMEOUT_SECONDS',
    seconds.default(45),
    'how long the robot may take for an answer before people take over, in seconds',
  ),
  silenceTimeoutSeconds: setting(
    'SILENCE_TIMEOUT_SECONDS',
    seconds.default(1800),
    'after how long without a word from the customer a conversation with the robot ends, in seconds',
  ),
  endingTimeoutSeconds: setting(
    'ENDING_TIMEOUT_SECONDS',
    seconds.default(60),
    'how long an ending waits for its transcript link to be issued and sent, in seconds',
  ),
})

export type RoutingSettings = z.output<typeof settings>

export function routingSettings(env: NodeJS.ProcessEnv): RoutingSettings {
  return readSettings(settings, env)
}
