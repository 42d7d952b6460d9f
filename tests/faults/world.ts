import { type ChildProcess, execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, statfs, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Stack } from '@parley/stack'
import type { BrokerProxy, MongoProxy } from '@parley/testkit'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { SERVICES } from './disturb.ts'
import { endReplica, startReplica } from './replica.ts'
import { requireFormat } from '../../infra/stack/src/data-directory.ts'

/** A whole stack of its own, for one scenario, and what a disturbance may do to it from outside. */
export interface World extends AsyncDisposable {
  readonly stack: Stack
  readonly simulator: SimulatorControl
}

/** Services whose wires to Kafka and to the store can be cut. */
export interface WiredWorld extends World {
  readonly kafka: BrokerProxy
  readonly store: MongoProxy
}

/** A store whose disk can be filled. */
export interface SmallDiskWorld extends World {
  /** Writes until nothing more fits. */
  fill(): Promise<void>
  free(): Promise<void>
}

/** Services and simulator whose clock can be set; Kafka and the store keep the right time. */
export interface OtherClockWorld extends World {
  setClock(offsetSeconds: number): Promise<void>
}

/** A second process of each service, which shares the work. */
export interface TwoOfEachWorld extends World {
  readonly replicas: readonly ChildProcess[]
}

/** The limits are Meta's, not ours: the probes write more often than they allow. */
const NO_PAIR_LIMIT = { WHATSAPP_PAIR_BURST: '1000000' }
const STORE_DISK_MB = 400
const LIBFAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find((file) => existsSync(file))

/** One stack for all scenarios that leave it as it was; another one behind whatever went wrong with it. */
export class Worlds implements AsyncDisposable {
  #shared: World | undefined

  /** Its end is not the scenario's. */
  async shared(): Promise<World> {
    this.#shared ??= await plainWorld()
    return { ...this.#shared, [Symbol.asyncDispose]: async () => {} }
  }

  async renew(): Promise<void> {
    const world = this.#shared
    this.#shared = undefined
    await world?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.renew()
  }
}

async function plainWorld(): Promise<World> {
  await using owned = new AsyncDisposableStack()
  const dataDir = await ownDirectory(owned)
  return { ...(await startIn(owned, dataDir)), ...given(owned) }
}

export async function wiredWorld(): Promise<WiredWorld> {
  await using owned = new AsyncDisposableStack()
  const dataDir = await ownDirectory(owned)
  const servers = await ownServers(owned)
  const { brokerProxy, mongoProxy } = await import('@parley/testkit')
  const kafka = owned.use(await brokerProxy(servers.broker))
  const store = owned.use(await mongoProxy(servers.storeUri))
  const world = await startIn(owned, dataDir, { KAFKA_BROKERS: kafka.broker, MONGODB_URI: store.uri })
  return { ...world, kafka, store, ...given(owned) }
}

export async function smallDiskWorld(): Promise<SmallDiskWorld> {
  await using owned = new AsyncDisposableStack()
  const dataDir = await ownDirectory(owned)
  // A folder that holds something is a stack's only if a stack began it.
  await requireFormat(dataDir)
  const disk = join(dataDir, 'mongo')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${STORE_DISK_MB}m`, 'tmpfs', disk])
  const unmount = () => void spawnSync('umount', ['--lazy', disk])
  process.once('exit', unmount)
  owned.defer(() => {
    process.off('exit', unmount)
    unmount()
  })
  const world = await startIn(owned, dataDir)
  const filler = join(disk, 'filler')
  return {
    ...world,
    async fill() {
      const file = await open(filler, 'w')
      try {
        for (;;) await file.write(Buffer.alloc(65_536, 1))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        await file.close()
      }
      const { bavail, bsize } = await statfs(disk)
      if (bavail * bsize > 65_536) throw new Error('The disk of the store is not full.')
    },
    free: () => rm(filler),
    ...given(owned),
  }
}

export async function otherClockWorld(): Promise<OtherClockWorld> {
  await using owned = new AsyncDisposableStack()
  const dataDir = await ownDirectory(owned)
  const servers = await ownServers(owned)
  const clock = join(await ownDirectory(owned), 'clock')
  const setClock = (offsetSeconds: number) =>
    writeFile(clock, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}s`)
  await setClock(0)
  const world = await startIn(owned, dataDir, {
    KAFKA_BROKERS: servers.broker,
    MONGODB_URI: servers.storeUri,
    LD_PRELOAD: LIBFAKETIME,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_CACHE_DURATION: '1',
    // Clocks jump, time does not: what counts milliseconds is left alone, as it is by a step of NTP.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  })
  return { ...world, setClock, ...given(owned) }
}

export async function twoOfEachWorld(): Promise<TwoOfEachWorld> {
  await using owned = new AsyncDisposableStack()
  const world = await startIn(owned, await ownDirectory(owned))
  const replicas = await Promise.all(
    SERVICES.map(async (name) => {
      const replica = await startReplica(name, world.stack)
      owned.defer(() => endReplica(replica, 'SIGKILL'))
      return replica
    }),
  )
  return { ...world, replicas, ...given(owned) }
}

/** Why a disk cannot be filled here; undefined when it can. */
export const noSmallDisk = (): string | undefined =>
  process.platform === 'linux' && process.getuid?.() === 0
    ? undefined
    : 'mounting a tmpfs needs root on Linux'

/** Why clocks cannot be set here; undefined when they can. */
export const noOtherClock = (): string | undefined =>
  LIBFAKETIME === undefined ? 'libfaketime is not installed (apt install libfaketime)' : undefined

async function ownDirectory(owned: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-faults-'))
  owned.defer(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** In a folder of their own: a stack takes no folder for its data that holds some already. */
async function ownServers(owned: AsyncDisposableStack): Promise<{ broker: string; storeUri: string }> {
  const { provisionKafka, provisionMongo } = await import('@parley/stack/provision')
  const dataDirectory = await ownDirectory(owned)
  const [kafka, mongo] = await Promise.all([
    provisionKafka({ dataDirectory }),
    provisionMongo({ dataDirectory }),
  ])
  owned.use(kafka)
  owned.use(mongo)
  return { broker: kafka.brokers[0]!, storeUri: mongo.uri }
}

async function startIn(
  owned: AsyncDisposableStack,
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ stack: Stack; simulator: SimulatorControl }> {
  const { startStack } = await import('@parley/stack')
  const stack = owned.use(await startStack({ dataDir, randomPorts: true, env: { ...NO_PAIR_LIMIT, ...env } }))
  const simulator = new SimulatorControl(stack.urls.simulator)
  owned.defer(() => simulator.close())
  return { stack, simulator }
}

/** Whoever has the world ends what was started for it. */
function given(owned: AsyncDisposableStack): AsyncDisposable {
  const moved = owned.move()
  return { [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

const run = promisify(execFile)
