import { type EventLog, type FamilyTopics, type ReadEvent, eventRecord } from '@parley/eventlog'
import {
  type Decider,
  type Message,
  type RecordedCommand,
  type StreamState,
  decideOn,
  emptyStream,
  evolveStream,
} from '@parley/kernel'
import { Chain, type Circumstances, type Sketch, readEventOf } from '@parley/testkit'

/**
 * Streams of one family, whose only writer this is: what is wished of them the rules decide, and what a test states of them is taken as
 * a fact. Both stand in the log at once.
 */
export class Streams<State, Command extends Message, Event extends Message, Policy> {
  readonly #decider: Decider<State, Command, Event, Policy>
  readonly #policy: Policy
  readonly #log: EventLog
  readonly #topics: Pick<FamilyTopics<Command, Event>, 'events'>
  readonly #stored: (event: ReadEvent<Event>) => void
  readonly #streams = new Map<string, StreamState<State>>()
  #end = 0n
  /** Facts that were only stated have the place before the first command. */
  #place = 0n

  /** @param stored each event, once it stands in the log */
  constructor(
    decider: Decider<State, Command, Event, Policy>,
    policy: Policy,
    log: EventLog,
    topics: Pick<FamilyTopics<Command, Event>, 'events'>,
    stored: (event: ReadEvent<Event>) => void,
  ) {
    this.#decider = decider
    this.#policy = policy
    this.#log = log
    this.#topics = topics
    this.#stored = stored
  }

  of(streamId: string): StreamState<State> {
    return this.#streams.get(streamId) ?? emptyStream(this.#decider, streamId)
  }

  decide(command: Omit<RecordedCommand, 'offset'>): readonly ReadEvent<Event>[] {
    const { streamId } = command.envelope
    const offset = (this.#place += 1n)
    const { events, stream } = decideOn(
      this.#decider,
      { ...command, offset },
      this.of(streamId),
      this.#policy,
    )
    this.#streams.set(streamId, stream)
    return events.map((event) =>
      this.#append(readEventOf(this.#decider.family.readEvent(event.envelope) as Event, event, 0, this.#end)),
    )
  }

  state(streamId: string, fact: Sketch<Event>, circumstances: Circumstances): ReadEvent<Event> {
    const stream = this.of(streamId)
    const chain = new Chain(this.#decider.family, streamId, { continues: stream.head, offset: this.#end })
    const event = chain.add(fact, { commandId: crypto.randomUUID(), ...circumstances })
    this.#streams.set(streamId, evolveStream(this.#decider, stream, event, this.#end))
    return this.#append(event)
  }

  #append(event: ReadEvent<Event>): ReadEvent<Event> {
    this.#end += 1n
    // In memory: it is there before the promise is.
    void this.#log.append(this.#topics.events, [eventRecord(event)])
    this.#stored(event)
    return event
  }
}
