import { expect, test } from 'vitest'
import { aimsOf } from './turn-report.ts'
import type { ChainFigures } from './turn.ts'

const chain = (servicesCpuMs: number, p99: number, residentMb: number, idle: number): ChainFigures => ({
  idle: { services: idle, all: idle },
  rates: [
    {
      asked: 100,
      turns: 1_500,
      kept: 100,
      p50: 10,
      p99,
      unanswered: 0,
      cpuMs: new Map([['gateway', servicesCpuMs]]),
      servicesCpuMs,
      requests: { kafka: 4, store: 1 },
      recordsPerTurn: 13,
      residentMb: new Map([
        ['gateway', residentMb],
        ['bot', 100],
      ]),
      heapMb: new Map(),
    },
  ],
})
const missed = (ours: ChainFigures, bare: ChainFigures): string[] =>
  aimsOf(ours, bare)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what.replace(/:.*/, ''))

test('figures at their limits hold all aims', () => {
  expect(missed(chain(4, 250, 256, 0.03), chain(4 / 1.5, 10, 100, 0.01))).toEqual([])
})

test('each figure beyond its limit is an aim missed', () => {
  expect(missed(chain(4.1, 251, 257, 0.031), chain(2, 10, 100, 0.01))).toEqual([
    '100/s, ours by bare',
    '100/s, five services',
    '100/s, p99',
    'largest service',
    'whole stack at rest',
  ])
})

test('turns without an answer miss, whatever the other figures say', () => {
  const figures = chain(1, 10, 100, 0.01)
  const lost = { ...figures, rates: figures.rates.map((rate) => ({ ...rate, unanswered: 2 })) }
  expect(missed(lost, figures)).toEqual(['100/s, turns without an answer'])
})
