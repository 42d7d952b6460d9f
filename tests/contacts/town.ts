// Customers with their numbers, the gateway's intake, the rules and the desk's card, all as they are, without services in between: in which
// order webhooks come, and how late what follows from them is done, a test decides.
import {
  type ConversationCommand,
  type ConversationEvent,
  canonicalNumber,
  conversations,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { type CommonEvent, type NewCommand, deterministicId } from '@parley/kernel'
import { type Scenario, readEventOf, scenario } from '@parley/testkit'
import { type ContactState, type ConversationPolicy, conversationDecider } from '@parley/routing'
import { type Contact, evolveContact, isContactFact } from '../../services/agent/src/conversation/contact.ts'
import { aliasesInMemory } from '../../services/gateway/src/identity/alias-store.fixture.ts'
import { type Merge, numberAlias } from '../../services/gateway/src/identity/aliases.ts'
import {
  REACTED_TO,
  type ReactedEvent,
  reactionsTo,
  wishesFor,
} from '../../services/gateway/src/reacting/reactions.ts'
import { Intake } from '../../services/gateway/src/webhook/intake.ts'
import { profileDigestWith } from '../../services/gateway/src/webhook/profile-digest.ts'
import { readWebhook } from '../../services/gateway/src/webhook/read.ts'
import {
  ACCOUNT,
  READING,
  RECEIVED_AT,
  type Json,
  bodyOf,
} from '../../services/gateway/src/webhook/webhook.fixture.ts'
import { testPolicy } from '../../services/routing/test/story.ts'

type Told = ReadEvent<ConversationEvent | CommonEvent>

/** A contact's stream, and what the desk makes of it. */
class ContactRecord {
  readonly events: Told[] = []
  card: Contact | undefined
  readonly #scenario: Scenario<ContactState, ConversationCommand, ConversationEvent, ConversationPolicy>

  constructor(streamId: string) {
    this.#scenario = scenario(conversationDecider, { streamId, policy: testPolicy() })
  }

  get state(): ContactState {
    return this.#scenario.state
  }

  takes(command: NewCommand<ConversationCommand>, at: string): readonly Told[] {
    const { type, data, commandId, occurredAt, actor, content = [], correlationId = '' } = command
    this.#scenario.when({ type, data } as never, { commandId, occurredAt, actor, content, correlationId, at })
    const events = this.#scenario.decided.map((event) =>
      readEventOf(conversations.readEvent(event.envelope), event),
    )
    for (const event of events) {
      this.events.push(event)
      if (isContactFact(event)) this.card = evolveContact(this.card, event)
    }
    return events
  }
}

interface WrittenTo {
  readonly waId: string
  readonly at: Date
  readonly lost?: { readonly waId: string; readonly at: Date }
}

const NOWHERE: WrittenTo = { waId: '', at: new Date(0) }

export class Town {
  readonly records = new Map<string, ContactRecord>()
  /** Under which number each contact is written to, and since when by the channel's clock: what mongo-contacts.ts does, by its words. */
  readonly addresses = new Map<string, WrittenTo>()
  readonly #aliases = aliasesInMemory()
  readonly #intake: Intake
  readonly #undone: ReactedEvent[] = []
  readonly #seen = new Map<string, string>()
  #contacts = 0
  #now = RECEIVED_AT

  constructor() {
    this.#intake = new Intake(
      {
        seen: {
          seenOf: async (keys) => new Set(keys.filter((key) => this.#seen.has(key))),
          contactsOf: async (keys) => new Map([...this.#seen].filter(([key]) => keys.includes(key))),
          remember: async (taken) => taken.forEach((contactId, key) => this.#seen.set(key, contactId)),
        },
        aliases: {
          ...this.#aliases,
          repoint: async (merges) => merges.forEach((merge) => this.#repoint(merge)),
        },
        contacts: { name: async (named) => named.forEach((each) => this.#name(each.contactId, each)) },
        sent: { contactsOf: async () => new Map(), formerOf: async () => undefined },
        append: async (commands) => commands.forEach((command) => this.#decide(command)),
        digestOf: profileDigestWith('app secret'),
        newContact: () => `contact-${++this.#contacts}`,
        now: () => this.#now,
        trouble(code, error) {
          throw new Error(code, { cause: error })
        },
      },
      { answerWithinMs: 60_000, itemsWaitingMax: 1_000, itemsPerRoundMax: 1_000, receiptsGatherMs: 0 },
    )
  }

  /** One webhook. */
  async hears(json: Json): Promise<void> {
    this.#now += 1_000
    const webhook = readWebhook(bodyOf(json), READING)
    if (!webhook.readable) throw new Error(webhook.reason)
    if (webhook.oddParts.length > 0) throw new Error(webhook.oddParts[0]!.reason)
    if (!(await this.#intake.accept(webhook, ''))) throw new Error('a webhook was turned away')
  }

  /** By an agent. */
  blocks(contactId: string): void {
    this.#now += 1_000
    this.#decide({
      ...conversations.command('BlockContact', {}),
      commandId: deterministicId('block', contactId, this.#now),
      streamId: contactId,
      occurredAt: new Date(this.#now).toISOString(),
      actor: { kind: 'agent', id: 'ana' },
    })
  }

  /** By what another gateway knows. */
  merges(from: string, into: string): void {
    this.#decide({
      ...conversations.command('MergeContact', { intoContactId: into }),
      commandId: deterministicId('merge', from, into),
      streamId: from,
      occurredAt: new Date(this.#now).toISOString(),
      actor: { kind: 'channel', id: ACCOUNT },
    })
  }

  /**
   * What follows from what is on record: the gateway is a reader too, and may be late.
   * @param stepsMax it stops in the middle
   * @param pick whose events go on, of so many contacts: each contact's own come in their order
   */
  catchesUp(stepsMax = Infinity, pick: (contacts: number) => number = () => 0): void {
    for (let steps = 0; steps < stepsMax;) {
      const waiting = [...new Set(this.#undone.map(({ envelope }) => envelope.streamId))]
      if (waiting.length === 0) return
      const contactId = waiting[pick(waiting.length)]
      const [event] = this.#undone.splice(
        this.#undone.findIndex(({ envelope }) => envelope.streamId === contactId),
        1,
      ) as [ReactedEvent]
      if (++steps > 1_000) throw new Error('what follows never ends')
      for (const wish of wishesFor(event)) this.#decide(wish)
      const { lostNumbers, merges } = reactionsTo([event], this.#now)
      for (const { contactId, waId, at } of lostNumbers) {
        const before = this.addresses.get(contactId) ?? NOWHERE
        const isLost = isSame(before.waId, waId)
        const lost = before.lost !== undefined && before.lost.at > at ? before.lost : { waId, at }
        this.addresses.set(contactId, { ...before, ...(isLost && { waId: '' }), lost })
      }
      for (const merge of merges) this.#repoint(merge)
    }
  }

  /** The contact of today, if it was another one before. */
  survivorOf(contactId: string): string {
    const { conversation } = this.records.get(contactId)?.state ?? {}
    return conversation?.stage === 'merged' ? this.survivorOf(conversation.into) : contactId
  }

  /** Of a BSUID, or of the parent company's. */
  contactOf(userId: string): string | undefined {
    const kind = userId.includes('.ENT.') ? 'parent' : 'user'
    return this.#aliases.all.get(`${ACCOUNT}|${kind}:${userId}`)?.contactId
  }

  /** Whose a number is; undefined: nobody's, or of somebody who has left it. */
  ownerOf(waId: string): string | undefined {
    const holder = this.#aliases.all.get(numberAlias(ACCOUNT, waId))
    return holder?.until === undefined ? holder?.contactId : undefined
  }

  #decide(command: NewCommand<ConversationCommand>): void {
    let record = this.records.get(command.streamId)
    if (record === undefined)
      this.records.set(command.streamId, (record = new ContactRecord(command.streamId)))
    const reacted: readonly string[] = REACTED_TO
    for (const event of record.takes(command, new Date(this.#now).toISOString()))
      if (reacted.includes(event.type)) this.#undone.push(event as ReactedEvent)
  }

  #name(contactId: string, { names, namedAt }: { names: { waId: string }; namedAt: Date }): void {
    const before = this.addresses.get(contactId)
    const { lost } = before ?? {}
    const isNewer = before === undefined || before.at <= namedAt
    const isLost = lost !== undefined && lost.at >= namedAt && isSame(lost.waId, names.waId)
    const waId = isNewer && !isLost && names.waId !== '' ? names.waId : (before?.waId ?? '')
    this.addresses.set(contactId, { ...before, waId, at: later(before?.at, namedAt) })
  }

  #repoint({ from, into }: Merge): void {
    for (const [alias, contact] of this.#aliases.all)
      if (contact.contactId === from) this.#aliases.all.set(alias, { ...contact, contactId: into })
  }
}

const isSame = (one: string, other: string): boolean => canonicalNumber(one) === canonicalNumber(other)

const later = (one: Date | undefined, other: Date): Date => (one !== undefined && one > other ? one : other)
