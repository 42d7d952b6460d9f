import { conversations } from '@parley/conversation'
import {
  type EventLog,
  type KafkaSettings,
  type LogRecord,
  appendCommands,
  ensureTopics,
  eventRecord,
  kafkaLog,
  runDeciderHost,
  topicsOf,
} from '@parley/eventlog'
import { type StreamState, asBuffer, decideOn, emptyStream, readCommand } from '@parley/kernel'
import { type ContactState, type ConversationPolicy, conversationDecider } from '@parley/routing'
import type { Db } from 'mongodb'
import { runBareLoop, upsertStates } from './bare-loop.ts'
import { contactOf, decidedInMemory, inbound, until } from './inbound.ts'
import type { Comparison } from './report.ts'

const PARTITIONS = 12

/**
 * The decider host with the real conversation rules, against a bare loop that reads the same commands, decides them by the same rules
 * (read, decide, fold, encode, hash), appends the events and upserts one document per contact and batch. Its states stay in memory, it
 * remembers no command, and nothing tells it of a second writer. The same loop without the rules says what copying alone costs.
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
    await appendInbound(log, namespace, { commands, contacts })

    const events = [...decidedInMemory(conversationDecider, options.policy, { commands, contacts })].length
    // Each partition adopts its policy.
    const written = events + PARTITIONS
    const startedAt = performance.now()
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
    const cpuAtStart = process.cpuUsage()
    // Asked in this process: a question to the log is work of its own, fifty times a second and for each partition.
    const decided = () => host.partitions().reduce((sum, { nextOffset }) => sum + Number(nextOffset), 0)
    await until(() => decided() >= written)
    // It writes the last snapshots: what it knows is kept by then, as the bare loop's documents are.
    await host.stop()
    const wallMs = performance.now() - joinedAt
    const cpu = process.cpuUsage(cpuAtStart)

    const loop = {
      brokers: kafka.brokers,
      topic: topics.commands,
      // Each partition's wish for its policy is in the topic too.
      records: commands + PARTITIONS,
    }
    const states = db.collection<{ _id: string }>('bare_states')
    const streams = new Map<string, StreamState<ContactState>>()
    const bare = await runBareLoop({
      ...loop,
      group: `${namespace}.bare`,
      perBatch: async (messages, producer) => {
        const changed = new Map<string, StreamState<ContactState>>()
        const out: (LogRecord & { partition: number })[] = []
        for (const { key, value, partition, offset, timestamp } of messages) {
          const recordedAt = new Date(Number(timestamp)).toISOString()
          const command = readCommand(value, recordedAt, BigInt(offset))
          if (command.envelope.type === 'AdoptPolicy') continue
          const stream = streams.get(key) ?? emptyStream(conversationDecider, key)
          const { events: made, stream: next } = decideOn(
            conversationDecider,
            command,
            stream,
            options.policy,
          )
          streams.set(key, next)
          changed.set(key, next)
          for (const event of made) out.push({ ...eventRecord(event), partition })
        }
        await producer.send({
          topic: topics.deadLetters,
          messages: out.map((record) => ({ ...record, value: asBuffer(record.value) })),
        })
        await upsertStates(
          states,
          [...changed].map(([key, { state }]) => ({ key, value: Buffer.from(JSON.stringify(state)) })),
        )
      },
    })

    const copies = db.collection<{ _id: string }>('copied_states')
    const perRecord = events / commands
    const copied = await runBareLoop({
      ...loop,
      group: `${namespace}.copied`,
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
        await upsertStates(copies, messages)
      },
    })
    return {
      name: 'decider host (conversation rules)',
      unit: 'commands',
      count: commands,
      ours: { wallMs, cpuMs: (cpu.user + cpu.system) / 1000 },
      bare,
      copied,
      aim: { ratioMin: 0.9, cpuMicrosMax: 60 },
      note: `${events} events; from group join until the last snapshot is written, ${Math.round(joinedAt - startedAt)} ms of joining left out; bare decides by the same rules and hashes, copied writes as many records and decides nothing`,
    }
  } finally {
    await log.close()
  }
}

async function appendInbound(
  log: EventLog,
  namespace: string,
  load: { readonly commands: number; readonly contacts: number },
): Promise<void> {
  const { commands } = load
  const topics = topicsOf(namespace, conversations)
  for (let start = 0; start < commands; start += 5_000)
    await appendCommands(
      log,
      topics,
      Array.from({ length: Math.min(5_000, commands - start) }, (_, index) =>
        inbound(start + index, contactOf(start + index, load)),
      ),
    )
}
