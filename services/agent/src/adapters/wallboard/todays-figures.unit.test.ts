import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@parley/testkit'
import { onTestFinished, expect, test, vi } from 'vitest'
import type { FigureQuery } from '../archive/figures-client.ts'
import { TodaysFigures } from './todays-figures.ts'

function archive() {
  const asked: { readonly query: FigureQuery; readonly person: string }[] = []
  const errors: unknown[] = []
  let handled = 1
  let failure: Error | undefined
  let held: Promise<void> | undefined
  const todays = new TodaysFigures({
    timeZone: 'America/Sao_Paulo',
    now: () => new Date('2026-03-02T01:30:00.000Z'),
    onError: (error) => errors.push(error),
    refreshMs: 1,
    async figures(query, person) {
      asked.push({ query, person })
      await held
      if (failure !== undefined) throw failure
      const row = { key: query.by === '' ? 'all' : 'general', from: query.from, value: 1 }
      return {
        version: 1,
        unit: 'percent',
        position: '',
        rows: [{ ...row, numerator: query.metric === 'handled' ? handled : 1, denominator: 2 }],
      }
    },
  })
  onTestFinished(() => todays.close())
  return {
    todays,
    asked,
    errors,
    handle: (count: number) => (handled = count),
    /** It answers when that is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    fail: (error: Error | undefined) => (failure = error),
  }
}

test('figures are those of the company’s day, asked for the person who looks, once for all who look together', async () => {
  const { todays, asked } = archive()
  const [one, other] = await Promise.all([
    todays.read({ key: 'all', personId: 'p09' }),
    todays.read({ key: 'all', personId: 'p10' }),
  ])
  expect(one?.serviceLevel.get('general')).toEqual({ numerator: 1, denominator: 2 })
  expect(one?.containment).toEqual({ numerator: 1, denominator: 2 })
  expect(other).toBe(one)
  expect(new Set(asked.map(({ person }) => person))).toEqual(new Set(['p09']))
  expect(asked.map(({ query }) => `${query.metric} ${query.by}`).toSorted()).toEqual([
    'abandonment queue',
    'containment ',
    'containment flow',
    'handled queue',
    'handled team',
    'handled vendor',
    'service_level queue',
  ])
  // There it was still the evening of the first.
  expect(asked[0]?.query).toMatchObject({ window: 'day', from: '2026-03-01T03:00:00.000Z' })
})

test('who watches is told when a figure changed, not when none did, and nobody is asked for when nobody watches', async () => {
  const { todays, asked, handle } = archive()
  let told = 0
  const end = todays.watch({ key: 'team north', personId: 'p07' }, () => (told += 1))
  await until('the figures are told', () => told === 1)
  const before = asked.length
  await until('they were asked for again', () => asked.length > before + 10)
  expect(told).toBe(1)
  handle(2)
  await until('the new ones are told', () => told === 2)
  end()
  await until('nothing is being asked for', () => asked.length % 7 === 0)
  const after = asked.length
  await pause(20)
  expect(asked).toHaveLength(after)
})

test('who leaves and comes back while figures are being asked for makes nobody ask more often', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { todays, asked, hold } = archive()
  const viewer = { key: 'all', personId: 'p09' }
  let end = todays.watch(viewer, () => {})
  for (let reload = 0; reload < 5; reload += 1) {
    const answer = hold()
    await vi.advanceTimersByTimeAsync(1)
    end()
    end = todays.watch(viewer, () => {})
    answer()
    await vi.advanceTimersByTimeAsync(0)
  }
  const before = asked.length
  await vi.advanceTimersByTimeAsync(100)
  // Seven questions a beat.
  expect((asked.length - before) / 7).toBeLessThanOrEqual(100)
  end()
  expect(vi.getTimerCount()).toBe(0)
})

test('an archive that is away is said once, and is asked again', async () => {
  const { todays, asked, errors, fail, handle } = archive()
  fail(new Error('away'))
  let told = 0
  const end = todays.watch({ key: 'all', personId: 'p09' }, () => (told += 1))
  await until('they were asked for again', () => asked.length > 20)
  expect(errors).toHaveLength(1)
  expect(await todays.read({ key: 'all', personId: 'p09' })).toBeUndefined()
  handle(3)
  fail(undefined)
  await until('the figures are told', () => told > 0)
  end()
})
