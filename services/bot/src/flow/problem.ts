/** One thing that is wrong with a flow file, or that its author should look at: where, what, and how to put it right. */
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
  | 'UNEVEN_TRANSLATION'
  | 'WHATSAPP_LIMIT'
  | 'ID_USED_TWICE'
  | 'AMBIGUOUS_OPTION'
  | 'BAD_PATTERN'
  | 'BAD_ADDRESS'
  | 'BAD_TEMPLATE'
  | 'ENDLESS_LOOP'
  | 'FLOW_TWICE'

/** What is not wrong, and will puzzle customers: the flow is played all the same. */
const WARNINGS: ReadonlySet<ProblemCode> = new Set(['AMBIGUOUS_OPTION', 'UNEVEN_TRANSLATION'])
export const isWarning = ({ code }: Problem): boolean => WARNINGS.has(code)

export function formatProblem(problem: Problem): string {
  const { file, line, column, code, message } = problem
  return `${file}:${line}:${column} ${isWarning(problem) ? 'warning ' : ''}${code} ${message}`
}
