import type { Message, NewCommand, TypeOf } from '@parley/kernel'
import { Poisons, type ReadRecord } from './batch.ts'
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
 * How one family speaks to another, or to itself: a pure function from an event to commands, whose ids derive from the event
 * (`causedBy`), so that what is said twice is one wish. What it throws poisons the event.
 */
export type ProcessManager<Event extends ReadRecord, Command extends Message> = (
  event: Event,
) => readonly NewCommand<Command>[]

/**
 * A handler that says what a process manager wishes: all commands of a batch with one request.
 * @param before What must be done outside before anybody hears of these wishes, for all events of the batch.
 */
export function managed<Event extends ReadRecord, Command extends Message>(
  append: (commands: readonly NewCommand<Command>[]) => Promise<unknown>,
  manager: ProcessManager<Event, Command>,
  before: (events: readonly Event[]) => Promise<void> = async () => {},
): (batch: { readonly events: readonly Event[] }) => Promise<void> {
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
    poisons.assertNone()
    await before(events)
    if (commands.length > 0) await append(commands)
  }
}
