import { createHash } from 'node:crypto'
import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { type NewCommand, deterministicId } from '@parley/kernel'
import { type Merge, type Release, type Sighting, aliasesOf, recipientOf } from '../identity/aliases.ts'
import { type AliasStore, type Resolved, resolveContacts } from '../identity/resolve.ts'
import { ContactProfile } from '@parley/proto/content'
import type { CustomerNames, OddPart, ReadWebhook, WebhookItem } from './canonical.ts'
import { type Customer, commandOf, namesOf, repeatKey } from './commands.ts'
import { concernsAll } from './facts.ts'
import type { ProfileDigest } from './profile-digest.ts'

export interface DeadPart {
  readonly id: string
  readonly code: OddPart['code']
  readonly reason: string
  readonly key: string
  readonly value: Uint8Array
}

export interface IntakePorts {
  readonly seen: {
    seenOf(keys: readonly string[]): Promise<ReadonlySet<string>>
    /** In whose record each of these is. */
    contactsOf(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
    /** @param taken in whose record each key is @param forEver of these */
    remember(taken: ReadonlyMap<string, string>, forEver: ReadonlySet<string>): Promise<void>
  }
  readonly aliases: AliasStore & { repoint(merges: readonly Merge[]): Promise<void> }
  readonly contacts: {
    name(
      contacts: readonly {
        readonly contactId: string
        readonly accountId: string
        readonly names: CustomerNames
        readonly namedAt: Date
      }[],
    ): Promise<void>
  }
  readonly sent: {
    /** To which contact each message of ours went. */
    contactsOf(messageIds: readonly string[]): Promise<ReadonlyMap<string, string>>
    /** Which of the contacts that proved to be this one a message of ours went to, by the channel's id; undefined: to none of them. */
    formerOf(contactId: string, providerMessageId: string): Promise<string | undefined>
  }
  /** Resolves when the log acknowledged all of it. */
  append(commands: readonly NewCommand<ConversationCommand>[], deadParts: readonly DeadPart[]): Promise<void>
  readonly digestOf: ProfileDigest
  newContact(): string
  now(): number
  trouble(code: 'WEBHOOK_NOT_STORED' | 'REPEATS_NOT_REMEMBERED' | 'MERGE_NOT_FOLLOWED', error: unknown): void
}

export interface IntakeSettings {
  /** WhatsApp waits 5 to 10 s for an answer. */
  readonly answerWithinMs: number
  /** Waiting beyond that: webhooks are turned away, and come again. */
  readonly itemsWaitingMax: number
  readonly itemsPerRoundMax: number
  /** So long receipts wait for each other; whatever a customer wrote takes them along at once. */
  readonly receiptsGatherMs: number
}

/**
 * WhatsApp repeats for up to 7 days, and the memory of repeats is a day longer: what is older may be a repeat that nobody remembers.
 * What does not tell its time is remembered for ever: nothing else would show that it comes again.
 */
const TAKEN_FOR_MS = 7 * 24 * 60 * 60 * 1000

const UNREMEMBERED_MAX = 20_000
const REMEMBER_AGAIN_MS = 500

/** A body counts for as many items as would fill it like this: its bytes are held for as long as it waits. */
const ITEM_BYTES = 4_096

interface Post {
  readonly webhook: Pick<ReadWebhook, 'items' | 'oddParts'>
  readonly traceparent: string
  readonly size: number
  readonly isOfReceipts: boolean
  isAbandoned: boolean
  answer(isStored: boolean): void
}

/**
 * Takes webhooks in. What arrives while one round is on its way goes together as the next one: one look-up of repeats, one of
 * identities and one append, however many webhooks there are.
 */
export class Intake {
  readonly #ports: IntakePorts
  readonly #settings: IntakeSettings
  #posts: Post[] = []
  #itemsWaiting = 0
  #running: Promise<void> | undefined
  #gathering: NodeJS.Timeout | undefined
  /** Stored in the log, and not yet in the memory of repeats: writing that down is nothing that the sender has to wait for. */
  readonly #unremembered = new Map<string, string>()
  readonly #forEver = new Set<string>()
  #remembering: Promise<void> | undefined
  #draining = false

  constructor(ports: IntakePorts, settings: IntakeSettings) {
    this.#ports = ports
    this.#settings = settings
  }

  /** True once the log has acknowledged everything of the webhook; false when that cannot be said in time. */
  async accept(webhook: ReadWebhook, traceparent: string): Promise<boolean> {
    if (webhook.items.length + webhook.oddParts.length === 0) return true
    const parts = this.#partsOf(webhook)
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    if (this.#itemsWaiting > 0 && this.#itemsWaiting + size > this.#settings.itemsWaitingMax) return false
    // Of many thousand none waits for others: each part would wait anew.
    const isOfReceipts =
      parts.length === 1 &&
      webhook.oddParts.length === 0 &&
      webhook.items.every(({ kind }) => kind === 'status')
    const { promise: isStored, resolve } = Promise.withResolvers<boolean>()
    let partsLeft = parts.length
    // Answered 503, so it comes again: what has not begun is done then, behind what could not be stored now.
    const giveUp = (): void => {
      for (const post of posts) post.isAbandoned = true
      resolve(false)
    }
    const answer = (wasStored: boolean): void => {
      if (!wasStored) giveUp()
      else if (--partsLeft === 0) resolve(true)
    }
    const posts = parts.map((part): Post => ({
      ...part,
      traceparent,
      isOfReceipts,
      isAbandoned: false,
      answer,
    }))
    const timer = setTimeout(giveUp, this.#settings.answerWithinMs)
    for (const post of posts) {
      this.#posts.push(post)
      this.#itemsWaiting += post.size
    }
    this.#begin()
    try {
      return await isStored
    } finally {
      clearTimeout(timer)
    }
  }

  /** What one round takes at most, in order: of a webhook of many thousands the stores would refuse a question about all at once, each time it comes. */
  #partsOf(webhook: ReadWebhook): readonly Pick<Post, 'webhook' | 'size'>[] {
    const { items, oddParts, bytes } = webhook
    const { itemsPerRoundMax } = this.#settings
    const parts: Pick<Post, 'webhook' | 'size'>[] = []
    const count = Math.max(items.length, oddParts.length)
    let weightLeft = Math.max(items.length + oddParts.length, Math.ceil(bytes / ITEM_BYTES))
    for (let from = 0; from < count; from += itemsPerRoundMax) {
      const part = {
        items: items.slice(from, from + itemsPerRoundMax),
        oddParts: oddParts.slice(from, from + itemsPerRoundMax),
      }
      const isLast = from + itemsPerRoundMax >= count
      const size = isLast ? weightLeft : part.items.length + part.oddParts.length
      weightLeft -= size
      parts.push({ webhook: part, size })
    }
    return parts
  }

  async drain(): Promise<void> {
    this.#draining = true
    this.#begin()
    await this.#running
    await this.#remembering
  }

  /** Now, when anything waits that must not; else when receipts have waited for each other. */
  #begin(): void {
    if (this.#running !== undefined || this.#posts.length === 0) return
    if (this.#isUrgent()) {
      clearTimeout(this.#gathering)
      this.#gathering = undefined
      this.#running = this.#run()
    } else
      this.#gathering ??= setTimeout(() => {
        this.#gathering = undefined
        this.#running ??= this.#run()
      }, this.#settings.receiptsGatherMs)
  }

  #isUrgent(): boolean {
    return this.#draining || this.#posts.some(({ isOfReceipts }) => !isOfReceipts)
  }

  async #run(): Promise<void> {
    // Webhooks of the same turn of the event loop go together.
    await Promise.resolve()
    do {
      const round = this.#takeRound()
      try {
        await this.#store(round)
        for (const post of round) post.answer(true)
      } catch (error) {
        this.#ports.trouble('WEBHOOK_NOT_STORED', error)
        for (const post of round) post.answer(false)
      }
    } while (this.#isUrgent() && this.#posts.length > 0)
    this.#running = undefined
    this.#begin()
  }

  #takeRound(): Post[] {
    const round: Post[] = []
    let items = 0
    while (this.#posts.length > 0 && (round.length === 0 || items < this.#settings.itemsPerRoundMax)) {
      const post = this.#posts.shift()!
      this.#itemsWaiting -= post.size
      if (post.isAbandoned) continue
      round.push(post)
      items += post.size
    }
    return round
  }

  async #store(round: readonly Post[]): Promise<void> {
    const items = new Map<string, { readonly item: WebhookItem; readonly traceparent: string }>()
    const oddParts: OddPart[] = []
    for (const { webhook, traceparent } of round) {
      oddParts.push(...webhook.oddParts)
      for (const item of webhook.items) {
        const key = repeatKey(item)
        if (!items.has(key)) items.set(key, { item, traceparent })
      }
    }
    const oldest = this.#ports.now() - TAKEN_FOR_MS
    for (const [key, { item }] of items) {
      if (this.#unremembered.has(key)) items.delete(key)
      else if (Date.parse(item.occurredAt) < oldest) {
        items.delete(key)
        oddParts.push({
          code: 'TOO_OLD',
          reason: 'It is older than what WhatsApp still repeats, and than what is remembered of repeats.',
          value: item.raw,
          accountId: item.accountId,
        })
      }
    }
    const seen = await this.#ports.seen.seenOf(rememberedKeys(items))
    for (const key of seen) items.delete(key)

    const news = [...items.values()]
    const [contacts, owners] = await Promise.all([
      this.#resolveCustomers(news.map(({ item }) => item)),
      this.#resolveStatuses(news.map(({ item }) => item)),
    ])
    const holders = await this.#holdersOf(
      news.map(({ item }) => item),
      contacts,
    )
    const taken = new Map<string, string>()
    const commands: NewCommand<ConversationCommand>[] = []
    const merges: Merge[] = []
    for (const { item, traceparent } of news) {
      const resolved = contacts.get(item)
      for (const merge of resolved?.merges ?? []) {
        merges.push(merge)
        commands.push({ ...mergeCommand(merge, item), traceparent })
      }
      const holder = holders.get(item)
      const customer =
        holder === undefined || holder === resolved?.contactId
          ? (resolved ?? owners.get(item))
          : { contactId: holder, ownsNumber: false }
      if (customer === undefined) {
        oddParts.push({
          code: 'UNKNOWN_RECIPIENT',
          reason: 'The receipt is of no message and no customer that we know.',
          value: item.raw,
          accountId: item.accountId,
        })
        continue
      }
      const { command, oddPart } = commandOf(item, customer, this.#ports.digestOf)
      commands.push({ ...command, traceparent })
      taken.set(repeatKey(item), customer.contactId)
      if (oddPart !== undefined) oddParts.push(oddPart)
    }
    if (commands.length + oddParts.length === 0) return

    await this.#ports.append(commands, oddParts.map(deadPartOf))

    // Acknowledged: from here on nothing may turn the answer into a 503. What is left undone is made good by ids that repeat.
    for (const key of rememberedKeys(items)) {
      this.#unremembered.set(key, taken.get(key) ?? '')
      if (items.get(key)?.item.isUntimed) this.#forEver.add(key)
    }
    this.#remembering ??= this.#remember()
    if (this.#unremembered.size > UNREMEMBERED_MAX) await this.#remembering
    try {
      if (merges.length > 0) await this.#ports.aliases.repoint(merges)
    } catch (error) {
      this.#ports.trouble('MERGE_NOT_FOLLOWED', error)
    }
  }

  async #remember(): Promise<void> {
    while (this.#unremembered.size > 0) {
      const taken = new Map(this.#unremembered)
      try {
        await this.#ports.seen.remember(taken, this.#forEver)
      } catch (error) {
        this.#ports.trouble('REPEATS_NOT_REMEMBERED', error)
        if (this.#draining) break
        await new Promise((resolve) => setTimeout(resolve, REMEMBER_AGAIN_MS))
        continue
      }
      for (const key of taken.keys()) {
        this.#unremembered.delete(key)
        this.#forEver.delete(key)
      }
    }
    this.#remembering = undefined
  }

  async #resolveCustomers(items: readonly WebhookItem[]): Promise<ReadonlyMap<WebhookItem, Resolved>> {
    const written = items.filter((item) => item.kind !== 'status')
    if (written.length === 0) return new Map()
    const resolved = await resolveContacts(
      this.#ports.aliases,
      written.map(sightingOf),
      () => this.#ports.newContact(),
      (releases) => this.#ports.append(releases.map(releaseCommand), []),
    )
    await this.#ports.contacts.name(
      written.flatMap((item, index) => {
        // A notice of the channel may still be under a number that the customer has left.
        if (item.kind === 'message' && item.type === 'system') return []
        const customer = resolved[index]!
        if (customer.isFormer && item.kind !== 'namesChange') return []
        const { contactId } = customer
        const names = namesOf(item, customer)
        return [{ contactId, accountId: item.accountId, names, namedAt: new Date(item.occurredAt) }]
      }),
    )
    return new Map(written.map((item, index) => [item, resolved[index]!]))
  }

  /**
   * What is said of a message belongs where the message is, whoever its customer is by now: of two contacts that proved to be one the
   * record of the former would show for ever what was deleted. An edit that says stop or start is heard by who they are.
   */
  async #holdersOf(
    items: readonly WebhookItem[],
    customers: ReadonlyMap<WebhookItem, Resolved>,
  ): Promise<ReadonlyMap<WebhookItem, string>> {
    const targets = new Map(
      items.flatMap((item) =>
        'target' in item && !(item.kind === 'edit' && concernsAll(item.consent))
          ? [[item, `${item.accountId}|${item.target}`] as const]
          : [],
      ),
    )
    if (targets.size === 0) return new Map()
    const known = await this.#ports.seen.contactsOf([...targets.values()])
    const holders = await Promise.all(
      [...targets].map(async ([item, key]): Promise<readonly [WebhookItem, string][]> => {
        let holder = this.#unremembered.get(key) || known.get(key)
        // What they did not write is ours: people react to it.
        if (holder === undefined && item.kind === 'reaction')
          holder = await this.#ports.sent.formerOf(customers.get(item)!.contactId, item.target)
        return holder === undefined ? [] : [[item, holder]]
      }),
    )
    return new Map(holders.flat())
  }

  /**
   * A receipt belongs to the stream that its message belongs to, even if the customer was merged into another since. One that does not
   * carry our id back is looked for in the stream of its recipient.
   */
  async #resolveStatuses(items: readonly WebhookItem[]): Promise<ReadonlyMap<WebhookItem, Customer>> {
    const statuses = items.filter((item) => item.kind === 'status')
    if (statuses.length === 0) return new Map()
    const contacts = await this.#ports.sent.contactsOf([
      ...new Set(statuses.flatMap(({ messageId }) => (messageId === '' ? [] : [messageId]))),
    ])
    const resolved = new Map<WebhookItem, Customer>()
    const isOf = (status: WebhookItem, contactId: string) =>
      resolved.set(status, { contactId, ownsNumber: false })
    const others: (typeof statuses)[number][] = []
    for (const status of statuses) {
      const contactId = contacts.get(status.messageId)
      if (contactId === undefined) others.push(status)
      else isOf(status, contactId)
    }
    if (others.length === 0) return resolved
    const known = await this.#ports.aliases.find([
      ...new Set(others.flatMap(({ accountId, recipient }) => aliasesOf({ accountId, names: recipient }))),
    ])
    for (const status of others) {
      const contact = recipientOf(status.accountId, status.recipient, known)
      if (contact !== undefined) isOf(status, contact.contactId)
    }
    return resolved
  }
}

/** A receipt that comes again moves nothing: the conversation knows how far its message is. They are most of what comes, and not kept here. */
function rememberedKeys(items: ReadonlyMap<string, { readonly item: WebhookItem }>): string[] {
  return [...items].flatMap(([key, { item }]) => (item.kind === 'status' && !item.isUntimed ? [] : [key]))
}

function sightingOf(item: Exclude<WebhookItem, { kind: 'status' }>): Sighting {
  return {
    accountId: item.accountId,
    names: item.sender,
    next: item.kind === 'namesChange' ? item.next : undefined,
    at: Date.parse(item.occurredAt),
  }
}

/** Names nobody but the former owner: their record says that the number went, not to whom. */
function releaseCommand({
  contactId,
  accountId,
  waId,
  boundAt,
  at,
}: Release): NewCommand<ConversationCommand> {
  return {
    ...conversations.command('ReleaseContactNumber', {}),
    commandId: deterministicId('release', contactId, waId, String(boundAt)),
    streamId: contactId,
    occurredAt: new Date(at).toISOString(),
    actor: { kind: 'channel', id: accountId },
    content: contentOf({ profile: ContactProfile.fromPartial({ waId }) }),
  }
}

function mergeCommand({ from, into }: Merge, item: WebhookItem): NewCommand<ConversationCommand> {
  return {
    ...conversations.command('MergeContact', { intoContactId: into }),
    commandId: deterministicId('merge', from, into),
    streamId: from,
    occurredAt: item.occurredAt,
    actor: { kind: 'channel', id: item.accountId },
  }
}

/** A record of the log holds less than a webhook may: what is cut says so, and says of what it is the beginning. */
const DEAD_PART_BYTES_MAX = 700_000

function deadPartOf({ code, reason, value, accountId }: OddPart): DeadPart {
  const digest = createHash('sha256').update(value).digest('hex')
  const isCut = value.length > DEAD_PART_BYTES_MAX
  return {
    id: deterministicId('dead-part', code, digest),
    code,
    reason: isCut
      ? `${reason} Only the first ${DEAD_PART_BYTES_MAX} of ${value.length} bytes are kept (SHA-256 of all: ${digest}).`
      : reason,
    key: accountId === '' ? 'webhook' : accountId,
    value: isCut ? value.subarray(0, DEAD_PART_BYTES_MAX) : value,
  }
}
