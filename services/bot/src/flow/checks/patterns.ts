import { repeatsProblem } from '@parley/conversation'
import { isTimeZone } from '@parley/time-zone'
import { compilePattern } from '../pattern.ts'
import type { FlowDraft, Path } from '../reading.ts'
import { comparisons, knownSteps } from './steps.ts'

export function checkPatterns(draft: FlowDraft): void {
  const check = (path: Path, pattern: string) => {
    const why = problemOf(pattern)
    if (why !== undefined) draft.problem(path, 'BAD_PATTERN', `the pattern cannot be used: ${why}`)
  }
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind === 'ask' && step.ask.type === 'text' && step.ask.matches !== undefined)
      check(['steps', name, 'ask', 'matches'], step.ask.matches)
    if (step.kind === 'branch')
      for (const [index, { when }] of step.branch.entries())
        for (const [path, comparison] of comparisons(['steps', name, 'branch', index, 'when'], when))
          if ('matches' in comparison) check([...path, 'matches'], comparison.matches)
  }
  if (draft.head && !isTimeZone(draft.head.time_zone))
    draft.problem(
      ['time_zone'],
      'WRONG_SHAPE',
      `"${draft.head.time_zone}" is no time zone; write it as America/Sao_Paulo`,
    )
}

function problemOf(pattern: string): string | undefined {
  try {
    return repeatsProblem(pattern, compilePattern(pattern).programSize())
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
