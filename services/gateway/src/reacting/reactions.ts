import { type NewCommand, type RecordedEvent, deterministicId } from '@parley/kernel'
import { AbsorbContact } from '@parley/proto/commands'
import { CommandEnvelope } from '@parley/proto/envelope'
import type { OutboxMessage, Suppression } from '../sending/outbox.ts'

/** The customer is to see that we read the message and are writing. */
export interface TypingSign {
  readonly accountId: string
  readonly providerMessageId: string
}

/** What the gateway does about events: all of it may be done again after a crash. */
export interface Reactions {
  readonly messages: readonly OutboxMessage[]
  /** Of which the log now says that they were sent or failed. */
  readonly settledMessageIds: readonly string[]
  /** Those that may be sent once more. */
  readonly resentMessageIds: readonly string[]
  /** Those that turned out to have been sent twice. */
  readonly doubledMessageIds: readonly string[]
  /** Who is not to be written to any more: their messages that still wait stay here. */
  readonly suppressions: readonly Suppression[]
  readonly merges: readonly { readonly from: string; readonly into: string }[]
  readonly commands: readonly NewCommand[]
  readonly typing: readonly TypingSign[]
}

export interface FollowedEvent {
  readonly envelope: RecordedEvent['envelope']
  readonly partition: number
  readonly offset: bigint
  readonly traceparent: string
}

/** Later than that the robot's answer is long there, or will not come. */
const TYPING_AGE_MAX_MS = 30_000

export function reactionsTo(events: readonly FollowedEvent[], now: number): Reactions {
  const messages: OutboxMessage[] = []
  const settledMessageIds: string[] = []
  const resentMessageIds: string[] = []
  const doubledMessageIds: string[] = []
  const suppressions: Suppression[] = []
  const merges: { from: string; into: string }[] = []
  const commands: NewCommand[] = []
  const typing: TypingSign[] = []
  for (const { envelope, partition, offset, traceparent } of events) {
    const { payload, streamId } = envelope
    const suppress = (reason: Suppression['reason']): void =>
      void suppressions.push({
        contactId: streamId,
        partition,
        beforeVersion: envelope.streamVersion,
        reason,
      })
    switch (payload.$case) {
      case 'messageSendRequested':
        messages.push({
          messageId: payload.value.messageId,
          contactId: streamId,
          accountId: payload.value.channelAccountId,
          partition,
          streamVersion: envelope.streamVersion,
          conversationId: envelope.correlationId,
          causationId: envelope.eventId,
          traceparent,
          position: Number(offset),
          message: payload.value,
        })
        break
      case 'messageSent':
      case 'messageFailed':
      case 'deliveryStatusAdvanced':
        settledMessageIds.push(payload.value.messageId)
        break
      case 'messageResent':
        resentMessageIds.push(payload.value.messageId)
        break
      case 'messageDoubled':
        doubledMessageIds.push(payload.value.messageId)
        break
      case 'contactOptedOut':
        suppress('CONTACT_OPTED_OUT')
        break
      case 'contactBlocked':
        suppress('CONTACT_BLOCKED')
        break
      // What was forbidden under one name holds under all of them.
      case 'contactAbsorbed':
        if (payload.value.optedOut) suppress('CONTACT_OPTED_OUT')
        else if (payload.value.blocked) suppress('CONTACT_BLOCKED')
        break
      case 'contactMerged':
        merges.push({ from: streamId, into: payload.value.intoContactId })
        commands.push(absorbCommand(envelope, payload.value, traceparent))
        break
      case 'commandRedirected': {
        // An alias that still led to the merged contact brought the wish here: the next one is to go the right way.
        merges.push({ from: streamId, into: payload.value.intoContactId })
        const command = redirectedCommand(
          payload.value.content?.command,
          payload.value.intoContactId,
          traceparent,
        )
        if (command !== undefined) commands.push(command)
        break
      }
      case 'botTurnRequested': {
        const input = payload.value.content?.turn?.inputs.at(-1)
        const age = now - Date.parse(envelope.recordedAt ?? '')
        if (input !== undefined && isProviders(input.providerMessageId) && age < TYPING_AGE_MAX_MS)
          typing.push({
            accountId: payload.value.channelAccountId,
            providerMessageId: input.providerMessageId,
          })
        break
      }
      // The gateway learns of the rest by other ways, or has nothing to do with it.
      default:
        break
    }
  }
  return {
    messages,
    settledMessageIds,
    resentMessageIds,
    doubledMessageIds,
    suppressions,
    merges,
    commands,
    typing,
  }
}

type Merged = Extract<RecordedEvent['envelope']['payload'], { $case: 'contactMerged' }>['value']

function absorbCommand(envelope: RecordedEvent['envelope'], merged: Merged, traceparent: string): NewCommand {
  return {
    commandId: deterministicId('absorb', envelope.eventId),
    streamId: merged.intoContactId,
    occurredAt: envelope.occurredAt ?? envelope.recordedAt ?? '',
    actor: { kind: 'system', id: 'gateway' },
    causationId: envelope.eventId,
    traceparent,
    payload: {
      $case: 'absorbContact',
      value: AbsorbContact.fromPartial({
        fromContactId: envelope.streamId,
        optedOut: merged.optedOut,
        blocked: merged.blocked,
        ...(merged.content === undefined ? {} : { content: merged.content }),
      }),
    },
  }
}

/** The same wish, said again to the contact that the first one became. */
function redirectedCommand(
  bytes: Uint8Array | undefined,
  into: string,
  traceparent: string,
): NewCommand | undefined {
  if (bytes === undefined || bytes.length === 0 || into === '') return undefined
  const { commandId, occurredAt, causationId, correlationId, actor, payload } = CommandEnvelope.decode(bytes)
  if (payload === undefined) return undefined
  const kind = (actor?.kind ?? 'system') as NewCommand['actor']['kind']
  return {
    commandId: deterministicId('redirect', commandId),
    streamId: into,
    occurredAt: occurredAt ?? '',
    causationId,
    correlationId,
    actor: { kind, id: kind === 'customer' ? into : (actor?.id ?? '') },
    traceparent,
    payload,
  }
}

/** Not one that we made up for a message without an id. */
function isProviders(messageId: string): boolean {
  return messageId !== '' && !messageId.startsWith('sha256:')
}
