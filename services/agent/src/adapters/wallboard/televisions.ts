import { isRepeat } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'
import { chance, hashOf } from '../chance.ts'
import type { WallboardFilter } from './wallboards.ts'

/** A screen on a wall, which shows what the person who set it up may see, as far as it goes. */
export interface Television {
  readonly id: string
  readonly personId: string
  readonly filter: WallboardFilter
  /** ISO 8601 UTC. */
  readonly expiresAt: string
}

interface TelevisionDocument {
  /** One of its person's places: two that are set up at one moment never have the same. */
  readonly _id: string
  /** SHA-256 of the token, hex: the token itself is told once and kept nowhere. */
  readonly tokenHash: string
  readonly televisionId: string
  readonly personId: string
  readonly queue: string | null
  readonly team: string | null
  readonly vendor: string | null
  readonly flow: string | null
  readonly expiresAt: Date
}

/** A screen is set up anew once in a quarter. */
const GOOD_MS = 90 * 24 * 60 * 60 * 1_000

/** Of one person at once: each is an address that shows numbers to whoever has it. */
export const TELEVISIONS_MAX = 20

export class Televisions {
  readonly #kept: Collection<TelevisionDocument>
  readonly #now: () => Date

  static async open(db: Db, now: () => Date): Promise<Televisions> {
    const kept = db.collection<TelevisionDocument>('televisions')
    await kept.createIndexes([
      { key: { tokenHash: 1 } },
      { key: { televisionId: 1 } },
      { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
    ])
    return new Televisions(kept, now)
  }

  private constructor(kept: Collection<TelevisionDocument>, now: () => Date) {
    this.#kept = kept
    this.#now = now
  }

  /** @returns undefined where the person has as many as there may be */
  async add(
    televisionId: string,
    personId: string,
    { queue, team, vendor, flow }: WallboardFilter,
  ): Promise<{ readonly token: string; readonly expiresAt: string } | undefined> {
    const token = chance()
    const expiresAt = new Date(this.#now().getTime() + GOOD_MS)
    const television = {
      tokenHash: hashOf(token),
      televisionId,
      personId,
      queue: queue ?? null,
      team: team ?? null,
      vendor: vendor ?? null,
      flow: flow ?? null,
      expiresAt,
    }
    const taken = new Set((await this.#good({ personId })).map(({ _id }) => _id))
    for (let place = 1; place <= TELEVISIONS_MAX; place += 1) {
      const _id = `${personId} ${place}`
      if (!taken.has(_id) && (await this.#put(_id, television)))
        return { token, expiresAt: expiresAt.toISOString() }
    }
    return undefined
  }

  /** False: it was taken in the same moment. What is good no more holds no place, though the store may not have removed it yet. */
  async #put(_id: string, television: Omit<TelevisionDocument, '_id'>): Promise<boolean> {
    try {
      await this.#kept.replaceOne({ _id, expiresAt: { $lte: this.#now() } }, television, { upsert: true })
      return true
    } catch (error) {
      if (!isRepeat(error)) throw error
      return false
    }
  }

  async remove(id: string): Promise<void> {
    await this.#kept.deleteOne({ televisionId: id })
  }

  /** Those that are good still. @param personId of whom; undefined: of everybody */
  async list(personId: string | undefined): Promise<readonly Television[]> {
    return (await this.#good(personId === undefined ? {} : { personId })).map(televisionOf)
  }

  #good(whose: { readonly personId?: string }): Promise<readonly TelevisionDocument[]> {
    return this.#kept
      .find({ expiresAt: { $gt: this.#now() }, ...whose })
      .sort({ expiresAt: 1 })
      .toArray()
  }

  /** Undefined: no token, or good no more. */
  async of(token: string): Promise<Television | undefined> {
    const found = await this.#kept.findOne({ tokenHash: hashOf(token) })
    if (found === null || found.expiresAt <= this.#now()) return undefined
    return televisionOf(found)
  }
}

const televisionOf = ({
  televisionId: id,
  personId,
  queue,
  team,
  vendor,
  flow,
  expiresAt,
}: TelevisionDocument): Television => ({
  id,
  personId,
  filter: {
    queue: queue ?? undefined,
    team: team ?? undefined,
    vendor: vendor ?? undefined,
    flow: flow ?? undefined,
  },
  expiresAt: expiresAt.toISOString(),
})
