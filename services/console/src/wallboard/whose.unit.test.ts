import { expect, test } from 'vitest'
import type { Wallboard } from './shapes.ts'
import { whoseTotals } from './whose.ts'

const all: Whose = { by: '', keys: [] }
type Whose = ReturnType<typeof whoseTotals>['waits']
const board = (seesAll: boolean) => ({
  seesAll,
  queues: [{ name: 'cards' }, { name: 'general' }] as unknown as Wallboard['queues'],
})

test('what a figure opens is what it counts: of who sees all the company, whatever team they are in, of others their team’s', () => {
  expect(whoseTotals('', 'north', board(true))).toEqual({ waits: all, handled: all, robot: all })
  const waits = { by: 'queue', keys: ['cards', 'general'] }
  expect(whoseTotals('', 'north', board(false))).toEqual({
    waits,
    handled: { by: 'team', keys: ['north'] },
    robot: all,
  })
  expect(whoseTotals('?team=south', 'north', board(true)).handled).toEqual({ by: 'team', keys: ['south'] })
})
