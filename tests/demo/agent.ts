import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../faults/chance.ts'
import { type AgentRecord, Clerk, type Row, THANKS, ownerIn } from './clerk.ts'
import type { Desk, DeskEvent } from './desk.ts'
import { Heard, type Thread } from './heard.ts'

interface ThreadMessage {
  readonly id: string
  readonly author: { readonly kind: string }
  readonly text: string
  readonly isNote: boolean
}

/** An agent who takes what is offered, answers each customer, and now and then does what agents do: notes, hold, park, transfer. */
export class RobotAgent {
  readonly #clerk: Clerk
  readonly #desk: Desk
  readonly #chance: Chance
  readonly #colleagues: readonly string[]
  readonly #heard = new Heard()
  /** Conversations that are tended now; true: something came meanwhile. */
  readonly #tended = new Map<string, boolean>()
  readonly #work = new Set<Promise<void>>()

  /** @param agentIds of all who are there */
  constructor(desk: Desk, agentId: string, agentIds: readonly string[], chance: Chance) {
    this.#desk = desk
    this.#chance = chance
    this.#colleagues = agentIds.filter((id) => id !== agentId)
    this.#clerk = new Clerk(desk, agentId)
  }

  get record(): AgentRecord {
    return this.#clerk.record
  }

  /** Connected and available. */
  async begin(): Promise<void> {
    this.#desk.follow((event) => this.#hear(event))
    await this.#clerk.change('PUT', '/api/presence', { status: 'available' })
  }

  async end(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
    await this.#desk.close()
  }

  #hear({ name, data }: DeskEvent): void {
    if (name === 'offer')
      this.#does(this.#answerOffer(String(data['offerId']), String(data['conversationId'])))
    if (name === 'conversation') {
      const row = data as unknown as Row
      this.record.owners.push(ownerIn(row))
      this.#heard.add(row.id, row)
      if (row.owner?.id === this.record.agentId && row.stage === 'with_agent') this.#turnTo(row.id)
    }
    if (name === 'message') {
      this.#heard.add(data['conversationId'], data['message'])
      this.#turnTo(data['conversationId'])
    }
    // What was missed is not told again: all that is this person's is looked at.
    if (name === 'ready' || name === 'refetch') this.#does(this.#turnToAll())
  }

  #does(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => void this.record.unanswered.push(String(error)))
      .finally(() => this.#work.delete(done))
    this.#work.add(done)
  }

  async #turnToAll(): Promise<void> {
    const mine = await this.#desk.read('/api/conversations?view=mine')
    for (const row of (mine?.['conversations'] ?? []) as Row[])
      if (row.owner?.id === this.record.agentId && row.stage === 'with_agent') this.#turnTo(row.id)
  }

  async #answerOffer(offerId: string, conversationId: string): Promise<void> {
    if (this.#chance.happens(0.1))
      return void (await this.#clerk.change('POST', `/api/offers/${offerId}/decline`, { reason: 'a call' }))
    const answer = await this.#clerk.change('POST', `/api/offers/${offerId}/accept`)
    if (answer === undefined) return
    this.record.accepted += 1
    this.#turnTo(conversationId)
  }

  #turnTo(conversationId: string): void {
    if (this.#tended.has(conversationId)) return void this.#tended.set(conversationId, true)
    this.#tended.set(conversationId, false)
    this.#does(this.#tend(conversationId))
  }

  async #tend(conversationId: string): Promise<void> {
    try {
      for (;;) {
        this.#tended.set(conversationId, false)
        const isDone = await this.#answer(conversationId)
        if (isDone && this.#tended.get(conversationId) === false) return
      }
    } finally {
      this.#tended.delete(conversationId)
    }
  }

  /** @returns whether nothing is left to do until something comes */
  async #answer(id: string): Promise<boolean> {
    const path = `/api/conversations/${id}`
    const thread = await this.#desk.read(path, (read) => this.#heard.isIn(read as Thread))
    if (thread === undefined) return true
    const row = thread['conversation'] as Row
    if (row.stage !== 'with_agent' || row.owner?.id !== this.record.agentId) return true
    const messages = (thread['messages'] as ThreadMessage[]).filter(({ isNote }) => !isNote)
    const last = messages.findLast(({ author }) => author.kind !== 'system')
    const asked = messages.findLast(({ author }) => author.kind === 'customer')
    // Also where the answer to what came before crossed it.
    if (asked?.text === THANKS) {
      const closed = await this.#clerk.change('POST', `${path}/close`, { reason: 'solved', seen: asked.id })
      // The customer wrote meanwhile: look again.
      return closed !== undefined
    }
    if (last === undefined || last.author.kind === 'agent') return true
    if (this.#chance.happens(0.2)) {
      const note = this.#clerk.words('for colleagues alone')
      this.record.notes.push(note)
      await this.#clerk.change('POST', `${path}/notes`, { text: note, mentions: [] })
    }
    // Whoever gets it finds the customer's word unanswered, and answers it.
    if (this.#chance.happens(0.1) && (await this.#transfer(path))) return true
    if (this.#chance.happens(0.1)) {
      await this.#clerk.change('POST', `${path}/hold`)
      await pause(this.#chance.between(10, 100))
      await this.#clerk.change('POST', `${path}/resume`)
    }
    await this.#clerk.say(id)
    if (this.#chance.happens(0.1)) await this.#clerk.change('POST', `${path}/park`, { seen: last.id })
    return true
  }

  /** @returns whether the conversation is somebody else's now */
  async #transfer(path: string): Promise<boolean> {
    const note = this.#clerk.words('please take this')
    this.record.notes.push(note)
    const isToQueue = this.#colleagues.length === 0 || this.#chance.happens(0.5)
    const to = isToQueue ? { queue: 'general' } : { agentId: this.#chance.one(this.#colleagues) }
    const answer = await this.#clerk.change('POST', `${path}/transfer`, { to, note })
    return answer !== undefined && isToQueue
  }
}
