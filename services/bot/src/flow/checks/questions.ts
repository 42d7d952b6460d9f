import type { Ask } from '../flow.ts'
import type { FlowDraft } from '../reading.ts'
import { knownSteps } from './steps.ts'

/** Bounds between which there is an answer. */
export function checkQuestions(draft: FlowDraft): void {
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'ask') continue
    const bounds = boundsOf(step.ask)
    if (bounds === undefined) continue
    const [[least, from], [most, to]] = bounds
    if (from !== undefined && to !== undefined && from > to)
      draft.problem(
        ['steps', name, 'ask', least],
        'WRONG_SHAPE',
        `no answer lies between "${least}" (${from}) and "${most}" (${to})`,
      )
  }
}

type Bound = readonly [name: string, value: number | string | undefined]

/** Undefined: its answers have none. */
function boundsOf(ask: Ask): readonly [Bound, Bound] | undefined {
  switch (ask.type) {
    case 'number':
      return [
        ['min', ask.min],
        ['max', ask.max],
      ]
    case 'date':
      return [
        ['not_before', ask.not_before === 'today' ? undefined : ask.not_before],
        ['not_after', ask.not_after === 'today' ? undefined : ask.not_after],
      ]
    case 'text':
      return [
        ['min_length', ask.min_length],
        ['max_length', ask.max_length],
      ]
    default:
      return undefined
  }
}
