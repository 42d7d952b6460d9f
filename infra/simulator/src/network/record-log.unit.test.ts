import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordLog } from './record-log.ts'

test('a record log answers like a plain list cut to its last records', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (keys, most) => {
        const log = recordLog<number>(most)
        keys.forEach((key, n) => log.add([key], n))
        const plain = keys.map((key, n) => ({ key, n })).slice(-most)
        expect(log.all()).toEqual(plain.map(({ n }) => n))
        for (const index of [0, keys.length - 1, keys.length, keys.length + 1])
          expect(log.from(index)).toEqual({
            records: plain.flatMap(({ n }) => (n >= index ? [n] : [])),
            next: keys.length,
          })
        for (const key of ['a', 'b', 'c']) {
          expect(log.of(key)).toEqual(plain.filter((item) => item.key === key).map(({ n }) => n))
        }
      },
    ),
  )
})

test('a record log stays whole beyond the point where its head is cut off', () => {
  const log = recordLog<number>(100)
  for (let n = 0; n < 5000; n += 1) log.add(['a'], n)
  expect(log.count()).toBe(100)
  expect(log.of('a')[0]).toBe(4900)
})
