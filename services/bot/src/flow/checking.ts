import { YamlFile } from '@parley/authoring'
import { checkCalls } from './checks/calls.ts'
import { checkComparisons } from './checks/comparisons.ts'
import { checkMessages, checkSays } from './checks/messages.ts'
import { checkIds, checkNames } from './checks/options.ts'
import { checkPatterns } from './checks/patterns.ts'
import { checkQuestions } from './checks/questions.ts'
import { checkAddresses, checkReach } from './checks/steps.ts'
import { checkVariables } from './checks/variables.ts'
import type { Flow } from './flow.ts'
import { type Problem, isWarning } from './problem.ts'
import { flowOf, readDraft } from './reading.ts'

export type CheckedFlow = { readonly warnings: readonly Problem[] } & (
  | { readonly flow: Flow; readonly problems: readonly [] }
  | { readonly flow: undefined; readonly problems: readonly Problem[] }
)

/**
 * All that is wrong with a file, at once; or the flow. Never both: nothing half-good is played. Warnings stand beside either.
 * @param environment values of FLOW_… names, where they are known: the addresses that begin with them are looked at too
 */
export function checkFlow(
  file: string,
  source: string,
  environment: Readonly<Record<string, string>> = {},
): CheckedFlow {
  const draft = readDraft(file, source)
  checkAddresses(draft)
  checkVariables(draft)
  checkMessages(draft)
  checkSays(draft)
  checkIds(draft)
  checkNames(draft)
  checkPatterns(draft)
  checkQuestions(draft)
  checkComparisons(draft)
  checkCalls(draft, environment)
  checkReach(draft)
  const found = draft.problems.toSorted((left, right) => left.line - right.line || left.column - right.column)
  const warnings = found.filter(isWarning)
  const problems = found.filter((problem) => !isWarning(problem))
  const flow = problems.length === 0 ? flowOf(draft) : undefined
  return flow ? { flow, problems: [], warnings } : { flow: undefined, problems, warnings }
}

export interface FlowSource {
  readonly file: string
  readonly source: string
  readonly flow: Flow
}

/** Of what is loaded together: a conversation names its flow, and would find the one or the other. */
export function twinsIn(flows: readonly FlowSource[]): readonly Problem[] {
  return flows.flatMap(({ file, source, flow }, at) => {
    const twin = flows.slice(0, at).find((before) => before.flow.id === flow.id)
    if (twin === undefined) return []
    const place = new YamlFile(source).placeOf(['flow'], 'value')
    return [{ file, ...place, code: 'FLOW_TWICE', message: `the flow "${flow.id}" is in ${twin.file} too` }]
  })
}

/** A flow that was checked by the code of its own day: only what the interpreter needs must still hold. */
export function rereadFlow(source: string): Flow | undefined {
  return flowOf(readDraft('', source))
}
