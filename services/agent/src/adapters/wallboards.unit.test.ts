import { readPeople } from '@parley/people'
import { expect, test } from 'vitest'
import { Sight } from '../conversation/viewing.ts'
import type { OpenCount } from './conversation-store.ts'
import { Wallboards } from './wallboards.ts'

const roster = readPeople(
  `
teams:
  - { id: north, name: North, queues: [cards] }
people:
  - { id: p01, login: ana, name: Ana, roles: [supervisor], team: north, subject: p01 }
  - { id: p02, login: bia, name: Bia, roles: [supervisor, auditor], team: north, subject: p02 }
`,
  'people.yaml',
  [],
)
const sightOf = (id: string) => new Sight(roster.people.get(id)!, roster)

const count = (more: Partial<OpenCount>): OpenCount => ({
  stage: 'waiting',
  queue: null,
  flow: null,
  lastTeam: null,
  count: 1,
  failedCount: 0,
  uncertainCount: 0,
  since: '2026-03-02T12:00:00.000Z',
  ...more,
})

const wallboards = (counts: readonly OpenCount[]) =>
  new Wallboards({
    conversations: { openCounts: async () => counts, conversations: async () => [] },
    alerts: { openOnes: async () => [] },
    feed: () => ({ readPosition: async () => '7', pool: { now: () => POOL } }),
    roster,
    figures: {
      read: async () => ({
        serviceLevel: new Map(),
        abandonment: new Map(),
        handledByQueue: new Map([
          ['cards', 5],
          ['general', 3],
        ]),
        handledByTeam: new Map([['north', 2]]),
        handledByVendor: new Map(),
        containment: { numerator: 1, denominator: 2 },
        containmentByFlow: new Map(),
      }),
      watch: () => () => {},
    },
    now: () => new Date('2026-03-02T12:00:00.000Z'),
    onError: () => {},
  })
const POOL = { agents: [], queues: [], flows: [{ name: 'lost_card', steps: [] }] }

test('whoever sees all is shown the whole company, and that it is, whatever team they are in', async () => {
  const counts = [count({ stage: 'with_robot' })]
  expect(await wallboards(counts).read(sightOf('p02'), {})).toMatchObject({
    seesAll: true,
    totals: { withRobot: 1, handledToday: 8, containmentPercent: 50 },
    flows: [{ name: 'lost_card' }],
  })
  expect(await wallboards(counts).read(sightOf('p01'), {})).toMatchObject({
    seesAll: false,
    totals: { handledToday: 2, containmentPercent: null },
    flows: [],
  })
})
