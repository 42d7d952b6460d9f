import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutCourtesies } from './courtesy.ts'
import { plainText, saysSomething, wordsOf } from './typed-text.ts'

describe('one reader of typed text', () => {
  test.each([
    ['٤٣٢١', '4321'],
    ['४३२१', '4321'],
    ['৪৩২১', '4321'],
    ['４３２１', '4321'],
    ['𝟒𝟑𝟐𝟏', '4321'],
    ['4️⃣3️⃣2️⃣1️⃣', '4321'],
    ['①❷➂⓸⓿', '12340'],
    ['4³21', '4³21'],
    ['1½ ₂', '1½ ₂'],
    ['529.982.247–25', '529.982.247-25'],
    ['\u202d529.982.247-25\u202c', '529.982.247-25'],
    ['\u2068529\u2069\u200e\u200b', '529'],
    ['that’s', "that's"],
    ['that´s', "that's"],
    ['ana@example.com™', 'ana@example.com'],
    ['ana@example.comⓂ️', 'ana@example.com'],
    ['Ⓢⓣⓞⓟ 🅿🅰🆁🅰🆁 PⒶRAR', 'Stop PARAR PARAR'],
    ['₨ 500', '₨ 500'],
    ['№ 5', '5'],
    ['a\u00a0\u3000b', 'a b'],
    ['a \r\n\u2028 b', 'a\nb'],
    ['না। আর না॥', 'না. আর না.'],
  ])('%j is %j', (typed, plain) => expect(plainText(typed)).toBe(plain))

  test.each(['PARAR', 'sim', '4321', '👍'])(
    '%s is not what a text is that goes on behind what is read of it',
    (word) => {
      const long = `${word}${' '.repeat(4096)}não`
      expect(wordsOf(long)).not.toBe(wordsOf(word))
      expect(wordsOf(word + ' '.repeat(4096 - word.length))).toBe(wordsOf(word))
    },
  )

  test('every decimal digit of Unicode is the digit that it stands for', () => {
    const digits = Array.from({ length: 0x1ffff }, (_, codePoint) => codePoint).filter(
      (codePoint) =>
        (codePoint < 0xd800 || codePoint > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(codePoint)),
    )
    expect(digits.length).toBeGreaterThan(700)
    const read = digits.map((codePoint) => plainText(String.fromCodePoint(codePoint))).join('')
    expect(read).toBe('0123456789'.repeat(digits.length / 10))
  })

  test.each([
    ['“PARAR”', 'parar'],
    ['*PARAR* 🙏🏽', 'parar'],
    ['Início!!', 'inicio'],
    ['That’s correct.', 'thats correct'],
    ['opt-out', 'opt out'],
    ['Não, obrigado', 'nao obrigado'],
    ['হ্যাঁ।', wordsOf('হ্যাঁ')],
    ['👋', ''],
    ['İSTANBUL', 'istanbul'],
    ['ATE\u0301🅝DENTE', 'atendente'],
  ])('the words of %j are %j', (typed, words) => expect(wordsOf(typed)).toBe(words))

  test.each(['\u3164\u3164', '\u200e\u200e', '\u2060\u2060', '\u2800', '…', '🏠', '\u0301', ' \n', ''])(
    '%j says nothing',
    (typed) => expect(saysSomething(typed)).toBe(false),
  )

  test('a courtesy around the words is no part of them, and alone it stays', () => {
    expect(withoutCourtesies(wordsOf('Oi, bom dia! PARAR, por favor. Obrigada'))).toBe('parar')
    expect(withoutCourtesies('obrigado')).toBe('obrigado')
    expect(withoutCourtesies('nao obrigado')).toBe('nao')
  })

  test('it is no matter how often a text is read, and a long one takes no time to speak of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        expect(plainText(plainText(typed))).toBe(plainText(typed))
        expect(wordsOf(wordsOf(typed))).toBe(wordsOf(typed))
        expect(wordsOf(plainText(typed))).toBe(wordsOf(typed))
      }),
    )
    for (const typed of [' \n'.repeat(50_000), '১'.repeat(100_000), '\u3164'.repeat(100_000)])
      expect(wordsOf(typed).length).toBeLessThanOrEqual(4096)
  })
})
