import { type Entry, type Recounting, lasting } from './entry.ts'
import { type Fact, textOf } from './facts.ts'

const DAYS_7_SECONDS = 7 * 24 * 60 * 60
/** As docs/reference/metrics.md says: of the last 20 since the customer opened one. */
const UNSOLVED_MAX = 20
const ROBOT = new Set(['bot_answer', 'bot_answer_again'])
const TAKES_A_HOLD = new Set([
  'HoldEnded',
  'ConversationParked',
  'ConversationEnding',
  'ConversationRequeued',
  'ConversationAssigned',
  'ConversationReturnedToRobot',
  'ConversationClosed',
])

/** Whose something is, read off the facts before it. */
interface Whose {
  readonly queue: string
  readonly agent: string
  readonly team: string
  readonly flow: string
}

interface Ended {
  readonly whose: Whose
  readonly at: number
  /** And not only had been: nobody waited for another. */
  readonly isAgents: boolean
}

/** What a contact's stream says of conversations, messages, holds and surveys. */
export function contactRecount(): Recounting {
  /** Of the open conversation, from its opening on. */
  let before: Fact[] | undefined
  let previous: Ended | undefined
  /** The last that was an agent's to the end: a customer who goes on with something goes on with that. */
  let helped: (Ended & { readonly id: string }) | undefined
  /** What people ended while the customer opened nothing: a customer who opens one comes back for all of them. */
  let unsolved: Ended[] = []
  const surveys = new Map<string, { readonly whose: Whose; readonly at: number }>()

  function* opened(fact: Fact): Generator<Entry> {
    const both = function* (all: string, ofAgents: string, at: number, one?: Ended): Generator<Entry> {
      const what = { at, amount: 1, ...one?.whose }
      yield { what: all, ...what }
      if (one?.isAgents === true) yield { what: ofAgents, ...what }
    }
    yield { what: 'opened', at: fact.at, amount: 1 }
    const continues = textOf(fact, 'continuesConversationId')
    if (continues !== '')
      yield* both('reopened', 'reopened of an agent', fact.at, continues === helped?.id ? helped : previous)
    if (textOf(fact, 'begunByAgentId') !== '') return
    for (const one of unsolved)
      if (lasting(one.at, fact.at) <= DAYS_7_SECONDS)
        yield* both('came back', 'came back to an agent', one.at, one)
    unsolved = []
  }

  function* closed(fact: Fact, facts: readonly Fact[]): Generator<Entry> {
    const whose = lastOf(facts)
    const byPeople = isWithPeople(facts) && whose.agent !== ''
    const isAgents = byPeople && !isInQueue(facts)
    const handedOver = facts.some(({ type }) => type === 'HandoverRequested')
    const hadRobot = facts.some(({ type }) => type === 'BotTurnRequested')
    const add = (what: string, amount = 1): Entry => ({ what, at: fact.at, amount, ...whose })
    yield add('closed')
    yield add('open seconds', lasting(facts[0]!.at, fact.at))
    if (handedOver) yield add('handed over')
    if (byPeople) yield add('closed by people')
    if (isAgents) yield add('closed with an agent')
    if (hadRobot) yield add('had robot')
    if (hadRobot && !handedOver) yield add('contained')
    if (hadRobot && !handedOver && textOf(fact, 'reason') === 'flow_ended') yield add('flow ended')
    yield* funnel(facts, fact.at)
    previous = { whose, at: fact.at, isAgents }
    if (isAgents) helped = { ...previous, id: textOf(fact, 'conversationId') }
    if (byPeople) unsolved.push(previous)
    if (unsolved.length > UNSOLVED_MAX) unsolved.shift()
  }

  return {
    *take(fact) {
      const judged = textOf(fact, 'conversationId')
      if (fact.type === 'SurveyAsked' && previous !== undefined) {
        surveys.set(judged, { whose: previous.whose, at: fact.at })
        yield { what: 'survey', at: fact.at, amount: 1, ...previous.whose }
      }
      const survey = surveys.get(judged)
      if (fact.type === 'SurveyAnswered' && survey !== undefined) {
        const { at, whose } = survey
        const score = Number(fact.is['score'])
        yield { what: 'survey answer', at, amount: 1, ...whose }
        yield { what: `survey answer of ${score}`, at, amount: 1, ...whose }
        yield { what: 'survey points', at, amount: score, ...whose }
      }
      if (fact.type === 'ConversationOpened') {
        yield* opened(fact)
        before = [fact]
        return
      }
      yield* message(fact, before ?? [])
      if (before === undefined) return
      yield* hold(fact, before)
      if (fact.type === 'ConversationClosed') {
        yield* closed(fact, before)
        before = undefined
      } else before.push(fact)
    },
    *end() {},
  }
}

/** Each flow of a conversation, and each of its steps, once. */
function* funnel(before: readonly Fact[], at: number): Generator<Entry> {
  const turns = before.filter((one) => one.type === 'BotTurnCompleted' && textOf(one, 'flow') !== '')
  for (const flow of new Set(turns.map((turn) => textOf(turn, 'flow')))) {
    yield { what: 'flow begun', at, amount: 1, flow }
    const steps = turns
      .filter((turn) => textOf(turn, 'flow') === flow)
      .flatMap((turn) => turn.is['steps'] as readonly string[])
    for (const step of new Set(steps)) yield { what: 'step reached', at, amount: 1, step: `${flow}/${step}` }
  }
}

function* message(fact: Fact, before: readonly Fact[]): Generator<Entry> {
  const sender = senderOf(fact)
  if (sender === undefined) return
  const { queue, agent, team, flow } = lastOf(before)
  const whose = isWithPeople(before) ? { queue, agent, team } : { flow }
  const add = (what: string, amount = 1): Entry => ({ what, at: fact.at, amount, ...whose })
  // An agent's message behind the end of everything is nobody's.
  if (sender === 'agent' && before.length === 0) return void (yield add('message from system'))
  yield add(`message from ${sender}`)
  if (sender !== 'agent' && sender !== 'robot') return
  const lastAnswer = before.findLastIndex((one) => ['agent', 'robot', 'app'].includes(senderOf(one) ?? ''))
  const unanswered = before.slice(lastAnswer + 1).find((one) => senderOf(one) === 'customer')
  const handedOver = awaitedHandOver(before)
  if (sender === 'agent' && handedOver !== undefined) {
    yield add('first response')
    yield add('first response seconds', lasting(handedOver.at, fact.at))
  }
  if (unanswered === undefined) return
  const since = sender === 'agent' ? Math.max(unanswered.at, handedOver?.at ?? 0) : unanswered.at
  yield add(`${sender} reply`)
  yield add(`${sender} reply seconds`, lasting(since, fact.at))
}

function senderOf({ type, is }: Fact): 'customer' | 'app' | 'robot' | 'agent' | 'system' | undefined {
  if (type === 'MessageReceived')
    return is['isSurveyAnswer'] === true || is['isNote'] === true ? undefined : 'customer'
  if (type === 'AppMessageSent') return 'app'
  if (type !== 'MessageSendRequested') return undefined
  const purpose = String(is['purpose'])
  return ROBOT.has(purpose) ? 'robot' : purpose === 'agent_message' ? 'agent' : 'system'
}

/** The last hand-over, where no agent has written since and the robot does not have it again. */
function awaitedHandOver(before: readonly Fact[]): Fact | undefined {
  const index = before.findLastIndex(({ type }) => type === 'HandoverRequested')
  const isOver = (one: Fact) => one.type === 'ConversationReturnedToRobot' || senderOf(one) === 'agent'
  return index < 0 || before.slice(index).some(isOver) ? undefined : before[index]
}

function* hold(fact: Fact, before: readonly Fact[]): Generator<Entry> {
  if (!TAKES_A_HOLD.has(fact.type)) return
  const began = before.findLastIndex(({ type }) => type === 'HoldBegan')
  if (began < 0 || before.slice(began + 1).some(({ type }) => TAKES_A_HOLD.has(type))) return
  const { queue, agent, team } = lastOf(before)
  const whose = { at: fact.at, queue, agent, team }
  yield { what: 'hold', amount: 1, ...whose }
  yield { what: 'hold seconds', amount: lasting(before[began]!.at, fact.at), ...whose }
}

function isWithPeople(before: readonly Fact[]): boolean {
  const last = before.findLast(({ type }) =>
    [
      'HandoverRequested',
      'ConversationBegun',
      'ConversationAssigned',
      'ConversationReturnedToRobot',
    ].includes(type),
  )
  return last !== undefined && last.type !== 'ConversationReturnedToRobot'
}

/** Whoever had it before: the last that was told of its place is a queue. */
function isInQueue(before: readonly Fact[]): boolean {
  const last = before.findLast(({ type }) =>
    ['HandoverRequested', 'ConversationBegun', 'ConversationRequeued', 'ConversationAssigned'].includes(type),
  )
  return last?.type === 'HandoverRequested' || last?.type === 'ConversationRequeued'
}

function lastOf(before: readonly Fact[]): Whose {
  const lastWhere = (types: readonly string[]) => before.findLast(({ type }) => types.includes(type))
  const queued = lastWhere([
    'HandoverRequested',
    'ConversationBegun',
    'ConversationQueued',
    'ConversationRequeued',
    'ConversationAssigned',
  ])
  const owned = lastWhere(['HandoverRequested', 'ConversationBegun', 'ConversationAssigned'])
  const turn = before.findLast((fact) => fact.type === 'BotTurnCompleted' && textOf(fact, 'flow') !== '')
  const has = owned?.type === 'HandoverRequested' ? undefined : owned
  return {
    queue: queued === undefined ? '' : textOf(queued, 'queue'),
    agent: has === undefined ? '' : textOf(has, 'agentId'),
    team: has === undefined ? '' : textOf(has, 'team'),
    flow: turn === undefined ? '' : textOf(turn, 'flow'),
  }
}
