import { rawArchive, runRawReader, transcripts } from '@parley/archive'
import { conversations } from '@parley/conversation'
import { type KafkaSettings, LiveProjection, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { type ConversationPolicy, conversationDecider } from '@parley/routing'
import { Binary, type Db } from 'mongodb'
import { runBareLoop, upsertStates } from './bare-loop.ts'
import { decidedInMemory, until } from './inbound.ts'
import type { Comparison } from './report.ts'
import { FATAL, appendEvents, assertFolded, handledBy } from './transcripts.ts'

/**
 * The archive's reader (exact bytes of every record, transcript entries, conversation headers) against a bare loop that inserts
 * every record and upserts one document per message.
 */
export async function benchArchiveProjection(options: {
  kafka: KafkaSettings
  db: Db
  namespace: string
  policy: ConversationPolicy
  commands: number
  contacts: number
}): Promise<Comparison> {
  const { kafka, db, namespace } = options
  await ensureTopics(kafka, namespace, [conversations], 12)
  const topics = topicsOf(namespace, conversations)
  const topic = topics.events
  const events = decidedInMemory(conversationDecider, options.policy, options)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    const count = await appendEvents(log, topic, events)

    const cpuAtStart = process.cpuUsage()
    const raw = await rawArchive(db)
    const rawReader = await runRawReader({ log, eventsTopic: topic, namespace, name: 'raw', raw, ...FATAL })
    const reader = await LiveProjection.start(
      transcripts,
      { log, topics, namespace, db },
      { commitEveryMs: 0, ...FATAL },
    )
    const joinedAt = await until(() => reader.isReady())
    const records = db.collection('raw_records')
    await until(async () => handledBy(reader) >= count && (await records.estimatedDocumentCount()) >= count)
    await Promise.all([reader.stop(), rawReader.stop()])
    const doneAt = performance.now()
    const cpu = process.cpuUsage(cpuAtStart)
    await assertFolded(db, transcripts.name, count)

    const raws = db.collection<{ _id: string; raw: Binary }>('bare_raw')
    const documents = db.collection<{ _id: string }>('bare_documents')
    const bare = await runBareLoop({
      brokers: kafka.brokers,
      topic,
      group: `${namespace}.bare`,
      records: count,
      perBatch: async (messages) => {
        await raws.insertMany(
          messages.map(({ partition, offset, value }) => ({
            _id: `${partition}:${offset}`,
            raw: new Binary(value),
          })),
          { ordered: false },
        )
        await upsertStates(
          documents,
          messages.map(({ partition, offset, value }) => ({ key: `${partition}:${offset}`, value })),
        )
      },
    })
    return {
      name: 'archive projection (raw record and transcript)',
      unit: 'events',
      count,
      ours: { wallMs: doneAt - joinedAt, cpuMs: (cpu.user + cpu.system) / 1000 },
      bare: { wallMs: bare.wallMs, cpuMs: bare.cpuMs },
      aim: { ratioMin: 0.8, cpuMicrosMax: 60 },
      note: 'from group join until the heads of all streams and all raw records are written',
    }
  } finally {
    await log.close()
  }
}
