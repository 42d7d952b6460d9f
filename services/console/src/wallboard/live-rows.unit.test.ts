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

/** Ten, four a page, newest first. Before each page somebody writes in one of them: fewer in all than a page has. */
function busy(writes: readonly number[]) {
  let rows = Array.from({ length: 10 }, (_, nth) => ({ id: `${nth}`, at: 100 - nth }))
  const left = [...writes]
  let now = 100
  return {
    async liveRows(_: string, cursor: string | null) {
      const written = String(left.shift())
      rows = rows
        .map((row) => (row.id === written ? { ...row, at: (now += 1) } : row))
        .toSorted((one, other) => other.at - one.at)
      const behind = rows.filter(({ at }) => cursor === null || at < Number(cursor))
      const page = behind.slice(0, 4)
      return {
        conversations: page as unknown as Row[],
        cursor: behind.length > page.length ? String(page.at(-1)?.at) : null,
        position: '',
        count: rows.length,
      }
    },
  }
}

test('a row in which somebody writes while pages are read is shown all the same, whenever and in whichever that is', async () => {
  const each = Array.from({ length: 10 }, (_, nth) => nth)
  for (const writes of each.flatMap((one) => each.flatMap((two) => each.map((three) => [one, two, three])))) {
    const { rows, count } = await liveRows(busy(writes), '', 9)
    expect([writes, rows.map(({ id }) => Number(id)).toSorted((one, other) => one - other), count]).toEqual([
      writes,
      each,
      10,
    ])
  }
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
