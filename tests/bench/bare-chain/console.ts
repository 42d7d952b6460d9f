import { EVENTS, bareProcess, upserts } from './chain.ts'

const { db, consume, ready } = await bareProcess('console')
const conversations = db.collection<{ _id: string }>('conversations')

await consume(EVENTS, 'console', async (records) => {
  const shown = records.filter(({ type }) => type !== 'advanced' && type !== 'sent-recorded')
  if (shown.length > 0)
    await conversations.bulkWrite(
      upserts(new Map(shown.map(({ contact, id, type }) => [contact, { id, type }]))),
      { ordered: false },
    )
})
ready()
