import { transcripts } from '@parley/archive'
import { conversations } from '@parley/conversation'
import { LiveProjection, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { conversationDecider } from '@parley/routing'
import type { benchArchiveProjection } from './archive-projection.ts'
import { runBareLoop } from './bare-loop.ts'
import { decidedInMemory, until } from './inbound.ts'
import type { Comparison } from './report.ts'
import { FATAL, appendEvents, foldedInto } from './transcripts.ts'

const PARTITIONS = 12

/**
 * Transcripts folded from the first record of the log on, as a rebuild does, against a bare loop that reads the same topic and
 * writes one update an event.
 */
export async function benchRebuild({
  kafka,
  db,
  namespace,
  policy,
  commands,
  contacts,
}: Parameters<typeof benchArchiveProjection>[0]): Promise<Comparison> {
  await ensureTopics(kafka, namespace, [conversations], PARTITIONS)
  const topics = topicsOf(namespace, conversations)
  const events = decidedInMemory(conversationDecider, policy, commands, contacts)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    await appendEvents(log, topics.events, events)

    const cpuAtStart = process.cpuUsage()
    const reader = await LiveProjection.start(
      transcripts,
      { log, topics, namespace, db },
      { commitEveryMs: 1_000, ...FATAL },
    )
    const joinedAt = await until(() => reader.isReady())
    const doneAt = await until(async () => (await foldedInto(db)) >= events.length)
    await reader.stop()
    const cpu = process.cpuUsage(cpuAtStart)

    const documents = db.collection<{ _id: string }>('bare_documents')
    const bare = await runBareLoop({
      brokers: kafka.brokers,
      topic: topics.events,
      group: `${namespace}.bare`,
      records: events.length,
      perBatch: async (messages) => {
        for (const { partition, offset, value } of messages)
          await documents.updateOne({ _id: `${partition}:${offset}` }, { $set: { value } }, { upsert: true })
      },
    })
    return {
      name: 'rebuild of transcripts',
      unit: 'events',
      count: events.length,
      ours: { wallMs: doneAt - joinedAt, cpuMs: (cpu.user + cpu.system) / 1000 },
      bare: { wallMs: bare.wallMs, cpuMs: bare.cpuMs },
      aim: { ratioMin: 1 },
      note: 'from group join until the heads of all streams are written, once a second; the bare loop makes one update an event',
    }
  } finally {
    await log.close()
  }
}
