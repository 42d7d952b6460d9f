import { didYouMean } from '@parley/authoring'
import type { Condition, Option, Step } from '../flow.ts'
import type { FlowDraft, Path } from '../reading.ts'

interface Way {
  readonly path: Path
  readonly target: string
}

/** Where a step leads, and where the file says so. */
export function ways(name: string, step: Step): Way[] {
  const path = ['steps', name]
  const next = 'next' in step ? [{ path: [...path, 'next'], target: step.next }] : []
  switch (step.kind) {
    case 'ask': {
      const options: Way[] = []
      const choices: readonly Option[] = step.ask.type === 'choice' ? step.ask.options : []
      for (const [index, option] of choices.entries())
        if (option.goto !== undefined)
          options.push({ path: [...path, 'ask', 'options', index, 'goto'], target: option.goto })
      const otherwise =
        step.ask.otherwise === undefined
          ? []
          : [{ path: [...path, 'ask', 'otherwise'], target: step.ask.otherwise }]
      const allLeave = choices.length > 0 && options.length === choices.length
      return [...options, ...otherwise, ...(allLeave ? [] : next)]
    }
    case 'branch':
      return step.branch.map((each, index) => ({
        path: [...path, 'branch', index, 'goto'],
        target: each.goto,
      }))
    case 'call':
      return [...next, { path: [...path, 'call', 'fallback'], target: step.call.fallback }]
    case 'goto':
      return [{ path: [...path, 'goto'], target: step.goto }]
    default:
      return next
  }
}

export function* knownSteps(draft: FlowDraft): Generator<[string, Step]> {
  for (const [name, step] of draft.steps) if (step) yield [name, step]
}

type Comparison = Extract<Condition, { variable: string }>

export function comparisons(path: Path, condition: Condition | undefined): [Path, Comparison][] {
  if (condition === undefined) return []
  if ('and' in condition)
    return condition.and.flatMap((each, index) => comparisons([...path, 'and', index], each))
  if ('or' in condition)
    return condition.or.flatMap((each, index) => comparisons([...path, 'or', index], each))
  if ('not' in condition) return comparisons([...path, 'not'], condition.not)
  return [[path, condition]]
}

export function checkAddresses(draft: FlowDraft): void {
  const names = [...draft.steps.keys()]
  const unknown = (path: Path, target: string) =>
    draft.problem(path, 'UNKNOWN_STEP', `there is no step "${target}"${didYouMean(target, names)}`)
  if (draft.head?.start !== undefined && !draft.steps.has(draft.head.start))
    unknown(['start'], draft.head.start)
  if (draft.head?.menu !== undefined && !draft.steps.has(draft.head.menu)) unknown(['menu'], draft.head.menu)
  for (const [name, step] of knownSteps(draft)) {
    for (const { path, target } of ways(name, step)) {
      if (target === '')
        draft.problem(
          ['steps', name],
          'NO_WAY_ON',
          `nothing comes after "${name}", the last step: give it a next, or end the flow with end or hand_over`,
        )
      else if (!draft.steps.has(target)) unknown(path, target)
    }
    if (step.kind === 'branch') {
      const last = step.branch.at(-1)!
      if (last.when !== undefined)
        draft.problem(
          ['steps', name, 'branch', step.branch.length - 1],
          'NO_WAY_ON',
          'the last way of a branch has no "when": it is for all else',
        )
      for (const [index, each] of step.branch.slice(0, -1).entries())
        if (each.when === undefined)
          draft.problem(
            ['steps', name, 'branch', index],
            'NO_WAY_ON',
            'only the last way of a branch has no "when"; those below it are never taken',
          )
    }
  }
}

export function checkReach(draft: FlowDraft): void {
  // A step of a wrong shape leads nobody knows where: then nothing can be called unreachable.
  if (draft.head === undefined || [...draft.steps.values()].includes(undefined)) return
  const first = draft.head.start ?? [...draft.steps.keys()][0]
  // It is said already, and nothing more can be.
  if (first === undefined || !draft.steps.has(first)) return
  const open = [first, draft.head.menu].filter((name) => name !== undefined)
  const reached = new Set<string>()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = draft.steps.get(name)
    if (reached.has(name) || !step) continue
    reached.add(name)
    for (const way of ways(name, step)) open.push(way.target)
  }
  for (const [name, step] of knownSteps(draft)) {
    if (!reached.has(name))
      draft.problem(['steps', name], 'UNREACHABLE_STEP', `no way leads to the step "${name}"`)
    else if (isEndless(draft, name, step))
      draft.problem(
        ['steps', name],
        'ENDLESS_LOOP',
        `from "${name}" the flow comes back to it without asking anything`,
      )
  }
}

/** Follows the only way on; questions, branches and calls may end a circle. */
function isEndless(draft: FlowDraft, name: string, from: Step): boolean {
  let step: Step | undefined = from
  for (let count = 0; count <= draft.steps.size && step; count += 1) {
    if (step.kind === 'ask' || step.kind === 'branch' || step.kind === 'call') return false
    const target: string | undefined = ways(name, step)[0]?.target
    if (target === undefined) return false
    if (target === name) return true
    step = draft.steps.get(target)
  }
  return false
}
