import { createHash, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deterministicId, timeOrderedId } from './ids.ts'

describe('a deterministic id', () => {
  // Written down once: another value would give every wish that is repeated a new identity.
  test.each([
    [['inbound', '106540352242922', 'wamid.HBgNNTUxMTk5OTk5'], 'f9173753-1157-5b6b-a162-90d8f7f5f801'],
    [['a'], '3598fefd-e6f6-543e-9bb6-c382b236c3f4'],
    [['a', 0], 'f22a93e0-f155-5f89-8e8f-83d68a43854a'],
    [['ação', 'বন্ধ'], '6ba76b84-be1e-5c4b-95d8-d1e5ca205348'],
    [[], '4a0a1fbd-50fe-5298-b329-9a597518cf62'],
  ])('is the same for ever: %j', (parts, id) => {
    expect(deterministicId(...parts)).toBe(id)
  })

  test('is a UUIDv5 over length-prefixed parts, as RFC 9562 §5.5 says', () => {
    const namespace = Buffer.from('6f1d5c1e8a5b4b0e9c5d2f7a3e914c60', 'hex')
    const hash = createHash('sha1').update(namespace).update('2:é').update('1:7').digest('hex')
    const id = deterministicId('é', 7)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(id.slice(0, 8)).toBe(hash.slice(0, 8))
  })

  test('differs whenever the parts differ, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 4 }),
        fc.array(fc.string(), { maxLength: 4 }),
        (left, right) => {
          const isSame = JSON.stringify(left) === JSON.stringify(right)
          expect(deterministicId(...left) === deterministicId(...right)).toBe(isSame)
        },
      ),
    )
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
        const cut = at % (text.length + 1)
        expect(deterministicId(text.slice(0, cut), text.slice(cut))).not.toBe(deterministicId(text))
      }),
    )
  })
})

test('a time-ordered id is a UUIDv7, as RFC 9562 §5.7 says: as text it stands in the order of the milliseconds', () => {
  const times = [0, 1, 255, 256, Date.UTC(2026, 10, 28), Date.UTC(2026, 10, 28) + 1, 2 ** 48 - 1]
  const ids = times.map((time) => timeOrderedId(time, randomBytes(16)))
  expect(ids.toSorted()).toEqual(ids)
  for (const [index, id] of ids.entries()) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(times[index])
  }
  expect(timeOrderedId(1, Buffer.alloc(16, 0xff))).toBe('00000000-0001-7fff-bfff-ffffffffffff')
  expect(timeOrderedId(1, Buffer.alloc(16))).toBe('00000000-0001-7000-8000-000000000000')
})
