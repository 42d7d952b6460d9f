import { expect, test } from 'vitest'
import { type Comparison, aimsOfLoop } from './report.ts'
import { aimsOfSearch } from './search.ts'

const compared: Comparison = {
  name: '',
  unit: 'events',
  count: 1_000,
  ours: { wallMs: 1_000, cpuMs: 60 },
  bare: { wallMs: 3_000, cpuMs: 0 },
  note: '',
  heapMb: [100, 90, 120],
  aim: { ratioMin: 3, cpuMicrosMax: 60 },
}
const missed = (comparison: Comparison) =>
  aimsOfLoop(comparison)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what)

test('a loop at its limits holds all aims, and beyond each it misses that one', () => {
  expect(missed(compared)).toEqual([])
  expect(missed({ ...compared, bare: { wallMs: 2_990, cpuMs: 0 } })).toEqual(['ratio 2.99 (aim: at least 3)'])
  expect(missed({ ...compared, ours: { wallMs: 1_000, cpuMs: 61 } })).toEqual([
    '61 CPU µs each (aim: at most 60)',
  ])
  expect(missed({ ...compared, heapMb: [100, 90, 121] })).toHaveLength(1)
})

test('each page of a search that takes its limit or longer, or is not answered, is an aim missed', () => {
  const page = (p95Ms: number, failedCount = 0) => ({
    name: 'words',
    firstMs: 1,
    p50Ms: 1,
    p95Ms,
    foundCount: 50,
    failedCount,
  })
  expect(aimsOfSearch([page(299), page(300), page(1, 1)]).map(({ holds }) => holds)).toEqual([
    true,
    false,
    false,
  ])
})
