import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { reasonOf, StackFault } from '../fault.ts'
import { runProgram, type Program } from '../process/program.ts'
import { cacheDirectory, installOnce } from './cache.ts'
import { flags, run, whichOnPath } from './command.ts'
import { containerName, containerPid, dockerAnswers, prepareContainer } from './docker.ts'
import { freePort } from './free-port.ts'
import { chooseSource, NotHere } from './source.ts'

export const MONGO_IMAGE = 'mongo:8.0'
const MONGO_DOWNLOAD_VERSION = '8.0.4'
const SECANTUS = 'secantusdb==0.7.0b3'
const SECANTUS_CRATE = { name: 'secantus-mdb', version: '0.5.3-beta.196' } as const
const HOST = '127.0.0.1'
const REPLICA_SET = 'parley'
const DAY_MS = 86_400_000

export type MongoSource = 'mongod' | 'docker' | 'download' | 'secantus-rs' | 'secantus'

export interface MongoOptions {
  port: number
  /** Its folder `mongo` is ours. */
  dataDirectory: string
  env?: NodeJS.ProcessEnv
}

export interface MongoPlan {
  source: MongoSource
  uri: string
  program: Program
}

/**
 * Without the driver's own retries of writes: one local server has no failover that they would bridge, every writer of ours repeats
 * what failed anyway, and Secantus looks through all its retry records at each write.
 */
export const localMongoUri = (port: number): string =>
  `mongodb://${HOST}:${port}/?directConnection=true&retryWrites=false`

const PROBE_OPTIONS = {
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 2_000,
  maxPoolSize: 1,
}

/** A write that is done: after its disk was full a store may go on greeting and reading, and refuse each write until it is started anew. */
const mongoWrites = async (uri: string): Promise<boolean> => {
  const client = new MongoClient(uri, PROBE_OPTIONS)
  try {
    await client
      .db('parley_stack')
      .collection<{ _id: string }>('alive')
      .updateOne({ _id: 'supervisor' }, { $set: { at: new Date() } }, { upsert: true })
    return true
  } finally {
    await client.close(true)
  }
}

/** True where a primary answers, whoever runs it, and of how many: nothing is changed there. */
export const mongoGreets = async (uri: string): Promise<boolean> => {
  const client = new MongoClient(uri, PROBE_OPTIONS)
  try {
    const hello = await client.db('admin').command({ hello: 1 })
    return hello['isWritablePrimary'] === true
  } finally {
    await client.close(true)
  }
}

/** Of a server of ours: true once it is a primary. A fresh mongod is first made a replica set of one: transactions need it. */
export const mongoAnswers = async (uri: string): Promise<boolean> => {
  const client = new MongoClient(uri, PROBE_OPTIONS)
  try {
    const admin = client.db('admin')
    const hello = await admin.command({ hello: 1 })
    if (hello['isWritablePrimary'] === true && hello['setName'] !== undefined) return true
    if (hello['setName'] === undefined) {
      const host = new URL(uri).host
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } })
    }
    return false
  } finally {
    await client.close(true)
  }
}

const program = (options: MongoOptions, command: string, args: string[]): Program => ({
  name: 'mongo',
  // In another zone its log could not be put in order with those of the services: SecantusDB's wheel does not name its own.
  child: { command, args, env: { ...(options.env ?? process.env), TZ: 'UTC' } },
  stopBudgetMs: 25_000,
  isReady: () => mongoAnswers(localMongoUri(options.port)),
  isAlive: () => mongoWrites(localMongoUri(options.port)),
})

const databaseDirectory = async ({ dataDirectory }: MongoOptions): Promise<string> => {
  const directory = join(dataDirectory, 'mongo', 'db')
  await mkdir(directory, { recursive: true })
  return directory
}

const mongodPlan = async (
  options: MongoOptions,
  source: MongoSource,
  mongod: string,
): Promise<MongoPlan> => ({
  source,
  uri: localMongoUri(options.port),
  program: program(
    options,
    mongod,
    flags({
      bind_ip: HOST,
      port: options.port,
      replSet: REPLICA_SET,
      dbpath: await databaseDirectory(options),
      wiredTigerCacheSizeGB: 0.5,
    }),
  ),
})

const fromPath = async (options: MongoOptions): Promise<MongoPlan> => {
  const mongod = whichOnPath('mongod', options.env)
  if (!mongod) throw new NotHere('no mongod on the PATH')
  return mongodPlan(options, 'mongod', mongod)
}

const fromDocker = async (options: MongoOptions): Promise<MongoPlan> => {
  if (!(await dockerAnswers(options.env))) throw new NotHere('docker does not answer')
  const container = containerName('mongo', options.dataDirectory)
  await prepareContainer(container, MONGO_IMAGE)
  const { port } = options
  const { child, ...rest } = program(options, 'docker', [
    'run',
    '--rm',
    ...flags({ name: container, publish: `${HOST}:${port}:${port}`, volume: `${container}:/data/db` }),
    MONGO_IMAGE,
    'mongod',
    '--bind_ip_all',
    ...flags({ port, replSet: REPLICA_SET }),
  ])
  return {
    source: 'docker',
    uri: localMongoUri(port),
    program: { ...rest, child: { ...child, container }, workingPid: () => containerPid(container) },
  }
}

/** Without internet the download takes 8 s to fail; it is not tried again on the same day unless asked for. */
const downloadMongod = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const cache = cacheDirectory(env)
  const failureRecord = join(cache, 'mongod-download-failed')
  if (env['PARLEY_MONGO_SOURCE'] !== 'download') {
    const failedAt = Number(await readFile(failureRecord, 'utf8').catch(() => '0'))
    if (Date.now() - failedAt < DAY_MS) throw new NotHere('the download failed within the last day')
  }
  await mkdir(cache, { recursive: true })
  try {
    const { MongoBinary } = await import('mongodb-memory-server-core')
    return await MongoBinary.getPath({
      version: MONGO_DOWNLOAD_VERSION,
      downloadDir: join(cache, 'mongod'),
      checkMD5: false,
    })
  } catch (error) {
    await writeFile(failureRecord, String(Date.now()))
    throw new NotHere(`the download failed: ${reasonOf(error).split('\n')[0]}`, { cause: error })
  }
}

const SECANTUS_WHEEL_FOLDER = `secantus-${SECANTUS.split('==')[1]}`
const SECANTUS_RS_FOLDER = `secantusd-rs-${SECANTUS_CRATE.version}`

const builtSecantus = (env: NodeJS.ProcessEnv): string | undefined => {
  const built = join(cacheDirectory(env), SECANTUS_RS_FOLDER, 'bin', 'secantusd-rs')
  return whichOnPath('secantusd-rs', env) ?? (existsSync(built) ? built : undefined)
}

/** Nothing has to be fetched for it any more. */
export const secantusIsHere = (env: NodeJS.ProcessEnv = process.env): boolean =>
  builtSecantus(env) !== undefined || existsSync(join(cacheDirectory(env), SECANTUS_WHEEL_FOLDER))

const installSecantusWheel = async (env: NodeJS.ProcessEnv): Promise<string> => {
  if (!existsSync(join(cacheDirectory(env), SECANTUS_WHEEL_FOLDER)) && !whichOnPath('python3', env))
    throw new NotHere('no python3 on the PATH')
  const directory = await installOnce(
    SECANTUS_WHEEL_FOLDER,
    async (directory) => {
      await run('python3', ['-m', 'venv', directory])
      await run(join(directory, 'bin', 'python'), [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--only-binary',
        'secantusdb',
        SECANTUS,
      ])
    },
    env,
  )
  return join(directory, 'bin', 'python')
}

/**
 * Nobody follows its changes and nothing is replicated: without a log of operations it writes no document a second time. The wheel keeps
 * none where it stands alone, and the crate's build none where that is said.
 */
const ALONE = { args: ['--standalone'], env: { SECANTUS_DISABLE_OPLOG: '1' } }

/**
 * Secantus flushes its log in the background by default, and kill -9 of it loses acknowledged writes (measured: up to
 * 16 of 600). WiredTiger reads this file last: hand the log to the operating system at each commit. It costs nothing
 * that could be measured, where its own --sync-on-commit (fsync) made bulk upserts 2.5 times slower.
 */
const writeAtCommit = async (directory: string): Promise<void> => {
  await writeFile(join(directory, 'WiredTiger.config'), 'transaction_sync=(enabled=true,method=none)\n')
}

const secantusPlan = async (
  options: MongoOptions,
  source: MongoSource,
  command: string,
  args: readonly string[],
): Promise<MongoPlan> => {
  const directory = await databaseDirectory(options)
  await writeAtCommit(directory)
  const uri = localMongoUri(options.port)
  const env = { ...(options.env ?? process.env), ...ALONE.env }
  const own = flags({ host: HOST, port: options.port, 'storage-path': directory })
  return {
    source,
    uri,
    program: {
      ...program({ ...options, env }, command, [...args, ...ALONE.args, ...own]),
      isReady: () => mongoGreets(uri),
    },
  }
}

/** Several times faster than the wheel, and minutes to build: only when somebody asked for it (`npm run stack -- build-mongo`). */
export const buildSecantus = async (env: NodeJS.ProcessEnv = process.env): Promise<string> => {
  const cargo = whichOnPath('cargo', env)
  if (!cargo)
    throw new StackFault('CARGO_MISSING', 'secantusd-rs cannot be built without cargo', {
      why: 'it is built from its crate, and no cargo is on the PATH',
      fix: 'install Rust (https://rustup.rs or `apt install cargo`), start Docker, or put a mongod on the PATH',
    })
  const { name, version } = SECANTUS_CRATE
  const directory = await installOnce(
    SECANTUS_RS_FOLDER,
    async (root) =>
      void (await run(cargo, [
        'install',
        name,
        ...flags({ version, root }),
        '--locked',
        '--ignore-rust-version',
      ])),
    env,
  )
  return join(directory, 'bin', 'secantusd-rs')
}

/** Writers beyond the processors wait outside its engine: inside, 24 of them spend two thirds of their time on its locks (0.32 ms of processor a document, 0.11 so). */
const fromSecantusCrate = async (options: MongoOptions): Promise<MongoPlan> => {
  const command = builtSecantus(options.env ?? process.env)
  if (command === undefined) throw new NotHere('not built: `npm run stack -- build-mongo` builds it')
  return secantusPlan(
    options,
    'secantus-rs',
    command,
    flags({ 'write-tickets': availableParallelism(), 'cache-size': '512M' }),
  )
}

/** Once a fifth of its cache waits to be written and cannot be, for a transaction that never ended, it answers nobody any more: with 512 MB that was seen once, after a thousand tests. */
const fromSecantusWheel = async (options: MongoOptions): Promise<MongoPlan> =>
  secantusPlan(options, 'secantus', await installSecantusWheel(options.env ?? process.env), [
    '-m',
    'secantus',
    ...flags({ 'log-level': 'WARNING', 'cache-size': '2G' }),
  ])

/** Fetches and prepares a server without starting it. PARLEY_MONGO_SOURCE=auto|mongod|docker|download|secantus-rs|secantus. */
export const planMongo = async (options: MongoOptions): Promise<MongoPlan> => {
  const env = options.env ?? process.env
  const { plan } = await chooseSource({
    server: 'MongoDB',
    setting: 'PARLEY_MONGO_SOURCE',
    wanted: env['PARLEY_MONGO_SOURCE'] || 'auto',
    directory: join(options.dataDirectory, 'mongo'),
    sources: [
      { kind: 'mongod', prepare: () => fromPath(options) },
      { kind: 'docker', prepare: () => fromDocker(options) },
      { kind: 'download', prepare: async () => mongodPlan(options, 'download', await downloadMongod(env)) },
      { kind: 'secantus-rs', prepare: () => fromSecantusCrate(options) },
      { kind: 'secantus', prepare: () => fromSecantusWheel(options) },
    ],
  })
  return plan
}

export interface ProvisionedMongo extends AsyncDisposable {
  uri: string
  source: MongoSource
  pid: number
  stop(): Promise<void>
}

/** A server for tests and tools: stopped by `stop`, and also when this process ends in any way. */
export const provisionMongo = async (
  options: Omit<MongoOptions, 'port'> & { port?: number },
): Promise<ProvisionedMongo> => {
  const plan = await planMongo({ ...options, port: options.port ?? (await freePort()) })
  const { pid, stop } = await runProgram(plan.program, join(options.dataDirectory, 'logs', 'mongo.log'))
  return { uri: plan.uri, source: plan.source, pid, stop, [Symbol.asyncDispose]: stop }
}
