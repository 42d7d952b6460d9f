import { foldedText, plainText } from '@parley/conversation/said'
import { bareValue } from './around-value.ts'
import { spokenDigits, withoutSeparatorsSaid } from './number-words.ts'

export const CPF_DIGITS = 11

/** How many digits stand together: `529.982.247-25`; `11 98765-0034`, `11 9 8765-0034`, `11 987650034`. */
const CPF_GROUPS = '3 3 3 2'
const TELEPHONE_GROUPS = new Set(['2 5 4', '2 1 4 4', '2 9'])

/** Of the telephone numbers with eleven digits one in a hundred has the check digits of a CPF, and it would be somebody else's. */
const isTelephone = (text: string): boolean => {
  const groups = (text.match(/\d+/g) ?? []).map(({ length }) => length).join(' ')
  return groups !== CPF_GROUPS && (/\+\d|\(\d{2}\)/.test(text) || TELEPHONE_GROUPS.has(groups))
}

/**
 * The eleven digits of a valid CPF, in figures or as they are dictated (`cinco dois nove ponto nove…`), or undefined. The last two are check digits: weighted sums modulo 11
 * (Receita Federal). Eleven equal digits pass the sums and are no CPF, and what is written as a telephone number is none.
 */
export function cpfDigits(text: string): string | undefined {
  if (isTelephone(plainText(text))) return undefined
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
