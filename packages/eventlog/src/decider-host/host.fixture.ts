import { randomUUID } from 'node:crypto'
import {
  type Decider,
  type NewCommand,
  type RecordedEvent,
  type StreamState,
  deterministicId,
  emptyStream,
  evolveStream,
  readEvent,
} from '@parley/kernel'
import {
  add,
  tallies,
  type Tally,
  tally,
  type TallyCommand,
  type TallyEvent,
  type TallyPolicy,
  testDb,
} from '@parley/testkit'
import type { Db } from 'mongodb'
import { expect } from 'vitest'
import { appendCommands } from '../commands.ts'
import type { EventLog, StoredRecord } from '../log.ts'
import { partitions } from '../logs.fixture.ts'
import { topicsOf } from '../topics.ts'
import { type DeciderHost, runDeciderHost } from './host.ts'
import type { DeciderHostOptions } from './options.ts'

export type TallyDecider = Decider<Tally, TallyCommand, TallyEvent, TallyPolicy | undefined>

/** For hosts of which a test asks nothing. */
export const HOST_UNTOLD = {
  onBuildingAhead() {},
  onDeadLetter() {},
  onSnapshotFailed() {},
  onStuck() {},
  onFault() {},
}

export const eventually = { timeout: 40_000, interval: 20 }

/** A log, a database and the hosts of a test. Whatever their decider, they decide the commands of the tally family. */
export async function stage<Log extends EventLog>(open: (namespace: string) => Promise<Log>) {
  const namespace = `host-${randomUUID()}`
  const topics = topicsOf(namespace, tallies)
  const log = await open(namespace)
  const store = await testDb()
  const { db } = store
  const hosts: DeciderHost[] = []
  const faults: Error[] = []
  return {
    namespace,
    topics,
    log,
    db,
    faults,
    async host<State, Policy>(
      decider: Decider<State, TallyCommand, TallyEvent, Policy>,
      options: Partial<DeciderHostOptions<State, TallyCommand, TallyEvent, Policy>> = {},
    ): Promise<DeciderHost> {
      const host = await runDeciderHost({
        log,
        topics,
        group: `${namespace}.routing`,
        db,
        decider,
        ...HOST_UNTOLD,
        onFault: (error) => void faults.push(error),
        ...options,
      })
      hosts.push(host)
      return host
    },
    async wish(...wishes: readonly Wish[]) {
      await appendCommands(log, topics, wishes.map(commandOf))
    },
    events: () => everything(log, topics.events),
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map((host) => host.stop()))
      await log.close()
      await store[Symbol.asyncDispose]()
    },
  }
}

export interface Wish {
  id: string
  stream: string
  payload?: TallyCommand
}

/** Its words are its id. */
export const commandOf = ({ id, stream, payload = add(id) }: Wish): NewCommand<TallyCommand> => ({
  ...payload,
  commandId: deterministicId('wish', id),
  streamId: stream,
  occurredAt: '2026-01-05T12:00:00.000Z',
  actor: { kind: 'customer' as const, id: stream },
  content: [{ name: 'text', value: Buffer.from(id) }],
})

/** `count` wishes over a few streams, in a fixed order. */
export const wishes = (count: number, name = 'w', streams = 5): Wish[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${name}${at}`, stream: `contact-${at % streams}` }))

export async function everything(log: EventLog, topic: string): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let partition = 0; partition < partitions; partition += 1)
    all.push(...(await log.read(topic, partition, 0n, await log.endOffset(topic, partition))))
  return all
}

/** What every reader of the events topic makes of it. */
export function folded(records: readonly StoredRecord[]) {
  const streams = new Map<string, StreamState<Tally>>()
  const accepted: RecordedEvent[] = []
  for (const record of records) {
    const event = readEvent(record.value)
    const before = streams.get(record.key) ?? emptyStream(tally, record.key)
    const after = evolveStream(tally, before, event, record.offset)
    if (after.head?.version !== before.head?.version) accepted.push(event)
    streams.set(record.key, after)
  }
  return { streams, accepted }
}

export const messagesOf = (accepted: readonly RecordedEvent[]) =>
  accepted.flatMap(({ envelope }) => {
    const event = tallies.readEvent(envelope)
    return event.type === 'Added' ? [`${envelope.streamId} ${event.data.id}`] : []
  })

/** Each wish took effect once, in the order in which its stream's wishes were said. */
export function expectOnceInOrder(records: readonly StoredRecord[], said: readonly Wish[]) {
  const { accepted } = folded(records)
  const messages = messagesOf(accepted)
  for (const stream of new Set(said.map((wish) => wish.stream)))
    expect(messages.filter((message) => message.startsWith(`${stream} `))).toEqual(
      said.filter((wish) => wish.stream === stream).map(({ id }) => `${stream} ${id}`),
    )
  expect(messages.length).toBe(said.length)
}

/** A log whose appends to one topic go through a hand. */
export function tampered(
  log: EventLog,
  topic: string,
  append: (own: () => ReturnType<EventLog['append']>) => ReturnType<EventLog['append']>,
): EventLog {
  return {
    ...log,
    append: (to, records) => (to === topic ? append(() => log.append(to, records)) : log.append(to, records)),
  }
}

/** A snapshot is a state that the stream had, at the version it names. */
export async function expectSnapshotsTrue(db: Db, records: readonly StoredRecord[]) {
  const { accepted } = folded(records)
  const states = new Map<string, string>()
  const streams = new Map<string, StreamState<Tally>>()
  for (const event of accepted) {
    const { streamId, streamVersion } = event.envelope
    const stream = evolveStream(tally, streams.get(streamId) ?? emptyStream(tally, streamId), event, -1n)
    streams.set(streamId, stream)
    states.set(`${streamId}@${streamVersion}`, JSON.stringify(stream.state))
  }
  const snapshots = await db
    .collection<{ _id: string; head: { version: number }; state: string }>('tally_v1_snapshots')
    .find({ head: { $ne: null } } as never)
    .toArray()
  expect(snapshots.length).toBeGreaterThan(0)
  for (const { _id, head, state } of snapshots)
    expect([_id, head.version, state]).toEqual([_id, head.version, states.get(`${_id}@${head.version}`)])
}
