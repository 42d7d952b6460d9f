import { hash } from 'node:crypto'
import type { CommandEnvelope, EventEnvelope, Words } from '@parley/proto/envelope'
import { decodeCommand, decodeEvent } from './decoding.ts'
import { encodeEvent } from './encoding.ts'

export type { Words } from '@parley/proto/envelope'

/** Actor.kind: who did it. `channel` is what the provider reports, `system` is the rules themselves, `company` is
 * somebody of it whom we do not know, in an app of the channel's. */
export type ActorKind = 'customer' | 'bot' | 'agent' | 'system' | 'channel' | 'company'
export interface Actor {
  readonly kind: ActorKind
  readonly id: string
}

/** An event as it stands in the log: `raw` are the exact bytes, which alone may be hashed and archived. Its payload is not decoded. */
export interface RecordedEvent {
  readonly envelope: EventEnvelope
  readonly raw: Uint8Array
  /** SHA-256 of `raw`: the next event of the stream carries it as `prev_hash`. */
  readonly hash: Buffer
}

/** When it happened, by the clock of its origin or, where that told no time, of the log; and when it was recorded. ISO 8601 UTC. */
export function clocksOf({ occurredAt, recordedAt }: Pick<EventEnvelope, 'occurredAt' | 'recordedAt'>): {
  readonly occurredAt: string
  readonly recordedAt: string
} {
  return { occurredAt: occurredAt ?? recordedAt ?? '', recordedAt: recordedAt ?? '' }
}

/** A command as it stands in the log. */
export interface RecordedCommand {
  readonly envelope: CommandEnvelope
  /** Its log-append time (ISO 8601, UTC): the only clock that rules have. */
  readonly recordedAt: string
  /** Its place in the commands topic. */
  readonly offset: bigint
}

/** The same memory as a Buffer: nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Its 32 bytes have memory of their own, so that a head that is kept for days keeps nothing else. */
export function sha256(bytes: Uint8Array): Buffer {
  // As text, and not as a Buffer: that costs Node three times as much.
  const digest = hash('sha256', bytes, 'binary')
  const own = Buffer.alloc(digest.length)
  for (let at = 0; at < own.length; at += 1) own[at] = digest.charCodeAt(at)
  return own
}

export function recordedEvent(envelope: EventEnvelope): RecordedEvent {
  const raw = encodeEvent(envelope)
  return { envelope, raw, hash: sha256(raw) }
}

/** Thrown for bytes that are no envelope of ours, or one whose payload this code does not know. A poison record. */
export class UnreadableRecord extends Error {
  readonly code = 'UNREADABLE_RECORD'
}

/** @throws {UnreadableRecord} */
export function readEvent(raw: Uint8Array): RecordedEvent {
  const envelope = readable('EventEnvelope', () => decodeEvent(raw))
  if (envelope.streamId === '' || envelope.streamVersion < 1 || envelope.type === '')
    throw new UnreadableRecord('The EventEnvelope names no stream, no version or no type.')
  return { envelope, raw, hash: sha256(raw) }
}

/**
 * The event in a record of the events topic. Under another key than its stream it is nobody's: heads, places and whoever waits go by the key.
 * @throws {UnreadableRecord}
 */
export function eventIn({ key, value }: { readonly key: string; readonly value: Uint8Array }): RecordedEvent {
  const event = readEvent(value)
  if (event.envelope.streamId !== key)
    throw new UnreadableRecord('The key of the record is not the stream of its event.')
  return event
}

/** @throws {UnreadableRecord} */
export function readCommand(raw: Uint8Array, recordedAt: string, offset: bigint): RecordedCommand {
  const envelope = readable('CommandEnvelope', () => decodeCommand(raw))
  if (envelope.streamId === '' || envelope.commandId === '' || envelope.type === '')
    throw new UnreadableRecord('The CommandEnvelope names no stream, no type or has no command id.')
  return { envelope, recordedAt, offset }
}

export function readable<Message>(what: string, decode: () => Message): Message {
  try {
    return decode()
  } catch (cause) {
    throw new UnreadableRecord(`The record holds no protobuf ${what}.`, { cause })
  }
}

/** All parts of this name, in order. */
export function wordsNamed(content: readonly Words[], name: string): readonly Uint8Array[] {
  return content.filter((part) => part.name === name).map(({ value }) => value)
}
