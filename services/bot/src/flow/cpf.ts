import { foldedText } from '@parley/conversation'
import { bareValue } from './around-value.ts'
import { spokenDigits, withoutSeparatorsSaid } from './number-words.ts'

export const CPF_DIGITS = 11

/**
 * The eleven digits of a valid CPF, in figures or as they are dictated (`cinco dois nove ponto nove…`), or undefined. The last two are check digits: weighted sums modulo 11
 * (Receita Federal). Eleven equal digits pass the sums and are no CPF.
 */
export function cpfDigits(text: string): string | undefined {
  const bare = withoutSeparatorsSaid(foldedText(bareValue(text, 'cpf')))
  const figures = bare.replace(/[\p{P}\p{S}\s]/gu, '')
  const digits = /^\d+$/.test(figures) ? figures : (spokenDigits(bare) ?? '')
  if (digits.length !== CPF_DIGITS || /^(\d)\1{10}$/.test(digits)) return undefined
  return checkDigit(digits, 9) === Number(digits[9]) && checkDigit(digits, 10) === Number(digits[10])
    ? digits
    : undefined
}

function checkDigit(digits: string, count: number): number {
  let sum = 0
  for (let index = 0; index < count; index += 1) sum += Number(digits[index]) * (count + 1 - index)
  const rest = (sum * 10) % 11
  return rest === 10 ? 0 : rest
}

export const formatCpf = (digits: string) => digits.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, '$1.$2.$3-$4')
