import { comparisons, ways } from './checks/steps.ts'
import type { Flow, Step } from './flow.ts'
import { placeholders } from './templates.ts'

/**
 * Where a flow goes on at this step for a customer whose answers are gone: there, or, where it needs one of them (or a call behind it the yes
 * to an irreversible question), at the nearest step on the way there that needs none. Else it would show a summary of nothing, and register it.
 */
export function goesOnAt(flow: Flow, step: string): string {
  const needs = needsOf(flow)
  const optional = needs.get(flow.start)!
  const open = [step]
  for (const name of open) {
    if ([...needs.get(name)!].every((variable) => optional.has(variable))) return name
    for (const [before, one] of flow.steps)
      if (!open.includes(before) && ways(before, one).some(({ target }) => target === name)) open.push(before)
  }
  return flow.start
}

/** By step, the variables that it and what comes behind it look at and that steps before it set. */
function needsOf({ steps }: Flow): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map([...steps].map(([name, step]) => [name, new Set(readBy(step))]))
  for (const step of steps.values())
    if (step.kind === 'ask' && step.ask.type === 'choice' && step.ask.irreversible)
      for (const call of callsBehind(step, steps)) needs.get(call)!.add(step.ask.into)
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false
    for (const [name, step] of steps) {
      const own = needs.get(name)!
      const known = own.size
      for (const { target } of ways(name, step))
        for (const variable of needs.get(target)!) if (!isSet(variable, step, target)) own.add(variable)
      isGrowing ||= own.size > known
    }
  }
  const set = new Set([...steps.values()].flatMap(setBy))
  return new Map([...needs].map(([name, all]) => [name, new Set([...all].filter((one) => set.has(one)))]))
}

function callsBehind(question: Step, steps: Flow['steps']): readonly string[] {
  const open = ways('', question).map(({ target }) => target)
  for (const name of open) {
    const step = steps.get(name)!
    if (step.kind === 'ask') continue
    for (const { target } of ways(name, step)) if (!open.includes(target)) open.push(target)
  }
  return open.filter((name) => steps.get(name)!.kind === 'call')
}

function readBy(step: Step): readonly string[] {
  const looksAt =
    step.kind === 'branch'
      ? step.branch.flatMap(({ when }) => comparisons([], when)).map(([, { variable }]) => variable)
      : step.kind === 'choose_language' && typeof step.choose === 'object'
        ? [step.choose.variable]
        : []
  return [...looksAt, ...placeholders(JSON.stringify(step))]
}

function setBy(step: Step): readonly string[] {
  if (step.kind === 'ask') return [step.ask.into]
  if (step.kind === 'set') return Object.keys(step.set)
  return step.kind === 'call' ? Object.keys(step.call.save) : []
}

/** Who does not answer, and a call that fails, set nothing. */
function isSet(variable: string, step: Step, target: string): boolean {
  const otherwise =
    step.kind === 'ask' ? step.ask.otherwise : step.kind === 'call' ? step.call.fallback : undefined
  return target !== otherwise && setBy(step).includes(variable)
}
