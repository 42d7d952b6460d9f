import { runs } from '@parley/testkit/properties'
import { array, assert, nat, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import {
  BLOCK_MAX,
  NOTHING_ORDERED,
  type Ordered,
  countUpTo,
  entriesOf,
  inserted,
  removed,
} from './ordered.ts'

/** So many entries stand in another array than before: what a change copied, the list of blocks included. */
function copied(before: Ordered, after: Ordered): number {
  const known = new Set(before.blocks)
  const fresh = after.blocks.filter((block) => !known.has(block))
  return after.blocks.length + fresh.reduce((sum, { ids }) => sum + 2 * ids.length, 0)
}

test('of a line of ten thousand a change copies some hundreds of entries, not thousands', () => {
  let line = NOTHING_ORDERED
  for (let at = 0; at < 10_000; at += 1) line = inserted(line, at, `c${at}`)
  const changes = [
    inserted(line, 20_000, 'last'),
    inserted(line, 5_000.5, 'middle'),
    inserted(line, -1, 'first'),
    removed(line, 0, 'c0'),
    removed(line, 5_000, 'c5000'),
  ]
  for (const changed of changes) expect(copied(line, changed)).toBeLessThan(4 * BLOCK_MAX)
  for (let at = 0; at < 9_999; at += 1) line = removed(line, at, `c${at}`)
  expect(line.blocks).toEqual([{ keys: [9_999], ids: ['c9999'] }])
})

test('property: it is a list in the order of its keys, whatever comes and goes, in blocks that are neither empty nor too long', () => {
  const act = tuple(nat({ max: 4 }), nat({ max: 600 }))
  assert(
    property(array(act, { maxLength: 1_500, size: 'max' }), (acts) => {
      let ordered = NOTHING_ORDERED
      let plain: (readonly [number, string])[] = []
      for (const [index, [chance, nth]] of acts.entries()) {
        if (chance > 0 || plain.length === 0) {
          // A third of them share a key.
          const key = nth % 3 === 0 ? 300 : nth
          ordered = inserted(ordered, key, `c${index}`)
          const at = plain.findIndex(([other]) => other > key)
          plain = plain.toSpliced(at < 0 ? plain.length : at, 0, [key, `c${index}`])
        } else {
          const [goneKey, id] = plain[nth % plain.length]!
          ordered = removed(ordered, goneKey, id)
          plain = plain.toSpliced(nth % plain.length, 1)
        }
      }
      expect([...entriesOf(ordered)]).toEqual(plain)
      for (const { ids } of ordered.blocks) {
        expect(ids.length).toBeGreaterThan(0)
        expect(ids.length).toBeLessThanOrEqual(BLOCK_MAX)
      }
      for (const key of [-1, 0, 1, 700, 5_000])
        expect(countUpTo(ordered, key)).toBe(plain.filter(([one]) => one <= key).length)
      expect(removed(ordered, 1, 'nobody')).toBe(ordered)
    }),
    runs(8),
  )
})
