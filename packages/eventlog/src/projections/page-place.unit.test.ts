import { assert, date, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { cursorOf, placeIn } from './page-place.ts'

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a page goes on where its cursor says', () => {
  const times = date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  assert(
    property(times, string({ unit: 'binary' }), (time, id) => {
      const place = { at: time.toISOString(), id }
      expect(placeIn(cursorOf(place))).toEqual(place)
    }),
  )
})

test.each([
  '',
  'x',
  'bm90IG91cnM',
  ...[null, {}, 7, 'ab', [], ['2026-03-02T12:00:00.000Z'], ['2026-03-02T12:00:00.000Z', 7], [7, 'c1']].map(
    encoded,
  ),
  // The first moment that there is: no hour lies before it.
  encoded(['-271821-04-20T00:00:00.000Z', 'c1']),
  ...[
    '+010000-01-01T00:00:00.000Z',
    'March 5, 2026',
    '2026',
    '2026-03-02',
    '2026-03-02T12:00:00Z',
    '2026-03-02T12:00:00.000+00:00',
    '2026-02-30T12:00:00.000Z',
    '',
  ].map((at) => encoded([at, 'c1'])),
])('a cursor that is none of ours is no place: %s', (cursor) => {
  expect(placeIn(cursor)).toBeUndefined()
})
