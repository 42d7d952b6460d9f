import { conversations } from '@parley/conversation'
import {
  type EventLog,
  type KafkaSettings,
  appendCommands,
  ensureTopics,
  kafkaLog,
  runDeciderHost,
  topicsOf,
} from '@parley/eventlog'
import { type ConversationPolicy, conversationDecider } from '@parley/routing'
import type { Db } from 'mongodb'
import { runBareLoop, upsertStates } from './bare-loop.ts'
import { decidedInMemory, inbound, until } from './inbound.ts'
import type { Comparison } from './report.ts'

const PARTITIONS = 12

/**
 * The decider host with the real conversation rules, against a bare loop that reads the same commands, appends as many records and
 * upserts one document per contact and batch.
 */
export async function benchDeciderHost(options: {
  kafka: KafkaSettings
  db: Db
  namespace: string
  policy: ConversationPolicy
  commands: number
  contacts: number
}): Promise<Comparison> {
  const { kafka, db, namespace, commands, contacts } = options
  await ensureTopics(kafka, namespace, [conversations], PARTITIONS)
  const topics = topicsOf(namespace, conversations)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    await appendInbound(log, namespace, commands, contacts)

    const events = [...decidedInMemory(conversationDecider, options.policy, commands, contacts)].length
    // Each partition adopts its policy.
    const written = events + PARTITIONS
    const startedAt = performance.now()
    const cpuAtStart = process.cpuUsage()
    const host = await runDeciderHost({
      log,
      topics,
      group: `${namespace}.decider`,
      db,
      decider: conversationDecider,
      policy: options.policy,
      onBuildingAhead() {},
      onDeadLetter() {},
      onSnapshotFailed() {},
      onStuck() {},
      onFault: (error) => {
        throw error
      },
    })
    const joinedAt = await until(() => host.isReady())
    const doneAt = await until(async () => (await totalEnd(log, topics.events)) >= written, 300_000)
    const wallMs = doneAt - joinedAt
    const cpu = process.cpuUsage(cpuAtStart)
    await host.stop()

    const states = db.collection<{ _id: string }>('bare_states')
    const perRecord = events / commands
    const bare = await runBareLoop({
      brokers: kafka.brokers,
      topic: topics.commands,
      group: `${namespace}.bare`,
      records: commands,
      perBatch: async (messages, producer) => {
        // As many records out as the rules make of the same commands.
        const out = messages.flatMap((message, index) =>
          Array.from(
            { length: Math.floor((index + 1) * perRecord) - Math.floor(index * perRecord) },
            () => message,
          ),
        )
        await producer.send({
          topic: topics.deadLetters,
          messages: out.map(({ key, value, partition }) => ({ key, value, partition })),
        })
        await upsertStates(states, messages)
      },
    })
    return {
      name: 'decider host (conversation rules)',
      unit: 'commands',
      count: commands,
      ours: { wallMs, cpuMs: (cpu.user + cpu.system) / 1000 },
      bare: { wallMs: bare.wallMs, cpuMs: bare.cpuMs },
      aim: { ratioMin: 0.9, cpuMicrosMax: 60 },
      note: `${events} events; from group join to the last event, ${Math.round(joinedAt - startedAt)} ms of joining left out`,
    }
  } finally {
    await log.close()
  }
}

async function appendInbound(
  log: EventLog,
  namespace: string,
  commands: number,
  contacts: number,
): Promise<void> {
  const topics = topicsOf(namespace, conversations)
  for (let start = 0; start < commands; start += 5_000)
    await appendCommands(
      log,
      topics,
      Array.from({ length: Math.min(5_000, commands - start) }, (_, index) =>
        inbound(start + index, contacts),
      ),
    )
}

async function totalEnd(log: EventLog, topic: string): Promise<number> {
  const ends = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => log.endOffset(topic, partition)),
  )
  return ends.reduce((sum, end) => sum + Number(end), 0)
}
