import { type Message, type NewCommand, causedBy } from '@parley/kernel'

/** What one event means for the deadlines of its stream. */
export interface DeadlineChanges {
  /** At most one of each kind is in force: a new one takes the place of the old one. */
  readonly set: readonly { readonly kind: string; readonly dueAt: string }[]
  readonly clear: readonly string[]
}

/** Something that is to be looked at when nothing happened until then. */
export interface Deadline {
  readonly kind: string
  /** The event that set it. */
  readonly reference: string
  /** ISO 8601 UTC. */
  readonly dueAt: string
  readonly correlationId: string
  readonly traceparent: string
}

/** The deadlines of one family, all that a family says of them. */
export interface FamilyDeadlines<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'] = Event['type'],
> {
  /** The events that set or clear deadlines. */
  readonly types: readonly Type[]
  /** Pure, and of the event alone: a time that depends on a setting must stand in the event. */
  deadlinesOf(event: Extract<Event, { type: Type }>): DeadlineChanges
  /**
   * What is wished when the deadline has passed. Whether it still applies is for the decider to say, and whether it has passed: the wish
   * carries `dueAt`, and recorded before that time it must lead to no event at all. It is wished again then.
   */
  expiry(deadline: Deadline): Command
}

/** No process manager makes this wish, since no event causes it but the passing of time. It goes back to the event that set the deadline. */
export function expiryCommand<Command extends Message>(
  family: Pick<FamilyDeadlines<Command, any>, 'expiry'>,
  streamId: string,
  deadline: Deadline,
): NewCommand<Command> {
  const { kind, reference, dueAt, correlationId, traceparent } = deadline
  return causedBy({ envelope: { eventId: reference }, traceparent }, `deadline ${kind}`, {
    ...family.expiry(deadline),
    streamId,
    occurredAt: dueAt,
    actor: { kind: 'system', id: 'deadlines' },
    correlationId,
  })
}

export function changed(
  deadlines: readonly Deadline[],
  clear: readonly string[],
  set: readonly Deadline[],
): readonly Deadline[] {
  const gone = new Set([...clear, ...set.map(({ kind }) => kind)])
  return [...deadlines.filter(({ kind }) => !gone.has(kind)), ...set]
}
