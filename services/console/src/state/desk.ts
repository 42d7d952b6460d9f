import type { DeskEvent, Message, Offer, Presence, Row, RowPage, ThreadPage, View } from '../api/shapes.ts'
import type { LineState } from '../api/stream.ts'
import { serviceNow } from './clock.ts'
import { type Reach, listOf, placeIn } from './lists.ts'

export interface Thread {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Where the page before this one begins; null at the conversation's first message. */
  readonly before: string | null
}

/** A colleague writes in a conversation. */
interface Typist {
  readonly conversationId: string
  readonly agentId: string
  readonly name: string
  readonly untilMs: number
}

/** They say it again every 10 s. */
const TYPING_STANDS_MS = 12_000
/** Whoever sees much is told all day of what ends and of what goes to others: of so many the older half is forgotten. */
const PAST_MAX = 2_000
const PAST_KEPT = PAST_MAX / 2
/** More messages than are told of what nobody looks at while documents are behind. */
const TOLD_MAX = 1_000

/** What a person is told of as it happens, whatever they look at. */
export type News =
  | {
      readonly kind: 'offer_ended'
      /** Made to this person, or made to another one because this person handed the conversation on. */
      readonly of: 'made' | 'handed_on'
      readonly outcome: 'accepted' | 'declined' | 'timed_out' | 'withdrawn'
    }
  /** A colleague calls this person into a conversation. */
  | { readonly kind: 'mentioned'; readonly conversationId: string; readonly by: string | null }
  /** It became theirs, and no offer of it was made to them. */
  | { readonly kind: 'given'; readonly conversationId: string }
  /** They had put it off until now. */
  | { readonly kind: 'snooze_over'; readonly conversationId: string }
  /** What they said did not reach the customer. */
  | { readonly kind: 'failed'; readonly conversationId: string }

/**
 * What this desk knows: read by pages, kept true by the stream. A conversation's stream version decides which of two words is newer, so
 * it does not matter which of page and event comes first.
 */
export class Desk {
  readonly me: string
  /** Those that are past in the order in which they became so. */
  readonly #rows = new Map<string, Row>()
  readonly #threads = new Map<string, Thread>()
  /** Messages by id that are not shown, since their thread was not read, or not so far back. An answer may be older, and they are not told again. */
  readonly #told = new Map<string, Extract<DeskEvent, { name: 'message' }>['data']>()
  /** Threads that were neither this person's nor open since they were read: what was said in them meanwhile came to others. */
  readonly #missed = new Set<string>()
  readonly #offers = new Map<string, Offer>()
  readonly #presence = new Map<string, Presence>()
  #madeSoBy: string | null = null
  /** Whose presence was told while all of them are being read: the answer may be older. */
  #presenceMeanwhile: Set<string> | undefined
  readonly #reach = new Map<View, Reach>()
  #typists: readonly Typist[] = []
  /** What was known before all had to be read again: shown where it is open until it has been, and of no other use. */
  #rowsBefore: ReadonlyMap<string, Row> = new Map()
  #threadsBefore = new Map<string, Thread>()
  readonly #listeners = new Set<() => void>()
  readonly #lists = new Map<View, { readonly revision: number; readonly rows: readonly Row[] }>()
  readonly #onNews = new Set<(news: News) => void>()
  /** Messages come again when they change; that one calls, or failed, is told once. */
  readonly #toldOf = new Set<string>()
  /** Offered to this person, and not theirs yet. */
  readonly #offered = new Set<string>()
  /** A colleague took them by an offer that this person asked for. */
  readonly #handedOn = new Set<string>()
  /** Contacts that proved to be one customer, by each of them. */
  readonly #oneCustomer = new Map<string, ReadonlySet<string>>()
  #openOffers: readonly Offer[] = []
  #line: LineState = 'connecting'
  #revision = 0
  #isTold = true
  /** Raised when all that was read may have holes and has to be read again. */
  #epoch = 0
  /** Rows that the stream told of and that are past, since the older ones were forgotten. */
  #pastCount = 0
  #openId: string | undefined
  /** Raised when the list of what is closed has to be read again from its first page. */
  #closedReading = 0

  /** @param me the person's id */
  constructor(me: string) {
    this.me = me
  }

  get line(): LineState {
    return this.#line
  }
  get epoch(): number {
    return this.#epoch
  }
  get offers(): readonly Offer[] {
    return this.#openOffers
  }
  get revision(): number {
    return this.#revision
  }

  row = (id: string): Row | undefined => this.#rows.get(id) ?? this.#rowsBefore.get(id)
  thread = (id: string): Thread | undefined => this.#threads.get(id) ?? this.#threadsBefore.get(id)
  /** Not all that was said in it came here: it is to be read again. */
  isMissed = (id: string): boolean => this.#missed.has(id)
  presenceOf = (agentId: string): Presence | undefined => this.#presence.get(agentId)
  reachOf = (view: View): Reach | undefined => this.#reach.get(view)
  /** Another one than before: the list is to be read from its first page. */
  readingOf = (view: View): string => `${this.#epoch} ${view === 'closed' ? this.#closedReading : 0}`
  rows = (): Iterable<Row> => this.#rows.values()

  /** What else there is with this customer, under whichever contact. */
  othersOf({ id, contact }: Row): readonly Row[] {
    const contacts = this.#oneCustomer.get(contact.id) ?? new Set([contact.id])
    return [...this.#rows.values()].filter((other) => other.id !== id && contacts.has(other.contact.id))
  }

  /** It is the customer's: a conversation that an agent began has the one of what they wrote before, in another. */
  replyWindowEndsAt({ contact, replyWindowEndsAt: own }: Row): string | null {
    let latest = own
    for (const { contact: other, replyWindowEndsAt } of this.#rows.values())
      if (other.id === contact.id && (replyWindowEndsAt ?? '') > (latest ?? '')) latest = replyWindowEndsAt
    return latest
  }

  /** Who of the colleagues writes there. */
  typistsIn(conversationId: string, nowMs: number): readonly string[] {
    return this.#typists.flatMap((typist) =>
      typist.conversationId === conversationId && typist.untilMs > nowMs ? [typist.name] : [],
    )
  }

  list(view: View): readonly Row[] {
    const known = this.#lists.get(view)
    if (known?.revision === this.#revision) return known.rows
    const offered = new Set(this.#openOffers.map(({ conversationId }) => conversationId))
    const rows = listOf(view, this.#rows.values(), this.#reach.get(view), { me: this.me, offered })
    this.#lists.set(view, { revision: this.#revision, rows })
    return rows
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onNews(listener: (news: News) => void): () => void {
    this.#onNews.add(listener)
    return () => this.#onNews.delete(listener)
  }

  wasHandedOn = (conversationId: string): boolean => this.#handedOn.has(conversationId)

  lineIs(line: LineState): void {
    if (line === this.#line) return
    this.#line = line
    this.#changed()
  }

  /** Why the rules made the person so; null: they wished it. */
  get madeSoBy(): string | null {
    return this.#madeSoBy
  }

  /** @param reasonCode as the rules say it */
  presenceIs(status: Presence, agentId = this.me, reasonCode: string | null = null): void {
    if (agentId === this.me) this.#madeSoBy = reasonCode
    this.#presence.set(agentId, status)
    this.#presenceMeanwhile?.add(agentId)
    this.#changed()
  }

  /** They have been asked for. */
  readsPresences(): void {
    this.#presenceMeanwhile = new Set()
  }

  /** @param read by agent @param reasonCode of the person's own */
  takePresences(read: ReadonlyMap<string, Presence>, reasonCode: string | null = null): void {
    if (this.#presenceMeanwhile?.has(this.me) !== true) this.#madeSoBy = reasonCode
    for (const [agentId, status] of read)
      if (this.#presenceMeanwhile?.has(agentId) !== true) this.#presence.set(agentId, status)
    this.#presenceMeanwhile = undefined
    this.#changed()
  }

  /** @param after the cursor that was asked with; null for the first page, which begins the list anew */
  takePage(view: View, { conversations, cursor }: RowPage, after: string | null): void {
    if (after !== (this.#reach.get(view)?.cursor ?? null) && after !== null) return
    for (const row of conversations) this.#takeRow(row)
    this.#reach.set(view, {
      cursor,
      // The service orders by all that happened, a row tells of the last message: none of the page may fall behind its own end.
      until: cursor === null ? null : Math.max(...conversations.map((row) => placeIn(view, row))),
    })
    this.#changed()
  }

  /** Rows of no list in particular. */
  takeRows(rows: readonly Row[]): void {
    for (const row of rows) this.#takeRow(row)
    this.#changed()
  }

  /** What came before with a customer, under whichever contact they were known. */
  takeEarlier(contactId: string, rows: readonly Row[]): void {
    const contacts = new Set([contactId, ...rows.map(({ contact }) => contact.id)])
    for (const id of contacts) this.#oneCustomer.set(id, contacts)
    this.takeRows(rows)
  }

  /** What is open stays known, also once it is no longer theirs: its name and stage are shown. */
  opens(id: string | undefined): void {
    const before = this.#openId
    this.#openId = id
    if (before !== undefined) this.#goesOnElsewhere(before)
  }

  #goesOnElsewhere(id: string): void {
    if (this.#threads.has(id) && id !== this.#openId && !this.#isMine(this.#rows.get(id)))
      this.#missed.add(id)
  }

  /** The service has kept what this person is writing there, or that it is nothing any more. */
  draftIs(id: string, isBegun: boolean): void {
    const row = this.#rows.get(id)
    if (row === undefined || row.hasDraft === isBegun) return
    this.#rows.set(id, { ...row, hasDraft: isBegun })
    this.#changed()
  }

  /** The service has kept that this person read up to a message. It tells their desks within a second: this one knows already. */
  hasRead(id: string, upTo: string): void {
    const row = this.#rows.get(id)
    const last = this.thread(id)?.messages.findLast(({ author }) => author.kind === 'customer')
    if (row === undefined || last?.id !== upTo) return
    this.#rows.set(id, { ...row, unreadCount: 0 })
    this.#changed()
  }

  /**
   * @param before as it was asked with; null for the newest page
   * @returns whether it is as new as what the stream has told: documents come behind it while nobody writes them, and what was told of a
   *   thread that was not read is not told again
   */
  takeThread(id: string, page: ThreadPage, before: string | null): boolean {
    this.#takeRow(page.conversation)
    const known = this.#threads.get(id)
    if (before !== null) {
      if (known?.before === before)
        this.#shows(id, { messages: merged(page.messages, known.messages), before: page.before })
    } else {
      const [first] = page.messages
      const shown = known?.messages ?? []
      const meetsAt = shown.findIndex((message) => message.id === first?.id)
      // Else words may lie between it and what stands further back, or that be another one by now: it is read again when it is asked for.
      const isJoined = !this.#missed.delete(id) && known !== undefined && meetsAt !== -1
      const [earlier, since] = isJoined
        ? [shown.slice(0, meetsAt), shown.slice(meetsAt)]
        : [[], shown.filter((message) => !isFurtherBack(message, page))]
      this.#shows(id, {
        messages: merged([...earlier, ...page.messages], since),
        before: isJoined ? known.before : page.before,
      })
      this.#goesOnElsewhere(id)
    }
    this.#changed()
    return page.conversation.version >= (this.#rows.get(id)?.version ?? 0)
  }

  /** What was told of it before it was read is part of it. */
  #shows(id: string, thread: Thread): void {
    const told = [...this.#told.values()].flatMap(({ conversationId, message }) =>
      conversationId === id && !isFurtherBack(message, thread) ? [message] : [],
    )
    for (const message of told) this.#told.delete(message.id)
    this.#threads.set(id, { ...thread, messages: merged(thread.messages, told) })
  }

  /** All that can be read is, once more. Offers cannot: they come by the stream alone, and again only after its own word to refetch. */
  readsAnew(): void {
    this.#rowsBefore = new Map(this.#rows)
    this.#threadsBefore = new Map(this.#threads)
    this.#threads.clear()
    this.#missed.clear()
    this.#reach.clear()
    this.#rows.clear()
    this.#epoch += 1
    this.#changed()
  }

  take(event: DeskEvent): void {
    switch (event.name) {
      case 'ready':
        return
      // It comes as a message too, which the thread and the composer show.
      case 'whisper':
        return
      // Whoever opened the desk reads it.
      case 'configuration':
        return
      case 'refetch':
        this.#offers.clear()
        this.#openOffers = []
        this.#offered.clear()
        this.#told.clear()
        this.readsAnew()
        break
      case 'offer':
        this.#offers.set(event.data.offerId, event.data)
        this.#offered.add(event.data.conversationId)
        this.#openOffers = [...this.#offers.values()]
        break
      case 'offer_ended': {
        const { offerId, outcome, agentId = this.me, conversationId } = event.data
        const made = this.#offers.get(offerId)
        this.#offers.delete(offerId)
        if (made === undefined && agentId === this.me) return
        this.#openOffers = [...this.#offers.values()]
        if (made !== undefined && outcome !== 'accepted') this.#offered.delete(made.conversationId)
        if (made === undefined && outcome === 'accepted' && conversationId !== undefined)
          this.#handedOn.add(conversationId)
        this.#tell({ kind: 'offer_ended', of: made === undefined ? 'handed_on' : 'made', outcome })
        break
      }
      case 'conversation': {
        const before = this.#rows.get(event.data.id)
        this.#takeRow(event.data)
        this.#tellGiven(before)
        this.#tellSnoozeOver(before)
        const row = this.#rows.get(event.data.id)!
        if (isPast(row) && (before === undefined || !isPast(before))) this.#forgetPast()
        break
      }
      case 'message': {
        const { conversationId, message } = event.data
        this.#tellOf(conversationId, message)
        this.#forgetDraft(conversationId, message)
        this.#typists = this.#typists.filter(
          (typist) => typist.conversationId !== conversationId || typist.agentId !== message.author.id,
        )
        const thread = this.#threads.get(conversationId)
        if (thread === undefined || isFurtherBack(message, thread)) {
          this.#told.delete(message.id)
          this.#told.set(message.id, event.data)
          const [oldest] = this.#told.keys()
          if (this.#told.size > TOLD_MAX) this.#told.delete(oldest!)
          return
        }
        const messages = merged(thread.messages, [message])
        if (messages === thread.messages) return
        this.#threads.set(conversationId, { ...thread, messages })
        break
      }
      case 'presence':
        return this.presenceIs(event.data.status, event.data.agentId, event.data.reasonCode)
      case 'read': {
        const { conversationId, unreadCount, version } = event.data
        const row = this.#rows.get(conversationId)
        if (row === undefined || row.version > version) return
        this.#rows.set(conversationId, { ...row, unreadCount })
        break
      }
      case 'typing': {
        const { conversationId, agentId } = event.data
        const nowMs = Date.now()
        this.#typists = [
          ...this.#typists.filter(
            (typist) =>
              typist.untilMs > nowMs &&
              (typist.conversationId !== conversationId || typist.agentId !== agentId),
          ),
          { ...event.data, untilMs: nowMs + TYPING_STANDS_MS },
        ]
        break
      }
    }
    this.#changed()
  }

  #tell(news: News): void {
    for (const listener of this.#onNews) listener(news)
  }

  /** @param before as a row was known whose next version is known now; one that was not known may have been theirs for long */
  #tellGiven(before: Row | undefined): void {
    if (before === undefined || this.#isMine(before)) return
    const { id } = before
    if (!this.#isMine(this.#rows.get(id))) return
    this.#handedOn.delete(id)
    if (!this.#offered.delete(id)) this.#tell({ kind: 'given', conversationId: id })
  }

  /** Nothing else tells it: no word of the customer's comes with it, and it was theirs all the time. */
  #tellSnoozeOver(before: Row | undefined): void {
    if (before?.snoozedUntil == null || Date.parse(before.snoozedUntil) > serviceNow()) return
    const { id } = before
    const row = this.#rows.get(id)
    if (this.#isMine(before) && this.#isMine(row) && row?.stage === 'with_agent')
      this.#tell({ kind: 'snooze_over', conversationId: id })
  }

  #isMine = (row: Row | undefined): boolean => row?.owner?.kind === 'agent' && row.owner.id === this.me

  #tellOf(conversationId: string, { id, author, mentions = [], status }: Message): void {
    const isOwn = author.id === this.me
    const isCall = !isOwn && mentions.includes(this.me)
    const known = this.thread(conversationId)?.messages.find((message) => message.id === id)
    const isFailure = isOwn && status === 'failed' && known?.status !== 'failed'
    if ((!isCall && !isFailure) || this.#toldOf.has(id)) return
    this.#toldOf.add(id)
    this.#tell(
      isCall ? { kind: 'mentioned', conversationId, by: author.name } : { kind: 'failed', conversationId },
    )
  }

  /** Said at whatever desk of theirs, it is no draft any more. What they had said before comes again as it is delivered and read. */
  #forgetDraft(conversationId: string, { author, isNote, status }: Message): void {
    const row = this.#rows.get(conversationId)
    if (author.id === this.me && !isNote && status === 'queued' && row?.hasDraft === true)
      this.#rows.set(conversationId, { ...row, hasDraft: false })
  }

  #takeRow(row: Row): void {
    const known = this.#rows.get(row.id)
    if (known !== undefined && known.version > row.version) return
    // Of these a page alone speaks.
    const { hasDraft, mood } = known ?? {}
    if (known !== undefined && isPast(row) && !isPast(known)) this.#rows.delete(row.id)
    this.#rows.set(row.id, {
      ...(hasDraft !== undefined && { hasDraft }),
      ...(mood !== undefined && { mood }),
      ...row,
    })
    // Whoever loses a conversation gets its last row without words: what was read of it may not go on being shown as if it were true.
    if (row.lastMessage !== undefined) return this.#goesOnElsewhere(row.id)
    this.#threads.delete(row.id)
    this.#threadsBefore.delete(row.id)
    this.#missed.delete(row.id)
    for (const [id, { conversationId }] of this.#told) if (conversationId === row.id) this.#told.delete(id)
  }

  /** What became past first; not what was opened here, nor what else there is with its customer: a card shows that. */
  #forgetPast(): void {
    this.#pastCount += 1
    if (this.#pastCount <= PAST_MAX) return
    const past = [...this.#rows.values()].filter(
      (row) =>
        isPast(row) &&
        row.id !== this.#openId &&
        !this.#threads.has(row.id) &&
        !this.#oneCustomer.has(row.contact.id),
    )
    for (const { id } of past.slice(0, -PAST_KEPT)) this.#rows.delete(id)
    this.#pastCount = PAST_KEPT
    // What was read of it has a hole from here on.
    this.#reach.delete('closed')
    this.#closedReading += 1
  }

  /** Once for all that one turn of the event loop brings: a burst of events is one rendering. A microtask would come between two of its events. */
  #changed(): void {
    this.#revision += 1
    if (!this.#isTold) return
    this.#isTold = false
    setTimeout(() => {
      this.#isTold = true
      for (const listener of this.#listeners) listener()
    })
  }
}

/** Over, or no longer this person's to see: no list but that of what is closed shows it. */
const isPast = ({ stage, lastMessage }: Row): boolean => stage === 'closed' || lastMessage === undefined

/** It stands on a page that was not read: below what was read it would pass for new. */
const isFurtherBack = ({ place = Infinity }: Message, { messages: [first], before }: Thread): boolean =>
  before !== null && place < (first?.place ?? -Infinity)

/** `later` joins what is known: replaced where its version is newer, in its place where it is unknown. The same array when nothing changed. */
export function merged(known: readonly Message[], later: readonly Message[]): readonly Message[] {
  const messages = new Map(known.map((message) => [message.id, message]))
  let isChanged = false
  for (const message of later) {
    const before = messages.get(message.id)
    if (before !== undefined && before.version >= message.version) continue
    isChanged = true
    messages.set(message.id, message)
  }
  return isChanged ? inPlace([...messages.values()]) : known
}

/** What a service of another version says may have no places: that stays as it came. */
function inPlace(messages: readonly Message[]): readonly Message[] {
  return messages.every(({ place }) => place !== undefined)
    ? messages.toSorted((one, other) => one.place! - other.place!)
    : messages
}
