import { expect, test } from 'vitest'
import { beginOfDate, dateAt, isDate, isTimeZone, offsetAt } from './index.ts'

test.each([
  ['2026-03-02T01:30:00.000Z', 'America/Sao_Paulo', '2026-03-01', '2026-03-01T03:00:00.000Z'],
  ['2026-03-02T01:30:00.250Z', 'Asia/Kolkata', '2026-03-02', '2026-03-01T18:30:00.000Z'],
  ['2026-03-02T01:30:00.000Z', 'Asia/Kathmandu', '2026-03-02', '2026-03-01T18:15:00.000Z'],
  ['2026-03-02T10:00:00.000Z', 'Pacific/Kiritimati', '2026-03-03', '2026-03-02T10:00:00.000Z'],
  ['2026-03-02T11:59:59.999Z', 'Pacific/Pago_Pago', '2026-03-02', '2026-03-02T11:00:00.000Z'],
  // Clocks went forward, and back, since midnight.
  ['2026-03-29T12:00:00.000Z', 'Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
  ['2026-10-25T12:00:00.000Z', 'Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z'],
  // Here clocks skipped midnight.
  ['2018-11-04T12:00:00.000Z', 'America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ['2026-03-02T00:00:00.000Z', 'UTC', '2026-03-02', '2026-03-02T00:00:00.000Z'],
])('%s in %s is on %s, which began at %s', (at, timeZone, date, begin) => {
  expect(dateAt(Date.parse(at), timeZone)).toBe(date)
  expect(new Date(beginOfDate(date, timeZone)).toISOString()).toBe(begin)
})

test('an offset changes in the very moment in which the clocks do', () => {
  const change = Date.parse('2026-03-29T01:00:00.000Z')
  expect(offsetAt(change - 1, 'Europe/Berlin')).toBe(3_600_000)
  expect(offsetAt(change, 'Europe/Berlin')).toBe(7_200_000)
})

test('names of the IANA list are time zones, old ones too, and others are none', () => {
  expect(['America/Sao_Paulo', 'Asia/Kolkata', 'UTC'].map(isTimeZone)).toEqual([true, true, true])
  expect(['Sao Paulo', '', 'Mars/Olympus'].map(isTimeZone)).toEqual([false, false, false])
})

test('a date is of a day that there is', () => {
  expect(['2024-02-29', '2026-12-31', '0050-01-01'].map(isDate)).toEqual([true, true, true])
  for (const none of [
    '2026-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-13-01',
    '2026-3-2',
    '2026-03-02T00:00Z',
  ])
    expect([none, isDate(none)]).toEqual([none, false])
})
