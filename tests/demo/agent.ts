import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../faults/chance.ts'
import type { Desk, DeskEvent } from './desk.ts'

/** What one agent did and was told, written down outside the system under test. */
export interface AgentRecord {
  readonly agentId: string
  /** What the desk was told that it said to customers, in order. */
  readonly said: Said[]
  /** What was written for colleagues. */
  readonly notes: string[]
  /** Texts whose post was refused: they must not be on any phone. */
  readonly refused: string[]
  /** What the rules refused, change and code. */
  readonly refusals: string[]
  /** Changes that were never answered. */
  readonly unanswered: string[]
  /** Whose a conversation was at which version, as this desk was told. */
  readonly owners: Owner[]
  accepted: number
}

export interface Said {
  readonly messageId: string
  readonly conversationId: string
  readonly text: string
}

export interface Owner {
  readonly conversationId: string
  readonly version: number
  readonly ownerId: string | null
}

/** By this customers of the demo know that a person speaks. */
export const AGENT_SIGN = '☎'
/** With this they are content, and the agent closes. */
export const THANKS = 'Era só isso, obrigada'

interface Row {
  readonly id: string
  readonly version: number
  readonly stage: string
  readonly owner: { readonly kind: string; readonly id: string } | null
}

interface ThreadMessage {
  readonly id: string
  readonly author: { readonly kind: string }
  readonly text: string
  readonly isNote: boolean
}

/** An agent who takes what is offered, answers each customer, and now and then does what agents do: notes, hold, park, transfer. */
export class RobotAgent {
  readonly record: AgentRecord
  readonly #desk: Desk
  readonly #chance: Chance
  readonly #colleagues: readonly string[]
  /** Conversations that are tended now; true: something came meanwhile. */
  readonly #tended = new Map<string, boolean>()
  readonly #work = new Set<Promise<void>>()
  #count = 0

  /** @param agentIds of all who are there */
  constructor(desk: Desk, agentId: string, agentIds: readonly string[], chance: Chance) {
    this.#desk = desk
    this.#chance = chance
    this.#colleagues = agentIds.filter((id) => id !== agentId)
    this.record = {
      agentId,
      said: [],
      notes: [],
      refused: [],
      refusals: [],
      unanswered: [],
      owners: [],
      accepted: 0,
    }
  }

  /** Connected and available. */
  async begin(): Promise<void> {
    this.#desk.follow((event) => this.#hear(event))
    await this.#change('PUT', '/api/presence', { status: 'available' })
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
      const ownerId = row.owner?.kind === 'agent' ? row.owner.id : null
      this.record.owners.push({ conversationId: row.id, version: row.version, ownerId })
      if (ownerId === this.record.agentId && row.stage === 'with_agent') this.#turnTo(row.id)
    }
    if (name === 'message') this.#turnTo(String(data['conversationId']))
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
      return void (await this.#change('POST', `/api/offers/${offerId}/decline`, { reason: 'a call' }))
    const answer = await this.#change('POST', `/api/offers/${offerId}/accept`)
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
    const thread = await this.#desk.read(path)
    if (thread === undefined) return true
    const row = thread['conversation'] as Row
    if (row.stage !== 'with_agent' || row.owner?.id !== this.record.agentId) return true
    const messages = (thread['messages'] as ThreadMessage[]).filter(({ isNote }) => !isNote)
    const last = messages.findLast(({ author }) => author.kind !== 'system')
    const asked = messages.findLast(({ author }) => author.kind === 'customer')
    // Also where the answer to what came before crossed it.
    if (asked?.text === THANKS) {
      const closed = await this.#change('POST', `${path}/close`, { reason: 'solved', seen: asked.id })
      // The customer wrote meanwhile: look again.
      return closed !== undefined
    }
    if (last === undefined || last.author.kind === 'agent') return true
    if (this.#chance.happens(0.2)) {
      const note = this.#words('for colleagues alone')
      this.record.notes.push(note)
      await this.#change('POST', `${path}/notes`, { text: note, mentions: [] })
    }
    // Whoever gets it finds the customer's word unanswered, and answers it.
    if (this.#chance.happens(0.1) && (await this.#transfer(path))) return true
    if (this.#chance.happens(0.1)) {
      await this.#change('POST', `${path}/hold`)
      await pause(this.#chance.between(10, 100))
      await this.#change('POST', `${path}/resume`)
    }
    await this.#say(id, path)
    if (this.#chance.happens(0.1)) await this.#change('POST', `${path}/park`, { seen: last.id })
    return true
  }

  async #say(conversationId: string, path: string): Promise<void> {
    const text = this.#words(AGENT_SIGN)
    const answer = await this.#change('POST', `${path}/messages`, { type: 'text', text })
    if (answer === undefined) this.record.refused.push(text)
    else this.record.said.push({ messageId: String(answer['messageId']), conversationId, text })
  }

  /** @returns whether the conversation is somebody else's now */
  async #transfer(path: string): Promise<boolean> {
    const note = this.#words('please take this')
    this.record.notes.push(note)
    const isToQueue = this.#colleagues.length === 0 || this.#chance.happens(0.5)
    const to = isToQueue ? { queue: 'general' } : { agentId: this.#chance.one(this.#colleagues) }
    const answer = await this.#change('POST', `${path}/transfer`, { to, note })
    return answer !== undefined && isToQueue
  }

  #words(about: string): string {
    this.#count += 1
    return `${about} ${this.record.agentId}/${this.#count}`
  }

  /** Undefined where the rules refuse it. */
  async #change(
    method: 'POST' | 'PUT',
    path: string,
    body?: object,
  ): Promise<Readonly<Record<string, any>> | undefined> {
    const answer = await this.#desk.change(method, path, body)
    if (answer.is === 'unknown') this.record.unanswered.push(answer.last)
    if (answer.is === 'refused') this.record.refusals.push(`${path.split('/').at(-1)} ${answer.code}`)
    return answer.is === 'decided' ? answer.body : undefined
  }
}
