import { isDeepStrictEqual } from 'node:util'
import { throughJson } from '@parley/testkit'
import { type WorkforceEvent, PRESENCES } from '@parley/workforce'
import { runs } from '@parley/testkit/properties'
import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  property,
  record,
  subarray,
  tuple,
} from 'fast-check'
import { expect, test } from 'vitest'
import { Pool, agent, pool, queue, supervisor, wrongWith, wronglyGiven } from '../../test/pool.ts'
import { lackedSkill } from './matching.ts'
import { type PoolState, offerOf as openOffer } from './state.ts'

const QUEUES = ['general', 'cards', 'heavy', 'branches'] as const
const AGENTS = ['ana', 'bia', 'caio', 'davi'] as const
const SUPERVISORS = ['sonia', 'vera', 'davi', 'ana'] as const

/** Offers, gives, weighs, asks for skills less and less, overflows, opens and closes: a bit of everything. */
const configuration = pool(
  [
    queue('general', { overflowQueue: 'cards', overflowSeconds: 90 }),
    queue('cards', {
      autoAccepts: true,
      requiredSkills: [{ name: 'cards', level: 2 }],
      rings: [
        { afterSeconds: 30, withoutSkills: ['cards'] },
        { afterSeconds: 60, anyLanguage: true },
      ],
    }),
    queue('heavy', {
      weight: 2,
      wrapUpSeconds: 15,
      wishedSkills: [{ name: 'cards', level: 1 }],
      priorityMinutes: 1,
    }),
    queue('branches', {
      zone: 'America/Sao_Paulo',
      // 12:00 UTC is 9:00 there.
      hours: [{ weekday: 1, fromMinute: 9 * 60 + 2, toMinute: 9 * 60 + 10 }],
    }),
  ],
  [
    agent('ana', { queues: ['general', 'cards'], capacity: 2 }),
    agent('bia', {
      queues: ['general', 'cards', 'heavy', 'branches'],
      skills: [{ name: 'cards', level: 3 }],
      capacity: 3,
      languages: ['pt'],
    }),
    agent('caio', { queues: ['heavy', 'general'], capacity: 1 }),
    agent('davi', {
      queues: ['heavy', 'branches'],
      capacity: 4,
      skills: [{ name: 'cards', level: 1 }],
      isSupervisor: true,
    }),
    supervisor('sonia'),
    supervisor('vera'),
  ],
  { zones: [{ name: 'America/Sao_Paulo', offsets: [{ from: '2026-01-01T00:00:00.000Z', minutes: -180 }] }] },
)

type Act = (pool: Pool) => readonly WorkforceEvent[]

const who = constantFrom(...AGENTS)
const nth = nat({ max: 20 })

function nthOf(all: PoolState['works'], index: number): string {
  const ids = [...all.entries()].map(([id]) => id).toSorted()
  return ids.length === 0 ? 'none' : ids[index % ids.length]!
}

function offerOf(at: Pool, index: number): { agentId: string; offerId: string } {
  const offers = [...at.state.works.entries()].flatMap(([, work]) =>
    work.stage === 'offered'
      ? [work.offer]
      : work.stage === 'with_agent' && work.transfer !== null
        ? [work.transfer]
        : [],
  )
  const offer = offers[index % Math.max(offers.length, 1)]
  return { agentId: offer?.agentId ?? 'ana', offerId: offer?.id ?? 'none' }
}

/** Of the pool's last word about it. */
function revisionOf(at: Pool, id: string): number {
  return at.work(id)?.revision ?? 0
}

/** By whoever has it, or by somebody else. */
function holderOf(at: Pool, id: string, other: string): string {
  const work = at.work(id)
  return work !== undefined && 'agentId' in work ? work.agentId : other
}

const acts: Arbitrary<Act> = oneof(
  {
    weight: 5,
    arbitrary: record({
      queue: constantFrom(...QUEUES, 'no-queue'),
      language: constantFrom('pt', 'en'),
      lastAgentId: constantFrom('', ...AGENTS),
      priorityMinutes: constantFrom(0, 0, 5),
      skills: constantFrom([], [{ name: 'cards', level: 1 }]),
      isAtHead: boolean(),
      waited: constantFrom(null, null, 0, 45, -5),
    }).map(
      ({ waited, ...data }): Act =>
        (at) =>
          // Its name is the same whenever the same acts are played: of equals the first by name goes first.
          at.arrives(`c${String(at.stated.length).padStart(5, '0')}`, {
            ...data,
            waitingSince: waited === null ? undefined : new Date(at.at - waited * 1000).toISOString(),
          }),
    ),
  },
  {
    weight: 1,
    // It was elsewhere meanwhile: what the pool had of it is a ghost.
    arbitrary: tuple(nth, constantFrom(...QUEUES)).map(([index, name]): Act => (at) => {
      const id = nthOf(at.state.works, index)
      return at.arrives(id, { queue: name, revision: at.work(id)?.revision ?? 0 })
    }),
  },
  {
    weight: 5,
    arbitrary: nth.map(
      (index): Act =>
        (at) =>
          at.when('AcceptOffer', offerOf(at, index)),
    ),
  },
  {
    weight: 2,
    arbitrary: nth.map(
      (index): Act =>
        (at) =>
          at.when('DeclineOffer', offerOf(at, index)),
    ),
  },
  {
    weight: 4,
    arbitrary: tuple(who, constantFrom(...PRESENCES, 'available', 'available')).map(
      ([agentId, status]): Act =>
        (at) =>
          at.when('SetPresence', { agentId, status }),
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(who, constantFrom('one', 'two'), constantFrom('OpenSession', 'CloseSession')).map(
      ([agentId, sessionId, type]): Act =>
        (at) =>
          at.when(type as 'OpenSession', { agentId, sessionId, replicaId: sessionId }),
    ),
  },
  {
    weight: 1,
    arbitrary: constantFrom('one', 'two').map(
      (replicaId): Act =>
        (at) =>
          at.when('RenewReplica', { replicaId, aliveSeconds: 30 }),
    ),
  },
  {
    weight: 1,
    arbitrary: tuple(who, boolean()).map(
      ([agentId, isForGood]): Act =>
        (at) =>
          at.when('SignOut', { agentId, isForGood }),
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(
      nth,
      constantFrom('closed', 'opted_out', 'merged', 'not_with_people'),
      boolean(),
      nat({ max: 3 }),
    ).map(([index, reason, hadAgent, late]): Act => (at) => {
      const conversationId = nthOf(at.state.works, index)
      const heard = Math.max(0, revisionOf(at, conversationId) - late)
      const of = reason === 'not_with_people' ? { revision: heard } : { hadAgent, heardRevision: heard }
      return at.when('WithdrawConversation', { conversationId, reason, ...of })
    }),
  },
  // Begun by an agent, who may be gone by now.
  {
    weight: 1,
    arbitrary: tuple(who, constantFrom(...QUEUES, 'no-queue')).map(([agentId, name]): Act => (at) => {
      const conversationId = `t${String(at.stated.length).padStart(5, '0')}`
      const of = { conversationId, contactId: `of ${conversationId}`, language: 'pt', revision: 1 }
      return at.when('TakeOnConversation', { ...of, queue: name, agentId })
    }),
  },
  {
    weight: 1,
    arbitrary: nth.map(
      (index): Act =>
        (at) =>
          at.when('EstimateWait', { conversationId: nthOf(at.state.works, index) }),
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(who, nth).map(
      ([agentId, index]): Act =>
        (at) =>
          at.when('ClaimConversation', { agentId, conversationId: nthOf(at.state.works, index) }),
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(
      who,
      nth,
      oneof(
        who.map((toAgentId) => ({ toAgentId })),
        constantFrom(...QUEUES).map((toQueue) => ({ toQueue })),
        constant({ toFlow: 'menu' }),
      ),
      option(constantFrom(...SUPERVISORS)),
    ).map(([other, index, to, supervisor]): Act => (at) => {
      const conversationId = nthOf(at.state.works, index)
      return at.when('TransferConversation', {
        agentId: supervisor ?? holderOf(at, conversationId, other),
        bySupervisor: supervisor !== null,
        conversationId,
        ...to,
      })
    }),
  },
  {
    weight: 3,
    arbitrary: tuple(nth, option(integer({ min: 1, max: 90 })), constantFrom(0, 0, 0, 1, 2)).map(
      ([index, snooze, late]): Act =>
        (at) => {
          const conversationId = nthOf(at.state.works, index)
          return at.when('ParkConversation', {
            conversationId,
            agentId: holderOf(at, conversationId, 'ana'),
            revision: Math.max(0, revisionOf(at, conversationId) - late),
            snoozedUntil: snooze === null ? undefined : new Date(at.at + snooze * 1000).toISOString(),
          })
        },
    ),
  },
  {
    weight: 4,
    arbitrary: tuple(
      constantFrom(...SUPERVISORS, 'ana', 'nobody'),
      nth,
      constantFrom('TakeOverConversation', 'GiveBackConversation', 'GiveBackConversation'),
      boolean(),
    ).map(([other, index, type, bySupervisor]): Act => (at) => {
      const conversationId = nthOf(at.state.works, index)
      const agentId = type === 'TakeOverConversation' ? other : holderOf(at, conversationId, other)
      return at.when(type as 'TakeOverConversation', { agentId, conversationId, bySupervisor })
    }),
  },
  {
    weight: 1,
    arbitrary: tuple(
      constantFrom('sonia', 'vera'),
      constantFrom('SignOut', 'CloseSession', 'OpenSession'),
    ).map(
      ([agentId, type]): Act =>
        (at) =>
          at.when(type as 'OpenSession', { agentId, sessionId: 'one', replicaId: 'one' }),
    ),
  },
  {
    weight: 1,
    arbitrary: tuple(constantFrom(...SUPERVISORS, 'ana'), nth, constantFrom(...QUEUES), boolean()).map(
      ([agentId, index, toQueue, bySupervisor]): Act =>
        (at) =>
          at.when('ReassignConversation', {
            agentId,
            conversationId: nthOf(at.state.works, index),
            toQueue,
            bySupervisor,
          }),
    ),
  },
  {
    weight: 1,
    arbitrary: tuple(nth, constantFrom('pt', 'en', 'bn')).map(
      ([index, language]): Act =>
        (at) =>
          at.when('ChangeLanguage', {
            conversationId: nthOf(at.state.works, index),
            language,
            contactVersion: at.stated.length,
          }),
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(nth, constantFrom('UnparkConversation', 'ResumeConversation')).map(
      ([index, type]): Act =>
        (at) => {
          const conversationId = nthOf(at.state.works, index)
          if (type === 'UnparkConversation')
            return at.when('UnparkConversation', {
              conversationId,
              revision: at.work(conversationId)?.revision ?? 0,
            })
          return at.when('ResumeConversation', {
            conversationId,
            agentId: holderOf(at, conversationId, 'ana'),
          })
        },
    ),
  },
  {
    weight: 5,
    arbitrary: integer({ min: 1, max: 45 }).map(
      (seconds): Act =>
        (at) =>
          at.later(seconds),
    ),
  },
)

test('in any order of people, customers and time nobody is over capacity, all indexes agree, and whatever waits and could be taken is offered at once', () => {
  assert(
    property(array(acts, { maxLength: 80, size: 'max' }), (all) => {
      const at = new Pool(configuration)
      for (const act of all) {
        act(at)
        expect(wrongWith(at.state, at.at).filter((line) => !isOfTheMoment(at, line))).toEqual([])
      }
    }),
    runs(150),
  )
})

test('in any order of them each is given what is theirs or came first, and each goes to whom it is rather given to', () => {
  let given = 0
  assert(
    property(
      array(oneof({ weight: 12, arbitrary: acts }, { weight: 1, arbitrary: changes }), {
        maxLength: 80,
        size: 'max',
      }),
      (all) => {
        const at = new Pool(configuration)
        for (const act of all) {
          const [before, count] = [at.state, at.stated.length]
          act(at)
          const facts = at.stated.slice(count)
          given += facts.length
          expect(wronglyGiven(before, facts)).toEqual([])
        }
      },
    ),
    runs(75),
  )
  expect(given).toBeGreaterThan(1_000)
})

/** Who declined is asked again at the next look, a quarter of a second later at most. */
function isOfTheMoment(at: Pool, line: string): boolean {
  if (!/ waits though /.test(line)) return false
  const work = at.work(line.split(' ')[0]!)
  return work !== undefined && work.excluded.some(({ until }) => until <= at.at && until > at.at - 250)
}

/** The same queues, but whoever serves, knows, speaks or has room for something may have lost it, or is no agent for now, and queues work in another way, or are none. */
const otherConfigurations = record({
  agents: tuple(
    ...AGENTS.map((id) =>
      option(
        record({
          queues: subarray([...QUEUES], { minLength: 1 }),
          skills: constantFrom([], [{ name: 'cards', level: 1 }], [{ name: 'cards', level: 3 }]),
          languages: constantFrom(['pt'], ['en'], ['pt', 'en']),
          capacity: integer({ min: 1, max: 4 }),
          isSupervisor: boolean(),
        }).map((of) => agent(id, of)),
        { freq: 8 },
      ),
    ),
  ).map((agents) => agents.filter((one) => one !== null)),
  queues: tuple(
    ...QUEUES.map((name) =>
      record({
        autoAccepts: boolean(),
        weight: integer({ min: 1, max: 2 }),
        wrapUpSeconds: constantFrom(0, 15),
        requiredSkills: constantFrom([], [{ name: 'cards', level: 2 }]),
        rings: constantFrom([], [{ afterSeconds: 30, withoutSkills: ['cards'] }]),
        hours: constantFrom([], [{ weekday: 1, fromMinute: 9 * 60 + 2, toMinute: 9 * 60 + 10 }]),
        outsideHours: constantFrom('wait', 'overflow'),
        overflowQueue: name === 'general' ? constantFrom('', 'cards') : constant(''),
      }).map((of) => queue(name, { ...of, zone: 'America/Sao_Paulo', overflowSeconds: 90 })),
    ),
  ),
  names: oneof(
    { weight: 3, arbitrary: constant(QUEUES) },
    { weight: 1, arbitrary: subarray([...QUEUES], { minLength: 1 }) },
  ),
}).map(({ agents, queues, names }) => {
  const known = new Set<string | undefined>(names)
  const left = queues
    .filter(({ name }) => known.has(name))
    .map((one) => (known.has(one.overflowQueue) ? one : { ...one, overflowQueue: '' }))
  const serving = agents
    .map((one) => ({ ...one, queues: one.queues?.filter((name) => known.has(name)) ?? [] }))
    .filter((one) => one.queues.length > 0)
  return pool(left, [...serving, supervisor('sonia'), supervisor('vera')], { zones: configuration.zones })
})

const changes = otherConfigurations.map(
  (next): Act =>
    (at) =>
      at.when('ConfigurePool', { configuration: next }),
)

test('another configuration at any moment: nobody is offered what they may not have or have no room for, and whatever may be taken by it is offered at once', () => {
  const anyAct = oneof({ weight: 12, arbitrary: acts }, { weight: 1, arbitrary: changes })
  assert(
    property(array(anyAct, { maxLength: 80, size: 'max' }), (all) => {
      const at = new Pool(configuration)
      for (const act of all) {
        const before = at.state
        act(at)
        const wrong = wrongWith(at.state, at.at).filter(
          (line) => !isOfTheMoment(at, line) && !isKept(before, line),
        )
        expect([...wrong, ...unfitOffers(at.state)]).toEqual([])
      }
    }),
    runs(75),
  )
})

/** Who has more than a lower capacity keeps it. */
function isKept(before: PoolState, line: string): boolean {
  const [, agentId, load] = /^(\w+) has (\d+) of \d+$/.exec(line) ?? []
  return agentId !== undefined && Number(load) <= (before.agents.get(agentId)?.load ?? 0)
}

function unfitOffers(state: PoolState): readonly string[] {
  return [...state.agents.entries()].flatMap(([agentId, { profile, offered, load, capacity }]) => {
    const known = state.configuration.profiles[profile]!
    return offered.flatMap((id) => {
      const work = state.works.get(id)!
      const isServed = openOffer(work)?.isHandedOn === true || known.queues.includes(work.queue)
      const isUnfit = !isServed || lackedSkill(state, known, work) !== undefined || load > capacity
      return isUnfit ? [`${id} is offered to ${agentId}, who may not take it`] : []
    })
  })
}

test('decided anew the same commands give the same bytes, and the state survives JSON', () => {
  assert(
    property(array(acts, { maxLength: 60, size: 'max' }), (all) => {
      const at = new Pool(configuration)
      for (const act of all) act(at)
      const { bytes, again } = at.decidedAnew()
      expect(again).toEqual(bytes)
      expect(isDeepStrictEqual(throughJson(at.state), at.state)).toBe(true)
    }),
    runs(60),
  )
})

test('nobody starves: when everybody is there and takes what is offered, all that waits gets to somebody', () => {
  assert(
    property(array(acts, { maxLength: 60, size: 'max' }), (all) => {
      const at = new Pool(configuration)
      for (const act of all) act(at)
      // Branches are closed in the end; what waits there may go on waiting until Monday.
      const remains = () =>
        [...at.state.works.entries()].filter(
          ([, { stage, queue: name }]) => (stage === 'waiting' || stage === 'offered') && name !== 'branches',
        )
      for (let round = 0; round < 300 && remains().length > 0; round += 1) {
        at.comes(...AGENTS)
        for (const [id, work] of at.state.works.entries()) {
          if (work.stage === 'offered') at.accepts(id)
          if (work.stage === 'with_agent' || work.stage === 'parked')
            at.when('WithdrawConversation', { conversationId: id, reason: 'closed' })
        }
        at.later(10)
      }
      expect(remains()).toEqual([])
    }),
    runs(60),
  )
})
