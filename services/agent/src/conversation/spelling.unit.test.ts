import { assert, constantFrom, nat, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { asSpelt, partOfName, partOfNumber, piecesOfName, piecesOfNumber } from './spelling.ts'

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

const isNamed = (asked: string, name: string) => {
  const { pieces, isIn } = partOfName(asked)
  const parts = piecesOfName(name)
  return pieces.length > 0 && pieces.every((piece) => parts.includes(piece)) && isIn(name)
}

test.each([
  ['Joao', 'João Conceição'],
  ['JOÃO', 'joao'],
  ['ceica', 'João Conceição'],
  ['joao con', 'João  Conceição'],
  ['Li', 'Li'],
  ['sã', 'Ana São'],
  ['NGUYEN', 'Nguyễn'],
  ['(c++)', 'em (C++) não'],
  ['বা\u09dcি', 'বাড\u09bcি'],
  ['ΝΙΚΟΣ', 'Νίκος'],
  ['王小明', '王小明'],
  ['🙂 Ana', '🙂 Ana'],
])('who asks for %s finds the name %s', (asked, name) => expect(isNamed(asked, name)).toBe(true))

test.each([
  ['joao', 'Jose'],
  ['anab', 'ana nab'],
  ['ao', 'João'],
  ['\u0301\u0301', 'José'],
  ['   ', 'Ana'],
])('who asks for %s does not find the name %s', (asked, name) => expect(isNamed(asked, name)).toBe(false))

test.each([
  ['1198', '5511987654321', true],
  ['4321', '5511987654321', true],
  ['5511987654321', '5511987654321', true],
  ['9999', '5511987654321', false],
  ['1234', '', false],
])('who asks for %s finds the number %s: %s', (asked, number, is) => {
  const { pieces, isIn } = partOfNumber(asked)
  const parts = piecesOfNumber(number)
  expect(pieces.every((piece) => parts.includes(piece)) && isIn(number)).toBe(is)
})

test('any three characters in a row of a name find it, in each normal form and case', () => {
  assert(
    property(
      string({ unit: 'grapheme', minLength: 3, maxLength: 30 }).filter(
        (name) => Array.from(name.trim()).length > 2,
      ),
      nat(),
      constantFrom('NFC', 'NFD'),
      constantFrom('NFC', 'NFD'),
      (name, at, asked, stored) => {
        const characters = Array.from(name.trim())
        const begin = at % (characters.length - 2)
        const part = characters.slice(begin, begin + 3).join('')
        if (!/\S.*\S.*\S/u.test(part) || /\p{M}/u.test(part.normalize('NFD'))) return true
        return isNamed(part.normalize(asked), name.normalize(stored))
      },
    ),
  )
})
