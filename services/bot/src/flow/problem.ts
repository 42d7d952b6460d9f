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
  | 'AMBIGUOUS_OPTION'
  | 'BAD_PATTERN'
  | 'BAD_ADDRESS'
  | 'BAD_TEMPLATE'
  | 'ENDLESS_LOOP'
  | 'FLOW_TWICE'

export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.code} ${problem.message}`
}
