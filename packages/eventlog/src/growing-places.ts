import { type Collection, Long, type UpdateFilter } from 'mongodb'
import { StoreSetBack } from './errors.ts'

/**
 * Places in the log, a document each, that say how far the documents beside them go, and so only grow. One that is less than this process
 * knows it to be was emptied, or put back to an older copy, under it: raised again, it would say of what is missing that it is there.
 */
export class GrowingPlaces<Document extends { _id: string | number }> {
  readonly #collection: Collection<Document>
  readonly #field: keyof Document & string
  readonly #known = new Map<Document['_id'], bigint>()

  constructor(collection: Collection<Document>, field: keyof Document & string) {
    this.#collection = collection
    this.#field = field
  }

  /** As it was read: from now on it is not less. */
  seen(id: Document['_id'], place: bigint): void {
    if (place > (this.#known.get(id) ?? -1n)) this.#known.set(id, place)
  }

  /**
   * One request for all.
   * @param raising what it does to a document, `$max` of the field among it
   * @throws {StoreSetBack}
   */
  async raise(
    places: ReadonlyMap<Document['_id'], bigint>,
    raising: (place: Long) => UpdateFilter<Document>,
  ): Promise<void> {
    if (places.size === 0) return
    const { matchedCount, upsertedCount } = await this.#collection.bulkWrite(
      [...places].map(([id, place]) => {
        const known = this.#known.get(id)
        const least = known === undefined ? {} : { [this.#field]: { $gte: Long.fromBigInt(known) } }
        const filter: object = { _id: id, ...least }
        return {
          updateOne: {
            filter,
            update: raising(Long.fromBigInt(place)),
            upsert: known === undefined,
          },
        }
      }),
      { ordered: false },
    )
    if (matchedCount + upsertedCount < places.size) throw new StoreSetBack(this.#collection.collectionName)
    for (const [id, place] of places) this.seen(id, place)
  }
}
