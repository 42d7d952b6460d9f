import type { Message, NewCommand, TypeOf } from '@parley/kernel'
import { appendCommands } from '../commands.ts'
import type { EventLog } from '../log.ts'
import type { FamilyTopics } from '../topics.ts'
import { type Handler, Poisons, type ReadEvent } from './batch.ts'
import { type Reader, type ReaderOptions, startReader } from './reader.ts'

/**
 * Does something outside for events: sends, asks, wishes. It has no version: a new release goes on where the old one stood, never at
 * zero again, or everything would be said and sent once more. What comes again all the same is known by the heads of its streams.
 */
export function runReactor<Event extends Message, Type extends TypeOf<Event>>(
  options: ReaderOptions<Event, Type>,
): Promise<Reader> {
  return startReader(options, { group: `${options.namespace}.${options.name}`, prefix: options.name })
}

/**
 * How one family speaks to another, or to itself: a pure function from an event to commands, whose ids derive from the event, so that
 * what is said twice is one wish.
 */
export type ProcessManager<Event extends Message, Command extends Message> = (
  event: ReadEvent<Event>,
) => readonly NewCommand<Command>[]

/** Lets a process manager say what it wishes: all commands of a batch with one request. For `runReactor`. */
export function managed<Event extends Message, Command extends Message>(
  log: EventLog,
  into: FamilyTopics<Command, any>,
  manager: ProcessManager<Event, Command>,
): Handler<Event> {
  return async ({ events }) => {
    const poisons = new Poisons()
    const commands: NewCommand<Command>[] = []
    for (const event of events) {
      if (poisons.isBehind(event)) continue
      try {
        commands.push(...manager(event))
      } catch (error) {
        poisons.add(event, error)
      }
    }
    if (commands.length > 0) await appendCommands(log, into, commands)
    return poisons.found
  }
}
