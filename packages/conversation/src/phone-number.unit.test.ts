import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalNumber, spellingsOf } from './phone-number.ts'

describe('the spellings of a number', () => {
  test.each([
    ['Brazil, São Paulo', '5511987654321', '551187654321'],
    ['Brazil, Recife', '5581991234567', '558191234567'],
    ['Mexico', '5215512345678', '525512345678'],
    ['Argentina, Buenos Aires', '5491123456789', '541123456789'],
    ['Argentina, Córdoba', '5493515551234', '543515551234'],
  ])('name one line: %s', (_, one, other) => {
    expect(canonicalNumber(one)).toBe(canonicalNumber(other))
    expect(spellingsOf(one)).toEqual(spellingsOf(other))
    expect(new Set(spellingsOf(one))).toEqual(new Set([one, other]))
  })

  test.each([
    ['a landline of Brazil and the mobile number that looks like it', '551132345678', '5511932345678'],
    ['a Brazilian number and one of the USA', '5511987654321', '15119876543'],
    ['two area codes', '5511987654321', '5521987654321'],
  ])('do not name two lines: %s', (_, one, other) => {
    expect(canonicalNumber(one)).not.toBe(canonicalNumber(other))
  })

  test('stand for each other, for any digits', () => {
    const prefix = fc.constantFrom('55', '5511', '5511 9', '52', '521', '54', '549', '1', '880', '')
    fc.assert(
      fc.property(prefix, fc.stringMatching(/^\d{0,12}$/), (before, rest) => {
        const waId = before.replace(' ', '') + rest
        const spellings = spellingsOf(waId)
        expect(spellings).toContain(waId)
        for (const spelling of spellings) expect(spellingsOf(spelling)).toEqual(spellings)
      }),
    )
  })
})
