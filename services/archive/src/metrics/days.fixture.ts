import { type ConversationEvent, conversations } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { Chain, type Sketch } from '@parley/testkit'
import { type WorkforceEvent, workforces } from '@parley/workforce'

type Happened =
  | { readonly family: 'conversation'; readonly event: ReadEvent<ConversationEvent> }
  | { readonly family: 'workforce'; readonly event: ReadEvent<WorkforceEvent> }

interface Attended {
  readonly chain: Chain<ConversationEvent>
  stage: 'none' | 'robot' | 'waiting' | 'with_agent' | 'parked'
  id: string
  count: number
  queue: string
  agent: string
  /** The last one that ended with an agent: what the customer goes on with. */
  helpedId: string
  /** The agent from whom a supervisor took it over. */
  takenFrom: string
  isWrappingUp: string
  /** The survey of the last one waits for an answer. */
  isAsked: boolean
}

const QUEUES = ['general', 'cards'] as const
const TEAMS = { ana: 'north', rui: 'south', bia: 'south' }
const STATUSES = ['available', 'finishing', 'busy', 'away', 'offline'] as const
const FLOWS = ['lost_card', 'menu'] as const
const STEPS = ['welcome', 'menu', 'card', 'where']

/** Customers, a robot, queues and agents over some days, as routing would have recorded them: whatever numbers steer it, what it says fits together. */
export class Days {
  readonly happened: Happened[] = []
  readonly #pool: Chain<WorkforceEvent>
  readonly #contacts: Attended[]
  readonly #agents: readonly string[]
  readonly #teams: Record<string, string>
  readonly #isSetBack: boolean
  #at: number

  /** @param begins ISO 8601 UTC */
  constructor(
    begins: string,
    {
      contacts = 4,
      prefix = '',
      teams = TEAMS,
      isSetBack = false,
    }: {
      contacts?: number
      prefix?: string
      teams?: Readonly<Record<string, string>>
      /** The log's clock is set back now and then, by most of an hour. */
      isSetBack?: boolean
    } = {},
  ) {
    this.#isSetBack = isSetBack
    this.#teams = { ...teams }
    this.#agents = Object.keys(teams)
    this.#at = Date.parse(begins)
    this.#pool = new Chain(workforces, 'main')
    this.#contacts = Array.from({ length: contacts }, (_, at) => ({
      chain: new Chain(conversations, `${prefix}contact-${at}`),
      stage: 'none',
      id: '',
      count: 0,
      queue: '',
      agent: '',
      helpedId: '',
      takenFrom: '',
      isWrappingUp: '',
      isAsked: false,
    }))
  }

  get at(): string {
    return new Date(this.#at).toISOString()
  }

  /** So many things happen, the same in every run. */
  static lived(begins: string, acts: number, options: ConstructorParameters<typeof Days>[1] = {}): Days {
    const days = new Days(begins, options)
    let state = 20_260_302
    const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) >> 8
    for (let act = 0; act < acts; act += 1) days.act(next(), next(), next(), next() % 4_000)
    return days
  }

  /** One thing that happens, chosen by four numbers of any size. */
  act(what: number, who: number, how: number, seconds: number): void {
    if (this.#isSetBack && what % 23 === 7) this.#at -= 50 * 60_000
    this.#at += (seconds % 25 === 0 ? seconds * 20 : seconds) * 100
    const one = this.#contacts[who % this.#contacts.length]!
    const agent = this.#agents[how % this.#agents.length]!
    if (what % 19 === 6) return this.#nothing(one, how)
    if (what % 12 === 11) return this.#moves(agent, how)
    if (what % 31 === 8 && one.stage !== 'none') return this.#merges(one)
    switch (one.stage) {
      case 'none':
        if (one.isAsked && what % 5 === 2) return this.#judges(one, how)
        if (what % 7 === 3) return this.#begins(one, agent, how)
        // After STOP, or while the number is blocked: it is received and opens nothing.
        if (what % 11 === 4) return this.#tell(one, { type: 'MessageReceived' })
        return what % 4 === 0 ? this.#tell(one, { type: 'AppMessageSent' }) : this.#opens(one, what)
      case 'robot':
        return this.#withRobot(one, what, how)
      case 'waiting':
        return this.#waits(one, what, how, agent)
      case 'with_agent':
        return this.#withAgent(one, what, how, agent)
      case 'parked':
        return this.#parked(one, what)
    }
  }

  /** Nothing that figures count: it stands between what they do. */
  #nothing(one: Attended, how: number): void {
    // What the channel says of the customer.
    if (how % 4 === 3) return this.#tell(one, { type: 'MessageReceived', data: { isNote: true } })
    const types = ['MessageEdited', 'MessageRevoked', 'ConversationOffered'] as const
    this.#tell(one, { type: types[how % types.length]! })
  }

  #moves(agent: string, how: number): void {
    const teams = Object.values(this.#teams)
    if (how % 7 === 0) this.#teams[agent] = teams[how % teams.length]!
    const status = STATUSES[how % STATUSES.length]!
    this.#say({ type: 'PresenceChanged', data: { agentId: agent, status, team: this.#teams[agent]! } })
    const wrapping = this.#contacts.find(({ isWrappingUp }) => isWrappingUp === agent)
    if (wrapping !== undefined) this.#endsWrapUp(wrapping)
  }

  #endsWrapUp(one: Attended): void {
    if (one.isWrappingUp === '') return
    this.#say({ type: 'WrapUpEnded', data: { conversationId: one.id, agentId: one.isWrappingUp } })
    one.isWrappingUp = ''
  }

  #opens(one: Attended, what: number): void {
    this.#endsWrapUp(one)
    const continues = what % 2 === 0 ? one.helpedId : ''
    one.count += 1
    one.id = `c${one.count} of ${this.#contacts.indexOf(one)}`
    one.stage = 'robot'
    this.#tell(one, { type: 'ConversationOpened', data: { continuesConversationId: continues } })
    this.#tell(one, { type: 'MessageReceived' })
    if (continues !== '') return this.#handsOver(one, one.queue)
    this.#tell(one, { type: 'BotTurnRequested', data: { turn: 1 } })
  }

  /** An agent writes first: it is theirs, parked, until the customer answers. */
  #begins(one: Attended, agent: string, how: number): void {
    this.#endsWrapUp(one)
    one.count += 1
    one.id = `c${one.count} of ${this.#contacts.indexOf(one)}`
    one.stage = 'parked'
    one.agent = agent
    one.queue = QUEUES[how % QUEUES.length]!
    const data = { agentId: agent, queue: one.queue }
    this.#tell(one, { type: 'ConversationOpened', data: { begunByAgentId: agent } })
    this.#tell(one, { type: 'ConversationBegun', data: { ...data, team: this.#teams[agent]! } })
    this.#tell(one, { type: 'MessageSendRequested', data: { purpose: 'agent_message' } })
    this.#say({ type: 'ConversationTakenOn', data: { ...data, conversationId: one.id } })
  }

  #judges(one: Attended, how: number): void {
    one.isAsked = false
    this.#tell(one, { type: 'MessageReceived', data: { isSurveyAnswer: true } })
    this.#tell(one, { type: 'SurveyAnswered', data: { conversationId: one.id, score: (how % 5) + 1 } })
  }

  #withRobot(one: Attended, what: number, how: number): void {
    switch (what % 6) {
      case 0:
        return this.#tell(one, { type: 'MessageReceived' })
      case 1:
      case 2:
        this.#tell(one, {
          type: 'BotTurnCompleted',
          data: { flow: FLOWS[how % FLOWS.length]!, steps: STEPS.slice(0, what % STEPS.length) },
        })
        this.#tell(one, {
          type: 'MessageSendRequested',
          data: { purpose: how % 5 === 0 ? 'bot_answer_again' : 'bot_answer' },
        })
        return
      case 3:
        return this.#closes(one, how % 2 === 0 ? 'flow_ended' : 'silence')
      default:
        return this.#handsOver(one, QUEUES[how % QUEUES.length]!)
    }
  }

  #handsOver(one: Attended, queue: string): void {
    this.#tell(one, { type: 'HandoverRequested', data: { queue } })
    this.#tell(one, { type: 'MessageSendRequested', data: { purpose: 'waiting_notice' } })
    one.stage = 'waiting'
    one.agent = ''
    one.queue = queue
    this.#say({
      type: 'ConversationEnqueued',
      data: { conversationId: one.id, queue, serviceLevelSeconds: queue === 'cards' ? 30 : 0 },
    })
    this.#tell(one, { type: 'ConversationQueued', data: { queue } })
  }

  #waits(one: Attended, what: number, how: number, agent: string): void {
    switch (what % 7) {
      case 0:
        return this.#tell(one, { type: 'MessageReceived' })
      case 1:
        return this.#leaves(one, 'left')
      case 2:
        return this.#requeues(one, QUEUES[how % QUEUES.length]!, 'overflow', '')
      default:
        return this.#assigns(one, agent, '', what % 2 === 0 ? 'accepted' : 'auto')
    }
  }

  /** To another agent, by whose it is or by a supervisor. */
  #offers(one: Attended, agentId: string, how: number): void {
    const data = { conversationId: one.id, agentId, fromAgentId: one.agent, queue: one.queue }
    this.#say({ type: 'ConversationOffered', data }, how % 2 === 0 ? one.agent : 'vera')
  }

  #assigns(one: Attended, agent: string, from: string, how: string): void {
    const data = { agentId: agent, team: this.#teams[agent]!, queue: one.queue, how, fromAgentId: from }
    this.#say({ type: 'ConversationAssigned', data: { conversationId: one.id, ...data } })
    this.#tell(one, { type: 'ConversationAssigned', data })
    one.stage = 'with_agent'
    one.takenFrom = how === 'taken_over' ? from : ''
    one.agent = agent
  }

  #requeues(one: Attended, queue: string, reason: string, from: string): void {
    one.queue = queue
    one.stage = 'waiting'
    const data = { queue, reason, fromAgentId: from, serviceLevelSeconds: queue === 'cards' ? 30 : 0 }
    this.#say({ type: 'ConversationRequeued', data: { conversationId: one.id, ...data } })
    this.#tell(one, { type: 'ConversationRequeued', data: { queue, reason, fromAgentId: from } })
  }

  #withAgent(one: Attended, what: number, how: number, agent: string): void {
    switch (what % 13) {
      case 0:
      case 1:
        return this.#tell(one, { type: 'MessageReceived' })
      case 2:
      case 3:
        return this.#tell(one, { type: 'MessageSendRequested', data: { purpose: 'agent_message' } })
      case 4:
        return this.#tell(one, { type: 'HoldBegan', data: { agentId: one.agent } })
      case 5:
        return this.#tell(one, { type: 'HoldEnded', data: { agentId: one.agent } })
      case 6:
        this.#tell(one, { type: 'ConversationParked', data: { agentId: one.agent } })
        this.#say({ type: 'ConversationParked', data: { conversationId: one.id, agentId: one.agent } })
        one.stage = 'parked'
        return
      case 7:
        if (agent === one.agent)
          return this.#requeues(one, QUEUES[how % QUEUES.length]!, 'transferred', one.agent)
        this.#offers(one, agent, how)
        // Not every offer is taken.
        return how % 5 === 1 ? undefined : this.#assigns(one, agent, one.agent, 'accepted')
      case 8:
        if (how % 2 === 0) return this.#requeues(one, one.queue, 'connection_lost', one.agent)
        // By the agent, or by another, who watches over them.
        this.#say({
          type: 'ConversationReturnedToRobot',
          data: { conversationId: one.id, agentId: agent, flow: 'menu', fromAgentId: one.agent },
        })
        this.#tell(one, { type: 'ConversationReturnedToRobot', data: { agentId: agent, flow: 'menu' } })
        one.stage = 'robot'
        return
      case 9:
        // A supervisor steps in, and out again.
        if (one.takenFrom !== '') return this.#assigns(one, one.takenFrom, one.agent, 'given_back')
        return agent === one.agent
          ? this.#nothing(one, how)
          : this.#assigns(one, agent, one.agent, 'taken_over')
      default:
        return this.#leaves(one, 'solved', how % 2 === 0)
    }
  }

  #parked(one: Attended, what: number): void {
    switch (what % 4) {
      case 0:
        if (what % 8 === 0) return this.#requeues(one, one.queue, 'snooze_over', '')
        this.#tell(one, { type: 'MessageReceived' })
        return this.#requeues(one, one.queue, 'customer_wrote', '')
      case 1:
        return this.#leaves(one, 'solved')
      default:
        return this.#assigns(one, one.agent, one.agent, 'resumed')
    }
  }

  #leaves(one: Attended, reason: string, wrapsUp = false): void {
    const { stage, agent } = one
    this.#closes(one, reason)
    this.#say({
      type: 'ConversationWithdrawn',
      data: {
        conversationId: one.id,
        agentId: stage === 'waiting' ? '' : agent,
        reason,
        isAbandoned: stage === 'waiting' && reason !== 'merged',
        ...(wrapsUp && { wrapUpUntil: new Date(this.#at + 20_000).toISOString() }),
      },
    })
    if (wrapsUp) one.isWrappingUp = agent
  }

  /** They proved to be another contact, and go on there: nobody abandoned them. */
  #merges(one: Attended): void {
    if (one.stage === 'robot') this.#closes(one, 'merged')
    else this.#leaves(one, 'merged')
  }

  #closes(one: Attended, reason: string): void {
    this.#tell(one, { type: 'ConversationEnding', data: { reason } })
    this.#tell(one, { type: 'MessageSendRequested', data: { purpose: 'transcript_link' } })
    this.#tell(one, { type: 'ConversationClosed', data: { conversationId: one.id, reason } })
    if (one.stage === 'with_agent' || one.stage === 'parked') one.helpedId = one.id
    if (reason === 'solved') {
      this.#tell(one, { type: 'MessageSendRequested', data: { purpose: 'survey' } })
      this.#tell(one, { type: 'SurveyAsked', data: { conversationId: one.id } })
    }
    one.isAsked = reason === 'solved'
    one.stage = 'none'
  }

  #tell(one: Attended, event: Sketch<ConversationEvent>): void {
    // What happened by the phone's clock may be long ago, or not yet.
    const behind = ((this.happened.length * 37) % 200) - 20
    const occurredAt = new Date(this.#at - behind * 60_000).toISOString()
    const told = one.chain.add(event, { at: this.at, occurredAt, correlationId: one.id })
    this.happened.push({ family: 'conversation', event: told })
  }

  #say(event: Sketch<WorkforceEvent>, by = 'rules'): void {
    const said = this.#pool.add(event, { at: this.at, actor: { kind: 'agent', id: by } })
    this.happened.push({ family: 'workforce', event: said })
  }
}
