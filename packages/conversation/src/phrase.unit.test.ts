import { growth } from '@parley/testkit/cost'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { asPhrase, clampMarks } from './phrase.ts'

test.each([
  ['casa\n• CPF: 111.444.777-35', 'casa • CPF: 111.444.777-35'],
  ['casa\r\n\u2028\u2029\u0085\v\f\tb', 'casa b'],
  [`casa${'\u2800'.repeat(40)}• CPF: 111.444.777-35`, 'casa • CPF: 111.444.777-35'],
  [`casa${'\u3164\u200b'.repeat(40)}• CPF`, 'casa • CPF'],
  ['a\u115f\u1160\uffa0\u{1d159}\u2003b', 'a b'],
  ['❤️ 👨‍👩‍👧 ok', '❤️ 👨‍👩‍👧 ok'],
  ['\u202Eabc\u202C \u2067def\u2069', 'abc def'],
  ['\u2069 out of its isolate', 'out of its isolate'],
])('%j within a sentence is %j', (written, shown) => {
  expect(asPhrase(written)).toBe(shown)
})

test('a letter keeps as many marks as any script sets on one, and no more', () => {
  const zalgo = `a${'\u0301'.repeat(500)}b${'\u0301\u200d'.repeat(500)}c`
  expect(Array.from(clampMarks(zalgo)).length).toBeLessThan(20)
  for (const written of ['ação', 'a\u0323\u0302\u0301', 'হ্যাঁ', 'কষ্ট', 'שָׁלוֹם', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '4️⃣'])
    expect(clampMarks(written)).toBe(written)
})

test('no text grows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (written) => {
      expect(clampMarks(written).length).toBeLessThanOrEqual(written.length)
      expect(asPhrase(written)).not.toMatch(/[\n\r\u2028\u2029\u0085\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})

test('takes time by the length of the text', () => {
  expect(growth(1_000, (length) => clampMarks('\u0301\u200d'.repeat(length)))).toBeLessThan(80)
  expect(growth(1_000, (length) => asPhrase(' '.repeat(length)))).toBeLessThan(80)
  expect(growth(1_000, (length) => asPhrase('\u200b\u3164'.repeat(length)))).toBeLessThan(80)
})
