import { runProgram } from '@parley/authoring'
import { expect, test } from 'vitest'
import { LOAD } from './load.ts'

test('a load starts a stack of its own, with a company of as many agents, and its ledger finds nothing', async () => {
  const asked = ['--agents', '3', '--conversations-per-second', '1', '--minutes', '0.1']
  expect(await runProgram(LOAD, asked)).toBe(0)
}, 240_000)
