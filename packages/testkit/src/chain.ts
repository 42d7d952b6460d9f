import type { ReadEvent } from '@parley/eventlog'
import {
  type Actor,
  type CommonEvent,
  type Family,
  type Head,
  type Message,
  type Partially,
  type RecordedEvent,
  type Words,
  deterministicId,
  headAfter,
  recordedEvent,
} from '@parley/kernel'

/** A command or event as a test writes it: its type, and the fields that matter. */
export type Sketch<Of extends Message> = Of extends Message
  ? { readonly type: Of['type']; readonly data?: Partially<Of['data']> }
  : never

/** What surrounds an event or a command. Each has a default that is the same in every run. */
export interface Circumstances {
  /** The log's clock: `recordedAt`. */
  readonly at?: string
  /** The origin's clock. Default: the same as `at`. */
  readonly occurredAt?: string
  readonly correlationId?: string
  readonly actor?: Actor
  readonly commandId?: string
  /** The place of its command. Default: the events of the chain are counted. */
  readonly commandOffset?: bigint
  readonly content?: readonly Words[]
  readonly traceparent?: string
}

export interface ChainOptions {
  /** Where the clock stands at first. Default 2026-01-05T12:00:00.000Z. */
  readonly at?: string
  /** Place of the first event in the log. Default 0 of partition 0. */
  readonly partition?: number
  readonly offset?: bigint
  /** The stream goes on behind this event. Default: it begins. */
  readonly continues?: Head | undefined
}

/** Events of one stream, numbered and chained as a writer does: the one builder of recorded events for all tests. */
export class Chain<Event extends Message> {
  readonly #family: Family<any, Event>
  readonly #streamId: string
  readonly #partition: number
  #head: Head | undefined
  #at: string
  #offset: bigint
  #count = 0

  constructor(family: Family<any, Event>, streamId: string, options: ChainOptions = {}) {
    this.#family = family
    this.#streamId = streamId
    this.#at = options.at ?? '2026-01-05T12:00:00.000Z'
    this.#partition = options.partition ?? 0
    this.#offset = options.offset ?? 0n
    this.#head = options.continues
  }

  /** Sets the log's clock for what follows. */
  at(time: string): this {
    this.#at = time
    return this
  }

  get head(): Head | undefined {
    return this.#head
  }

  /** The next event of the stream. */
  add({ type, data }: Sketch<Event | CommonEvent>, circumstances: Circumstances = {}): ReadEvent<Event> {
    this.#at = circumstances.at ?? this.#at
    this.#count += 1
    const commandId = circumstances.commandId ?? deterministicId('chain', this.#streamId, this.#count)
    const whole = this.#family.event(type as never, data as never) as unknown as Event
    const event = recordedEvent({
      eventId: deterministicId(commandId, 0),
      streamId: this.#streamId,
      streamVersion: (this.#head?.version ?? 0) + 1,
      ...this.#family.writeEvent(whole),
      occurredAt: circumstances.occurredAt ?? this.#at,
      recordedAt: this.#at,
      causationId: commandId,
      commandOffset: circumstances.commandOffset ?? BigInt(this.#count - 1),
      correlationId: circumstances.correlationId ?? '',
      actor: circumstances.actor ?? { kind: 'customer', id: this.#streamId },
      traceparent: circumstances.traceparent ?? '',
      prevHash: this.#head?.hash ?? Buffer.alloc(0),
      content: [...(circumstances.content ?? [])],
    })
    return this.#read(whole, event)
  }

  /** Several at once, under the same circumstances. */
  addAll(
    events: readonly (Sketch<Event | CommonEvent> & { readonly with?: Circumstances })[],
    circumstances: Circumstances = {},
  ): readonly ReadEvent<Event>[] {
    return events.map(({ with: own, ...event }) =>
      this.add(event as Sketch<Event | CommonEvent>, { ...circumstances, ...own }),
    )
  }

  #read(whole: Event, event: RecordedEvent): ReadEvent<Event> {
    const offset = this.#offset
    this.#offset += 1n
    this.#head = headAfter(this.#head, event, offset)
    return readEventOf(whole, event, this.#partition, offset)
  }
}

/** An event with the record that holds it. */
export function readEventOf<Event extends Message>(
  whole: Event,
  event: RecordedEvent,
  partition = 0,
  offset = 0n,
): ReadEvent<Event> {
  const { streamId, recordedAt, traceparent } = event.envelope
  return {
    ...whole,
    ...event,
    traceparent,
    record: {
      topic: 'events',
      partition,
      offset,
      timestamp: recordedAt ?? '',
      key: streamId,
      value: event.raw,
      headers: {},
    },
  }
}
