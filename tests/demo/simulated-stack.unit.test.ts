import type { StackJson } from '@parley/stack/stack-json'
import { expect, test } from 'vitest'
import { simulated } from './simulated-stack.ts'

test.each([
  ['http://localhost:4700', '', 'writes to real phones'],
  ['https://parley.example', 'http://localhost:4703', 'is not on this machine'],
  ['http://localhost:4700', 'http://10.0.0.7:4703', 'is not on this machine'],
])('customers, and a day, are invented at no console %s with a simulator "%s"', (console, simulator, why) => {
  const stack = { urls: { console, simulator } } as StackJson
  expect(() => simulated(stack)).toThrow(why)
})
