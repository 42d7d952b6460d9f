import { expect, test } from 'vitest'
import { growthOf } from './soak-report.ts'
import type { TurnFigures } from './turn.ts'

const minute = (change: Partial<TurnFigures> = {}): TurnFigures => ({
  asked: 20,
  turns: 1_200,
  kept: 20,
  p50: 100,
  p99: 400,
  unanswered: 0,
  cpuMs: new Map(),
  servicesCpuMs: 10,
  requests: { kafka: 30, store: 10 },
  recordsPerTurn: 13,
  residentMb: new Map([['gateway', 150]]),
  heapMb: new Map([['gateway', 60]]),
  ...change,
})
const missed = (minutes: readonly TurnFigures[]): string[] =>
  growthOf(minutes)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what.replace(/( by thirds)?:.*/, ''))
const tenMinutes = (of: (index: number) => Partial<TurnFigures>) =>
  Array.from({ length: 10 }, (_, index) => minute(of(index)))

test('what varies from minute to minute is flat', () => {
  const heapMb = (index: number) => new Map([['gateway', 60 + (index % 4) * 12]])
  expect(missed(tenMinutes((index) => ({ p99: 400 + (index % 3) * 300, heapMb: heapMb(index) })))).toEqual([])
})

test.each<[string, (index: number) => Partial<TurnFigures>]>([
  ['p50', (index) => ({ p50: 100 * 1.2 ** index })],
  ['p99', (index) => ({ p99: 400 * 1.3 ** index })],
  ['five services a turn', (index) => ({ servicesCpuMs: 10 * 1.1 ** index })],
  ['requests to Kafka a turn', (index) => ({ requests: { kafka: 30 * 1.1 ** index, store: 10 } })],
  ['requests to the store a turn', (index) => ({ requests: { kafka: 30, store: 10 * 1.1 ** index } })],
  ['gateway, resident', (index) => ({ residentMb: new Map([['gateway', 150 * 1.1 ** index]]) })],
  ['gateway, heap', (index) => ({ heapMb: new Map([['gateway', 60 * 1.1 ** index]]) })],
  ['turns without an answer', (index) => ({ unanswered: index === 5 ? 1 : 0 })],
  ['requests to Kafka a turn', () => ({ requests: { kafka: undefined, store: 10 } })],
])('%s that grows, or is not known, is told', (what, of) => {
  expect(missed(tenMinutes(of))).toEqual([what])
})
