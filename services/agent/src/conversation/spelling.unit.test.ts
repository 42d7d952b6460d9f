import { assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { asSpelt } from './spelling.ts'

const finds = (wanted: string, text: string) => new RegExp(asSpelt(wanted), 'iu').test(text)

test.each([
  ['Joao', 'João Conceição'],
  ['joão', 'JOAO'],
  ['conceicao', 'João Conceição'],
  ['São', 'São'],
  ['NGUYEN', 'Nguyễn'],
  ['(c++)', 'em (C++) não'],
  ['বাড়ি', 'বা\u09dcি'],
  ['বা\u09dcি', 'বাড\u09bcি'],
  ['কো', 'ক\u09c7\u09be'],
])('%s finds %s', (wanted, text) => expect(finds(wanted, text)).toBe(true))

test.each([
  ['joao', 'Jose'],
  ['কি', 'কা'],
  ['a.b', 'aXb'],
])('%s does not find %s', (wanted, text) => expect(finds(wanted, text)).toBe(false))

test('whatever was written is found as it was written, in each normal form', () => {
  assert(
    property(
      string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      constantFrom('NFC', 'NFD'),
      constantFrom('NFC', 'NFD'),
      (text, wanted, stored) => finds(text.normalize(wanted), text.normalize(stored)),
    ),
  )
})

test('no expression holds a NUL, which MongoDB refuses, and what does is found', () => {
  expect(asSpelt('a\0b')).not.toContain('\0')
  expect(finds('a\0b', 'a\0b')).toBe(true)
})
