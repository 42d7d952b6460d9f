import { expect, test } from 'vitest'
import type { Row } from '../api/shapes.ts'
import { liveRows, toMove } from './live-rows.ts'

/** A service that has so many, two a page. */
const having = (count: number) => ({
  liveRows: async (_: string, cursor: string | null) => {
    const begin = Number(cursor ?? 0)
    const end = Math.min(begin + 2, count)
    return {
      conversations: Array.from({ length: end - begin }, (_, index) => ({ id: `${begin + index}` }) as Row),
      cursor: end < count ? String(end) : null,
      position: '',
      count,
    }
  },
})

test('of a number that is larger than what is read at once it is said how many there are', async () => {
  const some = await liveRows(having(7), '?stage=waiting', 3)
  expect(some.rows.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(some.count).toBe(7)
  const all = await liveRows(having(7), '?stage=waiting', 4)
  expect([all.rows.length, all.count]).toEqual([7, 7])
  expect(await liveRows(having(0), '', 4)).toEqual({ rows: [], count: 0 })
})

test('what is moved is what was picked of that which waits, else all of it, who waits longest first', () => {
  const row = (id: string, stage: Row['stage'], waitingSince: string | null) =>
    ({ id, stage, waitingSince }) as Row
  const rows = [
    row('new', 'waiting', '2026-03-02T12:09:00.000Z'),
    row('held', 'with_agent', null),
    row('offered', 'offered', '2026-03-02T12:05:00.000Z'),
    row('old', 'waiting', '2026-03-02T12:00:00.000Z'),
  ]
  expect(toMove(rows, new Set())).toEqual(['old', 'offered', 'new'])
  // Somebody got one of them meanwhile.
  expect(toMove(rows, new Set(['new', 'old', 'held']))).toEqual(['old', 'new'])
  const many = Array.from({ length: 150 }, (_, at) => row(`${at}`, 'waiting', `${2_000 - at}`))
  expect(toMove(many, new Set())).toHaveLength(100)
  expect(toMove(many, new Set())[0]).toBe('149')
})
