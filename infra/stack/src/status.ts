import pc from 'picocolors'
import { whereToLook } from './banner.ts'
import { runningStack } from './control.ts'
import type { ReaderProgress } from './readers.ts'
import { stackJsonOf } from './stack-json.ts'
import type { UnitState } from './supervisor.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)

const MARKS: Record<UnitState, string> = {
  ready: pc.green('●'),
  starting: pc.yellow('◐'),
  restarting: pc.yellow('◐'),
  stopped: pc.dim('○'),
  failed: pc.red('✗'),
}

/** Exit code 3 when nothing runs. */
export const status = async (dataDir: string, isJson: boolean): Promise<number> => {
  const running = await runningStack(dataDir)
  const services = running?.services ?? {}
  const operator = running && (await (await import('@parley/service/grpc-operator')).operatorCallsOf(dataDir))
  const stackJson = running && (await stackJsonOf(dataDir))
  const probes: Readonly<Record<string, string>> = stackJson?.probes ?? {}
  const { readers, silent } = operator
    ? await (await import('./readers.ts')).readersOf(operator)
    : { readers: [], silent: [] }
  if (isJson)
    print(JSON.stringify({ urls: stackJson?.urls ?? {}, services, probes, readers, silent }, null, 2))
  else if (!running) print('not running: `npm start` starts it')
  else {
    if (stackJson) {
      for (const [name, address, what] of whereToLook(stackJson))
        print(`  ${name.padEnd(12)}${pc.cyan(address.padEnd(32))}${pc.dim(what)}`)
      print('')
    }
    print(`  ${'service'.padEnd(12)}${'state'.padEnd(14)}${'pid'.padEnd(9)}${'restarts'.padEnd(10)}probes`)
    for (const [name, unit] of Object.entries(services)) {
      const restarts = String(unit.restarts).padEnd(10)
      print(
        `${MARKS[unit.state]} ${name.padEnd(12)}${unit.state.padEnd(14)}${String(unit.pid ?? '-').padEnd(9)}` +
          `${unit.restarts > 0 ? pc.yellow(restarts) : restarts}${pc.dim(Object.hasOwn(probes, name) ? probes[name]! : '')}` +
          (unit.fault === undefined ? '' : pc.red(` ${unit.fault}`)),
      )
    }
    const width = Math.max(24, ...readers.map((reader) => nameOf(reader).length + 2))
    print(
      `\n  ${'reader'.padEnd(width)}${'records behind'.padEnd(16)}${'oldest'.padEnd(10)}${'parked'.padEnd(8)}stuck`,
    )
    for (const reader of readers) print(readerLine(reader, width))
    for (const service of silent) print(`${pc.red('✗')} ${service.padEnd(width)}${pc.red('does not answer')}`)
    if (!operator) print(pc.dim('  known once the services are started'))
  }
  return running ? 0 : 3
}

const nameOf = ({ service, reader }: ReaderProgress): string => `${service} ${reader}`

const readerLine = (progress: ReaderProgress, width: number): string => {
  const { lagRecords, lagSeconds, parked, stuck } = progress
  const mark = stuck.length > 0 ? pc.red('✗') : parked === 0 ? pc.green('●') : pc.yellow('●')
  const where = stuck.map(
    ({ partition, attempts, since, streamId }) =>
      `partition ${partition}, ${attempts} tries since ${since}${streamId === undefined ? '' : `, stream ${streamId}`}`,
  )
  return (
    `${mark} ${nameOf(progress).padEnd(width)}${String(lagRecords).padEnd(16)}` +
    `${`${lagSeconds.toFixed(1)} s`.padEnd(10)}${String(parked ?? '?').padEnd(8)}${where.length > 0 ? pc.red(where.join('; ')) : '-'}`
  )
}
