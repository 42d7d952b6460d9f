import { existsSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { operatorCallsOf } from '@parley/service/grpc-operator'
import { hostsOf } from '@parley/service/mongo-hosts'
import pc from 'picocolors'
import { type ControlStatus, runningStack } from './control.ts'
import { reasonOf, StackFault } from './fault.ts'
import { filesOf, REPOSITORY } from './data-directory.ts'
import { PORT_NAMES, portVariable, type PortName, whyTaken } from './ports.ts'
import { cacheDirectory } from './provision/cache.ts'
import { localMongoUri, mongoGreets, secantusIsHere } from './provision/mongo.ts'
import { run, whichOnPath } from './provision/command.ts'
import { dockerAnswers } from './provision/docker.ts'
import { javaVersion, KAFKA_VERSION, localKafkaBroker, OLDEST_JAVA } from './provision/kafka.ts'
import { kafkaAnswers } from './provision/kafka-probe.ts'
import { readersOf, type ReaderProgress } from './readers.ts'
import { settingsFromEnv, type StackSettings } from './settings.ts'
import { stackJsonOf } from './stack-json.ts'

export interface Finding {
  level: 'ok' | 'warning' | 'error'
  code: string
  what: string
  why?: string
  fix?: string
}

const FREE_BYTES_WANTED = 2_000_000_000
const BEHIND_SECONDS = 30

const ok = (code: string, what: string): Finding => ({ level: 'ok', code, what })

const versionOf = async (command: string, args: string[]): Promise<string | undefined> => {
  try {
    return (await run(command, args)).trim().split('\n')[0]!
  } catch {
    return undefined
  }
}

const node = (): Finding =>
  process.versions.node.startsWith('24.')
    ? ok('NODE', `Node ${process.versions.node}`)
    : {
        level: 'error',
        code: 'NODE_NOT_24',
        what: `this runs on Node ${process.versions.node}`,
        why: 'the services need Node 24, which the install puts into node_modules',
        fix: 'use `npm run stack -- doctor`; if you did, delete node_modules and try again',
      }

const kafkaSource = async (settings: StackSettings): Promise<Finding> => {
  if (settings.kafkaBrokers) return ok('KAFKA_SOURCE', `Kafka is given: ${settings.kafkaBrokers.join(', ')}`)
  if (await dockerAnswers()) return ok('KAFKA_SOURCE', 'Kafka can be had: Docker answers')
  const java = await javaVersion()
  const jars = existsSync(join(cacheDirectory(), `kafka-${KAFKA_VERSION}`))
  if (java !== undefined && java >= OLDEST_JAVA && (jars || whichOnPath('mvn'))) {
    return ok(
      'KAFKA_SOURCE',
      `Kafka can be had: Java ${java} and ${jars ? 'jars in the cache' : 'Maven to fetch the jars'}`,
    )
  }
  return {
    level: 'error',
    code: 'KAFKA_NO_SOURCE',
    what: 'Kafka cannot be had here',
    why: `Docker does not answer; Java is ${java ?? 'missing'} (${OLDEST_JAVA} or newer is needed); Maven is ${whichOnPath('mvn') ? 'here' : 'missing'}`,
    fix: 'start Docker, or install a JDK and Maven (apt install default-jdk-headless maven), or set KAFKA_BROKERS',
  }
}

const mongoSource = async (settings: StackSettings): Promise<Finding> => {
  if (settings.mongoUri) return ok('MONGO_SOURCE', `MongoDB is given: ${hostsOf(settings.mongoUri)}`)
  if (whichOnPath('mongod'))
    return ok('MONGO_SOURCE', `MongoDB can be had: ${await versionOf('mongod', ['--version'])}`)
  if (await dockerAnswers()) return ok('MONGO_SOURCE', 'MongoDB can be had: Docker answers')
  if (secantusIsHere()) {
    return {
      level: 'warning',
      code: 'MONGO_BETA',
      what: 'MongoDB is replaced by SecantusDB',
      why: 'there is no mongod and no Docker; SecantusDB is a beta, for evaluation and tests only',
      fix: 'for anything else install MongoDB 8, start Docker, or set MONGODB_URI; `npm run stack -- build-mongo` builds its faster server',
    }
  }
  const python = await versionOf('python3', ['--version'])
  const venv =
    python !== undefined && (await versionOf('python3', ['-c', 'import ensurepip, venv'])) !== undefined
  return {
    level: 'warning',
    code: 'MONGO_SOURCE_UNCERTAIN',
    what: 'MongoDB must be fetched',
    why: `there is no mongod and no Docker; a download of mongod is tried, then SecantusDB with ${python ?? 'python3, which is missing'}${python && !venv ? ', whose venv is missing' : ''}`,
    fix: 'install MongoDB 8, start Docker, set MONGODB_URI, or install python3-venv (apt install python3-venv)',
  }
}

/** Where a folder is made that is not there yet. */
const standing = (path: string): string => (existsSync(path) ? path : standing(dirname(path)))

const disk = async (dataDir: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(standing(dataDir))
  const free = bavail * bsize
  const gigabytes = `${(free / 1e9).toFixed(1)} GB free for ${dataDir}`
  if (free >= FREE_BYTES_WANTED) return ok('DISK', gigabytes)
  return {
    level: 'warning',
    code: 'DISK_NEARLY_FULL',
    what: gigabytes,
    why: 'Kafka keeps events for ever and stops when the disk is full',
    fix: 'make room, or set PARLEY_DATA_DIR to a folder on a larger disk',
  }
}

const dependencies = async (): Promise<Finding> => {
  const [wanted, have] = await Promise.all(
    ['pnpm-lock.yaml', 'node_modules/.pnpm/lock.yaml'].map((file) =>
      readFile(join(REPOSITORY, file), 'utf8').catch(() => ''),
    ),
  )
  if (wanted === have) return ok('DEPENDENCIES', 'node_modules is in step with pnpm-lock.yaml')
  return {
    level: 'warning',
    code: 'DEPENDENCIES_STALE',
    what: 'node_modules is not in step with pnpm-lock.yaml',
    why: 'the lockfile changed since the last install',
    fix: 'any npm script of this repository installs again',
  }
}

const portFinding = async (name: PortName, port: number): Promise<Finding | undefined> => {
  const why = await whyTaken(port)
  if (why === undefined) return undefined
  return {
    level: 'error',
    code: 'PORT_TAKEN',
    what: `port ${port} (${name}) cannot be had`,
    why,
    fix: `stop it yourself, or start with ${portVariable(name)}=<a free port>`,
  }
}

const portFindings = async (settings: StackSettings): Promise<Finding[]> => {
  const findings = await Promise.all(PORT_NAMES.map((name) => portFinding(name, settings.ports[name])))
  const taken = findings.filter((finding) => finding !== undefined)
  return taken.length > 0 ? taken : [ok('PORTS', `all ${PORT_NAMES.length} ports are free`)]
}

const addressesBy = ({ kafkaBrokers, mongoUri, ports }: StackSettings) => ({
  kafkaBrokers: kafkaBrokers ?? [localKafkaBroker(ports.kafka)],
  mongoUri: mongoUri ?? localMongoUri(ports.mongo),
})

/** @param isOwnKafka whether the stack started it: one that is given from outside may want to be spoken to in another way */
const serverFindings = async (
  dataDir: string,
  settings: StackSettings,
  isOwnKafka: boolean,
): Promise<Finding[]> => {
  // Where they are the stack says: this terminal may have other settings than the one that started it.
  const { kafkaBrokers, mongoUri } = (await stackJsonOf(dataDir)) ?? addressesBy(settings)
  const kafka = await Promise.all(
    (isOwnKafka ? kafkaBrokers : []).map(async (broker) => {
      const [host = '', port] = broker.split(':')
      return { name: 'kafka', well: await kafkaAnswers(host, Number(port)) }
    }),
  )
  const servers = [...kafka, { name: 'mongo', well: await mongoGreets(mongoUri).catch(() => false) }]
  return servers.map(({ name, well }) =>
    well
      ? ok('SERVER_ANSWERS', `${name} answers`)
      : {
          level: 'error',
          code: 'SERVER_SILENT',
          what: `${name} does not answer`,
          why: 'it is down, starting, or overloaded',
          fix: `look at \`npm run stack -- logs ${name}\``,
        },
  )
}

const supervisedFindings = ({ pid, ready, services }: ControlStatus): Finding[] => [
  ok('STACK', `the stack runs (pid ${pid}) and is ${ready ? 'ready' : 'starting'}`),
  ...Object.entries(services).map(([name, unit]): Finding => {
    if (unit.state === 'ready' && unit.restarts === 0) return ok('SERVICE_READY', `${name} is ready`)
    return {
      level: unit.state === 'ready' ? 'warning' : 'error',
      code: unit.state === 'ready' ? 'SERVICE_RESTARTED' : 'SERVICE_NOT_READY',
      what: `${name} is ${unit.state}${unit.restarts === 0 ? '' : `, and fell ${unit.restarts === 1 ? 'once' : `${unit.restarts} times`}`}`,
      why:
        unit.fault === undefined
          ? 'its process ended and the supervisor starts it again'
          : `its process ran and did not do its work, so the supervisor killed it (${unit.fault})`,
      fix: `look at \`npm run stack -- logs ${name}\``,
    }
  }),
]

/** A supervisor that stands still says nothing, and what it started may do its work all the same: that is looked at without it. */
const stackFindings = async (dataDir: string, settings: StackSettings): Promise<Finding[]> => {
  let stack: ControlStatus | undefined
  const silence: Finding[] = []
  try {
    stack = await runningStack(dataDir)
  } catch (error) {
    silence.push(findingOf('the supervisor', error, dataDir))
  }
  if (stack === undefined && silence.length === 0) return portFindings(settings)
  const isOwnKafka = stack !== undefined && 'kafka' in stack.services
  return [
    ...silence,
    ...(stack === undefined ? [] : supervisedFindings(stack)),
    ...(await serverFindings(dataDir, settings, isOwnKafka)),
    ...(await examined('the readers', dataDir, async () => {
      const operator = await operatorCallsOf(dataDir)
      return operator === undefined ? [] : readerFindings(await readersOf(operator))
    })),
  ]
}

/** A reader that is stuck or behind, or has parked streams; one line for all that are well. */
export const readerFindings = ({
  readers,
  silent,
}: {
  readonly readers: readonly ReaderProgress[]
  readonly silent: readonly string[]
}): Finding[] => {
  const findings = readers.flatMap(
    ({ service, reader, stuck, lagRecords, lagSeconds, parked }): Finding[] => [
      ...stuck.map(({ partition, attempts, since, streamId }): Finding => ({
        level: 'error',
        code: 'READER_STUCK',
        what: `${reader} of ${service} gets no further on partition ${partition}${streamId === undefined ? '' : `, at stream ${streamId}`}`,
        why: `its next records, what it does at taking over, or its commit has failed ${attempts} times since ${since}`,
        fix: `look at \`npm run stack -- logs ${service}\` for READER_STUCK, which has the error`,
      })),
      ...(stuck.length === 0 && lagSeconds >= BEHIND_SECONDS
        ? [
            {
              level: 'warning',
              code: 'READER_BEHIND',
              what: `${reader} of ${service} is ${lagRecords} records behind, the oldest ${Math.round(lagSeconds)} s old`,
              why: 'more arrives than it handles, or it has only just come back',
              fix: 'run `npm run stack -- status` again: the number must fall; if not, look at the load of this machine',
            } satisfies Finding,
          ]
        : []),
      ...(parked !== undefined && parked > 0
        ? [
            {
              level: 'warning',
              code: 'STREAM_PARKED',
              what: `${reader} of ${service} has parked ${parked} stream${parked === 1 ? '' : 's'}`,
              why: 'each has an event that it cannot handle',
              fix: 'see `npm run stack -- parked`, and docs/runbooks/stream-parked.md',
            } satisfies Finding,
          ]
        : []),
    ],
  )
  const mute = silent.map((service): Finding => ({
    level: 'error',
    code: 'SERVICE_SILENT',
    what: `${service} does not answer`,
    why: 'its process is starting, stopped, or too busy',
    fix: `look at \`npm run stack -- logs ${service}\``,
  }))
  const all = [...findings, ...mute]
  return all.length > 0 ? all : [ok('READERS', `all ${readers.length} readers keep up`)]
}

const findingOf = (what: string, error: unknown, dataDir: string): Finding => {
  const level = 'error'
  if (error instanceof StackFault)
    return { level, code: error.code, what: error.message, why: error.why, fix: error.fix }
  return {
    level,
    code: 'DOCTOR_FAILED',
    what: `${what} could not be examined`,
    why: reasonOf(error),
    fix: `look into ${filesOf(dataDir).logs}`,
  }
}

/** What cannot be examined is a finding of its own, and takes no other one away. */
const examined = async (
  what: string,
  dataDir: string,
  examine: () => Promise<Finding | Finding[]>,
): Promise<Finding[]> => {
  try {
    return [await examine()].flat()
  } catch (error) {
    return [findingOf(what, error, dataDir)]
  }
}

const examine = async (dataDir: string): Promise<Finding[]> => {
  const look = (what: string, of: () => Promise<Finding | Finding[]>) => examined(what, dataDir, of)
  const found = [
    node(),
    ...(await look('the dependencies', dependencies)),
    ...(await look('the disk', () => disk(dataDir))),
  ]
  let settings: StackSettings
  try {
    settings = settingsFromEnv(process.env)
  } catch (error) {
    return [...found, findingOf('the settings', error, dataDir)]
  }
  return [
    ...found,
    ...(await look('the source of Kafka', () => kafkaSource(settings))),
    ...(await look('the source of MongoDB', () => mongoSource(settings))),
    settings.whatsapp
      ? ok('WHATSAPP', `the real Graph API at ${settings.whatsapp.graphUrl}`)
      : ok('WHATSAPP', 'the simulator stands in for WhatsApp'),
    ...(await look('the stack', () => stackFindings(dataDir, settings))),
  ]
}

const MARKS = { ok: pc.green('✓'), warning: pc.yellow('!'), error: pc.red('✗') }

/** Exit code 1 when something stands in the way. */
export const doctor = async (dataDir: string, json: boolean): Promise<number> => {
  const findings = await examine(dataDir)
  if (json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`)
  else {
    for (const { level, code, what, why, fix } of findings) {
      process.stdout.write(`${MARKS[level]} ${what}${level === 'ok' ? '' : ` [${code}]`}\n`)
      if (why) process.stdout.write(`    why: ${why}\n`)
      if (fix) process.stdout.write(`    fix: ${fix}\n`)
    }
  }
  return findings.some(({ level }) => level === 'error') ? 1 : 0
}
