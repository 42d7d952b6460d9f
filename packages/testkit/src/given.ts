// oxlint-disable vitest/no-standalone-expect -- these are the words that tests are written in
import type { DocumentProjection, ProjectedDocument, ReadEvent } from '@parley/eventlog'
import {
  type ActorKind,
  type CommandPayload,
  type Decider,
  type EventPayload,
  type EventType,
  type Head,
  type RecordedCommand,
  type RecordedEvent,
  type StreamState,
  accept,
  commandEnvelope,
  decideOn,
  deterministicId,
  emptyStream,
  evolveStream,
  headOf,
  recordedEvent,
  typeName,
} from '@parley/kernel'
import { CommandEnvelope, type DeepPartial, EventEnvelope } from '@parley/proto/envelope'
import { expect } from 'vitest'

/** A payload as a test writes it: only the fields that matter. */
export type PartialEvent = DeepPartial<EventPayload>
export type PartialCommand = DeepPartial<CommandPayload>

/** What surrounds a given event or a command. Each has a default that is the same in every run. */
export interface Circumstances {
  /** The log's clock: `recordedAt`. Default: `at` of the scenario, or the last one that was named. */
  at?: string
  /** The origin's clock. Default: the same as `at`. */
  occurredAt?: string
  correlationId?: string
  actor?: { kind: ActorKind; id: string }
  commandId?: string
}

/** An event that is expected: its type alone, its type and some of its fields, or these and something of its envelope. */
export type Expected =
  | EventType
  | PartialEvent
  | { payload: EventType | PartialEvent; envelope: DeepPartial<EventEnvelope> }

export interface ScenarioOptions {
  readonly streamId?: string
  /** Where the clock stands at first. Default 2026-01-05T12:00:00.000Z. */
  readonly at?: string
}

/**
 * Given what happened, when somebody wishes something, then this is decided:
 * `scenario(decider).given(opened).when(receive('oi')).thenEvents('messageReceived', { $case: 'botTurnRequested', value: { turn: 1 } })`.
 * What one `when` decided is given for the next one. Beside what the test says, each `when` checks that the decision is pure: the same
 * command on the same state gives the same bytes, nothing of the state is changed in place, and the state survives JSON (it is kept as a snapshot).
 */
export function scenario<State>(decider: Decider<State>, options: ScenarioOptions = {}): Scenario<State> {
  return new Scenario(decider, options)
}

export class Scenario<State> {
  readonly #decider: Decider<State>
  readonly #streamId: string
  #stream: StreamState<State>
  #at: string
  #commands = 0
  #decided: readonly RecordedEvent[] = []
  #history: RecordedEvent[] = []

  constructor(decider: Decider<State>, options: ScenarioOptions) {
    this.#decider = decider
    this.#streamId = options.streamId ?? 'contact-1'
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

  /** Facts that are on record, in order. */
  given(...payloads: readonly PartialEvent[]): this {
    for (const payload of payloads) this.givenEvent(payload)
    return this
  }

  givenEvent(payload: PartialEvent, circumstances: Circumstances = {}): this {
    this.#at = circumstances.at ?? this.#at
    const commandId = circumstances.commandId ?? this.#nextCommandId('given')
    const version = (this.#stream.head?.version ?? 0) + 1
    const event = recordedEvent(
      whole(
        EventEnvelope.fromPartial({
          eventId: deterministicId(commandId, 0),
          streamId: this.#streamId,
          streamVersion: version,
          type: typeName(payload.$case),
          schemaVersion: 1,
          occurredAt: circumstances.occurredAt ?? this.#at,
          recordedAt: this.#at,
          causationId: commandId,
          correlationId: circumstances.correlationId ?? '',
          actor: circumstances.actor ?? { kind: 'customer', id: this.#streamId },
          prevHash: this.#stream.head?.hash ?? Buffer.alloc(0),
          payload: withValue(payload),
        }),
      ),
    )
    this.#stream = frozen(evolveStream(this.#decider, this.#stream, event))
    this.#history.push(event)
    return this
  }

  when(payload: PartialCommand, circumstances: Circumstances = {}): this {
    this.#at = circumstances.at ?? this.#at
    const envelope = CommandEnvelope.fromPartial({ payload: withValue(payload) })
    const command: RecordedCommand = {
      recordedAt: this.#at,
      envelope: commandEnvelope({
        commandId: circumstances.commandId ?? this.#nextCommandId('when'),
        streamId: this.#streamId,
        payload: whole(envelope).payload,
        occurredAt: circumstances.occurredAt ?? this.#at,
        actor: circumstances.actor ?? { kind: 'customer', id: this.#streamId },
        correlationId: circumstances.correlationId ?? '',
      }),
    }
    const before = this.#stream
    const { events, stream } = decideOn(this.#decider, command, before)
    const revived: StreamState<State> = {
      ...before,
      state: JSON.parse(JSON.stringify(before.state)) as State,
    }
    const again = decideOn(this.#decider, command, revived)
    // The same command on the same state, read back from JSON, gives the same bytes; and the state survives JSON: it is kept as a snapshot.
    expect(again.events.map(hexOf)).toEqual(events.map(hexOf))
    expect(JSON.parse(JSON.stringify(stream.state))).toEqual(stream.state)
    this.#decided = events
    this.#history.push(...events)
    this.#stream = frozen(stream)
    return this
  }

  /** Exactly these events, in this order. Not called `then`: await and linters take whatever has a `then` for a promise. */
  thenEvents(...expected: readonly Expected[]): this {
    expect(this.#decided.map(({ envelope }) => envelope.payload.$case)).toEqual(expected.map(caseOf))
    for (const [index, one] of expected.entries()) {
      const { envelope } = this.#decided[index]!
      if (typeof one === 'string') continue
      if ('envelope' in one) expect(envelope).toMatchObject(one.envelope)
      const payload = 'envelope' in one ? one.payload : one
      if (typeof payload !== 'string' && payload.value !== undefined)
        expect(envelope.payload.value).toMatchObject(payload.value)
    }
    return this
  }

  /** The wish was turned down, and that is all that is on record. */
  thenRefused(code: string, fields: Readonly<Record<string, string | number>> = {}): this {
    this.thenEvents({ $case: 'commandRefused', value: { code } })
    const refusal = this.#decided[0]!.envelope.payload
    if (refusal.$case !== 'commandRefused') throw new Error('Not a refusal.')
    expect(Object.fromEntries(refusal.value.fields.map(({ name, value }) => [name, value]))).toMatchObject(
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
    )
    return this
  }

  thenNothing(): this {
    return this.thenEvents()
  }

  thenState(expected: DeepPartial<State>): this {
    expect(this.#stream.state).toMatchObject(expected as object)
    return this
  }

  #nextCommandId(kind: string): string {
    this.#commands += 1
    return deterministicId('scenario', this.#streamId, kind, this.#commands)
  }
}

/** Events of one stream as a reader sees them, numbered and chained as the log has them. */
export function recorded(
  streamId: string,
  payloads: readonly (PartialEvent | { payload: PartialEvent; with: Circumstances })[],
  from: { partition?: number; offset?: bigint } = {},
): readonly ReadEvent[] {
  const nothing: Decider<null> = {
    name: 'none',
    version: 1,
    initialState: () => null,
    decide: () => [],
    evolve: () => null,
  }
  const history = scenario(nothing, { streamId })
  for (const one of payloads) {
    if ('with' in one) history.givenEvent(one.payload, one.with)
    else history.givenEvent(one)
  }
  return history.history.map((event, index) =>
    readEventOf(event, from.partition ?? 0, (from.offset ?? 0n) + BigInt(index)),
  )
}

/** An event with the record that holds it. */
export function readEventOf(event: RecordedEvent, partition = 0, offset = 0n): ReadEvent {
  const { streamId, recordedAt } = event.envelope
  return {
    ...event,
    traceparent: event.envelope.traceparent,
    record: {
      topic: 'events',
      partition,
      offset,
      timestamp: recordedAt ?? '',
      key: streamId,
      value: event.raw,
      headers: {},
    },
  }
}

/** A projection without its database. Events that a reader would set aside are set aside; what it keeps of itself (`_id`, `streamId`, `seenVersion`) is there too. */
export function projected<Doc extends ProjectedDocument>(
  projection: Pick<DocumentProjection<Doc>, 'route' | 'fold'>,
  events: readonly ReadEvent[],
): ReadonlyMap<string, Doc> {
  const heads = new Map<string, Head>()
  const docs = new Map<string, Doc>()
  for (const event of events) {
    const { streamId, streamVersion } = event.envelope
    if (accept(heads.get(streamId), event) !== 'next') continue
    heads.set(streamId, headOf(event))
    for (const id of projection.route(event)) {
      const folded = projection.fold(frozen(docs.get(id)), event, id)
      if (folded !== undefined)
        docs.set(id, { ...folded, _id: id, streamId, seenVersion: streamVersion } as Doc)
    }
  }
  return docs
}

function hexOf({ raw }: RecordedEvent): string {
  return Buffer.from(raw).toString('hex')
}

function caseOf(expected: Expected): string {
  if (typeof expected === 'string') return expected
  if (!('envelope' in expected)) return expected.$case
  return typeof expected.payload === 'string' ? expected.payload : expected.payload.$case
}

/** A payload without fields is written `{ $case: 'contactBlocked' }`; protobuf needs its empty message. */
function withValue<Payload extends { $case: string; value?: unknown }>(payload: Payload): Payload {
  return { ...payload, value: payload.value ?? {} }
}

function whole<Envelope extends { payload?: unknown }>(
  envelope: Envelope,
): Envelope & { payload: NonNullable<Envelope['payload']> } {
  if (envelope.payload === undefined || envelope.payload === null)
    throw new Error('The payload is of no known type.')
  return envelope as Envelope & { payload: NonNullable<Envelope['payload']> }
}

/** A write into it throws: what is pure has no business there. Bytes stay as they are (they cannot be frozen). */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value
  Object.freeze(value)
  for (const part of Object.values(value)) frozen(part)
  return value
}
