import { type Logger, inTime } from '@parley/service'
import { RobotFailed } from '../turn/reactor.ts'
import { type RespondPorts, respond } from '../turn/respond.ts'
import type { RobotClient } from './responder-client.ts'

/** The bot's own robot, without a wire in between: a call to itself over gRPC was a third of what a turn cost the bot (docs/adr/0016). */
export function ownRobot(ports: RespondPorts, timeoutMs: number, log: Logger): RobotClient {
  return {
    name: 'robot',
    close: async () => {},
    async ask(request) {
      const abort = new AbortController()
      try {
        const responded = await inTime(respond(ports, request, abort.signal), timeoutMs)
        if (responded === 'late') throw new RobotFailed('RESPONDER_TIMEOUT', undefined)
        if ('failed' in responded) throw new RobotFailed(responded.failed, undefined)
        return responded.response
      } catch (error) {
        if (error instanceof RobotFailed) throw error
        log.error({ code: 'RESPONDER_ERROR', err: error }, 'the robot failed')
        throw new RobotFailed('RESPONDER_ERROR', error)
      } finally {
        // What it still waits for is for nobody.
        abort.abort()
      }
    },
  }
}
