import { type Earlier, type Entry, type Recounting, lasting } from './entry.ts'
import { type Fact, textOf } from './facts.ts'

/** A conversation was in one place of the pool from one fact to the next. */
interface Stay {
  readonly place: 'queue' | 'agent' | 'parked' | 'wrap_up'
  readonly queue: string
  readonly agent: string
  readonly team: string
  readonly begun: Fact
  readonly ended: Fact | undefined
}

const BACK = new Set(['customer_wrote', 'snooze_over'])

/** What an agent was from the last fact that named them on. */
interface Mark {
  readonly at: number
  /** The last moment that their time was told of: one that a clock shows again after it was set back is not told again. */
  readonly toldUntil: number
  readonly status: string
  readonly team: string
  /** How many stays lay over it. */
  readonly busy: number
}

/** What the pool's stream says of waits, handlings and agents' time. */
export function poolRecount(): Recounting {
  /** Of conversations that are not over. */
  const conversations = new Map<string, Fact[]>()
  /** By agent: how many stays are theirs. By the order of facts, never by their times: a clock that is set back would part a stay from its own minutes. */
  const works = new Map<string, number>()
  const marks = new Map<string, Mark>()

  const work = (agent: string, more: number): void => void works.set(agent, (works.get(agent) ?? 0) + more)

  function* mark(fact: Fact, agent: string): Generator<Entry> {
    const before = marks.get(agent)
    if (before !== undefined) yield* agentsTime(agent, before, fact.at)
    const { status, team, at, toldUntil } = before ?? { status: 'offline', team: '', at: 0, toldUntil: 0 }
    const tellsTeam =
      fact.type === 'PresenceChanged' ||
      (fact.type === 'ConversationAssigned' && textOf(fact, 'agentId') === agent)
    marks.set(agent, {
      at: fact.at,
      toldUntil: status !== 'offline' && fact.at > Math.max(at, toldUntil) ? fact.at : toldUntil,
      status: fact.type === 'PresenceChanged' ? textOf(fact, 'status') : status,
      team: tellsTeam ? textOf(fact, 'team') : team,
      busy: works.get(agent) ?? 0,
    })
  }

  function* ended(facts: readonly Fact[]): Generator<Earlier> {
    const stays = staysIn(facts)
    yield* waits(stays)
    yield* handlings(stays, facts.filter(isOffer))
  }

  return {
    *take(fact) {
      const id = 'conversationId' in fact.is ? textOf(fact, 'conversationId') : undefined
      // What comes out of a queue is nobody's wish.
      if (fact.type === 'ConversationOffered' && textOf(fact, 'fromAgentId') === '') return
      if (id !== undefined) {
        const facts = conversations.get(id) ?? []
        const [before, now] = [workerIn(facts), workerIn([...facts, fact])]
        if (before !== undefined) work(before, -1)
        if (now !== undefined) work(now, 1)
        facts.push(fact)
        conversations.set(id, facts)
        if (isOver(fact)) {
          yield* ended(facts)
          conversations.delete(id)
        }
      }
      for (const agent of agentsNamedBy(fact)) yield* mark(fact, agent)
    },
    *end() {
      for (const facts of conversations.values()) yield* ended(facts)
    },
  }
}

const isOffer = ({ type }: Fact): boolean => type === 'ConversationOffered'

function isOver({ type, is }: Fact): boolean {
  return (
    type === 'ConversationReturnedToRobot' ||
    type === 'WrapUpEnded' ||
    (type === 'ConversationWithdrawn' && is['wrapUpUntil'] === undefined)
  )
}

/** Who works on the conversation, or wraps it up, after these facts. */
function workerIn(facts: readonly Fact[]): string | undefined {
  const last = staysIn(facts).at(-1)
  return last?.ended === undefined && (last?.place === 'agent' || last?.place === 'wrap_up')
    ? last.agent
    : undefined
}

function agentsNamedBy(fact: Fact): ReadonlySet<string> {
  if (isOffer(fact)) return new Set()
  const agent = textOf(fact, 'agentId')
  const from = textOf(fact, 'fromAgentId')
  // A supervisor may return what another had.
  if (fact.type === 'ConversationReturnedToRobot') return new Set([from === '' ? agent : from])
  const named = fact.type === 'ConversationRequeued' ? [from] : [agent, from]
  return new Set(named.filter((one) => one !== ''))
}

/** The whole way of a conversation through the pool. */
function staysIn(all: readonly Fact[]): readonly Stay[] {
  const facts = all.filter((fact) => !isOffer(fact))
  const stays: Stay[] = []
  let queue = ''
  for (const [index, fact] of facts.entries()) {
    const begun = fact
    const ended = facts[index + 1]
    const whose = { agent: textOf(fact, 'agentId'), team: textOf(fact, 'team') }
    switch (fact.type) {
      case 'ConversationEnqueued':
      case 'ConversationRequeued':
        queue = textOf(fact, 'queue')
        stays.push({ place: 'queue', queue, agent: '', team: '', begun, ended })
        break
      case 'ConversationAssigned':
        queue = textOf(fact, 'queue')
        stays.push({ place: 'agent', queue, ...whose, begun, ended })
        break
      case 'ConversationParked': {
        const owner = stays.at(-1)
        if (owner !== undefined && owner.place !== 'queue')
          stays.push({ place: 'parked', queue, agent: owner.agent, team: owner.team, begun, ended })
        break
      }
      case 'ConversationWithdrawn': {
        const owner = stays.at(-1)
        if (fact.is['wrapUpUntil'] !== undefined && owner?.place === 'agent')
          stays.push({ place: 'wrap_up', queue, agent: owner.agent, team: owner.team, begun, ended })
        break
      }
      default:
    }
  }
  return stays
}

function* waits(stays: readonly Stay[]): Generator<Earlier> {
  for (const { place, queue, begun, ended } of stays) {
    if (place !== 'queue' || BACK.has(textOf(begun, 'reason'))) continue
    yield { what: 'wait', at: begun.at, amount: 1, queue, madeBy: begun }
    if (ended === undefined) continue
    const waited = lasting(begun.at, ended.at)
    const target = Number(begun.is['serviceLevelSeconds'])
    const it = { at: ended.at, madeBy: ended }
    if (ended.type === 'ConversationAssigned') {
      const whose = { queue, agent: textOf(ended, 'agentId'), team: textOf(ended, 'team') }
      yield { what: 'answer', ...it, amount: 1, ...whose }
      yield { what: 'answer seconds', ...it, amount: waited, ...whose }
      if (target === 0 || waited <= target) yield { what: 'answer in time', ...it, amount: 1, ...whose }
    }
    if (ended.type === 'ConversationWithdrawn' && ended.is['isAbandoned'] === true) {
      yield { what: 'abandon', ...it, amount: 1, queue }
      yield { what: 'abandon seconds', ...it, amount: waited, queue }
      if (waited <= 5) yield { what: 'abandon within 5 s', ...it, amount: 1, queue }
      if (target > 0 && waited <= target) yield { what: 'abandon in time', ...it, amount: 1, queue }
    }
  }
}

/** Stays of one agent, one behind the other; what waits for its parker in between does not part them. */
function* handlings(stays: readonly Stay[], offers: readonly Fact[]): Generator<Earlier> {
  let run: Stay[] = []
  const close = function* (by: Fact | undefined): Generator<Earlier> {
    const last = run.at(-1)
    const first = run.find(({ place }) => place !== 'queue')
    run = []
    if (last === undefined || first === undefined || by === undefined) return
    const { agent, team } = first
    const it = { at: by.at, queue: last.queue, agent, team, madeBy: by }
    yield { what: 'handling', amount: 1, ...it }
    if (isTransfer(last, by, offers)) yield { what: 'handling transferred', amount: 1, ...it }
    if (by.type === 'ConversationReturnedToRobot') yield { what: 'handling to robot', amount: 1, ...it }
    for (const [what, amount] of spent) yield { what: `handling ${what} seconds`, amount, ...it }
    spent.clear()
  }
  const spent = new Map<string, number>()
  for (const stay of stays) {
    const isWaitForParker = stay.place === 'queue' && BACK.has(textOf(stay.begun, 'reason'))
    const owner = run.find(({ place }) => place !== 'queue')?.agent
    if (stay.place === 'queue' && !isWaitForParker) yield* close(stay.begun)
    else if (stay.place === 'agent' && owner !== undefined && owner !== stay.agent) yield* close(stay.begun)
    if (stay.place === 'queue' && !isWaitForParker) continue
    run.push(stay)
    if (stay.place !== 'queue' && stay.ended !== undefined)
      spent.set(stay.place, (spent.get(stay.place) ?? 0) + lasting(stay.begun.at, stay.ended.at))
    const { ended } = stay
    if (ended?.type === 'ConversationReturnedToRobot' || ended?.type === 'WrapUpEnded') yield* close(ended)
    if (ended?.type === 'ConversationWithdrawn' && ended.is['wrapUpUntil'] === undefined) yield* close(ended)
  }
}

/** @param offers of it to other agents, by whose it was or by a supervisor */
function isTransfer(last: Stay, by: Fact, offers: readonly Fact[]): boolean {
  if (by.type === 'ConversationRequeued') return textOf(by, 'reason') === 'transferred'
  if (by.type !== 'ConversationAssigned' || last.place !== 'agent') return false
  const how = textOf(by, 'how')
  if (how === 'taken_over' || how === 'given_back') return false
  const meanwhile = offers.findLast(({ offset }) => last.begun.offset < offset && offset < by.offset)
  return meanwhile === undefined || meanwhile.by === last.agent
}

interface Span {
  readonly from: number
  readonly to: number
}

function* agentsTime(
  agent: string,
  { at, toldUntil, status, team, busy }: Mark,
  until: number,
): Generator<Entry> {
  if (status === 'offline') return
  for (const span of hoursOf(at > toldUntil ? at : toldUntil, until)) {
    const whose = { at: span.from, agent, team }
    const seconds = lasting(span.from, span.to)
    yield { what: 'signed in seconds', amount: seconds, ...whose }
    if (status !== 'away') yield { what: 'there seconds', amount: seconds, ...whose }
    if (status !== 'away' && busy > 0) yield { what: 'occupied seconds', amount: seconds, ...whose }
    if (busy > 0) yield { what: 'working seconds', amount: seconds, ...whose }
    yield { what: 'work seconds', amount: seconds * busy, ...whose }
  }
}

/** Cut at every quarter of an hour, for a day of any time zone begins at one. */
function* hoursOf(from: number, to: number): Generator<Span> {
  const quarter = 900_000
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / quarter) + 1) * quarter)
    yield { from: at, to: end }
    at = end
  }
}
