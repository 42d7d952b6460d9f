import { type Client, Unreachable, newKey } from '../api/client.ts'
import type { Customer, DeskEvent, Me, Presence, Row, View } from '../api/shapes.ts'
import { DeskStream } from '../api/stream.ts'
import { AttachedFiles } from './attached.ts'
import { serviceNow } from './clock.ts'
import { Desk } from './desk.ts'
import { Drafts } from './drafts.ts'
import { Outbox } from './outbox.ts'

const AGAIN_AFTER_MS = 1_000
/** What is behind is whole within seconds, as a rule: a replica that was killed has its work taken over. */
const BEHIND_MS = { first: 250, longest: 30_000 }

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** One person's desk in this window: what it knows, what it has written and not sent, and the line to the service. */
export class Workplace {
  readonly client: Client
  readonly desk: Desk
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly attached: AttachedFiles
  /** Notes that are being written, by conversation: in this window only. */
  readonly notes = new Map<string, string>()
  /** Whispers that this person has done with. */
  readonly dismissed = new Set<string>()
  /** Words that went with a wish which was not done, by its address: they stand there when it is tried again. */
  readonly unsaid = new Map<string, string>()
  /** Wishes without an answer so far: the same once more, as a key pressed twice says it, is no second one. */
  readonly underWay = new Set<string>()
  /** Conversations that were read and are behind what the stream told of them. */
  readonly #behind = new Set<string>()
  readonly #stream: DeskStream
  readonly #listeners = new Set<() => void>()
  #me: Me
  #meReadings = 0
  #revision = 0

  constructor(me: Me, client: Client, signedOut: () => void) {
    this.#me = me
    this.client = client
    this.desk = new Desk(me.id)
    const changed = () => this.#changed()
    this.outbox = new Outbox(
      {
        post: (path, body, key) => client.change('POST', path, body, key),
        newKey,
        lastMessageId: (id) => this.desk.thread(id)?.messages.at(-1)?.id,
        now: () => new Date(serviceNow()).toISOString(),
        pause,
      },
      changed,
    )
    const desk = newKey()
    this.drafts = new Drafts(
      {
        save: async (id, text, before) => {
          await client.tell('PUT', `${pathOf(id)}/draft`, { text, desk, before })
          this.desk.draftIs(id, text !== '')
        },
        read: async (id) => (await client.thread(id, null)).draft ?? '',
        pause,
      },
      changed,
    )
    this.attached = new AttachedFiles(
      {
        upload: (file, key, onProgress, signal) => client.upload(file, file.name, key, onProgress, signal),
        newKey,
      },
      changed,
    )
    this.desk.subscribe(() => {
      this.#settleUnsent()
      changed()
    })
    this.#stream = new DeskStream({
      onEvent: (event) => {
        this.#forgetSaid(event)
        this.desk.take(event)
        if (event.name === 'refetch' || event.name === 'configuration') void this.#readMe()
      },
      onUnreadable: () => {
        this.desk.readsAnew()
        void this.#readMe()
      },
      onLine: (line) => {
        this.desk.lineIs(line)
        if (line === 'live') this.outbox.wake()
      },
      signedOut,
      position: me.position,
    })
  }

  /** Who it is, and what their work goes by. */
  get me(): Me {
    return this.#me
  }

  get revision(): number {
    return this.#revision
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @returns what ends it */
  open(): () => void {
    this.desk.takePresences(presencesIn(this.me), this.me.reasonCode)
    void this.#stream.run()
    const online = () => this.#stream.wake()
    const offline = () => {
      this.desk.lineIs('lost')
      this.#stream.wake()
    }
    const leaving = (event: BeforeUnloadEvent) => {
      const isNoteBegun = [...this.notes.values()].some((note) => note.trim() !== '')
      const isWritten = this.outbox.isHolding || this.drafts.isUnsaved || isNoteBegun
      // What is in this window only.
      if (isWritten || !this.attached.isEmpty) event.preventDefault()
    }
    window.addEventListener('online', online)
    window.addEventListener('offline', offline)
    window.addEventListener('beforeunload', leaving)
    return () => {
      this.#stream.close()
      window.removeEventListener('online', online)
      window.removeEventListener('offline', offline)
      window.removeEventListener('beforeunload', leaving)
    }
  }

  watch = (conversationId: string | undefined): void => this.#stream.watch(conversationId)

  /** Something is half written there: a reply, which is kept for all desks of theirs, or a note, which stands in this window alone. */
  isBegun = ({ id, hasDraft }: Row): boolean =>
    (this.drafts.isBegun(id) ?? hasDraft === true) || (this.notes.get(id) ?? '').trim() !== ''

  dismiss = (messageId: string): void => {
    this.dismissed.add(messageId)
    this.#changed()
  }

  async readRows(view: View, cursor: string | null): Promise<void> {
    this.desk.takePage(view, await this.client.rows(view, cursor), cursor)
  }

  async readCustomer({ id, contact }: Row): Promise<Customer> {
    const customer = await this.client.customer(id)
    this.desk.takeEarlier(contact.id, customer.earlier)
    return customer
  }

  /** @returns ids, newest activity first */
  async search(text: string): Promise<readonly string[]> {
    const rows = await this.client.search(text)
    this.desk.takeRows(rows)
    return rows.map(({ id }) => id)
  }

  /** What is there is shown; where it is behind what the stream told, it is read again until it is not. */
  async readThread(id: string): Promise<void> {
    const isWhole = await this.#readNewest(id)
    if (!isWhole && !this.#behind.has(id)) void this.#readUntilWhole(id)
  }

  async #readNewest(id: string): Promise<boolean> {
    const settledAt = this.drafts.settledAt(id)
    const page = await this.client.thread(id, null)
    const isWhole = this.desk.takeThread(id, page, null)
    this.drafts.adopt(id, page.draft ?? '', settledAt)
    return isWhole
  }

  async #readUntilWhole(id: string): Promise<void> {
    this.#behind.add(id)
    const { epoch } = this.desk
    let isWhole = false
    for (let waitMs = BEHIND_MS.first; !isWhole; waitMs = Math.min(waitMs * 2, BEHIND_MS.longest)) {
      await pause(waitMs)
      // All is read anew then, or it was theirs to see and is not.
      if (epoch !== this.desk.epoch || this.desk.thread(id) === undefined) break
      isWhole = await this.#readNewest(id).catch((error: unknown) => !(error instanceof Unreachable))
    }
    this.#behind.delete(id)
  }

  async readOlder(id: string, before: string): Promise<void> {
    this.desk.takeThread(id, await this.client.thread(id, before), before)
  }

  /** What was missed is not told again, and what their work goes by may be another one. */
  async #readMe(): Promise<void> {
    const reading = (this.#meReadings += 1)
    for (;;) {
      this.desk.readsPresences()
      try {
        const me = await this.client.me()
        if (reading !== this.#meReadings) return
        this.#me = me
        return this.desk.takePresences(presencesIn(me), me.reasonCode)
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error
        await pause(AGAIN_AFTER_MS)
        if (reading !== this.#meReadings) return
      }
    }
  }

  /** Sent in another window, it is no draft in this one. What this one sends may be begun again before it arrives. */
  #forgetSaid(event: DeskEvent): void {
    if (event.name !== 'message') return
    const { conversationId, message } = event.data
    const { id, author, isNote, text, media } = message
    const isKnown = this.desk.thread(conversationId)?.messages.some((known) => known.id === id) === true
    const isOurs = this.outbox.unsent.some((unsent) => unsent.conversationId === conversationId)
    if (author.id !== this.me.id || isNote || isKnown || isOurs) return
    this.drafts.said(conversationId, media?.caption ?? text ?? '')
  }

  #settleUnsent(): void {
    const arrived = new Set<string>()
    for (const { conversationId, state } of this.outbox.unsent) {
      if (state.kind !== 'taken') continue
      const { messageId } = state
      if (this.desk.thread(conversationId)?.messages.some(({ id }) => id === messageId) === true)
        arrived.add(messageId)
    }
    if (arrived.size > 0) this.outbox.arrived(arrived)
  }

  #changed(): void {
    this.#revision += 1
    for (const listener of this.#listeners) listener()
  }
}

const presencesIn = ({ id, status, colleagues = [] }: Me): ReadonlyMap<string, Presence> =>
  new Map(
    [{ id, status }, ...colleagues].flatMap((agent) =>
      agent.status == null ? [] : [[agent.id, agent.status] as const],
    ),
  )

export const pathOf = (conversationId: string): string =>
  `/api/conversations/${encodeURIComponent(conversationId)}`
