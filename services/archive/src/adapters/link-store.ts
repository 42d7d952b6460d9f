import type { Db } from 'mongodb'
import type { LinkStore } from '../link/transcript-links.ts'
import type { TranscriptLink } from '../link/transcript-link.ts'

/** Ids of one question. What customers write may look like tokens: of all those of a long record one question would be larger than the store takes (16 MB). */
const ASKED_AT_ONCE = 10_000

export function linkStore(db: Db): LinkStore {
  const links = db.collection<TranscriptLink>('links')
  return {
    async keep(issued) {
      await links.bulkWrite(
        issued.map(({ _id, ...link }) => ({
          updateOne: { filter: { _id }, update: { $setOnInsert: link }, upsert: true },
        })),
        { ordered: false },
      )
    },
    find: (linkId) => links.findOne({ _id: linkId }),
    async findAll(linkIds) {
      const found: TranscriptLink[] = []
      for (let from = 0; from < linkIds.length; from += ASKED_AT_ONCE) {
        const asked = linkIds.slice(from, from + ASKED_AT_ONCE)
        found.push(...(await links.find({ _id: { $in: asked } }).toArray()))
      }
      return found
    },
    async revoke(linkId, at) {
      await links.updateOne({ _id: linkId, revokedAt: null }, { $set: { revokedAt: at } })
    },
  }
}
