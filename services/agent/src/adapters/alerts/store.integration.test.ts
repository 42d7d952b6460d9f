import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { type FigureRule, type WordsRule } from '../../alerts/rules.ts'
import { figureAlert, wordsAlert } from '../../alerts/alert.ts'
import { AlertStore } from './store.ts'

const minute = (nth: number) => new Date(Date.parse('2026-03-02T12:00:00.000Z') + nth * 60_000).toISOString()

test('what nobody looks after comes first, and a figure that has been wrong for longest is among it, however many newer alerts are open', async () => {
  await using kept = await testDb()
  const store = await AlertStore.open(kept.db, false)
  const figure = (name: string, nth: number) => {
    const rule = { name, reason: '', figure: 'waiting', over: undefined, limit: 1, isBelow: false }
    return figureAlert(rule as FigureRule, 2, minute(nth), minute(nth))
  }
  const said = (name: string, nth: number) => {
    const of = { conversationId: `${name} ${nth}`, queue: null, at: minute(nth) }
    return wordsAlert({ name, reason: '' } as WordsRule, of, minute(nth))
  }
  const seen = Array.from({ length: 1_100 }, (_, nth) => said('seen', 100 + nth))
  await store.begin([
    figure('oldest', 0),
    figure('seen figure', 1),
    said('unseen', 2),
    said('unseen', 3),
    ...seen,
  ])
  for (const { id } of [figure('seen figure', 1), ...seen.slice(0, 2)])
    await store.acknowledge(id, 'p01', minute(9))
  await kept.db
    .collection('alerts')
    .updateMany({ rule: 'seen' }, { $set: { acknowledgedAt: minute(9), acknowledgedBy: 'p01' } })
  const open = (await store.openOnes()).map(({ rule, openedAt }) => [rule, openedAt])
  expect(open).toHaveLength(1_104)
  expect(open.slice(0, 4)).toEqual([
    ['unseen', minute(3)],
    ['unseen', minute(2)],
    ['oldest', minute(0)],
    ['seen', minute(1_199)],
  ])
  expect(open.at(-1)).toEqual(['seen figure', minute(1)])
})
