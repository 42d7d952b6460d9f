import { scenario } from '@parley/testkit'
import { expect, test } from 'vitest'
import { policyAt, policyBytes, policyDecider } from './policy.ts'

const adopt = (countMax: number) => ({ type: 'AdoptPolicy', data: policyBytes({ countMax }) }) as const

test('a wish is decided by the policy that held at its place, whatever was adopted since', () => {
  const adoptions = scenario(policyDecider).when(adopt(1)).when(adopt(2)).when(adopt(3)).state
  expect(adoptions.map(({ from }) => from)).toEqual([0, 1, 2])
  // What comes again after a crash lies before the last adoption.
  expect([0n, 1n, 2n, 9n].map((offset) => policyAt(adoptions, offset))).toEqual([
    { countMax: 1 },
    { countMax: 2 },
    { countMax: 3 },
    { countMax: 3 },
  ])
})

test('the first policy of a partition holds for what came before it', () => {
  const first = { from: 7, hash: '', policy: { countMax: 1 } }
  const second = { from: 12, hash: '', policy: { countMax: 2 } }
  expect(policyAt([first, second], 0n)).toEqual({ countMax: 1 })
  expect(policyAt([], 0n)).toBeUndefined()
})

test('the policy that is in force is not adopted again, and an earlier one is', () => {
  const { history } = scenario(policyDecider)
    .when(adopt(1))
    .when(adopt(1))
    .thenNothing()
    .when(adopt(2))
    .when(adopt(1))
  expect(history.map(({ envelope }) => envelope.type)).toEqual(Array(3).fill('PolicyAdopted'))
})
