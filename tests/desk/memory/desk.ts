import { fileURLToPath } from 'node:url'
import { contentOf } from '@parley/conversation'
import { readPeopleIn } from '@parley/people/directory'
import { ContactProfile, type LearntValue, MessageBody } from '@parley/proto/content'
import type { ConversationEvent } from '@parley/conversation'
import type { Actor } from '@parley/kernel'
import type { Circumstances, Sketch } from '@parley/testkit'
import { POOL, type Presence, type WorkforceEvent } from '@parley/workforce'
import { type Message, type Row, messageOf, rowOf } from '../../../services/agent/src/conversation/shown.ts'
import { agent, pool, queue, supervisor } from '../../../services/routing/test/pool.ts'
import { type Wish, by, observed, says } from '../../../services/routing/test/story.ts'
import { type ApprovedText, type Asked, Obstacles, agentService } from './agent-service.ts'
import { Company } from './company.ts'
import { Line } from './line.ts'
import { ReadModels } from './read-models.ts'

const roster = await readPeopleIn(fileURLToPath(new URL('../../../config', import.meta.url)))
const CLOSE_REASONS = { general: ['solved', 'no_answer', 'spam'], cards: ['solved', 'card_blocked'] }
const PROCESSORS = ['channel: Meta (WhatsApp Cloud API)', 'staffing_vendor: Contato Sul']
const NUMBER = '5511987654321'

/** A conversation as it begins: by default it waits in `general`, and the customer has said "oi" just now. */
export interface Begun {
  readonly id?: string
  readonly contact?: { readonly id?: string; readonly name?: string; readonly language?: string }
  readonly queue?: string
  readonly why?: string
  readonly says?: string
  /** When all of it happened. */
  readonly at?: Date
  /** Whose it is. */
  readonly agent?: string
  readonly isClosed?: boolean
}

/** How a customer's message came. */
interface Came {
  /** The provider's word. */
  readonly type?: string
  readonly replyTo?: string
  readonly at?: Date
}

export const textOf = (text: string): MessageBody =>
  MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })

export async function deskInMemory({
  templates = [],
}: { readonly templates?: readonly ApprovedText[] } = {}): Promise<DeskInMemory> {
  await using undo = new AsyncDisposableStack()
  const models = await ReadModels.open()
  const faults: unknown[] = []
  const onFault = (error: unknown): void => void faults.push(error)
  const company = undo.use(new Company((event) => models.take(event), onFault))
  await company.open(configured(CLOSE_REASONS))
  for (const agentId of ['p01', 'p02']) company.wishPool('SetPresence', { agentId, status: 'busy' })
  const obstacles = new Obstacles()
  const service = undo.use(await agentService({ company, models, roster, templates, obstacles, onFault }))
  const line = undo.use(await Line.to(service.port))
  return new DeskInMemory({ company, models, service, obstacles, line, faults, running: undo.move() })
}

/**
 * A desk's service with the rules of routing behind it, and a line to it. What people wish goes the whole way; what customers, the
 * robot and others did is stated as facts, or wished in their names.
 */
export class DeskInMemory implements AsyncDisposable {
  readonly line: Line
  readonly #faults: readonly unknown[]
  readonly #company: Company
  readonly #models: ReadModels
  readonly #service: Awaited<ReturnType<typeof agentService>>
  readonly #obstacles: Obstacles
  #closeReasons: Readonly<Record<string, readonly string[]>> = CLOSE_REASONS
  readonly #running: AsyncDisposableStack
  #count = 0

  constructor(parts: {
    readonly company: Company
    readonly models: ReadModels
    readonly service: Awaited<ReturnType<typeof agentService>>
    readonly obstacles: Obstacles
    readonly line: Line
    readonly faults: readonly unknown[]
    readonly running: AsyncDisposableStack
  }) {
    this.line = parts.line
    this.#faults = parts.faults
    this.#company = parts.company
    this.#models = parts.models
    this.#service = parts.service
    this.#obstacles = parts.obstacles
    this.#running = parts.running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync()
    if (this.#faults.length > 0) throw new AggregateError(this.#faults, 'Something failed behind the desk.')
  }

  get url(): string {
    return this.line.url
  }

  /** Every change that came in, in its order. */
  get asked(): readonly Asked[] {
    return this.#service.asked
  }

  row(id: string): Row {
    const { name } = this.#service
    return rowOf(this.#models.conversation(id), { name, secrets: [], readUpTo: undefined })
  }

  messages(id: string): readonly Message[] {
    const { name } = this.#service
    const contactName = this.#models.conversation(id).contact.name
    return this.#models
      .messages(id)
      .map((message) => messageOf(message, { name, secrets: [], contactName, replyTo: null }))
  }

  presenceOf(personId: string): Presence {
    return this.#service.feed.pool.statusOf(personId)
  }

  // What happened

  begin({
    id = this.#next('c'),
    contact: { id: contactId = `contact-${id}`, name = `Cliente ${id}`, language = 'pt' } = {},
    queue: of = 'general',
    why = 'requested',
    says: words = 'oi',
    at = new Date(),
    agent: agentId,
    isClosed = false,
  }: Begun = {}): Row {
    const { contacts, policy } = this.#company
    const profile = ContactProfile.fromPartial({ waId: NUMBER, name })
    const around = { correlationId: id, at: at.toISOString() }
    const happens = (fact: Sketch<ConversationEvent>, more: Circumstances = {}) =>
      contacts.state(contactId, fact, { ...around, ...more })
    if (!contacts.of(contactId).state.contact.registered) {
      const { profileDigest } = observed(profile)
      happens(
        { type: 'ContactRegistered', data: { channelAccountId: 'account', language, profileDigest } },
        { correlationId: '', content: contentOf({ profile }) },
      )
      const { version: noticeVersion } = policy.notice
      happens(
        { type: 'PrivacyNoticeShown', data: { noticeVersion, processors: PROCESSORS } },
        { correlationId: '' },
      )
    }
    happens({ type: 'ConversationOpened', data: { conversationId: id, language } })
    const messageId = this.#next('m')
    const said = { messageId, providerMessageId: wamidOf(messageId), type: 'text' }
    const content = contentOf({ messages: [textOf(words)], profile })
    happens({ type: 'MessageReceived', data: said }, { content })
    happens({ type: 'HandoverRequested', data: { queue: of, reason: why, language, revision: 1 } })
    const enqueued = { conversationId: id, contactId, queue: of, language, weight: 1, revision: 2 }
    this.#inPool(id, { type: 'ConversationEnqueued', data: enqueued }, at)
    happens({ type: 'ConversationQueued', data: { conversationId: id, queue: of, revision: 2 } })
    if (agentId !== undefined) this.give(id, agentId, at)
    if (isClosed) {
      happens({ type: 'ConversationClosed', data: { conversationId: id, reason: 'solved' } })
      const withdrawn = { conversationId: id, contactId, agentId: agentId ?? '' }
      this.#inPool(id, { type: 'ConversationWithdrawn', data: withdrawn }, at)
    }
    return this.row(id)
  }

  give(id: string, agentId: string, at = new Date()): void {
    const { queue: of, contact } = this.#models.conversation(id)
    const assigned = {
      conversationId: id,
      agentId,
      how: 'claimed',
      queue: of ?? '',
      revision: this.#nextRevision(id),
      closeReasons: [...(this.#closeReasons[of ?? ''] ?? [])],
      team: roster.people.get(agentId)?.team ?? '',
    }
    this.#inPool(id, { type: 'ConversationAssigned', data: { ...assigned, contactId: contact.id } }, at)
    this.#state(id, { type: 'ConversationAssigned', data: assigned }, { at: at.toISOString() })
  }

  offer(id: string, agentId: string, seconds: number): void {
    const { contact, queue: of } = this.#models.conversation(id)
    const offerId = this.#next('o')
    const revision = this.#nextRevision(id)
    const expiresAt = new Date(Date.now() + seconds * 1_000).toISOString()
    this.#inPool(id, {
      type: 'ConversationOffered',
      data: {
        conversationId: id,
        contactId: contact.id,
        offerId,
        agentId,
        queue: of ?? '',
        language: contact.language,
        waitingSince: new Date(this.#company.pool.of(POOL).state.works.get(id)!.since).toISOString(),
        expiresAt,
        revision,
      },
    })
    this.#company.wakeAt(expiresAt)
    const offered = { conversationId: id, offerId, agentId, expiresAt, revision }
    this.#state(id, { type: 'ConversationOffered', data: offered })
  }

  /** @returns the message's id */
  hears(id: string, body: MessageBody, { type = 'text', replyTo, at = new Date() }: Came = {}): string {
    const messageId = this.#next('m')
    const answered = this.#models.messages(id).find(({ _id }) => _id === replyTo)
    const data = {
      messageId,
      providerMessageId: wamidOf(messageId),
      type,
      replyToProviderMessageId: answered?.providerMessageId ?? '',
    }
    const content = contentOf({ messages: [body] })
    this.#state(id, { type: 'MessageReceived', data }, { at: at.toISOString(), content })
    return messageId
  }

  /** What somebody of ours said, and what became of it. @returns the message's id */
  sends(
    id: string,
    body: MessageBody,
    status: NonNullable<Message['status']>,
    actor: Actor = by('bot'),
  ): string {
    const messageId = this.#next('m')
    const purpose = actor.kind === 'agent' ? 'agent_message' : 'bot_answer'
    const said = { messageId, purpose, type: body.body?.$case ?? '' }
    const content = contentOf({ messages: [body] })
    this.#state(id, { type: 'MessageSendRequested', data: said }, { actor, content })
    const providerMessageId = wamidOf(messageId)
    switch (status) {
      case 'queued':
        break
      case 'uncertain':
        this.#state(id, { type: 'MessageSendUncertain', data: { messageId } })
        break
      case 'failed': {
        const why = { providerCode: 131_047, providerTitle: 'More than 24 hours have passed.' }
        this.#state(id, { type: 'MessageFailed', data: { messageId, ...why } })
        break
      }
      default:
        this.#state(id, { type: 'MessageSent', data: { messageId, providerMessageId } })
        if (status !== 'sent')
          this.#state(id, { type: 'DeliveryStatusAdvanced', data: { messageId, providerMessageId, status } })
    }
    return messageId
  }

  notes(id: string, agentId: string, note: string): void {
    const data = { messageId: this.#next('m'), agentId }
    this.#state(
      id,
      { type: 'NoteAdded', data },
      { actor: by('agent', agentId), content: contentOf({ note }) },
    )
  }

  fileIsThere(id: string, messageId: string, mimeType: string): void {
    const content = contentOf({ file: { sha256: 'a'.repeat(64), mimeType, bytes: 68n } })
    this.#state(id, { type: 'MediaStored', data: { messageId } }, { content })
  }

  fileIsGone(id: string, messageId: string, reason: string): void {
    this.#state(id, { type: 'MediaUnavailable', data: { messageId, reason } })
  }

  /** The robot did, from what the customer said in these messages. */
  learns(id: string, learnt: readonly LearntValue[], sensitiveMessageIds: readonly string[]): void {
    const data = { turn: 1, flow: 'atendimento', sensitiveMessageIds: [...sensitiveMessageIds] }
    const content = contentOf({ learnt: [...learnt] })
    this.#state(id, { type: 'BotTurnCompleted', data }, { actor: by('bot'), content })
  }

  /** Its owner has read all of it. */
  isRead(id: string): void {
    void this.#service.desks.setRead(id, this.#models.conversation(id).seenVersion)
  }

  // What is wished: the rules say what comes of it

  customerWrites(id: string, text: string): void {
    const profile = { waId: NUMBER, name: this.#models.conversation(id).contact.name }
    this.customerWishes(id, says(text, { profile, occurredAt: new Date().toISOString() }))
  }

  customerWishes(id: string, wish: Wish): void {
    this.#company.wish(this.#models.conversation(id).contact.id, wish)
  }

  supervisorCloses(id: string, personId: string): void {
    const seenOwnerId = this.#models.conversation(id).agentId ?? ''
    const data = { conversationId: id, agentId: personId, bySupervisor: true, seenOwnerId, reason: 'solved' }
    this.customerWishes(id, {
      type: 'CloseConversation',
      data,
      actor: by('agent', personId),
      correlationId: id,
    })
  }

  presenceIs(agentId: string, status: Presence): void {
    this.#company.wishPool('SetPresence', { agentId, status })
  }

  /** The rules made them away: two offers in a row ended without an answer of theirs. */
  missedTwo(agentId: string): void {
    const data = { agentId, status: 'away', reasonCode: 'missed_offers', team: 'atendimento' }
    this.#inPool('', { type: 'PresenceChanged', data })
  }

  /** Another configuration is in force. */
  closesFor(of: string, reasons: readonly string[]): void {
    this.#closeReasons = { ...this.#closeReasons, [of]: reasons }
    this.#company.configure(configured(this.#closeReasons))
  }

  // What goes wrong

  /** The desk that comes back next has been away too long: it is told to fetch anew. */
  forgets(): void {
    this.#obstacles.isForgetful = true
    this.line.drop()
  }

  /** Changes wait with their answer, and files with being taken. @returns what lets them go */
  holdAnswers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#obstacles.gate = promise
    return resolve
  }

  /** Documents are behind what desks are told. @returns what writes them */
  holdDocuments(): () => void {
    return this.#models.holds()
  }

  /** The next change is refused by the rules. */
  refuseNext(code: string): void {
    this.#obstacles.refusedNext = code
  }

  /** A fact of this conversation. */
  #state(id: string, fact: Sketch<ConversationEvent>, circumstances: Circumstances = {}): void {
    const { contact } = this.#models.conversation(id)
    const around = { correlationId: id, at: new Date().toISOString() }
    this.#company.contacts.state(contact.id, fact, { ...around, ...circumstances })
  }

  #inPool(id: string, fact: Sketch<WorkforceEvent>, at = new Date()): void {
    this.#company.pool.state(POOL, fact, { correlationId: id, at: at.toISOString() })
  }

  /** Of the pool's words about a conversation. */
  #nextRevision(id: string): number {
    return (this.#company.pool.of(POOL).state.works.get(id)?.revision ?? 0) + 1
  }

  #next(prefix: string): string {
    this.#count += 1
    return `${prefix}${this.#count}`
  }
}

const wamidOf = (messageId: string): string => `wamid.${messageId}`

function configured(closeReasons: Readonly<Record<string, readonly string[]>>) {
  const queues = Object.keys(closeReasons)
  const more = { capacity: 1_000, queues, team: 'atendimento' }
  return pool(
    queues.map((name) => queue(name, { closeReasons: [...closeReasons[name]!] })),
    [agent('p01', more), agent('p02', more), supervisor('p07', 'atendimento'), supervisor('p09', '')],
    { flows: [{ id: 'atendimento', steps: ['menu'] }] },
  )
}
