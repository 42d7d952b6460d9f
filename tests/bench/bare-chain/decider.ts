import { COMMANDS, EVENTS, type Said, bareProcess, said, upserts } from './chain.ts'

const SNAPSHOT_EVERY_MS = 30_000

const { db, produce, consume, ready } = await bareProcess('decider')
const snapshots = db.collection<{ _id: string }>('snapshots')
const deadlines = db.collection<{ _id: string }>('deadlines')
const changed = new Map<string, object>()

/** As many events as the conversation's rules make of the same command. */
function eventsOf({ type, contact, id }: Said): Said[] {
  if (type === 'receive') return [said('received', contact, id), said('turn', contact, id)]
  if (type === 'answer') return [said('completed', contact, id), said('send', contact, id)]
  if (type === 'sent') return [said('sent-recorded', contact, id)]
  return id.startsWith('sent:') ? [] : [said('advanced', contact, id)]
}

await consume(COMMANDS, 'decider', async (records) => {
  const events = records.flatMap(eventsOf)
  for (const { contact, id, filler } of records) changed.set(contact, { id, filler })
  if (events.length > 0) await produce(EVENTS, events)
})
await consume(EVENTS, 'deadlines', async (records) => {
  const due = records.filter(({ type }) => ['received', 'turn', 'completed', 'send'].includes(type))
  if (due.length > 0)
    await deadlines.bulkWrite(
      upserts(new Map(due.map(({ contact }) => [contact, { dueAt: new Date(Date.now() + 45_000) }]))),
      { ordered: false },
    )
})
setInterval(() => {
  const lot = new Map(changed)
  changed.clear()
  if (lot.size > 0) void snapshots.bulkWrite(upserts(lot), { ordered: false })
}, SNAPSHOT_EVERY_MS)
ready()
