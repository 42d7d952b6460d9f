import {
  type ActorKind,
  type EventPayload,
  type RecordedCommand,
  type RecordedEvent,
  recordedEvent,
  typeName,
} from './envelope.ts'
import { deterministicId } from './ids.ts'
import { type Head, accept, headOf } from './reading.ts'

/** One fact that a decision states. What is left out is taken from the command. */
export interface NewEvent {
  payload: EventPayload
  actor?: { kind: ActorKind; id: string }
  /** The conversation it belongs to. Default: the command's. */
  correlationId?: string
  occurredAt?: string
  /** Of the payload. Default 1. */
  schemaVersion?: number
}

/** A wish that the rules turned down: a stable code and the fields that explain it. Recorded as CommandRefused. */
export interface Refusal {
  readonly refused: string
  readonly fields: Readonly<Record<string, string | number>>
  readonly correlationId?: string
}

export function refuse(code: string, fields: Refusal['fields'] = {}, correlationId?: string): Refusal {
  return { refused: code, fields, ...(correlationId === undefined ? {} : { correlationId }) }
}

/**
 * The rules of one kind of stream. All three functions are pure: time, ids and chance come in the command, and the same
 * command on the same state gives byte-identical events. State is plain JSON (it is kept as a snapshot): no Map, Date, bigint.
 */
export interface Decider<State> {
  readonly name: string
  /** Raise it whenever State or evolve changes: snapshots of another version are discarded, never migrated. */
  readonly version: number
  initialState(streamId: string): State
  /** An empty list: the wish changes nothing. */
  decide(command: RecordedCommand, state: State): readonly NewEvent[] | Refusal
  evolve(state: State, event: RecordedEvent['envelope']): State
}

/** How many command ids a stream remembers. What is older is caught at the origin (the gateway remembers for 7 days). */
export const RECENT_COMMANDS_MAX = 128

/** Everything that a writer knows of one stream. Immutable: a decision makes a new one. */
export interface StreamState<State> {
  readonly head: Head | undefined
  readonly recentCommandIds: readonly string[]
  readonly state: State
}

export function emptyStream<State>(decider: Decider<State>, streamId: string): StreamState<State> {
  return { head: undefined, recentCommandIds: [], state: decider.initialState(streamId) }
}

/** Folds one event of the log if it is the next one of the stream; otherwise the stream stays as it is. */
export function evolveStream<State>(
  decider: Decider<State>,
  stream: StreamState<State>,
  event: RecordedEvent,
): StreamState<State> {
  if (accept(stream.head, event) !== 'next') return stream
  const { causationId } = event.envelope
  const known = stream.recentCommandIds.at(-1) === causationId
  return {
    head: headOf(event),
    recentCommandIds: known
      ? stream.recentCommandIds
      : [...stream.recentCommandIds, causationId].slice(-RECENT_COMMANDS_MAX),
    state: decider.evolve(stream.state, event.envelope),
  }
}

export interface Decided<State> {
  readonly events: readonly RecordedEvent[]
  readonly stream: StreamState<State>
}

/** Decides one command: the records to append, and the stream as it is once they are in the log. A repeated command gives none. */
export function decideOn<State>(
  decider: Decider<State>,
  command: RecordedCommand,
  stream: StreamState<State>,
): Decided<State> {
  const { commandId, streamId, occurredAt, correlationId, actor, traceparent } = command.envelope
  if (stream.recentCommandIds.includes(commandId)) return { events: [], stream }

  const decision = decider.decide(command, stream.state)
  const facts = isRefusal(decision) ? [refusalEvent(command, decision)] : decision
  const events: RecordedEvent[] = []
  let next = stream
  for (const [index, fact] of facts.entries()) {
    const event = recordedEvent({
      eventId: deterministicId(commandId, index),
      streamId,
      streamVersion: (next.head?.version ?? 0) + 1,
      type: typeName(fact.payload.$case),
      schemaVersion: fact.schemaVersion ?? 1,
      occurredAt: fact.occurredAt ?? occurredAt,
      recordedAt: command.recordedAt,
      causationId: commandId,
      correlationId: fact.correlationId ?? correlationId,
      actor: fact.actor ?? actor,
      traceparent,
      prevHash: next.head?.hash ?? Buffer.alloc(0),
      payload: fact.payload,
    })
    events.push(event)
    next = evolveStream(decider, next, event)
  }
  return { events, stream: next }
}

function isRefusal(decision: readonly NewEvent[] | Refusal): decision is Refusal {
  return 'refused' in decision
}

function refusalEvent(command: RecordedCommand, refusal: Refusal): NewEvent {
  return {
    payload: {
      $case: 'commandRefused',
      value: {
        commandType: typeName(command.envelope.payload.$case),
        code: refusal.refused,
        fields: Object.entries(refusal.fields).map(([name, value]) => ({ name, value: String(value) })),
      },
    },
    actor: { kind: 'system', id: 'rules' },
    ...(refusal.correlationId === undefined ? {} : { correlationId: refusal.correlationId }),
  }
}

/** For the `default` of a switch over a union: a new member breaks the build wherever it must be learnt. */
export function unreachable(value: never): never {
  throw new Error(`A case that the code does not know: ${JSON.stringify(value)}`)
}
