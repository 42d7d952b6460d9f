import { setTimeout as pause } from 'node:timers/promises'
import { Parking, PoisonUnseen } from '../reader/parking.ts'
import { Progress } from '../reader/progress.ts'
import { projectionGroup, projectionPrefix } from '../reader/projection.ts'
import type { StuckReader } from '../reader/reader.ts'
import { compareVersions } from './comparing.ts'
import {
  type AnyProjection,
  type ProjectionPlace,
  type ReadModel,
  type RunningVersion,
  runVersion,
} from './definition.ts'
import {
  type Compared,
  type Comparison,
  type HeldBuilding,
  NoSuchVersion,
  type Route,
  Routes,
} from './route.ts'

/** What an operator sees of a rebuild, a few times a second. */
export type BuildProgress =
  | { readonly step: 'reading'; readonly version: number; readonly recordsLeft: number }
  | ({ readonly step: 'stuck'; readonly version: number } & StuckReader)
  | {
      readonly step: 'comparing'
      readonly version: number
      readonly streams: number
      readonly settled: number
    }

export interface BuildOptions {
  /** Events handled in a second at most. Default: as many as it can. */
  readonly eventsPerSecondMax?: number
  /** Begins a new version and drops what was being built: after the folds were changed. */
  readonly isAnew?: boolean
  readonly patienceMs?: number
  /** Aborted: what was built stays, and the next call goes on there. */
  readonly signal: AbortSignal
  onProgress?(progress: BuildProgress): void
  /** While nobody else may go on with it. */
  onBuilt?(built: Built): Promise<void>
}

export interface Built extends Comparison {
  readonly live: number
  readonly version: number
}

/** What was built is not fit to be read: it differs, or it lacks something. */
export class VersionNotFit extends Error {
  readonly code = 'VERSION_NOT_FIT'
}

/** Nobody folds into a version between its comparison and the switch, and whoever reads it first sees the past for as long. */
const COMPARED_WITHIN_MS = 3_600_000
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 250
/** A replica looks for a switch every 2 s, and may take 15 s to join the group of the version that comes and 15 s to catch up in it. */
const READ_ON_MS = 60_000
/** Under live traffic a reader is always a little behind. */
const NEARLY_NOTHING = 100
/** A version is compared as far as it has committed. */
const COMMIT_EVERY_MS = 1_000

/**
 * Folds the log from its first record into a version of its own, beside the live one and in a group of its own, until it is where the log
 * ends; then compares it with the live one. It does not switch. Cut at any moment, it goes on where it was.
 * @throws {RebuildUnderWay} @throws {RebuildCancelled}
 */
export async function buildNext(
  projection: AnyProjection,
  place: ProjectionPlace,
  options: BuildOptions,
): Promise<Built> {
  const routes = new Routes(place.db)
  const { name } = projection
  let held = await routes.hold(name, { orNext: true })
  if (options.isAnew === true && !held.isNew) {
    await held.giveUp()
    await dropRemains(projection, place)
    held = await routes.hold(name, { orNext: true })
  }
  return compareNext(projection, place, options, held)
}

/**
 * The same for what was built before: it goes on to the end of the log, and is compared again. Of a version that was built and is live by
 * now it answers how it was compared with the one before.
 * @throws {NoSuchVersion} @throws {RebuildUnderWay} @throws {RebuildCancelled}
 */
export async function compareBuilt(
  projection: AnyProjection,
  place: ProjectionPlace,
  options: BuildOptions,
): Promise<Built> {
  const routes = new Routes(place.db)
  const route = await routes.of(projection.name)
  const { version, previous, comparison } = route
  if (isBuiltLive(route) && previous !== null && comparison) return { ...comparison, live: previous, version }
  return compareNext(projection, place, options, await routes.hold(projection.name, { orNext: false }))
}

/**
 * Gives up the version that is being built, also one that another process is at work on, and drops what is in it.
 * @throws {NoSuchVersion}
 */
export async function cancelBuilding(
  projection: AnyProjection,
  place: ReadPlace,
): Promise<{ readonly cancelled: number }> {
  const cancelled = await new Routes(place.db).cancel(projection.name)
  await dropRemains(projection, place)
  return { cancelled }
}

async function compareNext(
  projection: AnyProjection,
  place: ProjectionPlace,
  { eventsPerSecondMax, patienceMs = PATIENCE_MS, signal, onProgress, onBuilt }: BuildOptions,
  held: HeldBuilding,
): Promise<Built> {
  await using holding = held
  const { version, lost } = holding
  const routes = new Routes(place.db)
  const live = (await routes.of(projection.name)).version
  // What is being built on is not what was compared.
  await routes.compared(projection.name, version, undefined)
  const broken = new AbortController()
  const built = await runVersion(projection, place, version, {
    commitEveryMs: COMMIT_EVERY_MS,
    gatherMs: 0,
    leisureMs: 0,
    ...(eventsPerSecondMax === undefined ? {} : { eventsPerSecondMax }),
    // Of these the comparison gives the number.
    onParked() {},
    onStuck: (stuck) => onProgress?.({ step: 'stuck', version, ...stuck }),
    onFault: (error) => broken.abort(error),
  })
  const stopped = AbortSignal.any([signal, lost, broken.signal])
  try {
    await untilAtTheEnd(place, projection.name, built, stopped, onProgress)
    const behindCount = await untilCommitted(
      place,
      projection.name,
      { live, version },
      patienceMs,
      stopped,
      onProgress,
    )
    // Behind what was committed: a reader may have begun only then with the last that it read.
    await leaveOutAsLive(place, projection.name, live, built, stopped)
    const comparison = await compareVersions({
      db: place.db,
      name: projection.name,
      live: { version: live, model: await projection.open(place.db, live) },
      built,
      patienceMs,
      signal: stopped,
      onProgress: (progress) => onProgress?.({ step: 'comparing', version, ...progress }),
    })
    const whole = {
      ...comparison,
      unsettledCount: comparison.unsettledCount + behindCount,
      parkedCount: (await built.reader.parked()).length,
    }
    await routes.compared(projection.name, version, { ...whole, live })
    const outcome = { live, version, ...whole }
    await onBuilt?.(outcome)
    return outcome
  } catch (error) {
    throw stopped.aborted ? stopped.reason : error
  } finally {
    await built.reader.stop()
  }
}

async function untilAtTheEnd(
  { log, topics, db }: ProjectionPlace,
  name: string,
  { reader, version }: RunningVersion,
  signal: AbortSignal,
  onProgress: BuildOptions['onProgress'],
): Promise<void> {
  // By what is stored: a reader that goes on where another was cut knows nothing of what lies before.
  const progress = new Progress(db, projectionPrefix(name, version))
  for (;;) {
    await pause(LOOK_EVERY_MS, undefined, { signal })
    const ends = await log.offsets(topics.events)
    const stored = await progress.stored([...ends.keys()])
    const recordsLeft = Number(
      ends.reduce((sum, { end }, partition) => sum + end - stored.get(partition)!, 0n),
    )
    onProgress?.({ step: 'reading', version, recordsLeft })
    if (reader.isReady() && recordsLeft <= NEARLY_NOTHING) return
  }
}

/**
 * What was left out of the live version, and cannot be handled in this one either, is left out here too. An operator could not say so:
 * they reach the live version alone, and a version with a parked stream is never read.
 */
async function leaveOutAsLive(
  { db }: ProjectionPlace,
  name: string,
  live: number,
  { reader }: RunningVersion,
  signal: AbortSignal,
): Promise<void> {
  const ofLive = new Parking(db, projectionPrefix(name, live))
  // Behind one that is left out the next event of the stream may be one, too.
  for (let leftOut = true; leftOut;) {
    leftOut = false
    for (const { streamId, poison } of await reader.parked()) {
      signal.throwIfAborted()
      const reason = await ofLive.discardedAs(poison)
      if (reason === undefined) continue
      leftOut = true
      try {
        await reader.discard(streamId, poison, reason)
      } catch (error) {
        if (!(error instanceof PoisonUnseen)) throw error
      }
    }
  }
}

/**
 * Versions are compared by the streams that they know, and the store knows a stream once the offset behind its record is committed. Before
 * that, one which a version read a moment ago is in no list, and what the other lacks of it would be no difference.
 * @returns how many partitions one of them did not commit as far as the log went when this was called
 */
async function untilCommitted(
  { log, topics, namespace }: ProjectionPlace,
  name: string,
  { live, version }: { readonly live: number; readonly version: number },
  patienceMs: number,
  signal: AbortSignal,
  onProgress: BuildOptions['onProgress'],
): Promise<number> {
  const ends = await log.offsets(topics.events)
  let least = Number.POSITIVE_INFINITY
  let until = 0
  for (;;) {
    const committed = await Promise.all(
      [live, version].map((one) => log.groupOffsets(projectionGroup(namespace, name, one), topics.events)),
    )
    const left = ends.map(({ end }, partition) =>
      Math.max(0, ...committed.map((offsets) => Number(end - (offsets.get(partition) ?? 0n)))),
    )
    const recordsLeft = left.reduce((sum, records) => sum + records, 0)
    if (recordsLeft === 0) return 0
    if (recordsLeft < least) {
      least = recordsLeft
      until = performance.now() + patienceMs
    } else if (performance.now() > until) return left.filter((records) => records > 0).length
    onProgress?.({ step: 'reading', version, recordsLeft })
    await pause(LOOK_EVERY_MS, undefined, { signal })
  }
}

/** The newest version is the live one: what was built last was switched to, and nobody went back. */
const isBuiltLive = ({ building, version, newest, previous }: Route): boolean =>
  building === null && previous !== null && version === newest

/**
 * Makes the version that was built and compared the live one. The one before stays, for going back; the one before that is dropped. One
 * that is live already stays so.
 * @throws {NoSuchVersion} @throws {VersionNotFit}
 */
export async function switchToBuilt(
  projection: AnyProjection,
  place: ReadPlace,
  { acceptDifferences }: { readonly acceptDifferences: boolean },
): Promise<Route> {
  const routes = new Routes(place.db)
  const { name } = projection
  const route = await routes.of(name)
  const { building, version: from } = route
  if (isBuiltLive(route)) return route
  if (building === null) throw new NoSuchVersion(`No version of ${name} is being built. Run rebuild first.`)
  const why = unfitness(building.comparison, from, acceptDifferences)
  if (why !== undefined)
    throw new VersionNotFit(
      `Version ${building.version} of ${name} is not read: ${why} The live version ${from} stays.`,
    )
  if (!(await routes.switch(name, { from, to: building.version })))
    throw new VersionNotFit(
      `Another version of ${name} became live meanwhile, or this one was cancelled. Run list.`,
    )
  await dropRemains(projection, place)
  return routes.of(name)
}

function unfitness(
  comparison: Compared | undefined,
  live: number,
  acceptDifferences: boolean,
): string | undefined {
  if (comparison === undefined) return 'it was not compared since it was built on. Run compare.'
  if (comparison.live !== live)
    return `it was compared with version ${comparison.live}, which is not live any more. Run compare.`
  if (Date.now() - comparison.at.getTime() > COMPARED_WITHIN_MS)
    return 'it was compared more than an hour ago, and nothing was folded into it since. Run compare.'
  const { parkedCount, unsettledCount, differentCount } = comparison
  if (parkedCount > 0)
    return `${parkedCount} of its streams are parked, so it lacks events. Mend what cannot be folded, and rebuild --anew.`
  if (differentCount + unsettledCount === 0 || acceptDifferences) return undefined
  return (
    `${differentCount} streams differ, ${unsettledCount} never were at the same place. ` +
    'Look at them; after a change of the folds say --accept-differences.'
  )
}

/** The version before the live one is the newer of the two: somebody went back, and nobody forward again. */
const isBack = ({ version, previous }: Route): boolean => previous !== null && previous > version

/**
 * As `switchToBuilt`; where nothing is being built, and somebody went back, forward again to the version that they left: it was judged when it
 * was built, and reads on where it stood. Not for whoever has just built: what was cancelled at that moment would read an older one.
 * @throws {NoSuchVersion} @throws {VersionNotFit}
 */
export async function switchForward(
  projection: AnyProjection,
  place: ReadPlace,
  options: { readonly acceptDifferences: boolean },
): Promise<Route> {
  const routes = new Routes(place.db)
  const { name } = projection
  const route = await routes.of(name)
  return route.building === null && isBack(route)
    ? switchToPrevious(routes, name, route)
    : switchToBuilt(projection, place, options)
}

/**
 * Makes the version that was live before the live one again. Whoever went back already, or finds that somebody did, stays there: said
 * twice, it would else read again what both wanted to leave.
 * @throws {NoSuchVersion} @throws {VersionNotFit}
 */
export async function rollBack(
  projection: AnyProjection,
  { db }: Pick<ProjectionPlace, 'db'>,
): Promise<Route> {
  const routes = new Routes(db)
  const { name } = projection
  const route = await routes.of(name)
  if (route.previous === null)
    throw new NoSuchVersion(`No version of ${name} was live before ${route.version}: nothing to go back to.`)
  return isBack(route) ? route : switchToPrevious(routes, name, route)
}

async function switchToPrevious(
  routes: Routes,
  name: string,
  { version: from, previous: to }: Route,
): Promise<Route> {
  if (!(await routes.switch(name, { from, to: to! })))
    throw new VersionNotFit(`Another version of ${name} became live meanwhile. Run list.`)
  return routes.of(name)
}

const BESIDE_DOCUMENTS = ['heads', 'heads_moving', 'parked', 'parked_records', 'discarded', 'progress']

/** Where versions are told from others, and who reads them. */
type ReadPlace = Pick<ProjectionPlace, 'db' | 'log' | 'namespace'>

/**
 * Versions that no route names, also those that were left when a command was killed before it had dropped them. One that a replica still
 * reads, for it has not gone over yet, is waited for: dropped under it, what it shows would be empty. Where nobody goes over in time, it is
 * left for the next command.
 */
async function dropRemains(projection: AnyProjection, place: ReadPlace): Promise<void> {
  const { db } = place
  const { version: live, previous, newest, building } = await new Routes(db).of(projection.name)
  const names = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  for (let version = 1; version <= newest; version += 1) {
    if ([live, previous, building?.version].includes(version)) continue
    const prefix = projectionPrefix(projection.name, version)
    if (
      BESIDE_DOCUMENTS.some((one) => names.has(`${prefix}_${one}`)) &&
      (await isReadByNobody(projection, place, version))
    )
      await dropVersion(projection, db, version)
  }
}

/** Whoever reads a version is in its group for as long. */
async function isReadByNobody(
  { name }: AnyProjection,
  { log, namespace }: ReadPlace,
  version: number,
): Promise<boolean> {
  const group = projectionGroup(namespace, name, version)
  for (const until = performance.now() + READ_ON_MS; performance.now() < until; await pause(LOOK_EVERY_MS))
    if ((await log.memberCount(group)) === 0) return true
  return false
}

/** The documents first: by what stands beside them it is known later that there may be some. */
async function dropVersion(
  projection: AnyProjection,
  db: ProjectionPlace['db'],
  version: number,
): Promise<void> {
  const prefix = projectionPrefix(projection.name, version)
  const { documents, derived = [] }: ReadModel = await projection.open(db, version)
  const own = [...documents.map(({ collection }) => collection), ...derived].map(
    ({ collectionName }) => collectionName,
  )
  for (const name of [...own, ...BESIDE_DOCUMENTS.map((one) => `${prefix}_${one}`)])
    await db.dropCollection(name).catch(() => false)
}
