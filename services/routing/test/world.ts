// For tests: a pool and contacts, decided by the real rules, and what they say to each other.
import { type ConversationCommand, type ConversationEvent, conversations } from '@parley/conversation'
import {
  type NewCommand,
  type RecordedEvent,
  type StreamState,
  decideOn,
  deterministicId,
  emptyStream,
} from '@parley/kernel'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { readEventOf } from '@parley/testkit'
import {
  CONVERSATION_HEARS,
  POOL_HEARS,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'
import { conversationDecider } from '../src/conversation/decider.ts'
import type { ContactState } from '../src/conversation/state.ts'
import { conversationWishes, poolWishes } from '../src/workforce/process-managers.ts'
import { Pool } from './pool.ts'
import { type Act, type Told, type Wish, completes, isSent, testPolicy } from './story.ts'

type Said = NewCommand<WorkforceCommand> | NewCommand<ConversationCommand>

/** In order from each to each, but as late as it likes, and some of it twice. */
export class World {
  readonly pool: Pool
  readonly contacts: Map<string, StreamState<ContactState>>
  /** What the conversations stated. */
  readonly told: Told[] = []
  readonly #policy = { ...testPolicy(), reopenSeconds: 300 }
  readonly #toPool: Map<string, NewCommand<WorkforceCommand>[]>
  readonly #toContact: Map<string, NewCommand<ConversationCommand>[]>
  readonly #delivered: Said[] = []
  #heard = 0
  #offset = 0n
  #wishes = 0

  constructor(configuration: PoolConfiguration, contactIds: readonly string[]) {
    this.pool = new Pool(configuration)
    this.contacts = new Map(contactIds.map((id) => [id, emptyStream(conversationDecider, id)]))
    this.#toPool = new Map(contactIds.map((id) => [id, []]))
    this.#toContact = new Map(contactIds.map((id) => [id, []]))
  }

  contact(id: string): ContactState {
    return this.contacts.get(id)!.state
  }

  /** Somebody wishes something of a conversation. Returns what was stated. */
  wishes(contactId: string, { type, data, actor, content, commandId, correlationId }: Wish): readonly Told[] {
    return this.#decide({
      ...conversations.command(type, data),
      commandId: commandId ?? deterministicId('world', String(this.#wishes++)),
      streamId: contactId,
      occurredAt: this.now,
      actor: actor ?? { kind: 'system', id: 'test' },
      ...(content === undefined ? {} : { content }),
      ...(correlationId === undefined ? {} : { correlationId }),
    })
  }

  /** What is queued is sent, and what the robot was asked it answers with people. */
  robotHandsOver(contactId: string, queue = 'cards'): void {
    for (const message of this.contact(contactId).messages)
      if (message.by === 'us' && message.status === 'queued') this.wishes(contactId, isSent(message.id))
    const { conversation } = this.contact(contactId)
    const over: Act = { action: () => ({ $case: 'handOver', value: { queue } }) }
    if (conversation.stage === 'with_robot' && conversation.robot.step === 'answering')
      this.wishes(contactId, completes(conversation.id, conversation.robot.turn, [over]))
  }

  get now(): string {
    return new Date(this.pool.at).toISOString()
  }

  /** What the pool stated since goes on its way. */
  listen(): void {
    for (const event of this.pool.stated.slice(this.#heard)) {
      const read = readEventOf(workforces.readEvent(event.envelope) as WorkforceEvent, event)
      if (!(CONVERSATION_HEARS as readonly string[]).includes(read.type)) continue
      for (const wish of conversationWishes(read as Parameters<typeof conversationWishes>[0]))
        this.#toContact.get(wish.streamId)!.push(wish)
    }
    this.#heard = this.pool.stated.length
  }

  /** The next of what one of them said arrives. @returns false when nothing is under way */
  delivers(choice: number): boolean {
    this.listen()
    const ways = [...this.#toPool.values(), ...this.#toContact.values()].filter((way) => way.length > 0)
    const way = ways[choice % Math.max(ways.length, 1)]
    const wish = way?.shift()
    if (wish === undefined) return false
    this.#delivered.push(wish)
    this.#arrives(wish)
    return true
  }

  /** So late that nobody remembers that it came before. */
  repeats(choice: number): void {
    const wish = this.#delivered[choice % Math.max(this.#delivered.length, 1)]
    if (wish !== undefined)
      this.#arrives({ ...wish, commandId: deterministicId('again', String(this.#wishes++)) })
  }

  settle(): void {
    for (let index = 0; this.delivers(index) && index < 10_000; index += 1);
  }

  #arrives(wish: Said): void {
    if (this.contacts.has(wish.streamId)) this.#decide(wish as NewCommand<ConversationCommand>)
    else this.pool.decides(wish as NewCommand<WorkforceCommand>)
    this.listen()
  }

  #decide(wish: NewCommand<ConversationCommand>): readonly Told[] {
    const { events, stream } = decideOn(
      conversationDecider,
      { recordedAt: this.now, offset: this.#offset++, envelope: conversations.commandEnvelope(wish) },
      this.contacts.get(wish.streamId)!,
      this.#policy,
    )
    this.contacts.set(wish.streamId, stream)
    const told = events.map((event): Told => readEventOf(conversations.readEvent(event.envelope), event))
    this.told.push(...told)
    for (const event of events) this.#tellPool(wish.streamId, event)
    return told
  }

  #tellPool(contactId: string, event: RecordedEvent): void {
    const read = readEventOf(conversations.readEvent(event.envelope) as ConversationEvent, event)
    if (!(POOL_HEARS as readonly string[]).includes(read.type)) return
    this.#toPool.get(contactId)!.push(...poolWishes(read as Parameters<typeof poolWishes>[0]))
  }

  /** Where pool and conversation say different things, once everything arrived. */
  disagreements(): readonly string[] {
    const current = new Set<string>()
    const found = [...this.contacts.keys()].flatMap((contactId) => {
      const { contact, conversation } = this.contact(contactId)
      if (!('id' in conversation)) return []
      current.add(conversation.id)
      const where = this.pool.where(conversation.id)
      const expected = this.#expected(conversation)
      const work = this.pool.work(conversation.id)
      const spoken = work?.stage === 'wrap_up' ? undefined : work?.language
      const waits = work?.stage === 'waiting' || work?.stage === 'offered' ? work : undefined
      // Should its contact prove to be another one, it waits there as the conversation says.
      const isElsewhere =
        waits !== undefined && 'isAtHead' in conversation && conversation.isAtHead !== waits.rank < 0
      return [
        ...(expected === where ? [] : [`${contactId} is ${expected}, in the pool ${where}`]),
        ...(spoken === undefined || spoken === contact.language
          ? []
          : [`${contactId} speaks ${contact.language}, in the pool ${spoken}`]),
        ...(isElsewhere
          ? [`${contactId} is ${waits.rank < 0 ? '' : 'not '}at the head in the pool alone`]
          : []),
      ]
    })
    for (const [id, { stage }] of this.pool.state.works.entries())
      if (!current.has(id) && stage !== 'wrap_up')
        found.push(`${id} is over, in the pool ${this.pool.where(id)}`)
    return found
  }

  #expected(conversation: Extract<ContactState['conversation'], { id: string }>): string {
    switch (conversation.stage) {
      case 'waiting':
        return `waiting in ${conversation.queue}`
      case 'offered':
        return `offered to ${conversation.agentId}`
      case 'with_agent':
        return this.pool.work(conversation.id)?.stage === 'with_agent'
          ? this.pool.where(conversation.id).replace(/^with \w+/, `with ${conversation.agentId}`)
          : `with ${conversation.agentId}`
      case 'parked':
        // Once the customer wrote, and all of it arrived, somebody else than the customer is to act.
        return conversation.isUnparking ? 'with somebody' : `parked by ${conversation.agentId}`
      case 'with_robot':
        return 'nowhere'
      case 'ending':
        return this.pool.work(conversation.id)?.stage === 'wrap_up'
          ? this.pool.where(conversation.id)
          : 'nowhere'
    }
  }
}
