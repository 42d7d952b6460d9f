import { Windows, conversationFigures, conversationRemembering, type OfContact } from '@parley/archive'
import { type ConversationEvent, conversations } from '@parley/conversation'
import { LiveProjection, type ReadEvent, ensureTopics, figureId, kafkaLog, topicsOf } from '@parley/eventlog'
import { readEvent } from '@parley/kernel'
import { conversationDecider } from '@parley/routing'
import type { AnyBulkWriteOperation } from 'mongodb'
import type { benchArchiveProjection } from './archive-projection.ts'
import { runBareLoop } from './bare-loop.ts'
import { decidedInMemory, until } from './inbound.ts'
import type { Comparison } from './report.ts'
import { FATAL, appendEvents, foldedInto } from './transcripts.ts'

const PARTITIONS = 12
const ZONE = 'America/Sao_Paulo'

/**
 * Figures folded from the first record of the log on, as a rebuild does, against two bare loops that read the same topic: one makes an
 * update an event, the other folds by the same rules in memory and writes the same documents once a batch.
 */
export async function benchFigureRebuild({
  kafka,
  db,
  namespace,
  policy,
  commands,
  contacts,
}: Parameters<typeof benchArchiveProjection>[0]): Promise<readonly Comparison[]> {
  await ensureTopics(kafka, namespace, [conversations], PARTITIONS)
  const topics = topicsOf(namespace, conversations)
  const events = decidedInMemory(conversationDecider, policy, commands, contacts)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    await appendEvents(log, topics.events, events)

    const memory = watchMemory()
    const cpuAtStart = process.cpuUsage()
    const reader = await LiveProjection.start(
      conversationFigures(ZONE),
      { log, topics, namespace, db },
      { commitEveryMs: 1_000, ...FATAL },
    )
    const joinedAt = await until(() => reader.isReady())
    const doneAt = await until(async () => (await foldedInto(db, 'conversation_figures')) >= events.length)
    await reader.stop()
    const cpu = process.cpuUsage(cpuAtStart)
    const ours = { wallMs: doneAt - joinedAt, cpuMs: (cpu.user + cpu.system) / 1000 }
    const heap = memory()

    const loop = { brokers: kafka.brokers, topic: topics.events, records: events.length }
    const naive = db.collection<{ _id: string }>('bare_figures')
    const oneEach = await runBareLoop({
      ...loop,
      group: `${namespace}.naive`,
      perBatch: async (messages) => {
        for (const { value } of messages) {
          const { envelope } = readEvent(value)
          const _id = `${envelope.type} ${(envelope.recordedAt ?? '').slice(0, 13)}`
          await naive.updateOne({ _id }, { $inc: { count: 1 } }, { upsert: true })
        }
      },
    })
    const folding = new FoldingLoop()
    const once = await runBareLoop({
      ...loop,
      group: `${namespace}.folding`,
      perBatch: async (messages) => {
        const { figures, remembered } = folding.fold(messages)
        await db.collection<{ _id: string }>('bare_folded').bulkWrite(figures, { ordered: false })
        await db.collection<{ _id: string }>('bare_remembered').bulkWrite(remembered, { ordered: false })
      },
    })
    const compared = { unit: 'events', count: events.length, ours }
    return [
      {
        ...compared,
        name: 'rebuild of figures, beside one update an event',
        bare: { wallMs: oneEach.wallMs, cpuMs: oneEach.cpuMs },
        aim: { ratioMin: 3 },
        note: `the largest heap in each third of the time: ${heap.join(', ')} MB`,
      },
      {
        ...compared,
        name: 'rebuild of figures, beside a loop that folds',
        bare: { wallMs: once.wallMs, cpuMs: once.cpuMs },
        aim: { ratioMin: 0.8 },
        note: 'the bare loop folds by the same rules and writes the same documents, a batch at a time; it knows no repeats, and keeps all it remembers in memory',
      },
    ]
  } finally {
    await log.close()
  }
}

class FoldingLoop {
  readonly #rules = conversationRemembering(new Windows(ZONE))
  readonly #remembered = new Map<string, OfContact>()
  readonly #sums = new Map<string, Record<string, number>>()

  fold(messages: readonly { value: Buffer; partition: number }[]): {
    figures: AnyBulkWriteOperation<{ _id: string }>[]
    remembered: AnyBulkWriteOperation<{ _id: string }>[]
  } {
    const figures = new Set<string>()
    const remembered = new Set<string>()
    for (const { value, partition } of messages) {
      const recorded = readEvent(value)
      const event = {
        ...recorded,
        ...conversations.readEvent(recorded.envelope),
      } as unknown as ReadEvent<ConversationEvent>
      for (const id of this.#rules.route(event)) {
        const before = this.#remembered.get(id)
        for (const { add, ...of } of this.#rules.measure(before, event, id)) {
          const figure = figureId({ ...of, partition })
          const sums = this.#sums.get(figure) ?? {}
          for (const [name, one] of Object.entries(add)) sums[name] = (sums[name] ?? 0) + one
          this.#sums.set(figure, sums)
          figures.add(figure)
        }
        this.#remembered.set(id, this.#rules.fold(before, event, id)!)
        remembered.add(id)
      }
    }
    const replacing = <Value extends object>(ids: ReadonlySet<string>, values: ReadonlyMap<string, Value>) =>
      [...ids].map((_id) => ({
        replaceOne: { filter: { _id }, replacement: { ...values.get(_id)! }, upsert: true },
      }))
    return {
      figures: replacing(figures, this.#sums),
      remembered: replacing(remembered, this.#remembered),
    }
  }
}

/** The largest heap in each third of the time, in MB. */
function watchMemory(): () => readonly number[] {
  const seen: number[] = []
  const timer = setInterval(() => seen.push(process.memoryUsage().heapUsed / 2 ** 20), 100)
  return () => {
    clearInterval(timer)
    const third = Math.ceil(seen.length / 3)
    return [0, 1, 2].map((part) => Math.round(Math.max(0, ...seen.slice(part * third, (part + 1) * third))))
  }
}
