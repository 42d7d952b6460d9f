import { type NewCommand, type RecordedEvent, deterministicId } from '@parley/kernel'
import { isNote } from '../conversation/body.ts'
import { after } from '../conversation/window.ts'

export type DeadlineKind = 'bot_turn' | 'silence' | 'ending'

/** Something that is to be looked at when nothing happened until then. */
export interface Deadline {
  readonly kind: DeadlineKind
  /** The event that set it. */
  readonly reference: string
  readonly dueAt: string
  readonly conversationId: string
  readonly traceparent: string
}

export interface DeadlineChanges {
  readonly set: readonly Deadline[]
  readonly clear: readonly DeadlineKind[]
}

const ALL: readonly DeadlineKind[] = ['bot_turn', 'silence', 'ending']
const NONE: DeadlineChanges = { set: [], clear: [] }

/** What one event means for the deadlines of its contact. Whether one still applies is for the decider to say. */
export function deadlinesOf(
  { envelope }: Pick<RecordedEvent, 'envelope'>,
  { silenceTimeoutSeconds }: { readonly silenceTimeoutSeconds: number },
): DeadlineChanges {
  const { payload, eventId, correlationId: conversationId, traceparent, recordedAt = '' } = envelope
  const deadline = (kind: DeadlineKind, dueAt: string): Deadline => ({
    kind,
    reference: eventId,
    dueAt,
    conversationId,
    traceparent,
  })
  const silence = (): Deadline => deadline('silence', after(recordedAt, silenceTimeoutSeconds))

  switch (payload.$case) {
    case 'messageReceived':
      if (isNote(payload.value.content?.message)) return NONE
      return { set: [silence()], clear: [] }
    case 'botTurnRequested':
      return { set: [deadline('bot_turn', payload.value.deadlineAt ?? recordedAt)], clear: [] }
    case 'botTurnCompleted':
      return { set: [silence()], clear: ['bot_turn'] }
    case 'botTurnFailed':
      return { set: [], clear: ['bot_turn'] }
    case 'handoverRequested':
      return { set: [], clear: ['bot_turn', 'silence'] }
    case 'conversationEnding':
      return {
        set: [deadline('ending', payload.value.deadlineAt ?? recordedAt)],
        clear: ['bot_turn', 'silence'],
      }
    case 'conversationClosed':
      return { set: [], clear: ALL }
    default:
      return NONE
  }
}

/** At most one of each kind: the newest. */
export function changed(
  deadlines: readonly Deadline[],
  { set, clear }: DeadlineChanges,
): readonly Deadline[] {
  const gone = new Set<DeadlineKind>([...clear, ...set.map(({ kind }) => kind)])
  return [...deadlines.filter(({ kind }) => !gone.has(kind)), ...set]
}

/** The same from every instance and at every try: said twice, it is one wish. */
export function expiry(
  contactId: string,
  { kind, reference, dueAt, conversationId, traceparent }: Deadline,
): NewCommand {
  return {
    commandId: deterministicId('deadline', reference, kind),
    streamId: contactId,
    payload: { $case: 'expireDeadline', value: { kind, reference } },
    occurredAt: dueAt,
    actor: { kind: 'system', id: 'deadlines' },
    causationId: reference,
    correlationId: conversationId,
    traceparent,
  }
}
