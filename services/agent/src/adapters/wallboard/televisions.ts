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
  /** SHA-256 of the token, hex: the token itself is told once and kept nowhere. */
  readonly _id: string
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

export class Televisions {
  readonly #kept: Collection<TelevisionDocument>
  readonly #now: () => Date

  static async open(db: Db, now: () => Date): Promise<Televisions> {
    const kept = db.collection<TelevisionDocument>('televisions')
    await kept.createIndexes([{ key: { televisionId: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }])
    return new Televisions(kept, now)
  }

  private constructor(kept: Collection<TelevisionDocument>, now: () => Date) {
    this.#kept = kept
    this.#now = now
  }

  async add(
    id: string,
    personId: string,
    { queue, team, vendor, flow }: WallboardFilter,
  ): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const token = chance()
    const expiresAt = new Date(this.#now().getTime() + GOOD_MS)
    await this.#kept.insertOne({
      _id: hashOf(token),
      televisionId: id,
      personId,
      queue: queue ?? null,
      team: team ?? null,
      vendor: vendor ?? null,
      flow: flow ?? null,
      expiresAt,
    })
    return { token, expiresAt: expiresAt.toISOString() }
  }

  async remove(id: string): Promise<void> {
    await this.#kept.deleteOne({ televisionId: id })
  }

  /** Those that are good still. @param personId of whom; undefined: of everybody */
  async list(personId: string | undefined): Promise<readonly Television[]> {
    const found = await this.#kept
      .find({ expiresAt: { $gt: this.#now() }, ...(personId === undefined ? {} : { personId }) })
      .sort({ expiresAt: 1 })
      .toArray()
    return found.map(televisionOf)
  }

  /** Undefined: no token, or good no more. */
  async of(token: string): Promise<Television | undefined> {
    const found = await this.#kept.findOne({ _id: hashOf(token) })
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
