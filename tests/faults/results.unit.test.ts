import { expect, test } from 'vitest'
import { BEGIN, END, type Row, conclusionOf, rowOf, verdictOf, withResults } from './results.ts'
import { SCENARIOS } from './scenarios.ts'

const page = `# Title\n\n${BEGIN}\n${END}\n\nthe rest\n`
const row = (name: string, lost: string): Row => ({ name, cells: [name, 'what', lost] })

test('a run of one scenario replaces its row alone, in the order of the scenarios', () => {
  const first = withResults(page, [row('a', '1'), row('b', '2')], ['a', 'b'], 'one machine')
  const second = withResults(first, [row('b', '0')], ['a', 'b'], 'another')
  expect(second).toContain('| a | what | 1 |\n| b | what | 0 |\n')
  expect(second).not.toContain('| b | what | 2 |')
  expect(second).toMatch(/^# Title\n[\s\S]*\nthe rest\n$/)
})

test('the row of a scenario that is no more goes', () => {
  const first = withResults(page, [row('a', '1'), row('b', '2')], ['a', 'b'], 'one machine')
  expect(withResults(first, [], ['b'], 'one machine')).not.toContain('| a |')
})

test('a finding of any kind and a run that failed are not clean; each finding stands in its column', () => {
  const outcome = {
    ledger: {
      customers: 3,
      written: 9,
      sent: 9,
      findings: [{ waId: '1', kind: 'unsent', what: '' }],
    },
    silenceMs: 1_234,
    slowestAnswerMs: 5_678,
  } as const
  expect(verdictOf({ outcome })).toBe('not clean')
  expect(verdictOf({ failed: 'it did not start' })).toBe('not clean')
  const ledger = { ...outcome.ledger, findings: [] }
  expect(verdictOf({ outcome: { ...outcome, ledger } })).toBe('clean')
  expect(verdictOf({ outcome: { ...outcome, ledger, silenceMs: undefined } })).toBe('not clean')
  const { cells = [] } = rowOf(SCENARIOS[0]!, { outcome }, 7, '2026-11-26') ?? {}
  const people = ['0', '0', '0', '0']
  const robot = ['0', '0', '0', '0', '**1**', '0', '0']
  expect(cells.slice(2)).toEqual(['3', ...robot, ...people, '1.2 s', '5.7 s', '7', '2026-11-26'])
})

test('what was not run is neither clean nor found wanting: it is counted apart, keeps the row of another day, and fails whoever asked for it', () => {
  const notRun = { notRun: 'libfaketime is not installed' }
  expect(verdictOf(notRun)).toBe('not run')
  expect(rowOf(SCENARIOS[0]!, notRun, 7, '2026-11-26')).toBeUndefined()
  expect(conclusionOf(['clean', 'not run', 'clean'], { areNamed: false })).toEqual({
    said: '2 ran, 2 of them clean; 1 not run',
    exitCode: 0,
  })
  expect(conclusionOf(['clean', 'not run'], { areNamed: true }).exitCode).toBe(1)
  expect(conclusionOf(['not clean', 'not run'], { areNamed: false })).toEqual({
    said: '1 ran, 0 of them clean; 1 not run',
    exitCode: 1,
  })
})

test('no two scenarios have one name', () => {
  const names = SCENARIOS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
