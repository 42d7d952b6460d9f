import type { Db } from 'mongodb'
import { askedInParts } from './asked-in-parts.ts'
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
    // What customers write may look like tokens.
    findAll: (linkIds) => askedInParts(linkIds, (ids) => links.find({ _id: { $in: [...ids] } }).toArray()),
    async revoke(linkId, at) {
      await links.updateOne({ _id: linkId, revokedAt: null }, { $set: { revokedAt: at } })
    },
  }
}
