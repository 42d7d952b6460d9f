import { RE2JS } from 're2js'

/**
 * Patterns of flows run on RE2: linear in the length of the text, so what a customer writes cannot stall the robot
 * (a backtracking engine takes minutes for some patterns), times how large the pattern is, which the check of the flow bounds.
 */
const compiled = new Map<string, RE2JS>()

/** @throws when it is no pattern; checked when the flow is read. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known) return known
  const made = RE2JS.compile(pattern)
  compiled.set(pattern, made)
  return made
}

export const matchesPattern = (pattern: string, text: string) => compilePattern(pattern).matcher(text).find()
