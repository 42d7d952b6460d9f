import { CommandFailure } from '@parley/authoring'
import { LogGap } from '@parley/eventlog'
import { expect, test } from 'vitest'
import { toldOf } from './projection.ts'

test('what has a code of ours is told in a sentence; what Node or the system threw stays the fault that it is', () => {
  const told = toldOf(new LogGap('parley.conversation.events', 3, 1n, 5n))
  expect(told).toBeInstanceOf(CommandFailure)
  expect(told).toMatchObject({
    code: 'LOG_GAP',
    message: expect.stringContaining('parley.conversation.events'),
  })
  const ofNode = Object.assign(new TypeError('An argument.'), { code: 'ERR_INVALID_ARG_TYPE' })
  const ofTheSystem = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' })
  for (const fault of [ofNode, ofTheSystem, new Error('Without a code.')]) expect(toldOf(fault)).toBe(fault)
})
