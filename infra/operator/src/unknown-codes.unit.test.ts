import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { expect, test } from 'vitest'
import { type UnknownCode, unknownInNames, unknownInSamples, unknownInTeams } from './unknown-codes.ts'

const pool = PoolConfiguration.fromPartial({
  queues: [
    { name: 'general', closeReasons: ['solved', 'no_answer'] },
    { name: 'cards', closeReasons: ['solved', 'card_blocked'] },
  ],
  flows: [{ id: 'bank', steps: ['menu', 'goodbye'] }],
})
const told = (unknown: readonly UnknownCode[]) =>
  unknown.map(({ path, why, mayBeOfBefore }) => [path.join('.'), why, mayBeOfBefore])

const words = { pt: 'x', en: 'x', bn: 'x' }
const names = (of: Partial<Record<'queues' | 'closeReasons' | 'flows' | 'steps', readonly string[]>>) => {
  const named = (codes: readonly string[] = []) => Object.fromEntries(codes.map((code) => [code, words]))
  return {
    queues: named(of.queues),
    closeReasons: named(of.closeReasons),
    flows: named(of.flows),
    steps: named(of.steps),
    answers: {},
  }
}

test('a name of a code that is there is fine, of the rules’ own close reasons too', () => {
  const all = names({
    queues: ['general', 'cards'],
    closeReasons: ['solved', 'no_answer', 'card_blocked', 'silence'],
    flows: ['bank'],
    steps: ['menu', 'goodbye'],
  })
  expect(unknownInNames(all, pool)).toEqual([])
})

test('a name of a code that is not there is wrong where one that has no name yet is near', () => {
  const misspelt = names({
    queues: ['general', 'crads'],
    closeReasons: ['solvd'],
    flows: ['bnak'],
    steps: ['menue', 'goodbye'],
  })
  expect(told(unknownInNames(misspelt, pool))).toEqual([
    ['queues.crads', 'there is no queue "crads"; did you mean "cards"?', false],
    ['close_reasons.solvd', 'there is no close reason "solvd"; did you mean "solved"?', false],
    ['flows.bnak', 'there is no flow "bnak"; did you mean "bank"?', false],
    ['steps.menue', 'there is no step "menue"; did you mean "menu"?', false],
  ])
})

test('a code of before keeps its name, and the teams that see it: it is told, and is no mistake', () => {
  const ofBefore = names({ queues: ['general', 'cards', 'card', 'lending'] })
  const said = 'One of before may stay: the record has it'
  expect(told(unknownInNames(ofBefore, pool))).toEqual([
    ['queues.card', `there is no queue "card". ${said}`, true],
    ['queues.lending', `there is no queue "lending". ${said}`, true],
  ])
  const team = (id: string, ...queues: string[]) => [id, { id, name: id, vendor: null, queues }] as const
  const teams = new Map([team('a', 'general', 'lending'), team('b', 'general', 'crads')])
  expect(told(unknownInTeams({ teams, people: new Map() }, pool))).toEqual([
    ['teams.0.queues.1', `there is no queue "lending". ${said}`, true],
    ['teams.1.queues.1', 'there is no queue "crads"; did you mean "cards"?', false],
  ])
})

test('a sample of a queue or close reason that is not there would draw nothing, whatever it was before', () => {
  const sample = (queue: string | null, ...reasons: string[]) => ({
    name: 'x',
    title: words,
    form: 'x',
    for: 'agent' as const,
    percent: 10,
    queue,
    reasons,
    judges: 1,
  })
  const samples = [
    sample('cards', 'card_blocked', 'left'),
    sample(null, 'no_answer'),
    sample('lending'),
    sample('cards', 'solved', 'no_answer'),
    sample(null, 'solved', 'solvd'),
  ]
  expect(told(unknownInSamples({ samples }, pool))).toEqual([
    ['samples.2.queue', 'there is no queue "lending"', false],
    ['samples.3.reasons.1', 'there is no close reason "no_answer" in queue "cards"', false],
    ['samples.4.reasons.1', 'there is no close reason "solvd"; did you mean "solved"?', false],
  ])
})
