import { AdoptPolicy, CommandRefused, NothingChanged, PolicyAdopted } from '@parley/proto/envelope'
import { type Actor, UnreadableRecord, type Words, readable } from './envelope.ts'
import type { CommandEnvelope, EventEnvelope } from '@parley/proto/envelope'

/** What ts-proto generates for a message. */
export interface MessageCodec<Message> {
  /** @param writer what to write into, behind what it holds */
  encode(message: Message, writer?: any): { finish(): Uint8Array }
  decode(bytes: Uint8Array): Message
  /** Fills in what is left out. */
  fromPartial(partial: any): Message
}

/** Message types by their names: the names stand in `type` of the envelopes, in headers, logs and screens. */
export type Types = Readonly<Record<string, MessageCodec<any>>>

/** The union of `{ type, data }` over the types. */
export type MessageOf<Of extends Types> = {
  [Type in keyof Of & string]: { readonly type: Type; readonly data: ReturnType<Of[Type]['decode']> }
}[keyof Of & string]

/** A message of any type, as the kernel passes it on. */
export interface Message {
  readonly type: string
  readonly data: unknown
}

/** How a payload of an older schema version becomes one of the next: `from` 1 is read with `codec` and changed into version 2. */
export interface Upcast {
  readonly type: string
  readonly from: number
  readonly codec: MessageCodec<any>
  /** Pure. */
  change(older: any): unknown
}

/** What stands in the events topic of every family beside its own events. */
const COMMON_EVENTS = { CommandRefused, NothingChanged, PolicyAdopted } as const
const COMMON_COMMANDS = { AdoptPolicy } as const
export type CommonCommand = MessageOf<typeof COMMON_COMMANDS>
export type CommonEvent = MessageOf<typeof COMMON_EVENTS>
export type RefusedEvent = Extract<CommonEvent, { type: 'CommandRefused' }>

/** A type of the family, or one of those that every family has. */
export type TypeOf<Event extends Message> = Event['type'] | CommonEvent['type']

export interface FamilyDefinition<Commands extends Types, Events extends Types> {
  /** One lower-case word: topics are `<namespace>.<name>.commands` and `.events`. */
  readonly name: string
  readonly commands: Commands
  readonly events: Events
  readonly upcasts?: readonly Upcast[]
}

/**
 * The contract of one kind of streams: which wishes there are, which facts, and how both are written. Conversations are one family;
 * the kernel, the log and the readers know none of them by name.
 */
export interface Family<Command extends Message = Message, Event extends Message = Message> {
  readonly name: string
  /** All types that may stand in the events topic. */
  readonly eventTypes: readonly (Event | CommonEvent)['type'][]
  /** All types that may stand in the commands topic. */
  readonly commandTypes: readonly (Command['type'] | CommonCommand['type'])[]
  /** False for what every family has (refusals, policies): it changes no state of the rules. */
  isFolded(type: string): boolean
  /** @throws {UnreadableRecord} for a type or version that this code does not know, and for broken bytes */
  readCommand(envelope: CommandEnvelope): Command
  /** Decodes the payload; older versions come out in today's shape. @throws {UnreadableRecord} */
  readEvent(envelope: EventEnvelope): Event | CommonEvent
  /** What belongs into the envelope of an event. */
  writeEvent(event: Event | CommonEvent): Pick<EventEnvelope, 'type' | 'schemaVersion' | 'payload'>
  commandEnvelope(command: NewCommand<Command>): CommandEnvelope
  /** The event with all its fields, those that are left out empty. */
  event<Type extends TypeOf<Event>>(
    type: Type,
    data?: Partially<Extract<Event | CommonEvent, { type: Type }>['data']>,
  ): Extract<Event | CommonEvent, { type: Type }>
  command<Type extends Command['type']>(
    type: Type,
    data?: Partially<DataOf<Command, Type>>,
  ): Extract<Command, { type: Type }>
}

/** Only the fields that matter, at any depth. */
export type Partially<Value> = Value extends Uint8Array
  ? Uint8Array
  : Value extends readonly (infer Item)[]
    ? readonly Partially<Item>[]
    : Value extends { $case: string; value: unknown }
      ? { readonly $case: Value['$case']; readonly value: Partially<Value['value']> }
      : Value extends object
        ? { readonly [Field in keyof Value]?: Partially<Value[Field]> | undefined }
        : Value

export type CommandsOf<Of extends Family<any, any>> = Of extends Family<infer Command, any> ? Command : never
export type EventsOf<Of extends Family<any, any>> = Of extends Family<any, infer Event> ? Event : never
export type DataOf<Union extends Message, Type extends Union['type']> = Extract<Union, { type: Type }>['data']

/** A wish as whoever has it says it. */
export type NewCommand<Command extends Message = Message> = Command & {
  /** Deterministic at its origin: use `deterministicId`. */
  readonly commandId: string
  /** Also the key of the record. */
  readonly streamId: string
  /** ISO 8601 UTC: when it happened, by the clock of its origin. */
  readonly occurredAt: string
  readonly actor: Actor
  /** The words, apart from the facts. */
  readonly content?: readonly Words[]
  /** The event or the provider's message that caused it. */
  readonly causationId?: string
  /** The matter it belongs to (a conversation), when the origin knows it. */
  readonly correlationId?: string
  readonly traceparent?: string
}

/** A family that cannot read what it wrote: the program must not start. */
export class BadFamily extends Error {
  readonly code = 'BAD_FAMILY'
}

/** @throws {BadFamily} for a chain of upcasts with a gap, a cycle, or for a type that nobody knows */
export function defineFamily<const Commands extends Types, const Events extends Types>(
  definition: FamilyDefinition<Commands, Events>,
): Family<MessageOf<Commands>, MessageOf<Events>> {
  type Event = MessageOf<Events>
  const { name } = definition
  if (!/^[a-z][a-z0-9]*$/.test(name))
    throw new BadFamily(`"${name}" is no name of a family: one lower-case word.`)
  const commands = typesOf(name, definition.commands, COMMON_COMMANDS)
  const events = typesOf(name, definition.events, COMMON_EVENTS)
  const chains = chainsOf(name, events, definition.upcasts ?? [])

  return {
    name,
    eventTypes: [...events.keys()] as (Event | CommonEvent)['type'][],
    commandTypes: [...commands.keys()] as never,
    isFolded: (type) => Object.hasOwn(definition.events, type),
    readCommand({ type, payload, schemaVersion }) {
      const codec = commands.get(type)
      if (codec === undefined || schemaVersion !== 1)
        throw new UnreadableRecord(`${type} v${schemaVersion} is no command of the ${name} family.`)
      return { type, data: readable(type, (): unknown => codec.decode(payload)) } as MessageOf<Commands>
    },
    readEvent({ type, payload, schemaVersion }) {
      const chain = chains.get(type)
      const older = chain?.at(schemaVersion - 1)
      if (chain === undefined || older === undefined || schemaVersion < 1)
        throw new UnreadableRecord(`${type} v${schemaVersion} is no event of the ${name} family.`)
      let data: unknown = readable(type, () => older.codec.decode(payload))
      try {
        for (const { change } of chain.slice(schemaVersion - 1)) data = change?.(data) ?? data
      } catch (cause) {
        // A writer must learn that it cannot read the event: it would go by what it knows of any other failure, and try again for ever.
        throw new UnreadableRecord(`${type} v${schemaVersion} cannot be made an event of today.`, { cause })
      }
      return { type, data } as Event
    },
    writeEvent({ type, data }) {
      const codec = events.get(type)
      if (codec === undefined) throw new TypeError(`${type} is no event of the ${name} family.`)
      return { type, schemaVersion: chains.get(type)!.length, payload: encoded(codec, data) }
    },
    commandEnvelope({ type, data, ...command }) {
      const codec = commands.get(type)
      if (codec === undefined) throw new TypeError(`${type} is no command of the ${name} family.`)
      return {
        commandId: command.commandId,
        streamId: command.streamId,
        type,
        schemaVersion: 1,
        occurredAt: command.occurredAt,
        causationId: command.causationId ?? '',
        correlationId: command.correlationId ?? '',
        actor: command.actor,
        traceparent: command.traceparent ?? '',
        payload: encoded(codec, data),
        content: [...(command.content ?? [])],
      }
    },
    event: (type, data = {} as never) => whole(events, type, data) as never,
    command: (type, data = {} as never) => whole(commands, type, data) as never,
  }
}

/** Its memory is used again for each payload: a new one grows to the size of the payload in steps. */
let writer = PolicyAdopted.encode(PolicyAdopted.create())
writer.finish()

function encoded(codec: MessageCodec<any>, data: unknown): Buffer {
  try {
    return Buffer.from(codec.encode(data, writer).finish())
  } catch (error) {
    // What it holds of the message that could not be written would stand before the next one.
    writer = PolicyAdopted.encode(PolicyAdopted.create())
    writer.finish()
    throw error
  }
}

function whole(types: ReadonlyMap<string, MessageCodec<any>>, type: string, data: unknown): Message {
  const codec = types.get(type)
  if (codec === undefined) throw new TypeError(`${type} is no type of this family.`)
  return { type, data: codec.fromPartial(data) as unknown }
}

/** How to read each schema version of a type: version n stands at n - 1, the last one is today's and changes nothing. */
type Chain = readonly { readonly codec: MessageCodec<any>; readonly change?: Upcast['change'] }[]

function typesOf(family: string, own: Types, common: Types): ReadonlyMap<string, MessageCodec<any>> {
  for (const type of Object.keys(own))
    if (Object.hasOwn(common, type))
      throw new BadFamily(`${type} is a type of every family; ${family} may not define it.`)
  return new Map([...Object.entries(own), ...Object.entries(common)])
}

function chainsOf(
  family: string,
  events: ReadonlyMap<string, MessageCodec<any>>,
  upcasts: readonly Upcast[],
): ReadonlyMap<string, Chain> {
  for (const { type } of upcasts)
    if (!events.has(type)) throw new BadFamily(`${family} upcasts ${type}, which is none of its events.`)
  return new Map(
    [...events].map(([type, codec]): [string, Chain] => {
      const steps = upcasts
        .filter((upcast) => upcast.type === type)
        .sort((left, right) => left.from - right.from)
      for (const [index, { from }] of steps.entries())
        if (from !== index + 1)
          throw new BadFamily(
            `The upcasts of ${type} must lead from version 1 to today's one step at a time; step ${index + 1} begins at version ${from}.`,
          )
      return [type, [...steps, { codec }]]
    }),
  )
}
