import { readConfig } from './config.ts'
import { startSimulator } from './simulator.ts'

const log = (
  level: 'info' | 'warn' | 'error',
  msg: string,
  fields: Readonly<Record<string, unknown>> = {},
): void =>
  void process.stdout.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), service: 'simulator', msg, ...fields })}\n`,
  )

const outcome = readConfig(process.env)
if ('problem' in outcome) {
  log('error', 'The simulator cannot start: its settings are wrong. Correct the variables named here.', {
    code: 'SIMULATOR_CONFIG_INVALID',
    problem: outcome.problem,
  })
  process.exit(1)
}

const { options, endsWithParent } = outcome.config
const simulator = await startSimulator({ ...options, log })
log('info', 'the simulator is ready', { url: simulator.url })

let stopping = false
const stop = (reason: string): void => {
  if (stopping) process.exit(1)
  stopping = true
  log('info', 'the simulator stops', { reason })
  void simulator.close().then(() => process.exit(0))
}
process.on('SIGTERM', () => stop('SIGTERM'))
process.on('SIGINT', () => stop('SIGINT'))
if (endsWithParent && process.channel !== undefined) process.on('disconnect', () => stop('parent gone'))
