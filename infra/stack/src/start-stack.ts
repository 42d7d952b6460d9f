import { chmod, mkdir, rm } from 'node:fs/promises'
import { passwordOf } from '@parley/identity/passwords'
import { buildDesk } from '@parley/console/build'
import { ensureTopics, kafkaSettingsFromEnv } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import type { RosterPerson } from '@parley/people'
import { readPeopleIn } from '@parley/people/directory'
import { makeCallerKeys } from '@parley/service'
import { sync as writeFileAtomic } from 'write-file-atomic'
import { bundleServices } from './bundle.ts'
import { recordedProcesses, requireNoneRunning, serveControl } from './control.ts'
import {
  defaultDataDirectory,
  emptyDataDirectory,
  filesOf,
  requireFormat,
  requireOurs,
} from './data-directory.ts'
import { orFault } from './fault.ts'
import { PORT_NAMES, randomPorts, requireFree } from './ports.ts'
import { removeAtEnd } from './process/guard.ts'
import { beganAt, endLeftovers } from './process/leftovers.ts'
import type { Program } from './process/program.ts'
import { noProgress, type Progress, type Step } from './progress.ts'
import { localKafkaBroker, planKafka } from './provision/kafka.ts'
import { localMongoUri, planMongo } from './provision/mongo.ts'
import { keptSecrets } from './secrets.ts'
import {
  SERVICES,
  type ServiceName,
  grpcAddress,
  identityProgram,
  identityUrl,
  probeUrl,
  serviceEnvironment,
  servicePrograms,
  simulatorProgram,
} from './services.ts'
import { GRAPH_VERSION, settingsFromEnv, type StackSettings } from './settings.ts'
import type { StackJson } from './stack-json.ts'
import { Supervisor, type UnitStatus } from './supervisor.ts'

export interface StackOptions {
  /** Default: `.data` of this clone. */
  dataDir?: string
  /** All ports free ones instead of the table's. */
  randomPorts?: boolean
  namespace?: string
  /** Laid over this process's environment; undefined unsets. */
  env?: NodeJS.ProcessEnv
  reset?: boolean
  progress?: Progress
  /** Ends a start that is under way. */
  signal?: AbortSignal
  /** Called when `npm run stack -- down` asks for the end; default: the stack stops itself. */
  onStopAsked?: () => void
}

export interface Stack extends AsyncDisposable {
  readonly urls: StackJson['urls']
  readonly stackJson: StackJson
  readonly dataDir: string
  /** The simulator, the five services, `kafka` and `mongo`. */
  service(name: string): { readonly pid: number | null; kill(signal: NodeJS.Signals): void }
  status(): Record<string, UnitStatus>
  /** Stops it cleanly and starts it again; resolves when it is ready. */
  restart(name: string): Promise<void>
  stop(): Promise<void>
  /** Kills everything at once. */
  force(): void
}

const settingsOf = async (options: StackOptions, env: NodeJS.ProcessEnv): Promise<StackSettings> => {
  const settings = settingsFromEnv({
    ...env,
    ...(options.namespace && { PARLEY_NAMESPACE: options.namespace }),
  })
  return options.randomPorts ? { ...settings, ports: await randomPorts() } : settings
}

/** For whoever finds that this process does not answer, and to find what it left behind when it is gone. */
const supervisorRecord = (services: Record<string, UnitStatus>): string => {
  const processes = Object.values(services).flatMap(({ pid }) => {
    const at = pid === null ? undefined : beganAt(pid)
    return pid === null || at === undefined ? [] : [{ pid, at }]
  })
  return `${JSON.stringify({ pid: process.pid, at: beganAt(process.pid), services, processes }, null, 2)}\n`
}

/** What is read and written there before anything runs. */
const inFolder = <Result>(dataDir: string, work: () => Promise<Result>): Promise<Result> =>
  orFault(
    {
      code: 'DATA_FOLDER_UNUSABLE',
      what: `nothing can be kept in ${dataDir}`,
      fix: 'let it be a folder of yours for this alone, on a disk with room that can be written, or set PARLEY_DATA_DIR to another one',
    },
    work,
  )

/** Conversations, and secrets of all kinds: for their owner alone. */
const makeFolder = async (dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await requireOurs(dataDir)
  await chmod(dataDir, 0o700)
}

const makeTopics = (env: NodeJS.ProcessEnv, { namespace, partitions }: StackSettings): Promise<void> =>
  orFault(
    {
      code: 'TOPICS_NOT_READY',
      what: `the topics of "${namespace}" could not be made`,
      fix: 'check KAFKA_BROKERS, its SASL and TLS settings, and the rights to create topics and to see their settings',
    },
    () => ensureTopics(kafkaSettingsFromEnv(env), namespace, FAMILIES, partitions),
  )

/** Where its sources have not changed it is there already. */
const makeDesk = async (say: (line: string) => void): Promise<void> => {
  say('building where its sources have changed (10 s)')
  await orFault(
    {
      code: 'DESK_BUILD_FAILED',
      what: 'the desk could not be built',
      fix: 'correct what it names in services/console; `npx pnpm --filter @parley/console build` tries it alone',
    },
    buildDesk,
  )
}

/** So that what is started again is what the sources say now. */
const makeServices = async (): Promise<void> => {
  await orFault(
    {
      code: 'SERVICES_NOT_BUILT',
      what: 'the services could not be put together',
      fix: 'correct what it names in services or packages (`npm run check` says more); any npm script of the repository installs what is missing',
    },
    bundleServices,
  )
}

const urlsOf = ({ ports, whatsapp }: StackSettings): StackJson['urls'] => {
  const base = (port: number) => `http://localhost:${port}`
  return {
    webhooks: `${base(ports.webhooks)}/webhook`,
    simulator: whatsapp ? '' : base(ports.phone),
    phone: whatsapp ? '' : `${base(ports.phone)}/`,
    transcripts: base(ports.transcripts),
    console: base(ports.console),
  }
}

const BEFORE_SERVICES: ReadonlySet<string> = new Set(['simulator', 'identity'])

const peopleIn = (directory: string) =>
  orFault(
    { code: 'PEOPLE_UNREADABLE', what: 'nobody could sign in', fix: 'correct people.yaml as it says' },
    () => readPeopleIn(directory),
  )

const localPerson = (
  { login, name, roles, team, vendor }: RosterPerson,
  passwordSecret: string,
): StackJson['people'][number] => ({
  login,
  password: passwordOf(passwordSecret, login),
  name,
  roles,
  team,
  vendor,
})

const ofEachService = (of: (name: ServiceName) => string): Record<ServiceName, string> =>
  Object.fromEntries(SERVICES.map((name) => [name, of(name)])) as Record<ServiceName, string>

/** Starts everything that is not given from outside, and resolves when all of it is ready. */
export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const env = { ...process.env, ...options.env }
  const dataDir = options.dataDir ?? defaultDataDirectory(env)
  const files = filesOf(dataDir)
  const settings = await settingsOf(options, env)
  const { ports } = settings

  await requireNoneRunning(dataDir)
  await inFolder(dataDir, () => makeFolder(dataDir))
  let ready = false
  const supervisor = new Supervisor({
    layers: ['servers', 'simulator', 'services'],
    logDirectory: files.logs,
    changed: () => writeFileAtomic(files.supervisor, supervisorRecord(supervisor.status())),
  })
  const endAll = async () => {
    ready = false
    for (const file of [files.stack, files.operator]) await rm(file, { force: true })
    await supervisor.stop()
    // Whoever starts next has the folder as soon as nobody answers here: what this start still does in it comes first.
    await startIsOver.promise
    control.closeAllConnections()
    await new Promise((resolve) => control.close(resolve))
    await rm(files.supervisor, { force: true })
  }
  const startIsOver = Promise.withResolvers<void>()
  const stopping = new AbortController()
  let ended: Promise<void> | undefined
  const stop = () => {
    stopping.abort()
    return (ended ??= endAll())
  }
  const restart = async (name: string) => {
    await makeServices()
    await supervisor.restart(name)
  }
  // From here on the folder is ours; before that, nothing in it is touched.
  const control = await inFolder(dataDir, () =>
    serveControl(dataDir, {
      status: () => ({ pid: process.pid, ready, services: supervisor.status() }),
      restart,
      hold: (names) => supervisor.hold(names),
      letGo: (names) => supervisor.letGo(names),
      stop: options.onStopAsked ?? (() => void stop()),
    }),
  )
  options.signal?.addEventListener('abort', () => void stop(), { once: true })
  await using begun = new AsyncDisposableStack()
  begun.defer(stop)
  begun.defer(() => startIsOver.resolve())
  const goOn = () => {
    options.signal?.throwIfAborted()
    stopping.signal.throwIfAborted()
  }
  goOn()
  await endLeftovers(recordedProcesses(dataDir))
  goOn()
  if (options.reset) await inFolder(dataDir, () => emptyDataDirectory(dataDir))
  goOn()
  await inFolder(dataDir, async () => {
    await requireFormat(dataDir)
    for (const file of [files.stack, files.operator]) await rm(file, { force: true })
  })

  const callers = await makeCallerKeys()
  goOn()
  const { simulator, transcriptLinkSecret, identity } = await inFolder(dataDir, () =>
    keptSecrets(files.secrets),
  )
  const kafkaBrokers = settings.kafkaBrokers ?? [localKafkaBroker(ports.kafka)]
  const mongoUri = settings.mongoUri ?? localMongoUri(ports.mongo)
  const simulated = { ...simulator, graphUrl: `http://127.0.0.1:${ports.phone}`, graphVersion: GRAPH_VERSION }
  const { graphVersion, ...whatsapp } = settings.whatsapp ?? simulated
  const oidc = settings.oidc ?? {
    issuer: identityUrl(ports),
    clientId: 'parley-console',
    clientSecret: identity.clientSecret,
  }
  const environment = serviceEnvironment(env, {
    ...settings,
    kafkaBrokers,
    mongoUri,
    simulatorFile: files.simulator,
    whatsapp: { ...whatsapp, graphVersion },
    transcriptLinkSecret,
    oidc,
    passwordSecret: settings.oidc ? '' : identity.passwordSecret,
  })
  const { people } = await peopleIn(environment['PARLEY_CONFIG_DIR'] ?? '')
  const sources = { kafka: 'external', mongo: 'external' }
  const start = (layer: 'servers' | 'simulator' | 'services', program: Program) => {
    goOn()
    return supervisor.start(layer, program)
  }
  const server = (
    title: string,
    searching: string,
    plan: () => Promise<{ source: string; program: Program }>,
    chosen: (source: string) => void,
  ): Step => ({
    title,
    run: async (say) => {
      goOn()
      say(searching)
      const { source, program } = await plan()
      say(`starting from ${source}`)
      chosen(source)
      await start('servers', program)
    },
  })
  const servers = [
    settings.kafkaBrokers
      ? []
      : server(
          'Kafka',
          'looking for a source: Docker, or the jars by Maven (5 to 20 s the first time)',
          () => planKafka({ port: ports.kafka, dataDirectory: dataDir, env }),
          (source) => (sources.kafka = source),
        ),
    settings.mongoUri
      ? []
      : server(
          'MongoDB',
          'looking for a source: mongod, Docker, a download, SecantusDB (up to 30 s the first time)',
          () => planMongo({ port: ports.mongo, dataDirectory: dataDir, env }),
          (source) => (sources.mongo = source),
        ),
  ].flat()
  const programs = [
    ...(settings.whatsapp ? [] : [simulatorProgram(ports, environment)]),
    ...(settings.oidc ? [] : [identityProgram(ports, environment)]),
    ...servicePrograms(ports, environment, callers),
  ]
  const given = [
    settings.kafkaBrokers && 'kafka',
    settings.mongoUri && 'mongo',
    settings.whatsapp && 'phone',
    settings.oidc && 'identity',
  ]
  const needed = PORT_NAMES.filter((name) => !given.includes(name))
  const grpc = ofEachService((name) => grpcAddress(ports, name))
  const operator = { grpc, grpcMetadata: await callers.heldBy('operator') }
  const writeOwn = (file: string, content: object) => {
    goOn()
    removeAtEnd(file)
    writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  }
  const steps: Step[] = [
    { title: 'Ports', run: () => requireFree(ports, needed) },
    {
      title: 'Servers and code',
      together: [...servers, { title: 'Desk', run: makeDesk }, { title: 'Services', run: makeServices }],
    },
    {
      title: 'Topics',
      run: async () => {
        await makeTopics(environment, settings)
        // Before the services are ready: one that does not become so can be asked why.
        writeOwn(files.operator, operator)
      },
    },
    {
      title: 'Services',
      together: programs.map((program) => ({
        title: program.name,
        run: () => start(BEFORE_SERVICES.has(program.name) ? 'simulator' : 'services', program),
      })),
    },
  ]
  await (options.progress ?? noProgress)(steps)
  goOn()

  const stackJson: StackJson = {
    ready: true,
    urls: urlsOf(settings),
    grpc,
    probes: ofEachService((name) => probeUrl(ports, name)),
    kafkaBrokers,
    mongoUri,
    namespace: settings.namespace,
    partitions: settings.partitions,
    configDirectory: environment['PARLEY_CONFIG_DIR'] ?? '',
    whatsapp,
    identity: { issuer: oidc.issuer },
    people: settings.oidc
      ? []
      : [...people.values()].map((person) => localPerson(person, identity.passwordSecret)),
    grpcMetadata: await callers.heldBy('tool'),
    sources,
  }
  writeOwn(files.stack, stackJson)
  ready = true
  begun.move()
  startIsOver.resolve()
  return {
    urls: stackJson.urls,
    stackJson,
    dataDir,
    service: (name) => ({
      get pid() {
        return supervisor.pid(name)
      },
      kill: (signal) => supervisor.kill(name, signal),
    }),
    status: () => supervisor.status(),
    restart,
    stop,
    force: () => supervisor.force(),
    [Symbol.asyncDispose]: stop,
  }
}
