import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram, type Program } from '../process/program.ts'
import { cacheDirectory, installOnce } from './cache.ts'
import { flags, run, whichOnPath } from './command.ts'
import { containerName, containerPid, dockerAnswers, prepareContainer } from './docker.ts'
import { freePort } from './free-port.ts'
import { kafkaAnswers } from './kafka-probe.ts'
import { chooseSource, NotHere } from './source.ts'

export const KAFKA_VERSION = '4.4.0'
export const KAFKA_IMAGE = `apache/kafka:${KAFKA_VERSION}`
export const OLDEST_JAVA = 17
const CLUSTER_ID = 'parley-local-clusterAA'
const HOST = '127.0.0.1'

export type KafkaSource = 'docker' | 'jars'

export interface KafkaOptions {
  port: number
  /** Its folder `kafka` is ours. */
  dataDirectory: string
  env?: NodeJS.ProcessEnv
}

export interface KafkaPlan {
  source: KafkaSource
  brokers: string[]
  program: Program
}

export const localKafkaBroker = (port: number): string => `${HOST}:${port}`

const SETTINGS = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  'auto.create.topics.enable': 'false',
  'group.initial.rebalance.delay.ms': '0',
  // What KAFKA_SESSION_TIMEOUT_MS may ask for.
  'group.min.session.timeout.ms': '3000',
  // A broker that was killed may come back only when its last session is over (9 s by default).
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '1000',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '8',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  // By default the controller writes an empty record twice a second, to show that it is alive.
  'metadata.max.idle.interval.ms': '5000',
}

const HEAP = ['-Xms256m', '-Xmx768m']
/** A broker of one machine lives for minutes: compiling its code better takes longer than that gives back (docs/adr/0016). */
const QUICKLY_COMPILED = '-XX:TieredStopAtLevel=1'
const LOG = 'kafka.log'
const LOG_FOLDER = 'log'
const PROPERTIES = 'server.properties'
const CLASSES = 'classes.jsa'

/** Without a locale Java knows no name of a folder that is not ASCII. In another zone its log could not be put in order with those of the services. */
const javaEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
})

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>parley</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

const logSettings = [
  'defaultLogLevel=warn',
  'log.kafka.server=info',
  'showDateTime=true',
  "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
].map((setting) => `-Dorg.slf4j.simpleLogger.${setting}`)

/** What the java on the PATH says of itself; undefined: there is none. */
const javaProperties = (): Promise<string | undefined> =>
  run('java', ['-XshowSettings:properties', '--version']).catch(() => undefined)

const majorIn = (properties: string | undefined): number | undefined =>
  properties === undefined ? undefined : Number(/(?:openjdk|java) (\d+)/.exec(properties)?.[1])

/** Major version of the java on the PATH. */
export const javaVersion = async (): Promise<number | undefined> => majorIn(await javaProperties())

const fetchJars = async (java: number | undefined, env: NodeJS.ProcessEnv): Promise<string> => {
  if (java === undefined || java < OLDEST_JAVA) {
    throw new NotHere(
      java === undefined
        ? `no java on the PATH (${OLDEST_JAVA} or newer)`
        : `java ${java} is older than ${OLDEST_JAVA}`,
    )
  }
  const name = `kafka-${KAFKA_VERSION}`
  if (!existsSync(join(cacheDirectory(env), name)) && !whichOnPath('mvn', env))
    throw new NotHere('no mvn on the PATH to fetch the jars')
  return installOnce(
    name,
    async (directory) => {
      await writeFile(join(directory, 'pom.xml'), pom)
      const libs = join(directory, 'libs')
      await run('mvn', [
        '-q',
        '-B',
        '-f',
        join(directory, 'pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${libs}`,
      ])
    },
    env,
  )
}

/**
 * Half of a broker's start is the loading of some 8,000 classes (here 7.3 s of processor; 3.6 s with this and the serial collector). A broker that runs once writes
 * down what it loaded; a Java that cannot use that goes on without it. https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
 */
const loadedClasses = async (libs: string, properties: string, env: NodeJS.ProcessEnv): Promise<string> => {
  // Whether it shares classes is said of one run: where memory is laid out at random, one in many cannot.
  const release = properties.replace(', sharing', '').replaceAll(/[^\w.]+/g, '-')
  const directory = await installOnce(
    `kafka-${KAFKA_VERSION}-${release}`,
    async (aside) => {
      const data = join(aside, 'data')
      const port = await freePort()
      const archive = `-XX:ArchiveClassesAtExit=${join(aside, CLASSES)}`
      const { stop } = await runProgram(
        await brokerFromJars(libs, data, port, [archive], env),
        join(aside, LOG),
      )
      await stop()
      await rm(data, { recursive: true })
    },
    env,
  )
  return join(directory, CLASSES)
}

const fromJars = async ({ port, dataDirectory, env = process.env }: KafkaOptions): Promise<KafkaPlan> => {
  const properties = await javaProperties()
  const libs = join(await fetchJars(majorIn(properties), env), 'libs', '*')
  // Without them it starts more slowly; what else is wrong with it is told where it starts.
  const classes = await loadedClasses(libs, properties ?? '', env).catch(() => undefined)
  const javaFlags = classes === undefined ? [] : [`-XX:SharedArchiveFile=${classes}`]
  return {
    source: 'jars',
    brokers: [localKafkaBroker(port)],
    program: await brokerFromJars(libs, join(dataDirectory, 'kafka'), port, javaFlags, env),
  }
}

const brokerFromJars = async (
  libs: string,
  directory: string,
  port: number,
  javaFlags: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Program> => {
  const controllerPort = await freePort()
  const settings = {
    ...SETTINGS,
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port}`,
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
    // Of its own folder, whose name Kafka would read in Latin-1 and cut at commas.
    'log.dirs': LOG_FOLDER,
  }
  await mkdir(directory, { recursive: true })
  await writeFile(
    join(directory, PROPERTIES),
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  if (!existsSync(join(directory, LOG_FOLDER, 'meta.properties'))) {
    const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', PROPERTIES]
    await run('java', [QUICKLY_COMPILED, ...logSettings, '-cp', libs, ...format], {
      cwd: directory,
      env: javaEnvironment(env),
    })
  }
  return {
    name: 'kafka',
    child: {
      command: 'java',
      args: [
        ...HEAP,
        '-XX:+UseSerialGC',
        QUICKLY_COMPILED,
        ...javaFlags,
        ...logSettings,
        '-cp',
        libs,
        'kafka.Kafka',
        PROPERTIES,
      ],
      cwd: directory,
      env: javaEnvironment(env),
    },
    stopBudgetMs: 25_000,
    isReady: () => kafkaAnswers(HOST, port),
  }
}

/** What the image apache/kafka wants to be told for one node that others on this machine reach at `port`, published under the same number. */
export const kafkaContainerEnvironment = (port: number): Record<string, string> => {
  const controllerPort = port === 9093 ? 9094 : 9093
  const settings = {
    ...SETTINGS,
    listeners: `PLAINTEXT://:${port},CONTROLLER://:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port}`,
    'controller.quorum.voters': `1@localhost:${controllerPort}`,
    'log.dirs': '/var/lib/kafka/data',
  }
  return {
    CLUSTER_ID,
    KAFKA_HEAP_OPTS: HEAP.join(' '),
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`,
        value,
      ]),
    ),
  }
}

const fromDocker = async ({ port, dataDirectory, env = process.env }: KafkaOptions): Promise<KafkaPlan> => {
  if (!(await dockerAnswers(env))) throw new NotHere('docker does not answer')
  const container = containerName('kafka', dataDirectory)
  await prepareContainer(container, KAFKA_IMAGE)
  const environment = kafkaContainerEnvironment(port)
  return {
    source: 'docker',
    brokers: [localKafkaBroker(port)],
    program: {
      name: 'kafka',
      child: {
        command: 'docker',
        args: [
          'run',
          '--rm',
          ...flags({
            name: container,
            publish: `${HOST}:${port}:${port}`,
            volume: `${container}:/var/lib/kafka/data`,
          }),
          ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
          KAFKA_IMAGE,
        ],
        env,
        container,
      },
      stopBudgetMs: 25_000,
      isReady: () => kafkaAnswers(HOST, port),
      workingPid: () => containerPid(container),
    },
  }
}

/** Fetches and prepares a broker without starting it. PARLEY_KAFKA_SOURCE=auto|docker|jars names the source. */
export const planKafka = async (options: KafkaOptions): Promise<KafkaPlan> => {
  const env = options.env ?? process.env
  const { plan } = await chooseSource({
    server: 'Kafka',
    setting: 'PARLEY_KAFKA_SOURCE',
    wanted: env['PARLEY_KAFKA_SOURCE'] || 'auto',
    directory: join(options.dataDirectory, 'kafka'),
    sources: [
      { kind: 'docker', prepare: () => fromDocker(options) },
      { kind: 'jars', prepare: () => fromJars(options) },
    ],
  })
  return plan
}

export interface ProvisionedKafka extends AsyncDisposable {
  brokers: string[]
  source: KafkaSource
  pid: number
  stop(): Promise<void>
}

/** A broker for tests and tools: stopped by `stop`, and also when this process ends in any way. */
export const provisionKafka = async (
  options: Omit<KafkaOptions, 'port'> & { port?: number },
): Promise<ProvisionedKafka> => {
  const plan = await planKafka({ ...options, port: options.port ?? (await freePort()) })
  const { pid, stop } = await runProgram(plan.program, join(options.dataDirectory, 'logs', LOG))
  return { brokers: plan.brokers, source: plan.source, pid, stop, [Symbol.asyncDispose]: stop }
}
