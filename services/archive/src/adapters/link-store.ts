import type { Db } from 'mongodb'
import type { LinkStore } from '../link/transcript-links.ts'
import type { TranscriptLink } from '../link/transcript-link.ts'

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
    findAll: (linkIds) => links.find({ _id: { $in: [...linkIds] } }).toArray(),
    async revoke(linkId, at) {
      await links.updateOne({ _id: linkId, revokedAt: null }, { $set: { revokedAt: at } })
    },
  }
}
