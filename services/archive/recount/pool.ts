import { type Entry, lasting } from './entry.ts'
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

/** What the pool's stream says of waits, handlings and agents' time. */
export function* poolEntries(facts: readonly Fact[]): Generator<Entry> {
  const byConversation = Map.groupBy(
    facts.filter((fact) => 'conversationId' in fact.is),
    (fact) => textOf(fact, 'conversationId'),
  )
  const stays = [...byConversation.values()].map(staysIn)
  for (const own of stays) {
    yield* waits(own)
    yield* handlings(own)
  }
  yield* agentsTime(facts, stays.flat())
}

/** The whole way of a conversation through the pool. */
function staysIn(facts: readonly Fact[]): readonly Stay[] {
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

function* waits(stays: readonly Stay[]): Generator<Entry> {
  for (const { place, queue, begun, ended } of stays) {
    if (place !== 'queue' || BACK.has(textOf(begun, 'reason'))) continue
    yield { what: 'wait', at: begun.at, amount: 1, queue }
    if (ended === undefined) continue
    const waited = lasting(begun.at, ended.at)
    const target = Number(begun.is['serviceLevelSeconds'])
    const at = ended.at
    if (ended.type === 'ConversationAssigned') {
      const whose = { queue, agent: textOf(ended, 'agentId'), team: textOf(ended, 'team') }
      yield { what: 'answer', at, amount: 1, ...whose }
      yield { what: 'answer seconds', at, amount: waited, ...whose }
      if (target === 0 || waited <= target) yield { what: 'answer in time', at, amount: 1, ...whose }
    }
    if (ended.type === 'ConversationWithdrawn' && ended.is['isAbandoned'] === true) {
      yield { what: 'abandon', at, amount: 1, queue }
      yield { what: 'abandon seconds', at, amount: waited, queue }
      if (waited <= 5) yield { what: 'abandon within 5 s', at, amount: 1, queue }
      if (target > 0 && waited <= target) yield { what: 'abandon in time', at, amount: 1, queue }
    }
  }
}

/** Stays of one agent, one behind the other; what waits for its parker in between does not part them. */
function* handlings(stays: readonly Stay[]): Generator<Entry> {
  let run: Stay[] = []
  const close = function* (by: Fact | undefined): Generator<Entry> {
    const last = run.at(-1)
    const first = run.find(({ place }) => place !== 'queue')
    run = []
    if (last === undefined || first === undefined || by === undefined) return
    const { agent, team } = first
    const whose = { queue: last.queue, agent, team }
    yield { what: 'handling', at: by.at, amount: 1, ...whose }
    if (isTransfer(last, by)) yield { what: 'handling transferred', at: by.at, amount: 1, ...whose }
    if (by.type === 'ConversationReturnedToRobot')
      yield { what: 'handling to robot', at: by.at, amount: 1, ...whose }
    for (const [what, amount] of spent)
      yield { what: `handling ${what} seconds`, at: by.at, amount, ...whose }
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

function isTransfer(last: Stay, by: Fact): boolean {
  if (by.type === 'ConversationRequeued') return textOf(by, 'reason') === 'transferred'
  if (by.type !== 'ConversationAssigned' || last.place !== 'agent') return false
  const how = textOf(by, 'how')
  return how !== 'taken_over' && how !== 'given_back'
}

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * For each agent what each minute was: their status and how many stays lay over it, cut at every change of either. Which stays those are is
 * told by the order of the facts, never by their times: a clock that is set back would part a stay from its own minutes.
 */
function* agentsTime(facts: readonly Fact[], stays: readonly Stay[]): Generator<Entry> {
  const order = new Map(facts.map((fact, index) => [fact, index]))
  const placeOf = (fact: Fact | undefined) => (fact === undefined ? Infinity : order.get(fact)!)
  const marks = new Map<string, Fact[]>()
  for (const fact of facts)
    for (const agent of new Set(
      fact.type === 'ConversationRequeued'
        ? [textOf(fact, 'fromAgentId')]
        : [textOf(fact, 'agentId'), textOf(fact, 'fromAgentId')],
    ))
      if (agent !== '') marks.set(agent, [...(marks.get(agent) ?? []), fact])
  const worksOf = Map.groupBy(
    stays.filter(({ place }) => place === 'agent' || place === 'wrap_up'),
    ({ agent }) => agent,
  )
  for (const [agent, own] of marks) {
    const works = (worksOf.get(agent) ?? []).map(({ begun, ended }) => ({
      from: placeOf(begun),
      to: placeOf(ended),
    }))
    let status = 'offline'
    let team = ''
    for (const [index, fact] of own.entries()) {
      if (fact.type === 'PresenceChanged') status = textOf(fact, 'status')
      if (fact.type === 'PresenceChanged' || textOf(fact, 'agentId') === agent)
        team =
          fact.type === 'PresenceChanged' || fact.type === 'ConversationAssigned'
            ? textOf(fact, 'team')
            : team
      const until = own[index + 1]?.at
      if (until === undefined || status === 'offline') continue
      const place = placeOf(fact)
      const busy = works.filter(({ from, to }) => from <= place && to > place).length
      for (const span of hoursOf(fact.at, until)) {
        const whose = { at: span.from, agent, team }
        const seconds = lasting(span.from, span.to)
        yield { what: 'signed in seconds', amount: seconds, ...whose }
        if (status !== 'away') yield { what: 'there seconds', amount: seconds, ...whose }
        if (status !== 'away' && busy > 0) yield { what: 'occupied seconds', amount: seconds, ...whose }
        if (busy > 0) yield { what: 'working seconds', amount: seconds, ...whose }
        yield { what: 'work seconds', amount: seconds * busy, ...whose }
      }
    }
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
