import { transcripts } from '@parley/archive'
import { type ConversationEvent, conversations } from '@parley/conversation'
import {
  type AnyProjection,
  type DocumentProjection,
  LiveProjection,
  type ReadEvent,
  ensureTopics,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import { readEvent } from '@parley/kernel'
import { conversationDecider } from '@parley/routing'
import type { AnyBulkWriteOperation, Db } from 'mongodb'
import type { benchArchiveProjection } from './archive-projection.ts'
import { type BareLoopResult, runBareLoop } from './bare-loop.ts'
import { decidedInMemory, until } from './inbound.ts'
import type { Comparison, Measured } from './report.ts'
import { FATAL, appendEvents, assertFolded, handledBy } from './transcripts.ts'

const PARTITIONS = 12
/** One update an event keeps its pace: a part of a large load tells it. */
const NAIVE_MAX = 10_000

/** A log of events as the rules decided them, which several read models are built from. */
export interface RebuildPlace {
  readonly kafka: { readonly brokers: readonly string[] }
  readonly db: Db
  readonly namespace: string
  readonly events: number
}

/** @returns how many events there are */
export async function fillLog({
  kafka,
  namespace,
  policy,
  commands,
  contacts,
}: Omit<Parameters<typeof benchArchiveProjection>[0], 'db'>): Promise<number> {
  await ensureTopics(kafka, namespace, [conversations], PARTITIONS)
  const log = await kafkaLog(kafka, `${namespace}-bench`)
  try {
    const events = decidedInMemory(conversationDecider, policy, { commands, contacts })
    return await appendEvents(log, topicsOf(namespace, conversations).events, events)
  } finally {
    await log.close()
  }
}

/** The projection from the first record of the log on, as a rebuild does; memory is watched meanwhile. */
export async function rebuilt(
  projection: AnyProjection,
  { kafka, db, namespace, events }: RebuildPlace,
): Promise<Measured & { readonly heapMb: readonly number[] }> {
  const log = await kafkaLog({ brokers: [...kafka.brokers] }, `${namespace}-bench`)
  try {
    const memory = watchMemory()
    const cpuAtStart = process.cpuUsage()
    const topics = topicsOf(namespace, conversations)
    const reader = await LiveProjection.start(
      projection,
      { log, topics, namespace, db },
      { commitEveryMs: 1_000, ...FATAL },
    )
    const joinedAt = await until(() => reader.isReady())
    await until(() => handledBy(reader) >= events, 60_000 + events * 5)
    // Heads too are written then.
    await reader.stop()
    const doneAt = performance.now()
    const { user, system } = process.cpuUsage(cpuAtStart)
    const heapMb = memory()
    await assertFolded(db, projection.name, events)
    return { wallMs: doneAt - joinedAt, cpuMs: (user + system) / 1000, heapMb }
  } finally {
    await log.close()
  }
}

/** A loop that folds in memory what the projection folds, by the same rules, and writes what changed. */
export interface Folding {
  readonly group: string
  readonly types: readonly string[]
  readonly fold: (event: ReadEvent<ConversationEvent>) => void
  readonly write: () => Promise<unknown>
}

/** Written after each event, over the beginning of a large load, as long as all of it would take. */
export async function oneUpdateAnEvent(place: RebuildPlace, loop: Folding): Promise<Measured> {
  const { records, wallMs, cpuMs } = await folded(
    place,
    loop,
    Math.min(place.events, NAIVE_MAX),
    async (events) => {
      for (const event of events) {
        loop.fold(event)
        await loop.write()
      }
    },
  )
  return { wallMs: (wallMs * place.events) / records, cpuMs: (cpuMs * place.events) / records }
}

/** Written once a batch. */
export function onceABatch(place: RebuildPlace, loop: Folding): Promise<Measured> {
  return folded(place, loop, place.events, async (events) => {
    for (const event of events) loop.fold(event)
    await loop.write()
  })
}

function folded(
  { kafka, namespace }: RebuildPlace,
  { group, types }: Folding,
  records: number,
  perBatch: (events: Iterable<ReadEvent<ConversationEvent>>) => Promise<void>,
): Promise<BareLoopResult> {
  const { events: topic } = topicsOf(namespace, conversations)
  const wanted: ReadonlySet<string> = new Set(types)
  function* eventsOf(messages: Parameters<Parameters<typeof runBareLoop>[0]['perBatch']>[0]) {
    for (const { key, value, partition, offset } of messages)
      if (wanted.has(readEvent(value).envelope.type))
        yield readEventOf(value, key, { topic, partition, offset: BigInt(offset) })
  }
  return runBareLoop({
    brokers: kafka.brokers,
    topic,
    group: `${namespace}.${group}`,
    records,
    perBatch: (messages) => perBatch(eventsOf(messages)),
  })
}

/** A record as projections get it. */
export function readEventOf(
  value: Buffer,
  key: string,
  place = { topic: '', partition: 0, offset: 0n },
): ReadEvent<ConversationEvent> {
  const recorded = readEvent(value)
  const record = { ...place, timestamp: '', key, value, headers: {} }
  return {
    ...recorded,
    ...conversations.readEvent(recorded.envelope),
    record,
    traceparent: '',
  } as ReadEvent<ConversationEvent>
}

export function replacing(_id: string, replacement: object): AnyBulkWriteOperation<{ _id: string }> {
  return { replaceOne: { filter: { _id }, replacement, upsert: true } }
}

/** Transcripts against two bare loops that fold by the same rules: one writes after each event, the other once a batch. */
export async function benchRebuild(place: RebuildPlace): Promise<readonly Comparison[]> {
  const { db, events } = place
  const ours = await rebuilt(transcripts, place)
  const loop = async (group: string): Promise<Folding> => {
    const { documents } = await transcripts.open(db, 99)
    const folds = documents.map((projection) => new FoldedDocuments(projection, group))
    return {
      group,
      types: transcripts.types,
      fold: (event) => folds.forEach((one) => one.fold(event)),
      write: () => Promise.all(folds.map((one) => one.write(db))),
    }
  }
  const oneEach = await oneUpdateAnEvent(place, await loop('one-each'))
  const once = await onceABatch(place, await loop('folding'))
  const compared = { unit: 'events', count: events, ours }
  return [
    {
      ...compared,
      name: 'rebuild of transcripts, beside one update an event',
      bare: oneEach,
      aim: { ratioMin: 3 },
      note: 'from group join until the heads of all streams are written; the bare loop folds by the same rules, keeps all documents in memory and writes those that an event changed, over the first 10,000 events',
      heapMb: ours.heapMb,
    },
    {
      ...compared,
      name: 'rebuild of transcripts, beside a loop that folds',
      bare: once,
      aim: { ratioMin: 0.8 },
      note: 'the bare loop folds by the same rules and writes the same documents, a batch at a time; it knows no repeats, and keeps all documents in memory',
    },
  ]
}

class FoldedDocuments {
  readonly #projection: DocumentProjection<any, any>
  readonly #group: string
  readonly #docs = new Map<string, object>()
  readonly #changed = new Set<string>()

  constructor(projection: DocumentProjection<any, any>, group: string) {
    this.#projection = projection
    this.#group = group
  }

  fold(event: ReadEvent): void {
    const { streamId, streamVersion: seenVersion } = event.envelope
    for (const id of this.#projection.route(event, false, [])) {
      const next = this.#projection.fold(this.#docs.get(id), event, id, [])
      if (next === undefined) continue
      this.#docs.set(id, { ...next, _id: id, streamId, seenVersion })
      this.#changed.add(id)
    }
  }

  async write(db: Db): Promise<void> {
    const ids = [...this.#changed]
    this.#changed.clear()
    if (ids.length === 0) return
    await db
      .collection<{ _id: string }>(`${this.#group}_${this.#projection.collection.collectionName}`)
      .bulkWrite(
        ids.map((id) => replacing(id, this.#docs.get(id)!)),
        { ordered: false },
      )
  }
}

/** The largest heap in each third of the time, in MB. */
export function watchMemory(): () => readonly number[] {
  const seen: number[] = []
  const timer = setInterval(() => seen.push(process.memoryUsage().heapUsed / 2 ** 20), 100)
  return () => {
    clearInterval(timer)
    const third = Math.ceil(seen.length / 3)
    return [0, 1, 2].map((part) => Math.round(Math.max(0, ...seen.slice(part * third, (part + 1) * third))))
  }
}
