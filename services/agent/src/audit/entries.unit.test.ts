import { expect, test } from 'vitest'
import { readQuery } from './entries.ts'

test('what is empty is not asked for', () => {
  expect(
    readQuery({ person: '', subject: '', type: '', from: '', to: '', cursor: '', lang: 'pt' }, 'UTC'),
  ).toEqual({
    query: {},
    problems: [],
  })
})

test.each([
  ['2026-03-02T12:00:00Z', 'UTC', '2026-03-02T12:00:00.000Z'],
  ['2026-03-02T12:00:00.1239-03:00', 'UTC', '2026-03-02T15:00:00.123Z'],
  ['2026-03-02T12:00+05:30', 'America/Sao_Paulo', '2026-03-02T06:30:00.000Z'],
  ['2026-03-02', 'UTC', '2026-03-02T00:00:00.000Z'],
  ['2026-03-02', 'America/Sao_Paulo', '2026-03-02T03:00:00.000Z'],
  ['2026-03-02', 'Asia/Dhaka', '2026-03-01T18:00:00.000Z'],
  ['2026-01-02', 'Pacific/Auckland', '2026-01-01T11:00:00.000Z'],
  ['2026-01-02', 'Pacific/Kiritimati', '2026-01-01T10:00:00.000Z'],
  ['2026-01-02', 'Pacific/Niue', '2026-01-02T11:00:00.000Z'],
])('%s begins, for a company in %s, at %s', (text, timeZone, moment) => {
  expect(readQuery({ from: text, to: text }, timeZone)).toEqual({
    query: { from: moment, to: moment },
    problems: [],
  })
})

test.each([
  ['type', 'constructor'],
  ['type', ['signed_in', 'signed_out']],
  ['from', 'yesterday'],
  ['from', '2026-02-30T12:00:00Z+1'],
  ['from', '2026-13-40'],
  ['from', '2026-02-30'],
  ['to', '2026-04-31T12:00:00Z'],
  ['to', '1'],
  ['to', '2026-03-02T25:00:00Z'],
  ['to', '9999-12-31T23:00:00-05:00'],
  ['from', '0000-01-01T00:00:00+05:00'],
  ['person', ['ana', 'bruno']],
  ['cursor', {}],
])('a %s that makes no sense (%j) is named, and nothing else is', (path, value) => {
  const { problems } = readQuery({ person: 'ana', type: 'signed_in', [path]: value }, 'UTC')
  expect(problems.map((problem) => problem.path)).toEqual([path])
})
