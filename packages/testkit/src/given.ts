// oxlint-disable vitest/no-standalone-expect -- these are the words that tests are written in
import { isDeepStrictEqual } from 'node:util'
import type { DocumentProjection, ProjectedDocument, ReadEvent } from '@parley/eventlog'
import {
  type CommonEvent,
  type Decider,
  type Head,
  type Message,
  type Partially,
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  accept,
  decideOn,
  deterministicId,
  emptyStream,
  evolveStream,
  headAfter,
} from '@parley/kernel'
import type { EventEnvelope } from '@parley/proto/envelope'
import { expect } from 'vitest'
import { Chain, type Circumstances, type Sketch } from './chain.ts'
import { throughJson } from './through-json.ts'

/** An event that is expected: its type alone, or its type with some of its fields and something of its envelope. */
export type Expected<Event extends Message> =
  | (Event | CommonEvent)['type']
  | (Sketch<Event | CommonEvent> & { readonly envelope?: Partially<EventEnvelope> })

export interface ScenarioOptions<Policy> {
  readonly streamId?: string
  /** Where the clock stands at first. Default 2026-01-05T12:00:00.000Z. */
  readonly at?: string
  readonly policy?: Policy
}

/**
 * Given what happened, when somebody wishes something, then this is decided:
 * `scenario(decider).given(opened).when(receive('oi')).thenEvents('MessageReceived', { type: 'BotTurnRequested', data: { turn: 1 } })`.
 * What one `when` decided is given for the next one. Beside what the test says, each `when` checks that the decision is pure: the same
 * command on the same state gives the same bytes, nothing of the state is changed in place, the state is what `evolve` makes of the
 * events, it survives JSON (it is kept as a snapshot), and neither it nor the facts depend on the words.
 */
export function scenario<State, Command extends Message, Event extends Message, Policy>(
  decider: Decider<State, Command, Event, Policy>,
  options: ScenarioOptions<Policy> = {},
): Scenario<State, Command, Event, Policy> {
  return new Scenario(decider, options)
}

export class Scenario<State, Command extends Message, Event extends Message, Policy> {
  readonly #decider: Decider<State, Command, Event, Policy>
  readonly #streamId: string
  #policy: Policy
  #stream: StreamState<State>
  #at: string
  #commands = 0
  #offset = 0n
  #decided: readonly RecordedEvent[] = []
  #history: RecordedEvent[] = []

  constructor(decider: Decider<State, Command, Event, Policy>, options: ScenarioOptions<Policy>) {
    this.#decider = decider
    this.#streamId = options.streamId ?? 'contact-1'
    this.#policy = options.policy as Policy
    this.#stream = frozen(emptyStream(decider, this.#streamId))
    this.#at = options.at ?? '2026-01-05T12:00:00.000Z'
  }

  get state(): State {
    return this.#stream.state
  }

  /** What the last `when` decided. */
  get decided(): readonly RecordedEvent[] {
    return this.#decided
  }

  /** All events of the stream so far, in order. */
  get history(): readonly RecordedEvent[] {
    return this.#history
  }

  /** Sets the log's clock for what follows. */
  at(time: string): this {
    this.#at = time
    return this
  }

  /** What follows is decided by this policy. */
  under(policy: Policy): this {
    this.#policy = policy
    return this
  }

  /** Facts that are on record, in order. */
  given(...events: readonly Sketch<Event | CommonEvent>[]): this {
    for (const event of events) this.givenEvent(event)
    return this
  }

  givenEvent(event: Sketch<Event | CommonEvent>, circumstances: Circumstances = {}): this {
    this.#at = circumstances.at ?? this.#at
    const { head } = this.#stream
    const recorded = new Chain(this.#decider.family, this.#streamId, { at: this.#at, continues: head }).add(
      event,
      {
        commandId: this.#nextCommandId('given'),
        commandOffset: this.#offset++,
        ...circumstances,
      },
    )
    const at = BigInt(this.#history.length)
    this.#stream = frozen(evolveStream(this.#decider, this.#stream, recorded, at))
    this.#history.push(recorded)
    return this
  }

  when(wish: Sketch<Command>, circumstances: Circumstances = {}): this {
    this.#at = circumstances.at ?? this.#at
    const { family } = this.#decider
    const command: RecordedCommand = {
      recordedAt: this.#at,
      offset: this.#offset++,
      envelope: family.commandEnvelope({
        ...family.command(wish.type, wish.data as never),
        commandId: circumstances.commandId ?? this.#nextCommandId('when'),
        streamId: this.#streamId,
        occurredAt: circumstances.occurredAt ?? this.#at,
        actor: circumstances.actor ?? { kind: 'customer', id: this.#streamId },
        correlationId: circumstances.correlationId ?? '',
        content: circumstances.content ?? [],
      }),
    }
    const before = this.#stream
    const { events, stream } = decideOn(this.#decider, command, before, this.#policy)
    const again = decideOn(
      this.#decider,
      command,
      { ...before, state: throughJson(before.state) },
      this.#policy,
    )
    // The same command on the same state, read back from JSON, gives the same bytes; and the state survives JSON: it is kept as a snapshot.
    expectEqual(again.events.map(hexOf), events.map(hexOf))
    expectEqual(throughJson(stream.state), stream.state)
    // What a decision says of its state is what a reader of its events gets, and neither reads words.
    const folded = events.reduce((state, event) => evolveStream(this.#decider, state, event, -1n), before)
    expectEqual(folded.state, stream.state)
    expectEqual([...folded.kept], [...stream.kept])
    const wordless = { ...command, envelope: { ...command.envelope, content: [] } }
    const unheard = decideOn(this.#decider, wordless, { ...before, kept: new Map() }, this.#policy)
    expectEqual(unheard.events.map(factsOf), events.map(factsOf))
    expectEqual(unheard.stream.state, stream.state)
    this.#decided = events
    this.#history.push(...events)
    this.#stream = frozen(stream)
    return this
  }

  /** Exactly these events, in this order. Not called `then`: await and linters take whatever has a `then` for a promise. */
  thenEvents(...expected: readonly Expected<Event>[]): this {
    expect(this.#decided.map(({ envelope }) => envelope.type)).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : one.type)),
    )
    for (const [index, one] of expected.entries()) {
      if (typeof one === 'string') continue
      const { envelope } = this.#decided[index]!
      if (one.envelope !== undefined) expect(envelope).toMatchObject(one.envelope)
      if (one.data !== undefined)
        expect(this.#decider.family.readEvent(envelope).data).toMatchObject(one.data as object)
    }
    return this
  }

  /** The wish was turned down, and that is all that is on record. */
  thenRefused(code: string, fields: Readonly<Record<string, string | number>> = {}): this {
    expect(this.#decided.map(({ envelope }) => envelope.type)).toEqual(['CommandRefused'])
    const refusal = this.#decider.family.readEvent(this.#decided[0]!.envelope) as Extract<
      CommonEvent,
      { type: 'CommandRefused' }
    >
    expect(refusal.data).toMatchObject({ code })
    expect(Object.fromEntries(refusal.data.fields.map(({ name, value }) => [name, value]))).toMatchObject(
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
    )
    return this
  }

  thenNothing(): this {
    return this.thenEvents()
  }

  thenState(expected: Partially<State>): this {
    expect(this.#stream.state).toMatchObject(expected as object)
    return this
  }

  #nextCommandId(kind: string): string {
    this.#commands += 1
    return deterministicId('scenario', this.#streamId, kind, this.#commands)
  }
}

/** A projection without its database. Events that a reader would set aside are set aside; what it keeps of itself (`_id`, `streamId`, `seenVersion`) is there too. */
export function projected<Doc extends ProjectedDocument, Event extends Message>(
  projection: Pick<DocumentProjection<Doc, Event>, 'route' | 'fold'>,
  events: readonly ReadEvent<Event>[],
): ReadonlyMap<string, Doc> {
  const heads = new Map<string, Head>()
  const docs = new Map<string, Doc>()
  for (const event of events) {
    const { streamId, streamVersion } = event.envelope
    const head = heads.get(streamId)
    if (accept(head, event, event.record.offset) !== 'next') continue
    heads.set(streamId, headAfter(head, event, event.record.offset))
    for (const id of projection.route(event, false, [])) {
      const folded = projection.fold(frozen(docs.get(id)), event, id, [])
      if (folded !== undefined)
        docs.set(id, { ...folded, _id: id, streamId, seenVersion: streamVersion } as Doc)
    }
  }
  return docs
}

/** `toEqual` for states of any size: the words for a difference are made only where there is one. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

function hexOf({ raw }: RecordedEvent): string {
  return Buffer.from(raw).toString('hex')
}

/** What the event says without its words, and without what depends on them (the hash of the record before). */
function factsOf({ envelope }: RecordedEvent): object {
  return { ...envelope, content: [], prevHash: null }
}

/** A write into it throws: what is pure has no business there. Bytes stay as they are (they cannot be frozen). */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value
  Object.freeze(value)
  for (const part of Object.values(value)) frozen(part)
  return value
}
