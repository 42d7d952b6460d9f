import type { Condition } from './flow.ts'
import { matchesPattern } from './pattern.ts'
import type { Value } from './understanding.ts'

/** A variable that was never set is equal to nothing, in nothing, greater than nothing. */
export function holds(condition: Condition, valueOf: (variable: string) => Value | undefined): boolean {
  if ('and' in condition) return condition.and.every((each) => holds(each, valueOf))
  if ('or' in condition) return condition.or.some((each) => holds(each, valueOf))
  if ('not' in condition) return !holds(condition.not, valueOf)
  const value = valueOf(condition.variable)
  if (value === undefined) return false
  if ('equals' in condition) return same(value, condition.equals)
  if ('in' in condition) return condition.in.some((each) => same(value, each))
  if ('matches' in condition) return matchesPattern(condition.matches, String(value))
  return greater(value, condition.greater)
}

const same = (left: Value, right: Value) => String(left) === String(right)

/** Numbers by size; all else (dates are 2026-11-20) by alphabet. */
function greater(left: Value, right: Value): boolean {
  const [leftNumber, rightNumber] = [asNumber(left), asNumber(right)]
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber > rightNumber
  return String(left) > String(right)
}

function asNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined
}
