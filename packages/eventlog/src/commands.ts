import { metrics, trace } from '@opentelemetry/api'
import type { Message, NewCommand, RecordedEvent } from '@parley/kernel'
import { CommandEnvelope, DeadLetter } from '@parley/proto/envelope'
import { RECORD_BYTES_MAX } from './errors.ts'
import type { EventLog, LogRecord, StoredPosition } from './log.ts'
import { traceparentOf } from './spans.ts'
import type { FamilyTopics } from './topics.ts'

/** Headers are copies for tools (CloudEvents names, W3C trace context); readers go by the value alone. */
function headersOf(type: string, id: string, traceparent: string): Record<string, string> {
  return { ce_type: type, ce_id: id, ...(traceparent === '' ? {} : { traceparent }) }
}

/** An event as a record of the events topic: the exact bytes that were hashed. */
export function eventRecord({ envelope, raw }: RecordedEvent): LogRecord {
  return {
    key: envelope.streamId,
    value: raw,
    headers: headersOf(envelope.type, envelope.eventId, envelope.traceparent),
  }
}

/** Commands as records of the commands topic. Where a command names no trace, it joins the active one. */
function commandRecords<Command extends Message>(
  { family }: Pick<FamilyTopics<Command, any>, 'family'>,
  commands: readonly NewCommand<Command>[],
): LogRecord[] {
  const active = traceparentOf(trace.getActiveSpan(), '')
  return commands.map((command) => {
    const envelope = family.commandEnvelope(command)
    const traceparent = envelope.traceparent || active
    return {
      key: envelope.streamId,
      value: CommandEnvelope.encode({ ...envelope, traceparent }).finish(),
      headers: headersOf(envelope.type, envelope.commandId, traceparent),
    }
  })
}

/** Resolves when the log acknowledged all of them, with their places and its time. */
export async function appendCommands<Command extends Message>(
  log: EventLog,
  topics: Pick<FamilyTopics<Command, any>, 'family' | 'commands'>,
  commands: readonly NewCommand<Command>[],
): Promise<readonly StoredPosition[]> {
  return log.append(topics.commands, commandRecords(topics, commands))
}

/** Room in a record of the dead letters for what stands beside the bytes: key, reason, frame. */
const BESIDE_BYTES_MAX = 64_000
const REASON_CHARACTERS_MAX = 10_000

/** What could not be taken further, with the reason and the exact bytes. */
export interface NewDeadLetter {
  readonly id: string
  /** Where it came from: `webhook`, or the topic. */
  readonly source: string
  /** A stable code of docs/reference/errors.md. */
  readonly code: string
  readonly reason: string
  readonly key: Uint8Array | string
  readonly value: Uint8Array
  readonly partition?: number
  readonly offset?: bigint
  readonly recordedAt: string
}

/** Bytes that fill a record alone stay where they came from: a letter that the log does not take would hold up its partition for ever. */
export async function appendDeadLetters(
  log: EventLog,
  { deadLetters: topic }: Pick<FamilyTopics, 'deadLetters'>,
  letters: readonly NewDeadLetter[],
): Promise<void> {
  if (letters.length === 0) return
  const traceparent = traceparentOf(trace.getActiveSpan(), '')
  await log.append(
    topic,
    letters.map((letter) => {
      const key = Buffer.from(letter.key as Uint8Array)
      return {
        key: key.toString('utf8'),
        value: DeadLetter.encode({
          deadLetterId: letter.id,
          source: letter.source,
          code: letter.code,
          reason: letter.reason.slice(0, REASON_CHARACTERS_MAX),
          recordedAt: letter.recordedAt,
          key,
          value: Buffer.from(
            letter.value.byteLength > RECORD_BYTES_MAX - BESIDE_BYTES_MAX ? [] : letter.value,
          ),
          partition: letter.partition ?? -1,
          offset: letter.offset ?? -1n,
          traceparent,
        }).finish(),
        headers: headersOf('DeadLetter', letter.id, traceparent),
      }
    }),
  )
  // Made at each call: they are rare, and whoever imports this file first may do so before there are metrics.
  const stored = metrics.getMeter('@parley/eventlog').createCounter('parley.dead_letters', {
    unit: '{letter}',
    description: 'What was set aside as unreadable or undecidable, by code.',
  })
  for (const { code } of letters) stored.add(1, { code })
}
