import { expect, test } from 'vitest'
import { LogClientCrashed } from '../errors.ts'
import { isForGood } from './failure.ts'

test('broken bytes are told at once and as what they are: asked again for half a minute, they would pass for a log that is away', () => {
  expect(isForGood(new LogClientCrashed('broken bytes at offset 7'), performance.now())).toBe(true)
  expect(isForGood(new Error('connection closed'), performance.now())).toBe(false)
})
