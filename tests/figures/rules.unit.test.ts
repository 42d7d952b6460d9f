import { conversations } from '@parley/conversation'
import {
  CONVERSATIONS,
  FIGURES,
  HANDLING,
  HOLDS,
  POOL_SUBJECTS,
  PRESENCE,
  SURVEYS,
  WAITS,
  wholeOf,
  worthOf,
} from '@parley/figures'
import { readEventOf } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { PRESENCES, type WorkforceEvent, workforces } from '@parley/workforce'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { recount } from '../../services/archive/recount/index.ts'
import { metricOf } from '../../services/archive/src/metrics/count.ts'
import { Played } from '../../services/archive/src/metrics/played.fixture.ts'
import { agent, pool, queue, supervisor } from '../../services/routing/test/pool.ts'
import { expires, isSent, issuesLink, says } from '../../services/routing/test/story.ts'
import { World } from '../../services/routing/test/world.ts'
import { contactLedger, poolLedger } from './ledgers.ts'

const CONTACTS = ['contact-1', 'contact-2', 'contact-3'] as const
const QUEUES = ['general', 'cards'] as const
const TEAMS = { ana: 'north', rui: 'south', vera: '' } as const
const AGENTS = ['ana', 'rui'] as const
const DAY = '2026-03-02'

const company = (agents: readonly (typeof AGENTS)[number][] = AGENTS) =>
  pool(
    [
      queue('general', {
        overflowQueue: 'cards',
        overflowSeconds: 90,
        serviceLevelSeconds: 20,
        asksSurvey: true,
      }),
      queue('cards', { autoAccepts: true, wrapUpSeconds: 20, asksSurvey: true }),
    ],
    [
      ...agents.map((id) =>
        agent(id, { queues: [...QUEUES], team: TEAMS[id], capacity: id === 'rui' ? 1 : 2 }),
      ),
      supervisor('vera', ''),
    ],
  )

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
  switch (what % 24) {
    case 0:
    case 1:
      return void world.wishes(contactId, says(['oi', 'quanto tempo?', 'não precisa', '5'][how % 4]!))
    case 2:
    case 3:
    case 4:
      return world.robotHandsOver(contactId, QUEUES[how % 2])
    case 5:
      return void world.wishes(contactId, {
        type: 'BeginConversation',
        data: { agentId, queue: QUEUES[how % 2]!, type: 'template', team: TEAMS[agentId] },
        actor: { kind: 'agent', id: agentId },
      })
    case 6:
    case 7:
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
      return void byOwner('CloseConversation', { reason: 'solved', undoSeconds: how % 2 === 0 ? 5 : 0 })
    case 12:
    case 13:
      if ('closing' in conversation && conversation.closing !== null)
        world.wishes(contactId, expires('closing', conversation.closing.reference))
      for (const message of world.contact(contactId).messages)
        if (message.by === 'us' && message.status === 'queued') world.wishes(contactId, isSent(message.id))
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
        how % 2 === 0 ? says('STOP', { consent: 'stop' }) : says('START', { consent: 'start' }),
      )
    case 20:
      return void inPool('ResumeConversation', { agentId: owner, conversationId })
    case 21:
      return void inPool('ConfigurePool', { configuration: company(how % 3 === 0 ? ['ana'] : AGENTS) })
    case 22:
      return world.repeats(how)
    default:
      return void world.pool.later(how % 45)
  }
}

/** A day decided by the rules, however late those of the pool and of the customers hear of each other; in the end everybody is gone. */
function lived(acts: readonly (readonly [number, number, number, number])[]): World {
  const world = new World(company(), CONTACTS)
  world.pool.comes('ana')
  for (const contactId of CONTACTS) {
    world.wishes(contactId, says('oi'))
    for (let step = 0; step < 3; step += 1) world.robotHandsOver(contactId)
  }
  world.settle()
  for (const [what, who, how, delivered] of acts) {
    act(world, what, who, how)
    for (let nth = 0; nth < delivered % 5; nth += 1) world.delivers(how + nth)
  }
  world.settle()
  world.pool.later(7)
  for (const agentId of [...AGENTS, 'vera']) world.pool.when('SignOut', { agentId })
  world.settle()
  return world
}

const poolEvents = ({ pool: { stated } }: World) =>
  stated.filter(({ envelope }) => workforces.isFolded(envelope.type))

const LEDGERED: readonly (readonly [
  subject: string,
  by: 'queue' | 'agent' | undefined,
  names: readonly string[],
])[] = [
  [
    PRESENCE,
    'agent',
    ['signedInSeconds', 'workSeconds', 'workingSeconds', 'thereSeconds', 'occupiedSeconds'],
  ],
  [WAITS, 'queue', ['entered', 'answered', 'answerSeconds', 'inTime', 'abandoned', 'abandonSeconds']],
  [HANDLING, 'agent', ['handled', 'withSeconds', 'parkedSeconds', 'wrapUpSeconds', 'toRobot']],
  [HOLDS, 'agent', ['holds', 'holdSeconds']],
  [CONVERSATIONS, 'agent', ['closedWithAgent', 'reopenedOfAgent', 'cameBackToAgent']],
  [CONVERSATIONS, undefined, ['opened', 'closed', 'openSeconds']],
  [SURVEYS, 'agent', ['asked', 'surveyed', 'score']],
]

const acts = array(tuple(nat(), nat(), nat(), nat()), { maxLength: 160, size: 'max' })

function figuresOf(world: World): Played {
  const figures = new Played('UTC')
  for (const event of poolEvents(world))
    figures.pool(readEventOf(workforces.readEvent(event.envelope) as WorkforceEvent, event))
  for (const event of world.told) if (conversations.isFolded(event.type)) figures.contact(event as never)
  return figures
}

test('what the rules decide is counted as their own state has it, second by second', async () => {
  const counted = new Map<string, number>()
  await assert(
    asyncProperty(acts, async (all) => {
      const world = lived(all)
      const figures = figuresOf(world)
      const ledger = new Map([...poolLedger(poolEvents(world)), ...contactLedger(world.told)])
      const apart: string[] = []
      for (const [subject, by, names] of LEDGERED)
        for (const key of by === undefined ? [''] : by === 'queue' ? QUEUES : Object.keys(TEAMS))
          for (const name of names) {
            const shown =
              figures.sums({ metric: metricOf(subject, by), key, window: `day ${DAY}` })[name] ?? 0
            const own = ledger.get(`${name} ${key}`) ?? 0
            counted.set(name, (counted.get(name) ?? 0) + own)
            if (Math.abs(shown - own) > 0.001) apart.push(`${name} ${key}: figures ${shown}, rules ${own}`)
          }
      expect(apart).toEqual([])
    }),
    runs(40),
  )
  expect([...counted].filter(([, sum]) => sum === 0)).toEqual([])
})

test('what the rules decide the independent recount counts alike', async () => {
  await assert(
    asyncProperty(acts, async (all) => {
      const world = lived(all)
      const figures = figuresOf(world)
      const raws = {
        'workforce.events': world.pool.stated.map(({ raw }) => raw),
        'conversation.events': world.told.map(({ raw }) => raw),
      }
      const rows = await recount({
        day: DAY,
        timeZone: 'UTC',
        records: (family) =>
          raws[family].map((raw, offset) => ({ topic: `test.${family}`, partition: 0, offset, raw })),
      })
      const apart = rows.flatMap((row) => {
        const { metric, version, by, key, numerator, denominator } = row
        const figure = FIGURES.find((one) => one.name === metric && one.version === version)!
        const sums = (of: string) =>
          figures.sums({
            metric: by === '' ? figure.subject : `${figure.subject} by ${by}`,
            key: of,
            window: `day ${DAY}`,
          })
        const worth = worthOf(figure, sums(key), sums((figure.isOfParts && wholeOf(key)) || key))
        return worth.numerator === numerator && worth.denominator === denominator
          ? []
          : [{ row, worth, isPools: POOL_SUBJECTS.has(figure.subject) }]
      })
      expect(apart).toEqual([])
    }),
    runs(15),
  )
})
