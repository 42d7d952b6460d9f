import type { Collection, Db } from 'mongodb'

/** What a comparison of two versions came to. */
export interface Comparison {
  readonly streams: number
  readonly documents: number
  /** Streams whose documents are not the same in both versions, at most 100 of them by name. */
  readonly different: readonly string[]
  readonly differentCount: number
  /** Streams that were never at the same place in both versions as long as anybody looked. */
  readonly unsettledCount: number
  /** Streams that are parked in the new version: it lacks what they hold. */
  readonly parkedCount: number
}

/** The version that comes. */
export interface Building {
  readonly version: number
  readonly since: Date
  /** Undefined while it is built, and after a rebuild that was cut. */
  readonly comparison?: Comparison & { readonly at: Date }
}

export interface Route {
  /** The one that is read and kept up to date. */
  readonly version: number
  /** Kept as it was when it was left, for going back. */
  readonly previous: number | null
  /** The highest that there ever was: no version is built over the remains of another. */
  readonly newest: number
  readonly building: Building | null
  readonly switchedAt: Date | null
}

interface RouteDocument extends Route {
  /** The name of the projection. */
  readonly _id: string
}

const FIRST: Route = { version: 1, previous: null, newest: 1, building: null, switchedAt: null }

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

  /** The version that is being built, or the next one: a rebuild that was cut goes on where it was. */
  async build(name: string, isAnew: boolean): Promise<Building> {
    await this.#collection.updateOne({ _id: name }, { $setOnInsert: FIRST }, { upsert: true })
    for (;;) {
      const { building, newest } = await this.of(name)
      if (building !== null && !isAnew) return building
      const next: Building = { version: newest + 1, since: new Date() }
      const { matchedCount } = await this.#collection.updateOne(
        { _id: name, newest },
        { $set: { building: next, newest: next.version } },
      )
      if (matchedCount === 1) return next
    }
  }

  /** What is known of the version that comes, from here on; nothing while it is built on. */
  async compared(name: string, version: number, comparison: Comparison | undefined): Promise<void> {
    await this.#collection.updateOne(
      { _id: name, 'building.version': version },
      comparison === undefined
        ? { $unset: { 'building.comparison': '' } }
        : { $set: { 'building.comparison': { ...comparison, at: new Date() } } },
    )
  }

  /** False when another switch came first. */
  async switch(name: string, { from, to }: { readonly from: number; readonly to: number }): Promise<boolean> {
    const { matchedCount } = await this.#collection.updateOne({ _id: name, version: from }, [
      {
        $set: {
          version: to,
          previous: from,
          switchedAt: new Date(),
          // Going back leaves what is being built as it is.
          building: { $cond: [{ $eq: ['$building.version', to] }, null, '$building'] },
        },
      },
    ])
    return matchedCount === 1
  }
}
