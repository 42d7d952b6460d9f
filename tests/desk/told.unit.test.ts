import { runs } from '@parley/testkit/properties'
import { type Arbitrary, array, assert, constantFrom, nat, oneof, property } from 'fast-check'
import { expect, test } from 'vitest'
import type { Message, Row } from '../../services/console/src/api/shapes.ts'
import { Desk } from '../../services/console/src/state/desk.ts'

const PAGE = 3
const AT = '2026-03-03T09:00:00.000Z'

/** One conversation of this person: what was said in it and what became of it, of which documents hold a part and a desk another. */
class Conversation {
  readonly desk = new Desk('p01')
  /** By place, each as it was at each version. */
  readonly #messages: Message[][] = []
  readonly #rows: Row[] = []
  #version = 0
  #documentsAt = 0
  #agentId = 'p01'

  constructor(before: number) {
    for (let nth = 0; nth < before; nth += 1) this.#begins()
    this.writes()
  }

  /** All that happened by a version, as documents or the end have it. */
  #as(version: number): readonly Message[] {
    return this.#messages.flatMap((versions) => versions.findLast((one) => one.version <= version) ?? [])
  }

  get now(): readonly Message[] {
    return this.#as(this.#version)
  }

  get isOthers(): boolean {
    return this.#agentId !== 'p01'
  }

  #begins(): Message {
    this.#version += 1
    const message = messageAt(this.#version, this.#version)
    this.#messages.push([message])
    this.#rows.push(rowAt(this.#version, this.#agentId))
    return message
  }

  says(): void {
    this.#tells(this.#begins())
    this.desk.take({ name: 'conversation', data: this.#rows.at(-1)! })
  }

  /** Whose it is by now: what is said in it comes to that one alone. */
  goesTo(agentId: string): void {
    this.#version += 1
    this.#agentId = agentId
    this.#rows.push(rowAt(this.#version, agentId))
    this.desk.take({ name: 'conversation', data: this.#rows.at(-1)! })
  }

  /** A tick, a reaction, an edit: no row is told of it. */
  changes(nth: number): void {
    const versions = this.#messages[nth % Math.max(1, this.#messages.length)]
    if (versions === undefined) return
    this.#version += 1
    const changed = messageAt(versions[0]!.place!, this.#version)
    versions.push(changed)
    this.#tells(changed)
  }

  #tells(message: Message): void {
    if (this.#agentId === 'p01') this.desk.take({ name: 'message', data: { conversationId: 'a', message } })
  }

  /** What documents hold, a bit further or as far as it goes. */
  writes(by = Infinity): void {
    this.#documentsAt = Math.min(this.#version, this.#documentsAt + by)
  }

  reads(before: string | null): void {
    const all = this.#as(this.#documentsAt).filter(({ place }) => before === null || place! < Number(before))
    const messages = all.slice(-PAGE)
    const page = {
      conversation:
        this.#rows.findLast(({ version }) => version <= this.#documentsAt) ?? rowAt(0, this.#agentId),
      messages,
      before: all.length > PAGE ? String(messages[0]!.place) : null,
      position: '1',
    }
    this.desk.takeThread('a', page, before)
  }

  /** As who has it open does once nothing is behind any more. */
  readsAll(): void {
    this.writes()
    this.reads(null)
    while (this.desk.thread('a')!.before !== null) this.readsOlder()
  }

  readsOlder(): void {
    const before = this.desk.thread('a')?.before ?? null
    if (before !== null) this.reads(before)
  }
}

const messageAt = (place: number, version: number): Message => ({
  id: `m${place}`,
  author: { kind: 'agent', id: 'p01', name: 'Ana' },
  type: 'text',
  text: '',
  status: 'sent',
  occurredAt: AT,
  recordedAt: AT,
  isNote: false,
  place,
  version,
})

const rowAt = (version: number, agentId: string): Row => ({
  id: 'a',
  contact: { id: 'contact', name: 'Bia', language: 'pt' },
  stage: 'with_agent',
  queue: 'general',
  owner: { kind: 'agent', id: agentId, name: agentId },
  lastMessage: { author: 'customer', text: '', at: AT },
  unreadCount: 0,
  waitingSince: null,
  replyWindowEndsAt: null,
  openedAt: AT,
  closedAt: null,
  closeReason: null,
  version,
})

type Act = (conversation: Conversation) => void
const acts: Arbitrary<Act> = oneof(
  { weight: 4, arbitrary: constantFrom<Act>((at) => at.says()) },
  {
    weight: 5,
    arbitrary: nat({ max: 30 }).map(
      (nth): Act =>
        (at) =>
          at.changes(nth),
    ),
  },
  {
    weight: 2,
    arbitrary: nat({ max: 6 }).map(
      (by): Act =>
        (at) =>
          at.writes(by),
    ),
  },
  { weight: 3, arbitrary: constantFrom<Act>((at) => at.reads(null)) },
  { weight: 2, arbitrary: constantFrom<Act>((at) => at.readsOlder()) },
)

test('however far documents are behind the stream, a thread shows what was told: in order, without a hole, nothing older than it was told', () => {
  assert(
    property(nat({ max: 8 }), array(acts, { maxLength: 60, size: 'max' }), (before, all) => {
      const at = new Conversation(before)
      for (const act of all) {
        act(at)
        const thread = at.desk.thread('a')
        if (thread === undefined) continue
        const from = thread.messages[0]?.place ?? Infinity
        expect(thread.messages).toEqual(at.now.filter(({ place }) => place! >= from))
        expect(Number(thread.before ?? from)).toBe(from)
      }
      at.readsAll()
      expect(at.desk.thread('a')!.messages).toEqual(at.now)
    }),
    runs(150),
  )
})

test('whatever came to others while it was theirs is known to be missing, and there once it was read', () => {
  const withOthers = oneof(
    { weight: 6, arbitrary: acts },
    {
      weight: 1,
      arbitrary: constantFrom('p01', 'p02').map(
        (who): Act =>
          (at) =>
            at.goesTo(who),
      ),
    },
  )
  assert(
    property(nat({ max: 8 }), array(withOthers, { maxLength: 60, size: 'max' }), (before, all) => {
      const at = new Conversation(before)
      for (const act of all) {
        const wasRead = at.desk.thread('a') !== undefined
        const count = at.now.length
        act(at)
        at.writes()
        const isSaidElsewhere = wasRead && at.isOthers && at.now.length > count
        expect(at.desk.isMissed('a') || !isSaidElsewhere).toBe(true)
        const places = at.desk.thread('a')?.messages.map(({ place }) => place!) ?? []
        expect(places).toEqual([...new Set(places)].toSorted((one, other) => one - other))
      }
      at.goesTo('p01')
      at.readsAll()
      expect(at.desk.isMissed('a')).toBe(false)
      expect(at.desk.thread('a')!.messages).toEqual(at.now)
    }),
    runs(150),
  )
})
