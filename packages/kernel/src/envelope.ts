import { hash } from 'node:crypto'
import { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'

export type EventPayload = NonNullable<EventEnvelope['payload']>
export type EventType = EventPayload['$case']
export type CommandPayload = NonNullable<CommandEnvelope['payload']>
export type CommandType = CommandPayload['$case']
export type PayloadOf<Case extends EventType> = Extract<EventPayload, { $case: Case }>['value']
export type CommandOf<Case extends CommandType> = Extract<CommandPayload, { $case: Case }>['value']

/** Actor.kind: who did it. `channel` is what the provider reports, `system` is the rules themselves. */
export type ActorKind = 'customer' | 'bot' | 'agent' | 'system' | 'channel'

/** An event as it stands in the log: `raw` are the exact bytes, which alone may be hashed and archived. */
export interface RecordedEvent {
  readonly envelope: EventEnvelope & { payload: EventPayload }
  readonly raw: Uint8Array
  /** SHA-256 of `raw`: the next event of the stream carries it as `prev_hash`. */
  readonly hash: Buffer
}

/** A command as the decider sees it: `recordedAt` is its log-append time (ISO 8601, UTC), the only clock there is. */
export interface RecordedCommand {
  readonly envelope: CommandEnvelope & { payload: CommandPayload }
  readonly recordedAt: string
}

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

export function recordedEvent(envelope: EventEnvelope & { payload: EventPayload }): RecordedEvent {
  const raw = EventEnvelope.encode(envelope).finish()
  return { envelope, raw, hash: sha256(raw) }
}

/** Thrown for bytes that are no envelope of ours, or one whose payload this code does not know. A poison record. */
export class UnreadableRecord extends Error {
  readonly code = 'UNREADABLE_RECORD'
}

function readable<Envelope extends { payload?: unknown }>(
  what: string,
  decode: () => Envelope,
): Envelope & { payload: NonNullable<Envelope['payload']> } {
  let envelope: Envelope
  try {
    envelope = decode()
  } catch (cause) {
    throw new UnreadableRecord(`The record is not a protobuf ${what}.`, { cause })
  }
  if (envelope.payload === undefined || envelope.payload === null)
    throw new UnreadableRecord(`The ${what} has no payload that this version of the code knows.`)
  return envelope as Envelope & { payload: NonNullable<Envelope['payload']> }
}

/** @throws {UnreadableRecord} */
export function readEvent(raw: Uint8Array): RecordedEvent {
  const envelope = readable('EventEnvelope', () => EventEnvelope.decode(raw))
  if (envelope.streamId === '' || envelope.streamVersion < 1)
    throw new UnreadableRecord('The EventEnvelope names no stream or no version.')
  return { envelope, raw, hash: sha256(raw) }
}

/** @throws {UnreadableRecord} */
export function readCommand(raw: Uint8Array, recordedAt: string): RecordedCommand {
  const envelope = readable('CommandEnvelope', () => CommandEnvelope.decode(raw))
  if (envelope.streamId === '' || envelope.commandId === '')
    throw new UnreadableRecord('The CommandEnvelope names no stream or has no command id.')
  return { envelope, recordedAt }
}

export interface NewCommand {
  /** Deterministic at its origin: use `deterministicId`. */
  commandId: string
  /** The contact. */
  streamId: string
  payload: CommandPayload
  /** ISO 8601 UTC: when it happened, by the clock of its origin. */
  occurredAt: string
  actor: { kind: ActorKind; id: string }
  /** The event or the provider's message that caused it. */
  causationId?: string
  /** The conversation, when the origin knows it. */
  correlationId?: string
  traceparent?: string
}

export function commandEnvelope(command: NewCommand): CommandEnvelope & { payload: CommandPayload } {
  return {
    commandId: command.commandId,
    streamId: command.streamId,
    type: typeName(command.payload.$case),
    schemaVersion: 1,
    occurredAt: command.occurredAt,
    causationId: command.causationId ?? '',
    correlationId: command.correlationId ?? '',
    actor: command.actor,
    traceparent: command.traceparent ?? '',
    payload: command.payload,
  }
}

export function encodeCommand(command: NewCommand): Uint8Array {
  return CommandEnvelope.encode(commandEnvelope(command)).finish()
}

/** `messageReceived` → `MessageReceived`: the word used in `type`, in headers, logs and screens. */
export function typeName(payloadCase: EventType | CommandType): string {
  return payloadCase.charAt(0).toUpperCase() + payloadCase.slice(1)
}
