import leven from 'leven'

/** One thing that is wrong with a flow file: where, what, and how to put it right. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly code: ProblemCode
  readonly message: string
}

export type ProblemCode =
  | 'NOT_YAML'
  | 'WRONG_SHAPE'
  | 'MISSING_TRANSLATION'
  | 'UNKNOWN_STEP'
  | 'UNREACHABLE_STEP'
  | 'NO_WAY_ON'
  | 'UNKNOWN_VARIABLE'
  | 'WHATSAPP_LIMIT'
  | 'ID_USED_TWICE'
  | 'BAD_PATTERN'
  | 'BAD_ADDRESS'
  | 'BAD_TEMPLATE'
  | 'ENDLESS_LOOP'
  | 'FLOW_TWICE'

export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.code} ${problem.message}`
}

/** `; did you mean "menu"?`, when one of the known words is near enough. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance)[0]
  // Two letters changed places count as two changes.
  const near = Math.min(Math.max(2, Math.floor(word.length / 3)), word.length - 1)
  if (nearest === undefined || nearest.distance > near) return ''
  return `; did you mean "${nearest.candidate}"?`
}
