// npm run stack -- status | logs | down | restart | parked | retry | discard | doctor | build-mongo
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandLineMistake, readCommandLine } from '@parley/authoring'
import { operatorOf } from '@parley/service/grpc-operator'
import pc from 'picocolors'
import { callControl, runningStack } from './control.ts'
import { defaultDataDirectory, filesOf } from './data-directory.ts'
import { describeFault, reasonOf, StackFault } from './fault.ts'
import { showLogs } from './logs.ts'
import {
  type ReaderProgress,
  discardPoison,
  parkedStreams,
  probesOf,
  readersOf,
  requireOperator,
  retryStream,
} from './readers.ts'
import type { UnitState } from './supervisor.ts'

const HELP = `npm run stack -- <command>

  status [--json]      what runs, with pid, state, restarts and probes; how far each reader is behind, and where it is stuck
  logs [service] [-f]  last lines of the logs; -f follows
  restart <service>    stops one service cleanly and starts it again
  down                 stops the stack
  parked [--json]      streams that a reader of a service had to park, with the reason
  retry <service> <reader> <stream>
                       hands a parked stream's events to its reader again
  discard <service> <reader> <stream> --reason "..."
                       leaves the one event out that it cannot handle, and goes on
  build-mongo          where no MongoDB can be had: builds SecantusDB's faster server, once (needs cargo; some minutes)
  doctor [--json]      looks for what is wrong: versions, ports, disk, sources, health

With --json use \`npm run -s stack -- …\`: without -s npm prints two lines of its own.
`

const COMMANDS = ['status', 'logs', 'restart', 'down', 'parked', 'retry', 'discard', 'build-mongo', 'doctor']

const dataDir = defaultDataDirectory()
const print = (text: string) => process.stdout.write(`${text}\n`)

const MARKS: Record<UnitState, string> = {
  ready: pc.green('●'),
  starting: pc.yellow('◐'),
  restarting: pc.yellow('◐'),
  stopped: pc.dim('○'),
  failed: pc.red('✗'),
}

const status = async (json: boolean): Promise<number> => {
  const running = await runningStack(dataDir)
  const services = running?.services ?? {}
  const operator = running && (await operatorOf(dataDir))
  const probes = (running && (await probesOf(dataDir))) ?? {}
  const { readers, silent } = operator ? await readersOf(operator) : { readers: [], silent: [] }
  if (json) print(JSON.stringify({ services, probes, readers, silent }, null, 2))
  else if (!running) print('not running: `npm start` starts it')
  else {
    print(`${'service'.padEnd(14)}${'state'.padEnd(14)}${'pid'.padEnd(9)}${'restarts'.padEnd(10)}probes`)
    for (const [name, unit] of Object.entries(services)) {
      const restarts = String(unit.restarts).padEnd(10)
      print(
        `${MARKS[unit.state]} ${name.padEnd(12)}${unit.state.padEnd(14)}${String(unit.pid ?? '-').padEnd(9)}` +
          `${unit.restarts > 0 ? pc.yellow(restarts) : restarts}${pc.dim(Object.hasOwn(probes, name) ? probes[name]! : '')}` +
          (unit.fault === undefined ? '' : pc.red(` ${unit.fault}`)),
      )
    }
    print(
      `\n${'reader'.padEnd(26)}${'records behind'.padEnd(16)}${'oldest'.padEnd(10)}${'parked'.padEnd(8)}stuck`,
    )
    for (const reader of readers) print(readerLine(reader))
    for (const service of silent) print(`${pc.red('✗')} ${service.padEnd(24)}${pc.red('does not answer')}`)
    if (!operator) print(pc.dim('  known once everything is ready'))
  }
  return running ? 0 : 3
}

const readerLine = ({ service, reader, lagRecords, lagSeconds, parked, stuck }: ReaderProgress): string => {
  const mark = stuck.length > 0 ? pc.red('✗') : parked === 0 ? pc.green('●') : pc.yellow('●')
  const where = stuck.map(
    ({ partition, attempts, since }) => `partition ${partition}, ${attempts} tries since ${since}`,
  )
  return (
    `${mark} ${`${service} ${reader}`.padEnd(24)}${String(lagRecords).padEnd(16)}` +
    `${`${lagSeconds.toFixed(1)} s`.padEnd(10)}${String(parked ?? '?').padEnd(8)}${where.length > 0 ? pc.red(where.join('; ')) : '-'}`
  )
}

const requireRunning = async () => {
  const running = await runningStack(dataDir)
  if (running) return running
  throw new StackFault('STACK_NOT_RUNNING', 'no stack runs here', {
    why: `nothing listens on the control socket of ${dataDir}`,
    fix: 'start one with `npm start`',
  })
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const down = async (): Promise<number> => {
  const running = await runningStack(dataDir)
  if (!running) {
    print('not running')
    return 0
  }
  await callControl(dataDir, '/stop')
  while ((await runningStack(dataDir)) && isAlive(running.pid)) await delay(100)
  print('stopped')
  return 0
}

const logNames = (): string[] => {
  try {
    return readdirSync(filesOf(dataDir).logs)
      .filter((name) => name.endsWith('.log'))
      .map((name) => name.replace(/\.log$/, ''))
      .sort()
  } catch {
    return []
  }
}

const logs = async (name: string | undefined, follow: boolean): Promise<number> => {
  const names = logNames()
  if (name !== undefined && !names.includes(name)) {
    throw new StackFault('NO_SUCH_SERVICE', `there is no log of "${name}"`, {
      why:
        names.length > 0
          ? `there are logs of ${names.join(', ')}`
          : `${filesOf(dataDir).logs} has none: nothing was started yet`,
      fix: names.length > 0 ? 'use one of these names' : 'start the stack with `npm start`',
    })
  }
  await showLogs(filesOf(dataDir).logs, name === undefined ? names : [name], follow)
  return 0
}

const main = async (): Promise<number> => {
  const { values, positionals } = readCommandLine(
    process.argv.slice(2),
    {
      json: { type: 'boolean', default: false },
      follow: { type: 'boolean', short: 'f', default: false },
      reason: { type: 'string', default: '' },
    },
    COMMANDS,
  )
  const [command, name] = positionals
  if (values.help || command === undefined) {
    print(HELP)
    return values.help ? 0 : 2
  }
  switch (command) {
    case 'status':
      return status(values.json)
    case 'logs':
      return logs(name, values.follow)
    case 'restart':
      await requireRunning()
      await callControl(dataDir, `/restart/${encodeURIComponent(name ?? '')}`)
      print(`${name} is ready again`)
      return 0
    case 'down':
      return down()
    case 'parked': {
      await requireRunning()
      const streams = await parkedStreams(await requireOperator(dataDir))
      if (values.json) print(JSON.stringify({ streams }, null, 2))
      else if (streams.length === 0) print('no stream is parked')
      for (const stream of values.json ? [] : streams)
        print(
          `${stream.service} ${stream.reader} ${stream.streamId}\n  since ${stream.parkedAt}: ${stream.reason}`,
        )
      return 0
    }
    case 'retry':
    case 'discard': {
      await requireRunning()
      const [, service = '', reader = '', streamId = ''] = positionals
      const stream = { service, reader, streamId }
      const operator = await requireOperator(dataDir)
      const isFree =
        command === 'retry'
          ? await retryStream(operator, stream)
          : await discardPoison(operator, stream, values.reason)
      print(isFree ? 'the stream is free again' : 'the stream is parked still: see `npm run stack -- parked`')
      return isFree ? 0 : 1
    }
    case 'build-mongo': {
      const { buildSecantus } = await import('./provision/mongo.ts')
      process.stderr.write('building secantusd-rs from its crate: 4 to 10 minutes, once\n')
      print(`${await buildSecantus()} is used from the next \`npm start -- --reset\` on`)
      return 0
    }
    default: {
      const { doctor } = await import('./doctor.ts')
      return doctor(dataDir, values.json)
    }
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof CommandLineMistake) {
    process.stderr.write(`stack: ${error.message} (USAGE)\n\n${HELP}`)
    process.exitCode = 2
  } else {
    process.stderr.write(`${error instanceof StackFault ? describeFault(error) : reasonOf(error)}\n`)
    process.exitCode = 1
  }
}
