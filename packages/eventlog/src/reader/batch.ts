import type { Message, RecordedEvent } from '@parley/kernel'
import type { StoredRecord } from '../log.ts'

/** An event with the record that holds it. */
export interface ReadRecord extends RecordedEvent {
  readonly record: StoredRecord
  /** Of the span that handles this event here: commands and calls that it causes carry it on. */
  readonly traceparent: string
}

/** One event as a reader gets it: `type` and `data`, and the words in `envelope.content`. */
export type ReadEvent<Event extends Message = Message> = Event & ReadRecord

/** What fetches brought, after first-in-the-log-wins. */
export interface ReaderBatch<Event extends Message = Message> {
  readonly generation: number
  /** The accepted events of the types asked for, each partition's in log order. Repeats and superseded ones are not among them. */
  readonly events: readonly ReadEvent<Event>[]
  /** Events of a stream that was parked: others behind them in the log were handled before. */
  readonly isLate: boolean
  isOwned(): boolean
  heartbeat(): Promise<void>
}

/** An event that a handler can never take, and why. */
export interface Poison {
  readonly event: ReadRecord
  readonly error: unknown
}

/**
 * Handles a batch. Must be idempotent: after a crash the same events come again. Where there are events that it can never take it throws
 * `Poisoned` before it did anything for any event: their streams are parked, and then the others come again, alone. Anything else that
 * it throws is taken for a passing fault: the batch comes again.
 *
 * Parked first, or a figure over many streams would count the others past the poison, and after a crash at that point nothing would tell
 * whether it holds the poisoned stream's event.
 */
export type Handler<Event extends Message> = (batch: ReaderBatch<Event>) => Promise<void>

/** Nothing of the batch was handled: it holds events that can never be. */
export class Poisoned extends Error {
  readonly poisons: readonly Poison[]
  constructor(poisons: readonly Poison[]) {
    super(`${poisons.length} of the batch's streams hold an event that cannot be handled.`)
    this.poisons = poisons
  }
}

/** Collects what cannot be taken: of each stream the first one, and all that stands behind it is left out. */
export class Poisons {
  readonly #byStream = new Map<string, Poison>()

  /** True for an event that is poisoned, or behind one of its stream that is. */
  isBehind({ record: { key, offset } }: ReadRecord): boolean {
    const poison = this.#byStream.get(key)
    return poison !== undefined && offset >= poison.event.record.offset
  }

  add(event: ReadRecord, error: unknown): void {
    if (!this.isBehind(event)) this.#byStream.set(event.record.key, { event, error })
  }

  /** @throws {Poisoned} when there are any. To be called before anything is done for any event. */
  assertNone(): void {
    if (this.#byStream.size > 0) throw new Poisoned([...this.#byStream.values()])
  }
}
