import { expect, test } from 'vitest'
import { NOTHING } from './wallboard.fixture.ts'
import { type Counted, type DayFigures, type WallboardParts, wallboardOf } from './wallboard.ts'

const now = new Date('2026-03-02T12:00:00.000Z')
const counted = (
  stage: string,
  queue: string | null,
  count: number,
  since = now.toISOString(),
  more: Partial<Counted> = {},
): Counted => ({
  stage,
  queue,
  flow: null,
  lastTeam: null,
  stageQueue: stage === 'waiting' || stage === 'offered' ? queue : null,
  count,
  failedCount: 0,
  uncertainCount: 0,
  since,
  ...more,
})
const figures: DayFigures = {
  serviceLevel: new Map([
    ['general', { numerator: 8, denominator: 10 }],
    ['cards', { numerator: 1, denominator: 2 }],
    ['gone', { numerator: 0, denominator: 8 }],
  ]),
  abandonment: new Map([['general', { numerator: 1, denominator: 10 }]]),
  handledByQueue: new Map([
    ['general', 7],
    ['gone', 2],
  ]),
  handledByTeam: new Map([['north', 4]]),
  handledByVendor: new Map([['Sul', 3]]),
  containmentByFlow: new Map([['lost_card', { numerator: 1, denominator: 2 }]]),
  containment: { numerator: 3, denominator: 4 },
}
const whole: WallboardParts = {
  ...NOTHING,
  now,
  position: '7',
  counts: [
    counted('with_robot', null, 2),
    counted('with_robot', null, 1, now.toISOString(), { flow: 'lost_card', uncertainCount: 1 }),
    counted('waiting', 'general', 2, '2026-03-02T11:58:00.000Z'),
    counted('offered', 'cards', 1, '2026-03-02T11:57:30.500Z'),
    counted('with_agent', 'general', 3, '2026-03-02T11:00:00.000Z'),
    counted('with_agent', 'general', 1, '2026-03-02T11:00:00.000Z', {
      flow: 'lost_card',
      lastTeam: 'south',
      failedCount: 1,
    }),
    counted('parked', 'gone', 5),
    counted('ending', 'general', 6),
  ],
  figures,
  agents: [
    {
      id: 'p01',
      name: 'Ana',
      status: 'busy',
      since: null,
      reason: null,
      reasonCode: null,
      load: 1,
      capacity: 4,
      skills: [],
      queues: ['general'],
      languages: [],
    },
    {
      id: 'p02',
      name: 'Bruno',
      status: 'away',
      since: '2026-03-02T11:00:00.000Z',
      reason: null,
      reasonCode: null,
      load: 0,
      capacity: 4,
      skills: [],
      queues: ['cards'],
      languages: [],
    },
  ],
  queues: ['general', 'cards'],
  teams: [
    { name: 'south', teams: ['south'], queues: ['cards'] },
    { name: 'north', teams: ['north'], queues: [] },
  ],
  vendors: [{ name: 'Sul', teams: ['south'], queues: ['cards'], isWhole: true }],
  flows: ['lost_card', 'never_played'],
}

test('totals count all that goes on, and shares of queues make the share of all of them', () => {
  const { at, position, totals, queues, agents } = wallboardOf(whole)
  expect([at, position]).toEqual(['2026-03-02T12:00:00.000Z', '7'])
  expect(totals).toEqual({
    withRobot: 3,
    waiting: 2,
    offered: 1,
    withAgent: 4,
    parked: 5,
    longestWaitSeconds: 149,
    serviceLevelPercent: 45,
    abandonedPercent: 10,
    handledToday: 9,
    containmentPercent: 75,
    sendsFailed: 1,
    sendsUncertain: 1,
  })
  expect(queues).toMatchObject([
    {
      name: 'general',
      waiting: 2,
      longestWaitSeconds: 120,
      withAgent: 4,
      serviceLevelPercent: 80,
      handledToday: 7,
    },
    { name: 'cards', offered: 1, serviceLevelPercent: 50, abandonedPercent: null, handledToday: 0 },
  ])
  expect(agents).toEqual([
    { id: 'p01', name: 'Ana', status: 'busy', since: null, load: 1, capacity: 4 },
    { id: 'p02', name: 'Bruno', status: 'away', since: '2026-03-02T11:00:00.000Z', load: 0, capacity: 4 },
  ])
})

test('of a part of the company the robot’s containment is nobody’s, a team has handled what its agents did, a queue what was handled in it', () => {
  const part = { ...whole, isWhole: false }
  expect(wallboardOf({ ...part, team: 'north' }).totals).toMatchObject({
    containmentPercent: null,
    handledToday: 4,
    serviceLevelPercent: 75,
  })
  const ofQueue = wallboardOf({ ...part, team: 'north', queue: 'general', queues: ['general'] })
  expect(ofQueue.totals).toMatchObject({ handledToday: 7, serviceLevelPercent: 80 })
  expect(ofQueue.agents.map(({ id }) => id)).toEqual(['p01'])
})

test('a vendor’s numbers are of what its teams have or had last and of what waits in their queues, a flow’s of what it played last', () => {
  const { vendors, flows } = wallboardOf(whole)
  expect(vendors).toMatchObject([
    {
      name: 'Sul',
      queues: ['cards'],
      withAgent: 1,
      waiting: 0,
      offered: 1,
      longestWaitSeconds: 149,
      serviceLevelPercent: 50,
      handledToday: 3,
      sendsFailed: 1,
      sendsUncertain: 0,
    },
  ])
  expect(flows).toMatchObject([
    {
      name: 'lost_card',
      withRobot: 1,
      withAgent: 1,
      containmentPercent: 50,
      handledToday: null,
      serviceLevelPercent: null,
    },
    { name: 'never_played', withRobot: 0, containmentPercent: null },
  ])
  const part = { ...whole, isWhole: false }
  expect(wallboardOf({ ...part, vendor: 'Sul', queues: ['cards'] }).totals).toMatchObject({
    handledToday: 3,
    serviceLevelPercent: 50,
    containmentPercent: null,
  })
  expect(wallboardOf({ ...part, flow: 'lost_card' }).totals).toMatchObject({
    handledToday: null,
    serviceLevelPercent: null,
    containmentPercent: 50,
  })
})

test('a vendor with several teams has the sum of them', () => {
  const counts = [
    counted('with_agent', 'general', 2, now.toISOString(), { lastTeam: 'south' }),
    counted('with_agent', 'general', 3, now.toISOString(), { lastTeam: 'east' }),
    counted('with_agent', 'general', 5, now.toISOString(), { lastTeam: 'north' }),
    counted('waiting', 'loans', 7),
  ]
  const vendors = [{ name: 'Sul', teams: ['south', 'east'], queues: ['cards', 'loans'], isWhole: true }]
  const queues = ['general', 'cards', 'loans']
  expect(wallboardOf({ ...whole, counts, queues, vendors }).vendors).toMatchObject([
    { name: 'Sul', withAgent: 5, waiting: 7, queues: ['cards', 'loans'] },
  ])
})

test('what whoever looks is not told was handled is no 0: of a vendor of whose teams they see one, of another’s team, of a queue that they do not serve', () => {
  const part = {
    ...whole,
    seesAll: false,
    isWhole: false,
    teams: [{ name: 'south', teams: ['south'], queues: ['cards'] }],
    queues: ['cards'],
    // As the archive answers them.
    figures: { ...figures, handledByVendor: new Map(), handledByTeam: new Map(), handledByQueue: new Map() },
  }
  const vendors = [{ name: 'Sul', teams: ['south', 'east'], queues: ['cards'], isWhole: false }]
  expect(wallboardOf({ ...part, vendors }).vendors).toMatchObject([{ name: 'Sul', handledToday: null }])
  const totals = (more: object) => wallboardOf({ ...part, vendors, ...more }).totals.handledToday
  expect(
    [{ vendor: 'Sul' }, { vendor: 'Norte' }, { team: 'north' }, { queue: 'general' }].map(totals),
  ).toEqual([null, null, null, null])
  expect([{ team: 'south' }, { queue: 'cards' }].map(totals)).toEqual([0, 0])
})

test('each team has its own numbers: what it has or had last, and what waits in its queues', () => {
  expect(wallboardOf(whole).teams).toMatchObject([
    { name: 'south', queues: ['cards'], withAgent: 1, offered: 1, serviceLevelPercent: 50, handledToday: 0 },
    { name: 'north', queues: [], withAgent: 0, offered: 0, serviceLevelPercent: null, handledToday: 4 },
  ])
})

test('without the archive what goes on is shown, and no figure is', () => {
  const { totals, queues } = wallboardOf({ ...whole, figures: undefined })
  expect(totals).toMatchObject({
    waiting: 2,
    serviceLevelPercent: null,
    abandonedPercent: null,
    handledToday: null,
    containmentPercent: null,
  })
  expect(queues[0]).toMatchObject({ waiting: 2, serviceLevelPercent: null, handledToday: null })
})

test('what failed in a conversation that ends, and waited in a queue until then, is of the teams that serve it', () => {
  const ending = counted('ending', 'general', 2, now.toISOString(), { stageQueue: 'general', failedCount: 2 })
  const north = { name: 'north', teams: ['north'], queues: ['general'] }
  expect(wallboardOf({ ...NOTHING, now, counts: [ending], teams: [north] }).teams).toMatchObject([
    { name: 'north', waiting: 0, sendsFailed: 2 },
  ])
})
