import type { Collection, Db } from 'mongodb'
import type { ChannelFilesPorts } from '../media/channel-files.ts'

interface ChannelFileDocument {
  _id: string
  mediaId: string
  at: Date
}

/** The channel keeps what it was given for 30 days. */
const KEPT_SECONDS = 25 * 24 * 60 * 60

export async function mongoChannelFiles(db: Db): Promise<Pick<ChannelFilesPorts, 'known' | 'remember'>> {
  const given: Collection<ChannelFileDocument> = db.collection('channel_files')
  await given.createIndexes([{ key: { at: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS }])
  const idOf = (accountId: string, sha256: string): string => `${accountId}|${sha256}`
  return {
    async known(accountId, sha256) {
      return (await given.findOne({ _id: idOf(accountId, sha256) }))?.mediaId
    },
    async remember(accountId, sha256, mediaId) {
      await given.updateOne(
        { _id: idOf(accountId, sha256) },
        { $set: { mediaId, at: new Date() } },
        { upsert: true },
      )
    },
  }
}
