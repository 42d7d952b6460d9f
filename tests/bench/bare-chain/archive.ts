import { Binary } from 'mongodb'
import { EVENTS, bareProcess, upserts } from './chain.ts'

const { db, consume, ready } = await bareProcess('archive')
const raws = db.collection<{ _id: string; raw: Binary }>('raw')
const entries = db.collection<{ _id: string }>('entries')
const conversations = db.collection<{ _id: string }>('conversations')

await consume(EVENTS, 'archive', async (records, batch) => {
  const spoken = records.filter(({ type }) => type !== 'turn' && type !== 'completed')
  await Promise.all([
    raws.insertMany(
      batch.messages.map(({ offset, value }) => ({
        _id: `${batch.partition}:${offset}`,
        raw: new Binary(value!),
      })),
      { ordered: false },
    ),
    spoken.length === 0
      ? undefined
      : entries.bulkWrite(
          upserts(new Map(spoken.map(({ id, type, filler }) => [id.replace(/^\w+:/, ''), { type, filler }]))),
          { ordered: false },
        ),
    conversations.bulkWrite(upserts(new Map(records.map(({ contact, id }) => [contact, { id }]))), {
      ordered: false,
    }),
  ])
})
ready()
