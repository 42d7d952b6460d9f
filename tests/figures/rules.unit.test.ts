import { conversations } from '@parley/conversation'
import {
  CONVERSATIONS,
  FIGURES,
  HANDLING,
  HOLDS,
  PRESENCE,
  SURVEYS,
  WAITS,
  wholeOf,
  worthOf,
} from '@parley/figures'
import { readEventOf } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { type WorkforceEvent, workforces } from '@parley/workforce'
import { assert, asyncProperty } from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Conversation,
  evolve as evolveConversation,
  isConversationFact,
} from '../../services/agent/src/conversation/conversation.ts'
import { PoolView } from '../../services/agent/src/workforce/pool-view.ts'
import { recordedOf } from '../../services/agent/src/workforce/pool.ts'
import { recount } from '../../services/archive/recount/index.ts'
import { metricOf } from '../../services/archive/src/metrics/count.ts'
import { Played } from '../../services/archive/src/metrics/played.fixture.ts'
import { Windows, dayNamed, daysNamed, nextDay } from '../../services/archive/src/metrics/windows.ts'
import { isOpen } from '../../services/routing/src/workforce/state.ts'
import type { World } from '../../services/routing/test/world.ts'
import { AGENTS, CONTACTS, QUEUES, TEAMS, history, lived, poolEvents } from './decided.ts'
import { contactLedger, poolLedger } from './ledgers.ts'

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

/** All that something was counted on, and those between. */
function daysOf(world: World, windows: Windows): readonly string[] {
  const at = [...poolEvents(world), ...world.told].map(({ envelope }) =>
    Date.parse(envelope.recordedAt ?? ''),
  )
  const named = (moment: number) => dayNamed(windows.dateOf(moment))
  return [...daysNamed(named(Math.min(...at)), nextDay(named(Math.max(...at))))]
}

function figuresOf(world: World, timeZone: string): Played {
  const figures = new Played(timeZone)
  for (const event of poolEvents(world))
    figures.pool(readEventOf(workforces.readEvent(event.envelope) as WorkforceEvent, event))
  for (const event of world.told) if (conversations.isFolded(event.type)) figures.contact(event as never)
  return figures
}

test('what the rules decide is counted as their own state has it, second by second', async () => {
  const counted = new Map<string, number>()
  await assert(
    asyncProperty(history, async (one) => {
      const world = lived(one)
      const [timeZone] = one.begins
      const figures = figuresOf(world, timeZone)
      const days = daysOf(world, new Windows(timeZone))
      const hours = days.flatMap((day) => figures.hours(day.slice('day '.length)))
      const ledger = new Map([...poolLedger(poolEvents(world)), ...contactLedger(world.told)])
      const apart: string[] = []
      for (const [subject, by, names] of LEDGERED)
        for (const key of by === undefined ? [''] : by === 'queue' ? QUEUES : Object.keys(TEAMS)) {
          const metric = metricOf(subject, by)
          const shownOf = (name: string, windows: readonly string[]) =>
            windows.reduce((sum, window) => sum + (figures.sums({ metric, key, window })[name] ?? 0), 0)
          for (const name of names) {
            const own = ledger.get(`${name} ${key}`) ?? 0
            counted.set(name, (counted.get(name) ?? 0) + own)
            for (const windows of [days, hours]) {
              const shown = shownOf(name, windows)
              if (Math.abs(shown - own) > 0.001)
                apart.push(`${name} ${key}: figures of ${windows[0]} and on ${shown}, rules ${own}`)
            }
          }
        }
      expect(apart).toEqual([])
    }),
    runs(40),
  )
  expect([...counted].filter(([, sum]) => sum === 0)).toEqual([])
})

test('what the rules decide the independent recount counts alike, on each day and in each of its hours', async () => {
  let comparedCount = 0
  await assert(
    asyncProperty(history, async (one) => {
      const world = lived(one)
      const [timeZone] = one.begins
      const figures = figuresOf(world, timeZone)
      const raws = {
        'workforce.events': world.pool.stated.map(({ raw }) => raw),
        'conversation.events': world.told.map(({ raw }) => raw),
      }
      const placesOf = Map.groupBy(figures.places, ([metric, , window]) => `${metric} in ${window}`)
      const keysOf = (metric: string, window: string) =>
        (placesOf.get(`${metric} in ${window}`) ?? []).map(([, key]) => key)
      const apart: unknown[] = []
      for (const day of daysOf(world, new Windows(timeZone)))
        for (const isByHours of [false, true]) {
          const rows = await recount({
            day: day.slice('day '.length),
            timeZone,
            isByHours,
            records: (family) =>
              raws[family].map((raw, offset) => ({ topic: `test.${family}`, partition: 0, offset, raw })),
          })
          const windows = isByHours ? figures.hours(day.slice('day '.length)) : [day]
          const place = (
            row: Pick<(typeof rows)[number], 'metric' | 'version' | 'by' | 'key'>,
            window: string,
          ) => JSON.stringify([row.metric, row.version, row.by, row.key, window])
          const recounted = new Map(
            rows.map((row) => [place(row, row.hour === null ? day : `hour ${row.hour}`), row]),
          )
          comparedCount += rows.length
          for (const figure of FIGURES)
            for (const by of [...(figure.isOfParts ? [] : [undefined]), ...figure.by]) {
              if (by === 'vendor') continue
              const metric = metricOf(figure.subject, by)
              const sums = (key: string, window: string) => figures.sums({ metric, key, window })
              for (const window of windows)
                for (const key of by === undefined ? [''] : keysOf(metric, window)) {
                  const whole = figure.isOfParts ? wholeOf(key) : key
                  if (whole === undefined) continue
                  const { numerator, denominator } = worthOf(figure, sums(key, window), sums(whole, window))
                  const of = place(
                    { metric: figure.name, version: figure.version, by: by ?? '', key },
                    window,
                  )
                  const own = recounted.get(of) ?? { numerator: 0, denominator: denominator && 0 }
                  recounted.delete(of)
                  if (figure.isOfParts && numerator === 0) continue
                  if (numerator !== own.numerator || denominator !== own.denominator)
                    apart.push({ of, figures: [numerator, denominator], recounted: own })
                }
            }
          // What figures have nothing of.
          for (const [of, row] of recounted)
            if (row.numerator !== 0 || (row.denominator ?? 0) !== 0) apart.push({ of, recounted: row })
        }
      expect(apart).toEqual([])
    }),
    runs(15),
  )
  expect(comparedCount).toBeGreaterThan(1_000)
})

const shownIn = (view: PoolView) => ({
  agents: view.now().agents.map(({ id, status, load, capacity }) => ({ id, status, load, capacity })),
  queues: view.now().queues.map(({ name, waitingCount, offeredCount, withAgentCount, isOpen: open }) => ({
    name,
    counts: [waitingCount, offeredCount, withAgentCount],
    open,
  })),
})

function hasIn({ pool: { state } }: World) {
  const works = [...state.works.entries()].map(([, work]) => work)
  return {
    agents: AGENTS.flatMap((id) => {
      const agent = state.agents.get(id)
      return agent === undefined
        ? []
        : [{ id, status: agent.status, load: agent.load, capacity: agent.capacity }]
    }),
    queues: Object.keys(state.configuration.queues).map((name) => ({
      name,
      counts: ['waiting', 'offered', 'with_agent'].map(
        (stage) => works.filter((work) => work.queue === name && work.stage === stage).length,
      ),
      open: isOpen(state, name),
    })),
  }
}

test('what the wallboard counts is where the rules have it, and who is there as the pool has them', async () => {
  const seen = new Set<string>()
  await assert(
    asyncProperty(history, async (one) => {
      const shown = new Map<string, Conversation>()
      const view = new PoolView()
      let folded = 0
      let viewed = 0
      lived(one, (world) => {
        for (const event of world.told.slice(folded)) {
          const { correlationId } = event.envelope
          if (!isConversationFact(event) || correlationId === '') continue
          const next = evolveConversation(shown.get(correlationId), event)
          if (next !== undefined) shown.set(correlationId, next)
        }
        folded = world.told.length
        const board = [...shown]
          .filter(([, { stage }]) => stage.name !== 'closed')
          .map(([id, { stage, queue, agentId, offeredTo, contact }]) => {
            const isQueued = stage.name === 'waiting' || stage.name === 'offered'
            return {
              id,
              contact: contact.id,
              stage: stage.name,
              queue: isQueued ? queue : null,
              agent: stage.name === 'offered' ? offeredTo : agentId,
            }
          })
        const rules = CONTACTS.flatMap((contact) => {
          const { conversation } = world.contact(contact)
          if (!('id' in conversation)) return []
          const { id, stage } = conversation
          const isQueued = stage === 'waiting' || stage === 'offered'
          return [
            {
              id,
              contact,
              stage,
              queue: isQueued ? conversation.queue : null,
              agent: 'agentId' in conversation ? conversation.agentId : null,
            },
          ]
        })
        for (const { stage } of board) seen.add(stage)
        const inOrder = (some: readonly { readonly id: string }[]) =>
          some.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        expect(inOrder(board)).toEqual(inOrder(rules))
        for (const event of poolEvents(world).slice(viewed)) {
          const read = workforces.readEvent(event.envelope) as WorkforceEvent
          view.take(readEventOf(read, event), recordedOf(readEventOf(read, event)))
        }
        viewed = poolEvents(world).length
        expect(shownIn(view)).toEqual(hasIn(world))
      })
    }),
    runs(30),
  )
  expect([...seen].toSorted()).toEqual(['ending', 'offered', 'parked', 'waiting', 'with_agent', 'with_robot'])
})
