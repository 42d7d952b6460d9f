import { isDeepStrictEqual } from 'node:util'
import {
  type EventLog,
  type FamilyTopics,
  type LogRecord,
  type ReadEvent,
  appendCommands,
  eventRecord,
  partitionOf,
} from '@parley/eventlog'
import {
  type Decider,
  type Message,
  type NewCommand,
  type StreamState,
  decideOn,
  emptyStream,
  evolveStream,
  readEvent,
} from '@parley/kernel'
import { readEventOf } from '@parley/testkit'

/** Where the topics of a family end before anything is added. */
export interface Ends {
  /** By partition. */
  readonly commands: readonly bigint[]
  readonly events: readonly bigint[]
}

export async function endsOf(log: EventLog, topics: FamilyTopics<any, any>): Promise<Ends> {
  const of = async (topic: string) => (await log.offsets(topic)).map(({ end }) => end)
  return { commands: await of(topics.commands), events: await of(topics.events) }
}

/** Places that were settled are taken. */
export class LogChanged extends Error {
  readonly code = 'LOG_CHANGED'
  constructor(topic: string) {
    super(
      `Somebody else wrote to ${topic} or its commands while the day was decided. Is a service running that should stand still?`,
    )
  }
}

const APPENDED_AT_ONCE = 5_000

/**
 * Streams of one family that are decided here instead of by a host, at times of our own: by the same rules, with the places that commands
 * and events will have in the log while nobody else writes to it.
 */
export class DecidedStreams<State, Command extends Message, Event extends Message, Policy> {
  /** In the order in which they were said. */
  readonly commands: NewCommand<Command>[] = []
  readonly events: LogRecord[] = []
  readonly #decider: Decider<State, Command, Event, Policy>
  readonly #policy: Policy
  readonly #begins: Ends
  readonly #commandEnds: bigint[]
  readonly #eventEnds: bigint[]
  readonly #streams = new Map<string, StreamState<State>>()

  constructor(decider: Decider<State, Command, Event, Policy>, policy: Policy, ends: Ends) {
    this.#decider = decider
    this.#policy = policy
    this.#begins = ends
    this.#commandEnds = [...ends.commands]
    this.#eventEnds = [...ends.events]
  }

  /** Where all of them stand now. */
  get streams(): ReadonlyMap<string, StreamState<State>> {
    return this.#streams
  }

  state(streamId: string): State {
    return (this.#streams.get(streamId) ?? emptyStream(this.#decider, streamId)).state
  }

  partitionOf(streamId: string): number {
    return partitionOf(streamId, this.#eventEnds.length)
  }

  /** Takes up a stream where the log has it. */
  async takeUp(
    log: EventLog,
    { events: topic }: { readonly events: string },
    streamId: string,
  ): Promise<void> {
    const partition = this.partitionOf(streamId)
    let stream = emptyStream(this.#decider, streamId)
    for (const { key, value, offset } of await log.read(topic, partition, 0n, this.#eventEnds[partition]!))
      if (key === streamId) stream = evolveStream(this.#decider, stream, readEvent(value), offset)
    this.#streams.set(streamId, stream)
  }

  /** @param at milliseconds since 1970, by the clock of the log */
  decide(command: NewCommand<Command>, at: number): readonly ReadEvent<Event>[] {
    const { family } = this.#decider
    const { streamId } = command
    const partition = this.partitionOf(streamId)
    const { events, stream } = decideOn(
      this.#decider,
      {
        envelope: family.commandEnvelope(command),
        recordedAt: new Date(at).toISOString(),
        offset: this.#commandEnds[partition]!,
      },
      this.#streams.get(streamId) ?? emptyStream(this.#decider, streamId),
      this.#policy,
    )
    this.commands.push(command)
    this.#commandEnds[partition]! += 1n
    const read = events.map((event, index) => {
      this.events.push({ ...eventRecord(event), ...(index > 0 && { withPrevious: true as const }) })
      const offset = this.#eventEnds[partition]!
      this.#eventEnds[partition] = offset + 1n
      return readEventOf(family.readEvent(event.envelope) as Event, event, partition, offset)
    })
    const last = read.at(-1)
    this.#streams.set(
      streamId,
      last === undefined || stream.head === undefined
        ? stream
        : { ...stream, head: { ...stream.head, offset: last.record.offset } },
    )
    return read
  }

  /** @throws {LogChanged} when somebody else wrote there since the ends were looked up */
  async appendTo(log: EventLog, topics: FamilyTopics<Command, Event>): Promise<void> {
    const ends = await endsOf(log, topics)
    if (!isDeepStrictEqual(ends, this.#begins)) throw new LogChanged(topics.events)
    for (let at = 0; at < this.commands.length; at += APPENDED_AT_ONCE)
      await appendCommands(log, topics, this.commands.slice(at, at + APPENDED_AT_ONCE))
    for (let at = 0; at < this.events.length;) {
      let to = Math.min(at + APPENDED_AT_ONCE, this.events.length)
      // The events of one decision are stored together.
      while (this.events[to]?.withPrevious === true) to += 1
      await log.append(topics.events, this.events.slice(at, to))
      at = to
    }
    const expected = { commands: this.#commandEnds, events: this.#eventEnds }
    if (!isDeepStrictEqual(await endsOf(log, topics), expected)) throw new LogChanged(topics.events)
  }
}
