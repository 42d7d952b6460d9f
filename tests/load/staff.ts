import { setTimeout as pause } from 'node:timers/promises'
import { AGENT_SIGN, type AgentRecord, Clerk, type Row, THANKS, ownerIn } from '../demo/clerk.ts'
import { Desk, type DeskEvent, type DeskPerson, type ReadData } from '../demo/desk.ts'
import type { Clocks } from './clocks.ts'

const SIGN_INS_AT_ONCE = 8
const TEXTS_KEPT = 2_000

/** Of all desks of this process, so that what a thousand are told alike is read once. */
export class Readings {
  #texts = new Map<string, ReturnType<ReadData>>()
  readonly #owned = new WeakSet<object>()

  readonly read: ReadData = (text) => {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= TEXTS_KEPT) this.#texts = new Map()
    const data = JSON.parse(text) as ReturnType<ReadData>
    this.#texts.set(text, data)
    return data
  }

  /** Whether no desk was told exactly this before. */
  isNew(row: Row): boolean {
    if (this.#owned.has(row)) return false
    this.#owned.add(row)
    return true
  }
}

interface ThreadMessage {
  readonly id: string
  readonly author: { readonly kind: string }
  readonly text: string | null
}

/** An agent as a desk has them: what they know of their conversations came down the stream, and nothing is read again. */
class LoadAgent {
  readonly #desk: Desk
  readonly #clerk: Clerk
  readonly #clocks: Clocks
  readonly #readings: Readings
  readonly #mine = new Set<string>()
  readonly #answered = new Set<string>()
  readonly #work = new Set<Promise<void>>()
  #isConnected = false

  constructor(desk: Desk, agentId: string, clocks: Clocks, readings: Readings) {
    this.#desk = desk
    this.#clerk = new Clerk(desk, agentId)
    this.#clocks = clocks
    this.#readings = readings
  }

  get record(): AgentRecord {
    return this.#clerk.record
  }

  /** Connected and available. */
  async begin(): Promise<void> {
    this.#desk.follow((event) => this.#hear(event))
    while (!this.#isConnected) await pause(20)
    await this.#clerk.change('PUT', '/api/presence', { status: 'available' })
  }

  async end(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
    await this.#desk.close()
  }

  #hear({ name, data }: DeskEvent): void {
    if (name === 'ready') this.#isConnected = true
    if (name === 'offer') {
      this.#clocks.offered(String(data['waitingSince']))
      this.#does(this.#accept(String(data['offerId'])))
    }
    if (name === 'conversation') this.#hearOf(data as unknown as Row)
    if (name === 'message') this.#hearWords(String(data['conversationId']), data['message'] as ThreadMessage)
    if (name === 'refetch') this.#does(this.#readAnew())
  }

  #hearOf(row: Row): void {
    if (this.#readings.isNew(row)) this.record.owners.push(ownerIn(row))
    const isMine = row.owner?.id === this.record.agentId && row.stage === 'with_agent'
    if (!isMine) this.#mine.delete(row.id)
    else if (!this.#mine.has(row.id)) {
      this.#mine.add(row.id)
      this.#does(this.#say(row.id))
    }
  }

  #hearWords(conversationId: string, { id, author, text }: ThreadMessage): void {
    if (author.kind !== 'customer' || text === null || !this.#mine.has(conversationId)) return
    this.#clocks.heard(text)
    if (this.#answered.has(id)) return
    this.#answered.add(id)
    if (!text.startsWith(THANKS)) this.#does(this.#say(conversationId))
    else this.#does(this.#close(conversationId, id))
  }

  #does(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => void this.record.unanswered.push(String(error)))
      .finally(() => this.#work.delete(done))
    this.#work.add(done)
  }

  async #accept(offerId: string): Promise<void> {
    const answer = await this.#clerk.change('POST', `/api/offers/${offerId}/accept`)
    if (answer !== undefined) this.record.accepted += 1
  }

  async #say(conversationId: string): Promise<void> {
    const text = this.#clerk.words(AGENT_SIGN)
    this.#clocks.says(text)
    await this.#clerk.say(conversationId, text)
  }

  async #close(conversationId: string, seen: string): Promise<void> {
    await this.#clerk.change('POST', `/api/conversations/${conversationId}/close`, { reason: 'solved', seen })
  }

  /** The stream said that something was missed. */
  async #readAnew(): Promise<void> {
    const mine = await this.#desk.read('/api/conversations?view=mine')
    for (const row of (mine?.['conversations'] ?? []) as Row[]) {
      this.#hearOf(row)
      const thread = await this.#desk.read(`/api/conversations/${row.id}`)
      const messages = (thread?.['messages'] ?? []) as ThreadMessage[]
      const last = messages.findLast(({ author }) => author.kind !== 'system')
      if (last !== undefined) this.#hearWords(row.id, last)
    }
  }
}

/** Some at once, as long as anybody is left. */
export async function signInAll<Person, SignedIn>(
  people: readonly Person[],
  signIn: (person: Person) => Promise<SignedIn>,
): Promise<readonly SignedIn[]> {
  const signedIn: SignedIn[] = []
  const left = people.values()
  const oneAfterTheOther = async (): Promise<void> => {
    for (const person of left) signedIn.push(await signIn(person))
  }
  await Promise.all(Array.from({ length: SIGN_INS_AT_ONCE }, oneAfterTheOther))
  return signedIn
}

/** Agents, signed in once; at their desks as many as a step of the load wants. */
export class Staff {
  readonly #agents: readonly LoadAgent[]
  #present = 0

  /** Everybody through the form, some at once. */
  static async signIn(
    consoleUrl: string,
    people: readonly DeskPerson[],
    clocks: Clocks,
    readings: Readings,
    deadlineAt: number,
  ): Promise<Staff> {
    const agents = await signInAll(people, async (person) => {
      const desk = new Desk(consoleUrl, person, deadlineAt, readings.read)
      const me = await desk.read('/api/me')
      return new LoadAgent(desk, String(me?.['id']), clocks, readings)
    })
    return new Staff(agents)
  }

  private constructor(agents: readonly LoadAgent[]) {
    this.#agents = agents
  }

  get records(): readonly AgentRecord[] {
    return this.#agents.map(({ record }) => record)
  }

  /** Until so many are there. */
  async come(count: number): Promise<void> {
    await Promise.all(this.#agents.slice(this.#present, count).map((agent) => agent.begin()))
    this.#present = Math.max(this.#present, count)
  }

  async leave(): Promise<void> {
    await Promise.all(this.#agents.slice(0, this.#present).map((agent) => agent.end()))
  }
}
