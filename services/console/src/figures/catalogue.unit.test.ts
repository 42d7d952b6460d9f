import { expect, test } from 'vitest'
import { caveatsOf } from './catalogue.ts'

test('whoever compares sums with the company’s is told what is of no queue, agent or flow', () => {
  expect(caveatsOf('closed', 'queue', true)).toEqual(['noQueue', 'lastOfEach'])
  expect(caveatsOf('closed', 'agent', true)).toEqual(['noAgent', 'allTheirs', 'lastOfEach'])
  expect(caveatsOf('closed', 'vendor', true)).toEqual(['noAgent', 'noTeam', 'teamsOfToday', 'lastOfEach'])
  expect(caveatsOf('closed', 'flow', true)).toEqual(['noFlow', 'lastOfEach'])
  expect(caveatsOf('csat', 'flow', false)).toEqual(['sums', 'noFlow', 'asked'])
  expect(caveatsOf('hand_over_rate', 'flow', false)).toEqual(['sums', 'noFlow', 'lastOfEach'])
  expect(caveatsOf('messages_from_app', 'flow', true)).toEqual(['noOne'])
  expect(caveatsOf('handled', 'queue', true)).toEqual([])
  expect(caveatsOf('closed', '', true)).toEqual([])
  expect(caveatsOf('flow_step_reached', 'flow', false)).toEqual(['steps'])
  expect(caveatsOf('handled', 'queue', true, true)).toEqual(['goesOn'])
})
