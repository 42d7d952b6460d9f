import { readPeople } from '@parley/people'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Alert } from '../../alerts/alert.ts'
import { Sight } from '../../conversation/viewing.ts'
import type { Wallboard } from '../../wallboard/wallboard.ts'
import type { PoolNow } from '../../workforce/pool-view.ts'
import type { ReadFigure } from '../archive/figures-client.ts'
import type { OpenCount } from '../read-models/conversation-store.ts'
import { TodaysFigures } from './todays-figures.ts'
import { type WallboardFilter, Wallboards, type WallboardsOptions } from './wallboards.ts'

const roster = readPeople(
  `
teams:
  - { id: north, name: North, queues: [cards] }
  - { id: south, name: South, queues: [general], vendor: Sul }
people:
  - { id: p01, login: ana, name: Ana, roles: [supervisor], team: north, subject: p01 }
  - { id: p02, login: bia, name: Bia, roles: [supervisor, auditor], team: north, subject: p02 }
  - { id: p03, login: eva, name: Eva, roles: [supervisor], team: north, subject: p03 }
`,
  'people.yaml',
  ['Sul'],
)
const sightOf = (id: string) => new Sight(roster.people.get(id)!, roster)

const count = (more: Partial<OpenCount>): OpenCount => ({
  stage: 'waiting',
  queue: null,
  flow: null,
  lastTeam: null,
  stageQueue: null,
  agentId: null,
  lastAgentId: null,
  offeredTo: null,
  count: 1,
  failedCount: 0,
  uncertainCount: 0,
  since: '2026-03-02T12:00:00.000Z',
  ...more,
})

let readCount = 0
const wallboards = (
  counts: readonly OpenCount[],
  alerts: readonly Alert[] = [],
  reading: { position: string; told?: string; isFollowing: boolean } = { position: '7', isFollowing: true },
  figures?: Partial<WallboardsOptions['figures']>,
  open: WallboardsOptions['alerts'] = { openOnes: async () => alerts },
) =>
  new Wallboards({
    conversations: {
      async openCounts(byOwner) {
        readCount += 1
        if (byOwner) return [...counts]
        return counts.map((one) => ({ ...one, agentId: null, lastAgentId: null, offeredTo: null }))
      },
      conversations: async () => [],
    },
    alerts: open,
    isFollowing: () => reading.isFollowing,
    feed: () => ({
      position: () => reading.told ?? '7',
      readPosition: async () => reading.position,
      pool: { now: () => POOL },
    }),
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
        containmentByFlow: new Map([['lost_card', { numerator: 1, denominator: 4 }]]),
      }),
      shown: () => undefined,
      watch: () => () => {},
      ...figures,
    },
    now: () => new Date('2026-03-02T12:00:00.000Z'),
    onError: () => {},
  })
const POOL = {
  agents: [],
  queues: [{ name: 'cards' } as PoolNow['queues'][number]],
  flows: [{ name: 'lost_card', steps: [] }],
}

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

test('of two things at once no figure is shown that counts only one of them', async () => {
  const totals = async (filter: WallboardFilter) => (await wallboards([]).read(sightOf('p02'), filter)).totals
  expect(await totals({ queue: 'cards' })).toMatchObject({ handledToday: 5 })
  expect(await totals({ team: 'north' })).toMatchObject({ handledToday: 2 })
  expect(await totals({ team: 'north', queue: 'cards' })).toMatchObject({ handledToday: null })
  expect(await totals({ flow: 'lost_card' })).toMatchObject({ containmentPercent: 25 })
  expect(await totals({ flow: 'lost_card', queue: 'cards' })).toMatchObject({ containmentPercent: null })
  // Nor in the rows of a board that is narrowed by something else.
  const rows = async (filter: WallboardFilter) => {
    const { queues, teams, vendors, flows } = await wallboards([]).read(sightOf('p02'), filter)
    return {
      handled: [queues, teams, vendors].map(([first]) => first?.handledToday),
      containment: flows[0]?.containmentPercent,
    }
  }
  expect(await rows({})).toEqual({ handled: [5, 2, 0], containment: 25 })
  expect(await rows({ queue: 'cards' })).toEqual({ handled: [5, null, null], containment: null })
  expect(await rows({ team: 'south' })).toMatchObject({ handled: [undefined, 0, null], containment: null })
  expect(await rows({ vendor: 'Sul' })).toMatchObject({ handled: [undefined, 0, 0], containment: null })
  expect(await rows({ flow: 'lost_card' })).toEqual({ handled: [null, null, null], containment: 25 })
})

const at = '2026-03-02T12:00:00.000Z'
const alert = (rule: string, more: Partial<Alert>): Alert => ({
  id: rule,
  reason: '',
  figure: 'waiting',
  over: null,
  limit: 1,
  isBelow: false,
  value: 2,
  queue: null,
  team: null,
  since: at,
  openedAt: at,
  endedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  rule,
  conversationId: null,
  ...more,
})
const rulesShown = async (alerts: readonly Alert[], filter: WallboardFilter) =>
  (await wallboards([], alerts).read(sightOf('p02'), filter)).alerts.map(({ rule }) => rule)

test('a board of a vendor or of a team shows the alerts of its teams and queues, one of a flow none', async () => {
  const alerts = [
    alert('of all', {}),
    alert('of its team', { team: 'south' }),
    alert('of its queue', { queue: 'general' }),
    alert('of another team', { team: 'north', queue: 'general' }),
    alert('of another queue', { queue: 'cards' }),
  ]
  expect(await rulesShown(alerts, { vendor: 'Sul' })).toEqual(['of its team', 'of its queue'])
  expect(await rulesShown(alerts, { team: 'south' })).toEqual(['of its team', 'of its queue'])
  expect(await rulesShown(alerts, { flow: 'lost_card' })).toEqual([])
  expect(await rulesShown(alerts, {})).toHaveLength(5)
})

test('a board says how many alerts are open in its sight, however few of them it is told', async () => {
  const open = [
    ...Array.from({ length: 60 }, (_, one) => alert(`of cards ${one}`, { queue: 'cards' })),
    alert('of general', { queue: 'general' }),
  ]
  const shown = async (person: string, filter: WallboardFilter) => {
    const { alerts, alertCount } = await wallboards([], open).read(sightOf(person), filter)
    return [alerts.length, alertCount]
  }
  expect(await shown('p02', {})).toEqual([50, 61])
  expect(await shown('p02', { queue: 'general' })).toEqual([1, 1])
  expect(await shown('p01', {})).toEqual([50, 60])
  expect(await shown('p02', { flow: 'lost_card' })).toEqual([0, 0])
})

test('open alerts are read once for all boards that are watched, and again once one was opened, ended or is looked after', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const open = [alert('first', { queue: 'cards' })]
  let readCount = 0
  const boards = wallboards([], [], undefined, undefined, {
    async openOnes() {
      readCount += 1
      return [...open]
    },
  })
  const told = new Map<string, number>()
  for (const person of ['p01', 'p02', 'p03']) {
    const unwatch = boards.watch(sightOf(person), {}, ({ alertCount }) => told.set(person, alertCount))
    onTestFinished(unwatch)
  }
  await vi.advanceTimersByTimeAsync(500)
  expect([readCount, [...told.values()]]).toEqual([1, [1, 1, 1]])
  open.push(alert('second', { queue: 'cards' }))
  boards.alertsChanged()
  await vi.advanceTimersByTimeAsync(500)
  expect([readCount, [...told.values()]]).toEqual([2, [2, 2, 2]])
})

test('a board says for how long its numbers have not been all that happened', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const reading = { position: '7', isFollowing: true }
  const boards = wallboards([], [], reading)
  const behind = async () => (await boards.read(sightOf('p02'), {})).behindSeconds
  expect(await behind()).toBe(0)
  reading.position = '6'
  expect(await behind()).toBe(0)
  vi.advanceTimersByTime(9_000)
  expect(await behind()).toBe(9)
  reading.position = '7'
  expect(await behind()).toBe(0)
  reading.isFollowing = false
  await behind()
  vi.advanceTimersByTime(3_000)
  expect(await behind()).toBe(3)
})

test('who watches is told what waits while the archive hangs, and of the day’s figures when they come', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const waiting = [count({ queue: 'cards', count: 2 })]
  let answer = (): void => {}
  const archive = new Promise<ReadFigure>((resolve) => {
    answer = () => resolve({ version: 1, unit: 'count', position: '', rows: [row] })
  })
  const row = {
    key: 'cards',
    from: '2026-03-02T03:00:00.000Z',
    value: 5,
    numerator: 5,
    denominator: null,
  }
  const figures = new TodaysFigures({
    timeZone: 'America/Sao_Paulo',
    now: () => new Date('2026-03-02T12:00:00.000Z'),
    onError: () => {},
    figures: () => archive,
  })
  const reading = { position: '7', told: '7', isFollowing: true }
  const boards = wallboards(waiting, [], reading, {
    read: (viewer) => figures.read(viewer),
    shown: (viewer) => figures.shown(viewer),
    watch: (viewer, onChanged) => figures.watch(viewer, onChanged),
  })
  const told: Wallboard['totals'][] = []
  const end = boards.watch(sightOf('p02'), {}, ({ totals }) => told.push(totals))
  await vi.advanceTimersByTimeAsync(1)
  expect(told.at(-1)).toMatchObject({ waiting: 2, handledToday: null })
  waiting.push(count({ queue: 'cards', count: 1 }))
  reading.position = reading.told = '8'
  boards.changed()
  await vi.advanceTimersByTimeAsync(250)
  expect(told.at(-1)).toMatchObject({ waiting: 3, handledToday: null })
  answer()
  await vi.advanceTimersByTimeAsync(251)
  expect(told.at(-1)).toMatchObject({ waiting: 3, handledToday: 5 })
  end()
  figures.close()
})

test('all who watch the same are told one and the same object, which is written for the wire once', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const boards = wallboards([count({ queue: 'cards' })])
  const told: Wallboard[] = []
  const ends = [1, 2, 3].map(() => boards.watch(sightOf('p02'), {}, (shown) => void told.push(shown)))
  await vi.advanceTimersByTimeAsync(1)
  expect(told.length).toBe(3)
  expect(new Set(told).size).toBe(1)
  for (const end of ends) end()
})

test('what is open is read once for all who see all of it, boards and rules alike, and again where something was said or cannot be read yet', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const counts = [
    count({ queue: 'cards', stageQueue: 'cards', count: 2 }),
    count({ queue: 'general', stageQueue: 'general', lastTeam: 'north', count: 3 }),
    count({ stage: 'ending', queue: 'cards', stageQueue: 'cards', failedCount: 1 }),
  ]
  const reading = { position: '7', told: '7', isFollowing: true }
  const boards = wallboards(counts, [], reading)
  const all = sightOf('p02')
  const waits = async (filter: WallboardFilter) => (await boards.read(all, filter)).totals.waiting
  const reads = async (look: () => Promise<unknown>) => {
    const before = readCount
    await look()
    return readCount - before
  }
  const looks = async () => {
    expect(await waits({})).toBe(5)
    expect(await waits({ queue: 'cards' })).toBe(2)
    expect(await waits({ team: 'north' })).toBe(5)
    expect(await waits({ vendor: 'Sul' })).toBe(3)
    expect((await boards.totals(all, { team: 'south' }, false)).waiting).toBe(3)
  }
  expect(await reads(looks)).toBe(1)
  expect(await reads(looks)).toBe(0)
  expect(await reads(() => boards.read(sightOf('p01'), {}))).toBe(1)

  reading.position = reading.told = '8'
  counts[0] = count({ queue: 'cards', stageQueue: 'cards', count: 4 })
  expect(await waits({ queue: 'cards' })).toBe(4)
  // Told, and not read yet: what is read now is no whole.
  reading.told = '9'
  counts[0] = count({ queue: 'cards', stageQueue: 'cards', count: 5 })
  expect(await waits({ queue: 'cards' })).toBe(5)
  expect(await reads(() => waits({}))).toBe(1)
  reading.position = '9'
  expect(await reads(() => waits({}))).toBe(1)
  expect(await reads(() => waits({}))).toBe(0)
  // Another version of what is read says nothing.
  await vi.advanceTimersByTimeAsync(5_001)
  expect(await reads(() => waits({}))).toBe(1)
})

test('of what is open who sees a part counts what their sight includes, and all of them read it together', async () => {
  const boards = wallboards([
    count({ stage: 'with_robot', count: 100 }),
    count({ queue: 'cards', stageQueue: 'cards', count: 2 }),
    count({ queue: 'general', stageQueue: 'general', count: 40 }),
    count({ stage: 'with_agent', queue: 'general', agentId: 'p01', lastAgentId: 'p01', count: 3 }),
    count({ stage: 'with_agent', queue: 'general', agentId: 'p09', lastAgentId: 'p09', count: 50 }),
    count({ stage: 'with_agent', queue: 'general', agentId: 'p09', lastAgentId: 'p09', offeredTo: 'p01' }),
  ])
  const before = readCount
  expect((await boards.read(sightOf('p01'), {})).totals).toMatchObject({
    withRobot: 0,
    waiting: 2,
    withAgent: 4,
  })
  expect((await boards.read(sightOf('p03'), {})).totals).toMatchObject({ waiting: 2, withAgent: 3 })
  expect((await boards.read(sightOf('p03'), { queue: 'general' })).totals).toMatchObject({ waiting: 0 })
  expect(readCount - before).toBe(1)
})

test('however many boards are watched, and whatever is said meanwhile, what is open is read four times a second', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const reading = { position: '0', told: '0', isFollowing: true }
  const counts = [count({ queue: 'cards', stageQueue: 'cards', count: 0 })]
  const boards = wallboards(counts, [], reading)
  const told = new Map<string, { position: string; waiting: number }[]>()
  const filters = [{}, { queue: 'cards' }, { team: 'north' }, { team: 'south' }, { vendor: 'Sul' }]
  const ends: (() => void)[] = []
  let heard = 0
  const hears = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      heard += 1
      reading.position = reading.told = String(heard)
      counts[0] = count({ queue: 'cards', stageQueue: 'cards', count: heard })
      boards.changed()
      await vi.advanceTimersByTimeAsync(10)
    }
  }
  for (const filter of filters) {
    const key = JSON.stringify(filter)
    told.set(key, [])
    ends.push(
      boards.watch(sightOf('p02'), filter, ({ position, totals }) =>
        told.get(key)!.push({ position, waiting: totals.waiting }),
      ),
    )
    // None of them at the time of another.
    await hears(40)
  }
  const before = readCount
  await hears(4_000)
  expect(readCount - before).toBeLessThanOrEqual(17)
  for (const filter of [{}, { queue: 'cards' }, { team: 'north' }]) {
    const words = told.get(JSON.stringify(filter))!
    expect(words.length).toBeGreaterThan(12)
    // Each says what was open at its position, which is never older than half a second, and never goes back.
    for (const { position, waiting } of words) expect(waiting).toBe(Number(position))
    expect(heard - Number(words.at(-1)!.position)).toBeLessThan(60)
    expect(words).toEqual(words.toSorted((one, other) => Number(one.position) - Number(other.position)))
  }
  // What was said last is on each of them soon, though nothing follows.
  await vi.advanceTimersByTimeAsync(600)
  for (const words of told.values()) expect(words.at(-1)!.position).toBe(String(heard))
  for (const end of ends) end()
})

test('rules that are looked at together read once, however little is known of what is read', async () => {
  const boards = wallboards([count({ queue: 'cards', stageQueue: 'cards' })])
  const before = readCount
  for (const filter of [{}, { queue: 'cards' }, { team: 'north' }])
    expect(await boards.totals(sightOf('p02'), filter, false)).toMatchObject({ waiting: 1 })
  expect(readCount - before).toBe(1)
})
