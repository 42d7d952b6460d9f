import { isRepeat } from '@parley/eventlog'
import type { Collection, Filter, UpdateFilter, WithId } from 'mongodb'

/** The document after the update, which makes it where it is not there. Of two who begin it at once, each has updated it. */
export async function updatedOrBegun<Of extends { readonly _id: string }>(
  collection: Collection<Of>,
  _id: string,
  update: UpdateFilter<Of>,
): Promise<WithId<Of> | null> {
  for (;;) {
    try {
      return await collection.findOneAndUpdate({ _id } as Filter<Of>, update, {
        upsert: true,
        returnDocument: 'after',
      })
    } catch (error) {
      if (!isRepeat(error)) throw error
    }
  }
}
