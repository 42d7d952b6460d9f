import { CommandEnvelope } from '@parley/proto/envelope'
import {
  type Actor,
  type RecordedCommand,
  type RecordedEvent,
  clocksOf,
  recordedEvent,
  type Words,
} from './envelope.ts'
import type { CommonEvent, Family, Message, RefusedEvent } from './family.ts'
import { deterministicId } from './ids.ts'
import { type CommandMemory, NOTHING_DECIDED, remembering, remembers } from './memory.ts'
import { type Head, StreamGap, accept, headAfter, headBeside } from './reading.ts'
import {
  type KeptReference,
  type KeptWords,
  NO_WORDS,
  type NewWords,
  keptWords,
  resolvedWords,
} from './words.ts'

/** A command as the rules see it: its facts and its circumstances, never its words. */
export type Wish<Command extends Message = Message> = Command & {
  readonly commandId: string
  readonly streamId: string
  /** By the clock of its origin. */
  readonly occurredAt: string
  /** The only clock of the rules. */
  readonly recordedAt: string
  readonly causationId: string
  readonly correlationId: string
  readonly actor: Actor
  /** The id that the event at this place of the decision will have; 0 is the first. */
  eventId(index: number): string
  /** The CommandEnvelope without its words, for a rule that passes the whole wish on. */
  withoutWords(): Buffer
}

/** An event as the rules see it: its facts and its circumstances, never its words. */
export type Fact<Event extends Message = Message> = Event & {
  readonly eventId: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly correlationId: string
  /** The place of its command in the commands topic. */
  readonly commandOffset: bigint
}

/** One fact that a decision states. What is left out is taken from the command. */
export type NewEvent<Event extends Message = Message> = (Event | RefusedEvent) & {
  /** `all`: the words of the command, as they are. Default: none. */
  readonly content?: readonly NewWords[] | 'all'
  readonly actor?: Actor
  readonly correlationId?: string
  readonly occurredAt?: string
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

/** The same as an event among others, for a part of a wish that is turned down while the rest holds. */
export function refusedEvent(commandType: string, code: string, fields: Refusal['fields']): RefusedEvent {
  return {
    type: 'CommandRefused',
    data: {
      commandType,
      code,
      fields: Object.entries(fields).map(([name, value]) => ({ name, value: String(value) })),
    },
  }
}

/** What a command led to. An empty list: the wish changes nothing. */
export interface Decision<State, Event extends Message> {
  readonly events: readonly NewEvent<Event>[]
  /** The state after each of these events, for rules that fold as they decide: spares folding them again. It must be what `evolve` gives. */
  readonly states?: readonly State[]
}

/**
 * The rules of one family. All functions are pure: time, ids and chance come in the command, and the same command on the same state
 * under the same policy gives byte-identical events. State is plain JSON (it is kept as a snapshot), with no words of people in it; thousands of entries
 * belong into a Table at its top level.
 */
export interface Decider<
  State,
  Command extends Message = any,
  Event extends Message = any,
  Policy = undefined,
> {
  readonly family: Family<Command, Event>
  /** Raise it whenever State or evolve changes: snapshots of another version are discarded, never migrated. */
  readonly version: number
  /** How many command ids a stream remembers. What is older must be caught at the origin. */
  readonly commandsRemembered: number
  /** People wait for what is made of their wishes: one of theirs that changes nothing is put on record as NothingChanged. */
  readonly answersPeople?: boolean
  initialState(streamId: string): State
  decide(command: Wish<Command>, state: State, policy: Policy): Decision<State, Event> | Refusal
  evolve(state: State, fact: Fact<Event>): State
  /** The words that later decisions may pass on: of which events, and which parts. Default: none. */
  keeps?(state: State): readonly KeptReference[]
}

/** Everything that a writer knows of one stream. Immutable: a decision makes a new one. */
export interface StreamState<State> {
  readonly head: Head | undefined
  /** The place of the last command that led to events: what comes again from there or before was decided. */
  readonly decidedOffset: bigint
  readonly memory: CommandMemory
  readonly kept: KeptWords
  readonly state: State
}

export function emptyStream<State>(
  decider: Pick<Decider<State, any, any, any>, 'initialState'>,
  streamId: string,
): StreamState<State> {
  return {
    head: undefined,
    decidedOffset: -1n,
    memory: NOTHING_DECIDED,
    kept: NO_WORDS,
    state: decider.initialState(streamId),
  }
}

/**
 * Folds one record of the log if it is the next one of the stream.
 * @throws {StreamGap}
 * @throws {UnreadableRecord} for an event that this code cannot read: a writer never skips
 */
export function evolveStream<State>(
  decider: Decider<State, any, any, any>,
  stream: StreamState<State>,
  event: RecordedEvent,
  offset: bigint,
): StreamState<State> {
  switch (accept(stream.head, event, offset)) {
    case 'next':
      return folded(decider, stream, event, offset, decider.family.readEvent(event.envelope))
    case 'superseded':
      return { ...stream, head: headBeside(stream.head, event, offset) }
    case 'gap':
      throw new StreamGap(event.envelope.streamId, stream.head?.version ?? 0, event.envelope.streamVersion)
    case 'repeat':
      return stream
  }
}

export interface Decided<State> {
  readonly events: readonly RecordedEvent[]
  readonly stream: StreamState<State>
}

/** Decides one command: the records to append, and the stream as it is once they are in the log. A repeated command gives none. */
export function decideOn<State, Policy>(
  decider: Decider<State, any, any, Policy>,
  command: RecordedCommand,
  stream: StreamState<State>,
  policy: Policy,
): Decided<State> {
  const { envelope, recordedAt, offset } = command
  // By its place: it comes again after a crash, and so does one before it that had no events. By its id: it was said again.
  if (offset <= stream.decidedOffset || remembers(stream.memory, envelope.commandId))
    return { events: [], stream }

  const wish = wishOf(decider.family.readCommand(envelope), envelope, recordedAt)
  const decision = decider.decide(wish, stream.state, policy)
  // The events would be lost without a sound.
  if ('refused' in decision && 'events' in decision && (decision.events as readonly unknown[]).length > 0)
    throw new Error(`The rules refused ${envelope.type} and stated facts of it: it is one or the other.`)
  if ('refused' in decision)
    return recorded(decider, command, wish, stream, {
      events: [
        {
          ...refusedEvent(envelope.type, decision.refused, decision.fields),
          actor: { kind: 'system', id: 'rules' },
          ...(decision.correlationId === undefined ? {} : { correlationId: decision.correlationId }),
        },
      ],
      states: [stream.state],
    })
  const isAwaited = decider.answersPeople === true && envelope.actor?.kind === 'agent'
  if (decision.events.length > 0 || !isAwaited) return recorded(decider, command, wish, stream, decision)
  const nothing: CommonEvent = { type: 'NothingChanged', data: { commandType: envelope.type } }
  return recorded(decider, command, wish, stream, { events: [nothing], states: [stream.state] })
}

const NO_HASH = Buffer.alloc(0)

function recorded<State>(
  decider: Decider<State, any, any, any>,
  { envelope: command, recordedAt, offset }: RecordedCommand,
  { eventId }: Pick<Wish, 'eventId'>,
  stream: StreamState<State>,
  { events: facts, states = [] }: Decision<State, any>,
): Decided<State> {
  const events: RecordedEvent[] = []
  let next = stream
  for (const [index, fact] of facts.entries()) {
    const { type, schemaVersion, payload } = decider.family.writeEvent(fact)
    const event = recordedEvent({
      eventId: eventId(index),
      streamId: command.streamId,
      streamVersion: (next.head?.version ?? 0) + 1,
      type,
      schemaVersion,
      occurredAt: fact.occurredAt ?? command.occurredAt,
      recordedAt,
      causationId: command.commandId,
      commandOffset: offset,
      correlationId: fact.correlationId ?? command.correlationId,
      actor: fact.actor ?? command.actor,
      traceparent: command.traceparent,
      prevHash: next.head?.hash ?? NO_HASH,
      payload,
      content: wordsOf(fact.content, command.content, next.kept),
    })
    events.push(event)
    next = folded(decider, next, event, -1n, fact, states[index])
  }
  return { events, stream: next }
}

function folded<State>(
  decider: Decider<State, any, any, any>,
  stream: StreamState<State>,
  event: RecordedEvent,
  offset: bigint,
  { type, data }: Message,
  known?: State,
): StreamState<State> {
  const { envelope } = event
  const { eventId, causationId, commandOffset, content } = envelope
  const state =
    known ??
    (decider.family.isFolded(type)
      ? decider.evolve(stream.state, factOf({ type, data }, envelope) as never)
      : stream.state)
  return {
    head: headAfter(stream.head, event, offset),
    decidedOffset: commandOffset > stream.decidedOffset ? commandOffset : stream.decidedOffset,
    memory: remembering(stream.memory, causationId, decider.commandsRemembered),
    kept:
      decider.keeps === undefined || (state === stream.state && stream.kept.size === 0)
        ? stream.kept
        : keptWords(stream.kept, decider.keeps(state), { eventId, content }),
    state,
  }
}

export function wishOf<Command extends Message>(
  command: Command,
  envelope: RecordedCommand['envelope'],
  recordedAt: string,
): Wish<Command> {
  const { commandId, streamId, occurredAt, causationId, correlationId, actor } = envelope
  const eventIds: string[] = []
  return {
    ...command,
    commandId,
    streamId,
    occurredAt: occurredAt ?? recordedAt,
    recordedAt,
    causationId,
    correlationId,
    actor: actorOf(actor),
    eventId: (index) => (eventIds[index] ??= deterministicId(commandId, index)),
    withoutWords: () => Buffer.from(CommandEnvelope.encode({ ...envelope, content: [] }).finish()),
  }
}

export function factOf<Event extends Message>(
  event: Event,
  {
    eventId,
    occurredAt,
    recordedAt,
    correlationId,
    commandOffset,
  }: Pick<
    RecordedEvent['envelope'],
    'eventId' | 'occurredAt' | 'recordedAt' | 'correlationId' | 'commandOffset'
  >,
): Fact<Event> {
  return {
    ...event,
    eventId,
    ...clocksOf({ occurredAt, recordedAt }),
    correlationId,
    commandOffset,
  }
}

function actorOf(actor: RecordedCommand['envelope']['actor']): Actor {
  return { kind: (actor?.kind ?? 'system') as Actor['kind'], id: actor?.id ?? '' }
}

function wordsOf(
  wanted: readonly NewWords[] | 'all' | undefined,
  command: readonly Words[],
  kept: KeptWords,
): Words[] {
  if (wanted === undefined) return []
  return wanted === 'all' ? [...command] : resolvedWords(wanted, command, kept)
}

/** For the `default` of a switch over a union: a new member breaks the build wherever it must be learnt. */
export function unreachable(value: never): never {
  throw new Error(`A case that the code does not know: ${JSON.stringify(value)}`)
}
