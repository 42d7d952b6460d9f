import { expect, test } from 'vitest'
import { mistakesOf } from './mistakes.ts'

test('each key that is none is a mistake of its own, at its place, with what was meant', () => {
  const path = ['people', 0]
  const issues = [
    { code: 'unrecognized_keys', path, message: 'as the schema says it', keys: ['nmae', 'pets', 'teams'] },
    {
      code: 'invalid_type',
      path: [...path, 'name'],
      message: 'Invalid input: expected string, received undefined',
    },
    { code: 'too_small', path: ['people'], message: 'there is nobody' },
  ]
  expect(mistakesOf(issues, ['name', 'login', 'teams'])).toEqual([
    { path: [...path, 'nmae'], by: 'key', why: 'there is no "nmae" here; did you mean "name"?' },
    { path: [...path, 'pets'], by: 'key', why: 'there is no "pets" here' },
    // Spelt right, and in the wrong place.
    { path: [...path, 'teams'], by: 'key', why: 'there is no "teams" here' },
    { path: [...path, 'name'], by: 'value', why: 'it is missing' },
    { path: ['people'], by: 'value', why: 'there is nobody' },
  ])
})
