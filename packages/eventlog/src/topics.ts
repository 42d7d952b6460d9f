import type { Family, Message } from '@parley/kernel'

/** A family of streams and where it stands in the log. Names derive from one namespace, so that several installations (or tests) can share a broker. */
export interface FamilyTopics<Command extends Message = Message, Event extends Message = Message> {
  readonly family: Family<Command, Event>
  readonly commands: string
  /** Has as many partitions as the commands topic: a stream's commands and events share a partition number. */
  readonly events: string
  readonly deadLetters: string
}

/** @param namespace `parley` in production */
export function topicsOf<Command extends Message, Event extends Message>(
  namespace: string,
  family: Family<Command, Event>,
): FamilyTopics<Command, Event> {
  return {
    family,
    commands: `${namespace}.${family.name}.commands`,
    events: `${namespace}.${family.name}.events`,
    deadLetters: deadLettersOf(namespace),
  }
}

export function deadLettersOf(namespace: string): string {
  return `${namespace}.dead-letters`
}
