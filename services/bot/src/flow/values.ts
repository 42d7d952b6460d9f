import { createHash } from 'node:crypto'
import { isDate } from '@parley/time-zone'
import { formatCpf } from './cpf.ts'
import { showDay } from './days.ts'
import type { Ask } from './flow.ts'
import type { Language } from './language.ts'
import type { Value } from './understanding.ts'

/** A value as the customer's language writes it. */
export function showValue(value: Value, question: Ask | 'date' | undefined, language: Language): string {
  if (question === 'date') return showDay(String(value), language)
  switch (question?.type) {
    case 'date':
      return showDay(String(value), language)
    case 'cpf':
      return formatCpf(String(value))
    case 'choice':
      return question.options.find((option) => option.id === value)?.title[language] ?? String(value)
    default:
      if (typeof value === 'number') return showNumber(value, language)
      // An endpoint's; what the customer wrote stays as it was written.
      return question === undefined && isDate(String(value))
        ? showDay(String(value), language)
        : String(value)
  }
}

/** What has cents has both of their digits: `129,90`. */
function showNumber(value: number, language: Language): string {
  const minimumFractionDigits = /\.\d{1,2}$/.test(String(value)) ? 2 : 0
  return value.toLocaleString(LOCALES[language], { minimumFractionDigits, maximumFractionDigits: 10 })
}

const LOCALES: Record<Language, string> = { pt: 'pt-BR', en: 'en-US', bn: 'bn-BD' }

export const shorten = (text: string, max: number) =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

/** The day and eight digits that follow from the turn: asked again, the same turn gives the same number. */
export function protocolNumber(turnId: string, day: string): string {
  const digest = createHash('sha256').update(`protocol:${turnId}`).digest()
  return `${day.replaceAll('-', '')}-${String(digest.readUInt32BE(0) % 100_000_000).padStart(8, '0')}`
}
