import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import {
  type EventLog,
  type FamilyDeadlines,
  type FamilyTopics,
  type ReadEvent,
  expiryCommand,
  memoryLog,
  topicsOf,
} from '@parley/eventlog'
import { type Family, type Message, type NewCommand, type RecordedCommand, readCommand } from '@parley/kernel'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import {
  type ContactState,
  type ConversationPolicy,
  type PoolState,
  conversationDeadlines,
  conversationDecider,
  conversationWishes,
  poolWishes,
  workforceDeadlines,
  workforceDecider,
} from '@parley/routing'
import {
  CONVERSATION_HEARS,
  POOL,
  POOL_HEARS,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'
import { type Wish, isSent, receipt, testPolicy } from '../../../services/routing/test/story.ts'
import { Streams } from './streams.ts'

/** After how many milliseconds the channel says what became of a message. */
const DELIVERED_AFTER_MS = { sent: 60, delivered: 120, read: 200 } as const

/**
 * Customers and the pool over a log in memory: decided at once by the rules of routing, with what the two say to each other and their
 * deadlines, and a channel that delivers whatever is said.
 */
export class Company implements Disposable {
  readonly log: EventLog = memoryLog({ partitions: 1 })
  readonly topics = { conversation: topicsOf('desk', conversations), pool: topicsOf('desk', workforces) }
  readonly contacts: Streams<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>
  readonly pool: Streams<PoolState, WorkforceCommand, WorkforceEvent, undefined>
  readonly policy = testPolicy()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #onFault: (error: unknown) => void

  /**
   * @param stored each event, once it stands in the log
   * @param onFault a wish could not be decided
   */
  constructor(stored: (event: ReadEvent) => void, onFault: (error: unknown) => void) {
    const { conversation, pool } = this.topics
    this.contacts = new Streams(conversationDecider, this.policy, this.log, conversation, stored)
    this.pool = new Streams(workforceDecider, undefined, this.log, pool, stored)
    this.#onFault = onFault
  }

  /** From here on what is said to the log is decided. */
  async open(configuration: PoolConfiguration): Promise<void> {
    this.configure(configuration)
    await this.#follow(this.topics.conversation, (command) => this.#decideContact(command))
    await this.#follow(this.topics.pool, (command) => this.#decidePool(command))
  }

  configure(configuration: PoolConfiguration): void {
    this.wishPool('ConfigurePool', { configuration })
  }

  /** Of a conversation or a customer; what is not told is as of a channel that speaks now. */
  wish(contactId: string, { type, data, ...circumstances }: Wish): void {
    const command = { ...said(contactId), ...circumstances, ...conversations.command(type, data ?? {}) }
    this.#decideContact(recorded(conversations, command as NewCommand<ConversationCommand>))
  }

  wishPool<Type extends WorkforceCommand['type']>(
    type: Type,
    data: Partial<Extract<WorkforceCommand, { type: Type }>['data']>,
  ): void {
    const command = { ...said(POOL), ...workforces.command(type, data as never) }
    this.#decidePool(recorded(workforces, command as NewCommand<WorkforceCommand>))
  }

  /** So soon the pool looks again, where it would not look sooner. */
  wakeAt(dueAt: string): void {
    const { wakeAt } = this.pool.of(POOL).state
    if (wakeAt !== null && wakeAt <= Date.parse(dueAt)) return
    this.#later(workforceDeadlines, this.pool.state(POOL, { type: 'WakeScheduled', data: { dueAt } }, {}))
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #decideContact(command: Omit<RecordedCommand, 'offset'>): void {
    for (const event of this.contacts.decide(command)) {
      this.#later(conversationDeadlines, event)
      if (event.type === 'MessageSendRequested') this.#deliver(event.envelope.streamId, event.data.messageId)
      if (isHeardBy(POOL_HEARS, event))
        for (const wish of poolWishes(event)) this.#decidePool(recorded(workforces, wish))
    }
  }

  #decidePool(command: Omit<RecordedCommand, 'offset'>): void {
    for (const event of this.pool.decide(command)) {
      this.#later(workforceDeadlines, event)
      if (isHeardBy(CONVERSATION_HEARS, event))
        for (const wish of conversationWishes(event)) this.#decideContact(recorded(conversations, wish))
    }
  }

  #later<Command extends Message>(deadlines: FamilyDeadlines<Command, any, any>, event: ReadEvent): void {
    if (!(deadlines.types as readonly string[]).includes(event.type)) return
    const { streamId, eventId: reference, correlationId } = event.envelope
    for (const { kind, dueAt } of deadlines.deadlinesOf(event).set)
      this.#after(Date.parse(dueAt) - Date.now() + 1, () => {
        const command = expiryCommand(deadlines, streamId, {
          kind,
          reference,
          dueAt,
          correlationId,
          traceparent: '',
        })
        if (streamId === POOL) this.#decidePool(recorded(workforces, command as NewCommand<WorkforceCommand>))
        else this.#decideContact(recorded(conversations, command as NewCommand<ConversationCommand>))
      })
  }

  #deliver(contactId: string, messageId: string): void {
    this.#after(DELIVERED_AFTER_MS.sent, () => this.wish(contactId, isSent(messageId)))
    for (const status of ['delivered', 'read'] as const)
      this.#after(DELIVERED_AFTER_MS[status], () => this.wish(contactId, receipt(messageId, status)))
  }

  #after(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, milliseconds)
    this.#timers.add(timer)
  }

  async #follow(
    { commands: topic }: Pick<FamilyTopics, 'commands'>,
    decide: (command: RecordedCommand) => void,
  ): Promise<void> {
    await this.log.follow({
      topic,
      from: new Map([[0, 0n]]),
      onBatch: async ({ records }) => {
        for (const { value, timestamp, offset } of records) decide(readCommand(value, timestamp, offset))
      },
      onFault: this.#onFault,
      onStuck: ({ error }) => this.#onFault(error),
    })
  }
}

const said = (streamId: string) => ({
  streamId,
  commandId: crypto.randomUUID(),
  occurredAt: new Date().toISOString(),
  actor: { kind: 'channel', id: 'whatsapp' } as const,
})

/** As the log has it, which is there at once. */
const recorded = <Command extends Message>(
  family: Pick<Family<Command, any>, 'commandEnvelope'>,
  command: NewCommand<Command>,
): Omit<RecordedCommand, 'offset'> => ({
  envelope: family.commandEnvelope(command),
  recordedAt: new Date().toISOString(),
})

const isHeardBy = <Event extends { readonly type: string }, Types extends readonly string[]>(
  types: Types,
  event: Event,
): event is Extract<Event, { readonly type: Types[number] }> => types.includes(event.type)
