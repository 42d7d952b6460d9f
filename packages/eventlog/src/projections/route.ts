import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Collection, Db } from 'mongodb'

/** What a comparison of two versions came to. */
export interface Comparison {
  readonly streams: number
  readonly documents: number
  /** Streams whose documents are not the same in both versions, at most 100 of them by name. */
  readonly different: readonly string[]
  readonly differentCount: number
  /** Streams that were never at the same place in both versions as long as anybody looked, and partitions that one of them did not read so far. */
  readonly unsettledCount: number
  /** Streams that are parked in the new version: it lacks what they hold. */
  readonly parkedCount: number
}

/** Whoever wants it too looks whether it still beats: that needs no clock that two machines share. */
interface Hold {
  readonly by: string
  readonly beats: number
  /** Whoever has it gives the version up. */
  readonly isCancelling?: true
}

/** The version that comes. */
export interface Building {
  readonly version: number
  readonly since: Date
  /** Of whoever works on it. */
  readonly hold?: Hold
  /** Undefined while it is built, and after a rebuild that was cut. */
  readonly comparison?: Compared
}

export interface Compared extends Comparison {
  readonly at: Date
  /** The version that it was compared with. */
  readonly live: number
}

export interface Route {
  /** The one that is read and kept up to date. */
  readonly version: number
  /** Kept as it was when it was left, for going back. */
  readonly previous: number | null
  /** The highest that there ever was: no version is built over the remains of another. */
  readonly newest: number
  readonly building: Building | null
  /** Of the live version with the previous one, as it was when it became so; null where somebody went back to it. */
  readonly comparison?: Compared | null
  readonly switchedAt: Date | null
}

/** No version is being built, or there is none to go back to. */
export class NoSuchVersion extends Error {
  readonly code = 'NO_SUCH_VERSION'
}

/** Somebody else is at work on the version that comes. */
export class RebuildUnderWay extends Error {
  readonly code = 'REBUILD_UNDER_WAY'

  constructor(name: string, version: number) {
    super(
      `Another command is building version ${version} of ${name}. Wait until it ends, or cancel it: projection cancel ${name}.`,
    )
  }
}

/** Somebody gave up the version that was being built here. */
export class RebuildCancelled extends Error {
  readonly code = 'REBUILD_CANCELLED'

  constructor(name: string, version: number) {
    super(`Another command cancelled version ${version} of ${name}, or took it over. The live version stays.`)
  }
}

/** The version that comes, in the hands of one. Let go at the end; what was built stays. */
export interface HeldBuilding extends AsyncDisposable {
  readonly version: number
  /** Nothing is in it yet. */
  readonly isNew: boolean
  /** Aborted when it is in other hands. */
  readonly lost: AbortSignal
  giveUp(): Promise<void>
}

interface RouteDocument extends Route {
  /** The name of the projection. */
  readonly _id: string
}

const FIRST: Route = { version: 1, previous: null, newest: 1, building: null, switchedAt: null }

const BEAT_EVERY_MS = 1_000
/** A hold that has not beaten for so long is nobody's any more: its process was killed. */
const STILL_FOR_MS = 5_000

/** Which version of a projection is live: one document each, in the database of its service. To switch is to write it. */
export class Routes {
  readonly #collection: Collection<RouteDocument>

  constructor(db: Db) {
    this.#collection = db.collection('projection_routes')
  }

  /** Version 1 until a switch. */
  async of(name: string): Promise<Route> {
    return (await this.#collection.findOne({ _id: name })) ?? FIRST
  }

  /**
   * The version that is being built, or else the next one, and nobody else goes on with it meanwhile. One that was cut goes on where it was;
   * one whose builder was killed is free when its hold has not beaten for a while.
   * @throws {NoSuchVersion} none is being built, and `orNext` is not said @throws {RebuildUnderWay}
   */
  async hold(name: string, { orNext }: { readonly orNext: boolean }): Promise<HeldBuilding> {
    await this.#collection.updateOne({ _id: name }, { $setOnInsert: FIRST }, { upsert: true })
    const { building, newest } = await this.of(name)
    const hold: Hold = { by: randomUUID(), beats: 0 }
    if (building !== null) {
      const { version } = building
      if (!(await this.#take(name, building, hold))) throw new RebuildUnderWay(name, version)
      return this.#held(name, version, hold, false)
    }
    if (!orNext) throw new NoSuchVersion(`No version of ${name} is being built. Run rebuild first.`)
    const next: Building = { version: newest + 1, since: new Date(), hold }
    const { matchedCount } = await this.#collection.updateOne(
      { _id: name, newest, building: null },
      { $set: { building: next, newest: next.version } },
    )
    if (matchedCount === 0) throw new RebuildUnderWay(name, next.version)
    return this.#held(name, next.version, hold, true)
  }

  /**
   * Gives up the version that is being built, whoever is at work on it: they learn it within a second, and are waited for. Of several who
   * cancel it, whoever has waited first gives it up: each would else take it from the other, for as long as both want it.
   */
  async cancel(name: string): Promise<number> {
    for (;;) {
      const { building } = await this.of(name)
      if (building === null)
        throw new NoSuchVersion(`No version of ${name} is being built: there is nothing to cancel.`)
      const { version, hold: before } = building
      const hold: Hold = { by: randomUUID(), beats: 0, isCancelling: true }
      await this.#collection.updateOne(
        { _id: name, 'building.version': version },
        { $set: { 'building.hold': hold } },
      )
      if (before !== undefined) await pause(STILL_FOR_MS)
      const { matchedCount } = await this.#collection.updateOne(
        { _id: name, 'building.version': version, 'building.hold.isCancelling': true },
        { $set: { building: null } },
      )
      if (matchedCount === 1) return version
    }
  }

  /** True when nobody is at work on it, or has not been heard of for a while. */
  async #take(name: string, { version, hold: before }: Building, hold: Hold): Promise<boolean> {
    if (before !== undefined) await pause(STILL_FOR_MS)
    const { matchedCount } = await this.#collection.updateOne(
      {
        _id: name,
        'building.version': version,
        ...(before === undefined
          ? { 'building.hold': { $exists: false } }
          : { 'building.hold.by': before.by, 'building.hold.beats': before.beats }),
      },
      { $set: { 'building.hold': hold } },
    )
    return matchedCount === 1
  }

  #held(name: string, version: number, { by }: Hold, isNew: boolean): HeldBuilding {
    const collection = this.#collection
    const mine = { _id: name, 'building.version': version, 'building.hold.by': by }
    const lost = new AbortController()
    const beating = new AbortController()
    const beaten = (async () => {
      for (;;) {
        await pause(BEAT_EVERY_MS, undefined, { signal: beating.signal })
        // A store that is away for a while takes nothing from anybody.
        const beat = await collection
          .updateOne(mine, { $inc: { 'building.hold.beats': 1 } })
          .catch(() => undefined)
        if (beat?.matchedCount === 0) return lost.abort(new RebuildCancelled(name, version))
      }
    })().catch(() => {})
    const end = async () => {
      beating.abort()
      await beaten
    }
    return {
      version,
      isNew,
      lost: lost.signal,
      async giveUp() {
        await end()
        await collection.updateOne(mine, { $set: { building: null } })
      },
      async [Symbol.asyncDispose]() {
        await end()
        await collection.updateOne(mine, { $unset: { 'building.hold': '' } })
      },
    }
  }

  /** What is known of the version that comes, from here on; nothing while it is built on. */
  async compared(name: string, version: number, comparison: Omit<Compared, 'at'> | undefined): Promise<void> {
    await this.#collection.updateOne(
      { _id: name, 'building.version': version },
      comparison === undefined
        ? { $unset: { 'building.comparison': '' } }
        : { $set: { 'building.comparison': { ...comparison, at: new Date() } } },
    )
  }

  /** False when another switch came first, or somebody gave up the version that was to be read: nothing is in that any more. */
  async switch(name: string, { from, to }: { readonly from: number; readonly to: number }): Promise<boolean> {
    const kept = { $or: [{ 'building.version': to }, { previous: to }] }
    const { matchedCount } = await this.#collection.updateOne({ _id: name, version: from, ...kept }, [
      {
        $set: {
          version: to,
          previous: from,
          switchedAt: new Date(),
          // Going back leaves what is being built as it is.
          building: { $cond: [{ $eq: ['$building.version', to] }, null, '$building'] },
          comparison: { $cond: [{ $eq: ['$building.version', to] }, '$building.comparison', null] },
        },
      },
    ])
    return matchedCount === 1
  }
}
