import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cpfDigits, formatCpf } from './cpf.ts'

describe('CPF', () => {
  test.each([
    ['529.982.247-25', '52998224725'],
    ['52998224725', '52998224725'],
    [' 529 982 247 25 ', '52998224725'],
    ['٥٢٩٫٩٨٢٫٢٤٧-٢٥', '52998224725'],
    ['cpf: 529,982,247/25.', '52998224725'],
    ['CPF-52998224725', '52998224725'],
    ['meu cpf - 529.982.247-25', '52998224725'],
    ['111.444.777-35', '11144477735'],
    ['123.456.789-09', '12345678909'],
    ['935.411.347-80', '93541134780'],
    ['000.000.001-91', '00000000191'],
    ['119.876.500-34', '11987650034'],
    ['11987650034', '11987650034'],
    ['119876500 34', '11987650034'],
    ['é cinco dois nove, nove oito dois, dois quatro sete, dois cinco', '52998224725'],
    ['cinco dois nove nove oito dois dois quatro sete vinte e cinco', '52998224725'],
  ])('%s is valid', (text, digits) => {
    expect(cpfDigits(text)).toBe(digits)
  })

  test.each([
    '529.982.247-24',
    '529.982.247-15',
    '5299822472',
    '529982247250',
    '',
    'cpf 52998224725x',
    'cinco dois nove nove oito dois dois quatro sete dois quatro',
    'não é cinco dois nove nove oito dois dois quatro sete dois cinco',
    'cpfs 52998224725',
    '529.982.247-25 ou 111.444.777-35',
    '111.111.111-11',
    '000.000.000-00',
    '(11) 98765-0034',
    '11 98765-0034',
    '11 9 8765-0034',
    '11-987650034',
    'meu telefone (11)987650034',
    '+1 305 500 0080',
    '+13055000080',
  ])('%s is not', (text) => {
    expect(cpfDigits(text)).toBeUndefined()
  })

  test('any one wrong digit is noticed', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [...'52998224725'.matchAll(/\d/g)].map(([digit]) => Number(digit))
        digits[at] = (digits[at]! + by) % 10
        expect(cpfDigits(digits.join(''))).toBeUndefined()
      }),
    )
  })

  test('is shown with its points', () => {
    expect(formatCpf('52998224725')).toBe('529.982.247-25')
  })
})
