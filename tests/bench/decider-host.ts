import {
  type EventLog,
  type KafkaSettings,
  appendCommands,
  ensureTopics,
  kafkaLog,
  runDeciderHost,
  topicsOf,
} from '@parley/eventlog'
import {
  type Decider,
  type NewCommand,
  type StreamState,
  commandEnvelope,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'
import type { Db } from 'mongodb'
import { runBareLoop, upsertStates } from './bare-loop.ts'
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
  decider: Decider<any>
  commands: number
  contacts: number
}): Promise<Comparison> {
  const { kafka, db, namespace, commands, contacts } = options
  await ensureTopics(kafka, namespace, PARTITIONS)
  const topics = topicsOf(namespace)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    await appendInbound(log, namespace, commands, contacts)

    const startedAt = performance.now()
    const cpuAtStart = process.cpuUsage()
    const host = await runDeciderHost({
      log,
      topics,
      commandsTopic: topics.conversationCommands,
      eventsTopic: topics.conversationEvents,
      group: `${namespace}.decider`,
      db,
      decider: options.decider,
      onFault: (error) => {
        throw error
      },
    })
    const joinedAt = await until(() => host.isReady())
    const events = eventsOf(options.decider, commands, contacts)
    const doneAt = await until(
      async () => (await totalEnd(log, topics.conversationEvents)) >= events,
      300_000,
    )
    const wallMs = doneAt - joinedAt
    const cpu = process.cpuUsage(cpuAtStart)
    await host.stop()

    const states = db.collection<{ _id: string }>('bare_states')
    const perRecord = events / commands
    const bare = await runBareLoop({
      brokers: kafka.brokers,
      topic: topics.conversationCommands,
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
  const topics = topicsOf(namespace)
  for (let start = 0; start < commands; start += 5_000)
    await appendCommands(
      log,
      topics,
      Array.from({ length: Math.min(5_000, commands - start) }, (_, index) =>
        inbound(start + index, contacts),
      ),
    )
}

function inbound(index: number, contacts: number): NewCommand {
  const contact = index % contacts
  const occurredAt = new Date(Date.now() - 60_000).toISOString()
  return {
    commandId: deterministicId('bench', index),
    streamId: deterministicId('bench-contact', contact),
    occurredAt,
    actor: { kind: 'customer', id: deterministicId('bench-contact', contact) },
    payload: {
      $case: 'receiveMessage',
      value: {
        channelAccountId: '100000000000001',
        providerMessageId: `wamid.bench${index}`,
        type: 'text',
        replyToProviderMessageId: '',
        forwarded: false,
        frequentlyForwarded: false,
        content: {
          message: { body: { $case: 'text', value: { text: `message number ${index} of the bench` } } },
          profile: {
            waId: String(5_511_900_000_000 + contact),
            userId: '',
            parentUserId: '',
            name: 'Bench',
            username: '',
          },
          referral: undefined,
          turn: undefined,
          raw: Buffer.alloc(300, 'x'),
          url: '',
          command: Buffer.alloc(0),
        },
      },
    },
  }
}

async function totalEnd(log: EventLog, topic: string): Promise<number> {
  const ends = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => log.endOffset(topic, partition)),
  )
  return ends.reduce((sum, end) => sum + Number(end), 0)
}

/** How many events the rules make of the commands, decided in memory. */
function eventsOf<State>(decider: Decider<State>, commands: number, contacts: number): number {
  const recordedAt = new Date().toISOString()
  const streams = new Map<string, StreamState<State>>()
  let events = 0
  for (let index = 0; index < commands; index += 1) {
    const command = { envelope: commandEnvelope(inbound(index, contacts)), recordedAt }
    const { streamId } = command.envelope
    const decided = decideOn(decider, command, streams.get(streamId) ?? emptyStream(decider, streamId))
    streams.set(streamId, decided.stream)
    events += decided.events.length
  }
  return events
}

async function until(condition: () => boolean | Promise<boolean>, deadlineMs = 30_000): Promise<number> {
  for (const end = performance.now() + deadlineMs; performance.now() < end;) {
    if (await condition()) return performance.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`It did not come about within ${deadlineMs} ms.`)
}
