import { expect, test } from 'vitest'
import { messageText } from './messages.ts'

test.each([
  ['spaces', ' \n\t\u00a0'],
  ['a joiner', '\u200b\u200d'],
  ['a filler', '\u3164'],
  ['marks of direction', '\u202e\u2066'],
  ['a control', '\u0000'],
])('a message of which nobody sees anything is none: %s', (_, text) => {
  expect(messageText.safeParse(text).success).toBe(false)
})

test('whatever is seen is a message, to the letter', () => {
  for (const text of ['?', '👍🏽', ' \u202eabc\u202c ', 'বাংলা', '\u200f.'])
    expect(messageText.parse(text)).toBe(text)
})
