import { didYouMean } from '@parley/authoring'
import type { Ask } from '../flow.ts'
import type { FlowDraft } from '../reading.ts'
import { comparisons, knownSteps } from './steps.ts'

/** What an answer is compared with must be something that it can be: else the way is never taken, and nothing says so. */
export function checkComparisons(draft: FlowDraft): void {
  const asked = askedAlone(draft)
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'branch') continue
    for (const [index, { when }] of step.branch.entries())
      for (const [path, comparison] of comparisons(['steps', name, 'branch', index, 'when'], when)) {
        const { variable } = comparison
        const questions = asked.get(variable) ?? []
        const wrong = valuesOf(comparison, questions).flatMap(
          (value) => mistakeIn(value, variable, questions) ?? [],
        )
        if (wrong.length > 0) draft.problem(path, 'WRONG_SHAPE', wrong[0]!)
      }
  }
}

/** The questions of each variable that nothing but questions sets. */
function askedAlone(draft: FlowDraft): ReadonlyMap<string, readonly Ask[]> {
  const asked = new Map<string, Ask[]>()
  const others = new Set<string>()
  for (const [, step] of knownSteps(draft)) {
    if (step.kind === 'ask') asked.set(step.ask.into, [...(asked.get(step.ask.into) ?? []), step.ask])
    if (step.kind === 'set') for (const variable of Object.keys(step.set)) others.add(variable)
    if (step.kind === 'call') for (const variable of Object.keys(step.call.save)) others.add(variable)
  }
  for (const variable of others) asked.delete(variable)
  return asked
}

type Comparison = ReturnType<typeof comparisons>[number][1]

/** What the answer may have to be, or to lie beyond: stars of 1 to 5 that are more than 2.5, though no option is. */
function valuesOf(comparison: Comparison, questions: readonly Ask[]): readonly (string | number | boolean)[] {
  if ('equals' in comparison) return [comparison.equals]
  if ('in' in comparison) return comparison.in
  if (!('greater' in comparison) || questions.some(({ type }) => type === 'choice')) return []
  return [comparison.greater]
}

function mistakeIn(
  value: string | number | boolean,
  variable: string,
  questions: readonly Ask[],
): string | undefined {
  const written = String(value)
  const [type, another] = new Set(questions.map((ask) => ask.type))
  // Refused as it is: see `checkVariables`.
  if (another !== undefined) return undefined
  switch (type) {
    case 'choice': {
      const ids = questions.flatMap((ask) => (ask.type === 'choice' ? ask.options.map(({ id }) => id) : []))
      return ids.includes(written)
        ? undefined
        : `"${written}" is no option of "${variable}"${didYouMean(written, ids) || `; there are: ${ids.join(', ')}`}`
    }
    case 'number':
      return written.trim() !== '' && Number.isFinite(Number(written))
        ? undefined
        : `"${variable}" is asked as a number, and "${written}" is none`
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(written)
        ? undefined
        : `"${variable}" is asked as a date, and "${written}" is no day such as 2026-11-20`
    default:
      return undefined
  }
}
