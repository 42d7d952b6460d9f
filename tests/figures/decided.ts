// Some days as the rules decide them: customers, a robot, agents, supervisors and the company do whatever numbers say.
import { SURVEY_REASONS, surveyButton } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { PRESENCES, workforces } from '@parley/workforce'
import { array, constantFrom, nat, record, tuple } from 'fast-check'
import { REACTED_TO, type ReactedEvent, wishesFor } from '../../services/gateway/src/reacting/reactions.ts'
import { BEGIN, agent, pool, queue, supervisor } from '../../services/routing/test/pool.ts'
import {
  type Wish,
  blocks,
  completes,
  endWithoutLink,
  expires,
  isSent,
  issuesLink,
  merges,
  notes,
  say,
  says,
  unblocks,
  writesInApp,
} from '../../services/routing/test/story.ts'
import { World } from '../../services/routing/test/world.ts'

/** In the order in which they become each other. */
export const CONTACTS = ['contact-1', 'contact-2', 'contact-3'] as const
export const QUEUES = ['general', 'cards'] as const
export const TEAMS = { ana: 'north', rui: 'south', vera: '' } as const
export const AGENTS = ['ana', 'rui'] as const
const FLOWS = ['bank', 'menu'] as const
const STEPS = ['welcome', 'cards', 'where'] as const
/** A usual day; the evening before clocks go forward, back by half an hour, back at midnight, and past it; and the last of a month where hours begin at a quarter. */
const BEGINS = [
  ['UTC', '2026-03-02T12:00:00.000Z'],
  ['Europe/Lisbon', '2026-03-28T22:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-04-04T12:00:00.000Z'],
  ['America/Santiago', '2026-04-05T01:00:00.000Z'],
  ['Africa/Cairo', '2026-04-23T20:00:00.000Z'],
  ['Asia/Kathmandu', '2026-03-31T16:00:00.000Z'],
] as const
const HOUR_SECONDS = 60 * 60

/** Who and what there is, chosen by a number of any size: agents and a queue come and go, teams change, a queue has hours and another target. */
function company(how = 1) {
  const choice = (among: number, of: number) => Math.floor(how / of) % among
  const queues = choice(4, 3) === 3 ? (['general'] as const) : QUEUES
  const hours = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    weekday,
    fromMinute: 2 * 60,
    toMinute: 22 * 60 + 30,
  }))
  const shifts = choice(2, 12) === 1
  return pool(
    [
      queue('general', {
        ...(queues.length > 1 && { overflowQueue: 'cards', overflowSeconds: 90 }),
        serviceLevelSeconds: choice(2, 24) === 1 ? 0 : 20,
        asksSurvey: true,
        ...(choice(3, 48) > 0 && {
          hours,
          zone: 'here',
          outsideHours: choice(3, 48) === 2 && queues.length > 1 ? 'overflow' : '',
        }),
      }),
      ...(queues.length > 1
        ? [queue('cards', { autoAccepts: true, wrapUpSeconds: 20, asksSurvey: true })]
        : []),
    ],
    [
      ...(choice(3, 1) === 0 ? (['ana'] as const) : AGENTS).map((id) =>
        agent(id, {
          queues: [...queues],
          team: shifts ? TEAMS[id === 'ana' ? 'rui' : 'ana'] : TEAMS[id],
          capacity: id === 'rui' ? 1 : 2,
        }),
      ),
      supervisor('vera', ''),
    ],
    { zones: [{ name: 'here', offsets: [{ from: '2026-01-01T00:00:00.000Z', minutes: 0 }] }] },
  )
}

function sends(world: World, contactId: string): void {
  for (const message of world.contact(contactId).messages)
    if (message.by === 'us' && message.status === 'queued') world.wishes(contactId, isSent(message.id))
}

/** By the button of the survey that was asked last, or of a conversation that nobody asked about. */
function taps(world: World, contactId: string, how: number): Wish {
  const { contact, conversation } = world.contact(contactId)
  const judged = contact.survey?.conversationId ?? ('id' in conversation ? conversation.id : 'none')
  const answers = [1, 3, 5, ...SURVEY_REASONS] as const
  const id = surveyButton(judged, answers[how % answers.length]!)
  return says('', {
    type: 'interactive',
    message: MessageBody.fromPartial({
      body: { $case: 'choice', value: { source: 'button_reply', id, title: id } },
    }),
  })
}

function robotAnswers(world: World, contactId: string, how: number): void {
  sends(world, contactId)
  const { conversation } = world.contact(contactId)
  if (conversation.stage !== 'with_robot' || conversation.robot.step !== 'answering') return
  const told = { flow: FLOWS[how % FLOWS.length]!, steps: STEPS.slice(0, how % (STEPS.length + 1)) }
  const acts = how % 4 === 3 ? [endWithoutLink] : [say('pois não')]
  world.wishes(contactId, completes(conversation.id, conversation.robot.turn, acts, '', told))
}

/** Nobody says anything any more, or the robot does not answer. */
function timesOut(world: World, contactId: string): void {
  const { conversation } = world.contact(contactId)
  if (conversation.stage !== 'with_robot') return
  const { robot, silenceReference } = conversation
  world.wishes(
    contactId,
    robot.step === 'answering' ? expires('bot_turn', robot.requestId) : expires('silence', silenceReference),
  )
}

const heardByGateway = new WeakMap<World, number>()
/** What goes on under another name is said there. */
function gatewayReacts(world: World): void {
  for (let at = heardByGateway.get(world) ?? 0; at < world.told.length; at += 1) {
    heardByGateway.set(world, at + 1)
    const event = world.told[at]!
    if (!(REACTED_TO as readonly string[]).includes(event.type)) continue
    for (const wish of wishesFor(event as ReactedEvent)) world.wishes(wish.streamId, wish)
  }
}

/** One thing that somebody does, chosen by three numbers of any size; what cannot be done is refused. */
function act(world: World, what: number, who: number, how: number): void {
  const contactId = CONTACTS[who % CONTACTS.length]!
  const agentId = AGENTS[how % AGENTS.length]!
  const { conversation } = world.contact(contactId)
  const conversationId = 'id' in conversation ? conversation.id : 'none'
  const owner = 'agentId' in conversation ? conversation.agentId : agentId
  const work = world.pool.work(conversationId)
  const byOwner = (type: string, more: object = {}) =>
    world.wishes(contactId, {
      type: type as 'EndHold',
      data: { conversationId, agentId: owner, ...more },
      actor: { kind: 'agent', id: owner },
    })
  const inPool = (type: string, data: object, by = agentId as string) =>
    world.pool.when(type as 'SignOut', data, { kind: 'agent', id: by })
  switch (what % 46) {
    case 0:
    case 1:
    case 34:
    case 35:
      return void world.wishes(contactId, says(['oi', 'quanto tempo?', 'não precisa', '5'][how % 4]!))
    case 2:
    case 3:
    case 4:
    case 36:
    case 37:
      return world.robotHandsOver(contactId, QUEUES[how % 2])
    case 5:
      return void world.wishes(contactId, {
        type: 'BeginConversation',
        data: { agentId, queue: QUEUES[how % 2]!, type: 'template', team: TEAMS[agentId] },
        actor: { kind: 'agent', id: agentId },
      })
    case 6:
    case 7:
    case 38:
    case 39:
    case 40:
      if (work?.stage === 'offered' || (work?.stage === 'with_agent' && work.transfer !== null))
        inPool(how % 4 === 3 ? 'DeclineOffer' : 'AcceptOffer', world.pool.offer(conversationId))
      return
    case 8:
      return void byOwner('SendAgentMessage', { type: 'text' })
    case 9:
      return void byOwner(how % 2 === 0 ? 'HoldConversation' : 'EndHold')
    case 10:
      return void byOwner('ParkConversation', {
        ...(how % 2 === 0 && { snoozedUntil: new Date(world.pool.at + 30_000).toISOString() }),
      })
    case 11:
    case 43:
      return void byOwner('CloseConversation', { reason: 'solved', undoSeconds: how % 2 === 0 ? 5 : 0 })
    case 12:
    case 13:
    case 41:
    case 42:
      if ('closing' in conversation && conversation.closing !== null)
        world.wishes(contactId, expires('closing', conversation.closing.reference))
      sends(world, contactId)
      if (conversation.stage === 'ending')
        world.wishes(
          contactId,
          how % 2 === 0 ? issuesLink(conversation.id) : expires('ending', conversation.reference),
        )
      return
    case 14:
      return void inPool('SetPresence', { agentId, status: PRESENCES[how % PRESENCES.length]! })
    case 15: {
      const bySupervisor = how % 3 === 0
      const from = bySupervisor ? 'vera' : owner
      const to = [{ toAgentId: agentId }, { toQueue: QUEUES[who % 2] }, { toFlow: 'menu' }][how % 3]
      return void inPool('TransferConversation', { conversationId, agentId: from, bySupervisor, ...to }, from)
    }
    case 16:
      return void inPool(
        how % 2 === 0 ? 'TakeOverConversation' : 'GiveBackConversation',
        { conversationId, agentId: 'vera', bySupervisor: true },
        'vera',
      )
    case 17:
      return void inPool(
        'ReassignConversation',
        { conversationId, agentId: 'vera', toQueue: QUEUES[how % 2], bySupervisor: true },
        'vera',
      )
    case 18:
      return void inPool('SignOut', { agentId: how % 5 === 0 ? 'vera' : agentId, isForGood: how % 7 === 0 })
    case 19:
      return void world.wishes(
        contactId,
        how % 4 === 3 ? says('STOP', { consent: 'stop' }) : says('START', { consent: 'start' }),
      )
    case 20:
      return void inPool('ResumeConversation', { agentId: owner, conversationId })
    case 21:
      return void inPool('ConfigurePool', { configuration: company(how) })
    case 22:
      return world.repeats(how)
    case 23:
    case 24:
      return void world.wishes(contactId, taps(world, contactId, how))
    case 25:
    case 26:
      return robotAnswers(world, contactId, how)
    case 27:
      return timesOut(world, contactId)
    case 28:
      return void world.wishes(contactId, how % 4 === 3 ? blocks : unblocks)
    case 29:
      return void world.wishes(contactId, how % 2 === 0 ? writesInApp('do telefone') : notes('number'))
    case 30:
      if (how % 8 === 3) world.wishes(contactId, merges(CONTACTS[(who + 1) % CONTACTS.length]))
      return
    case 31:
      return void inPool('ClaimConversation', { agentId, conversationId })
    case 32:
      // A desk, or a line that is cut: what they have goes back a while later.
      return void inPool(how % 4 < 2 ? 'OpenSession' : 'CloseSession', {
        agentId,
        sessionId: `desk of ${agentId}`,
        replicaId: 'replica',
      })
    case 33:
      return void byOwner('UndoClose')
    default:
      // Now and then a night, or a day that a survey still waits.
      return void world.pool.later(how % 8 === 0 ? (Math.floor(how / 8) % 26) * HOUR_SECONDS : how % 45)
  }
}

interface History {
  readonly begins: (typeof BEGINS)[number]
  readonly acts: readonly (readonly [what: number, who: number, how: number, delivered: number])[]
}

/** Some days decided by the rules, however late those of the pool and of the customers hear of each other; in the end everybody is gone. */
export function lived(
  { begins: [, begin], acts }: History,
  afterEach: (world: World) => void = () => {},
): World {
  const world = new World(company(), CONTACTS)
  world.pool.later((Date.parse(begin) - BEGIN) / 1_000)
  world.pool.comes(...AGENTS)
  for (const [nth, contactId] of CONTACTS.entries()) {
    world.wishes(contactId, says('oi'))
    for (let step = 0; step < 3; step += 1) world.robotHandsOver(contactId, QUEUES[nth % 2])
  }
  world.settle()
  for (const [what, who, how, delivered] of acts) {
    act(world, what, who, how)
    gatewayReacts(world)
    for (let nth = 0; nth < delivered % 5; nth += 1) world.delivers(how + nth)
    afterEach(world)
  }
  world.settle()
  world.pool.later(7)
  for (const agentId of [...AGENTS, 'vera']) world.pool.when('SignOut', { agentId })
  world.settle()
  return world
}

export const poolEvents = ({ pool: { stated } }: World) =>
  stated.filter(({ envelope }) => workforces.isFolded(envelope.type))

export const history = record({
  begins: constantFrom(...BEGINS),
  acts: array(tuple(nat(), nat(), nat(), nat()), { minLength: 40, maxLength: 160, size: 'max' }),
})
