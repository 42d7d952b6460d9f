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

/** Whether something irreversible lies ahead of a step, on a way that does not lead over the menu: what it belongs to can still be called off. */
export function leadsToIrreversible({ steps, menu }: Flow, step: string): boolean {
  if (step === menu) return false
  const open = new Set([step])
  for (const name of open) {
    const one = steps.get(name)!
    if (isIrreversible(one)) return true
    for (const { target } of ways(name, one)) if (target !== menu) open.add(target)
  }
  return false
}

const isIrreversible = (step: Step): boolean =>
  step.kind === 'ask' && step.ask.type === 'choice' && step.ask.irreversible

/** By step, what it and what comes behind it look at and what steps before it set: variables, and for a call the yes to it. */
function needsOf({ steps }: Flow): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = new Map([...steps].map(([name, step]) => [name, [...setBy(step), ...yesesOf(name, steps)]]))
  const isEverSet = new Set([...sets.values()].flat())
  const needs = new Map(
    [...steps].map(([name, step]) => [
      name,
      new Set([...readBy(step), yesTo(name)].filter((one) => isEverSet.has(one))),
    ]),
  )
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false
    for (const [name, step] of steps) {
      const own = needs.get(name)!
      const known = own.size
      for (const { target } of ways(name, step)) {
        const set = target === unsetting(step) ? [] : sets.get(name)!
        for (const one of needs.get(target)!) if (!set.includes(one)) own.add(one)
      }
      isGrowing ||= own.size > known
    }
  }
  return needs
}

/** No variable is called so. */
const yesTo = (call: string) => `yes to ${call}`

/** An irreversible question is the yes to every call behind it, whatever is asked between the two: each of several stands for the others. */
function yesesOf(question: string, steps: Flow['steps']): readonly string[] {
  if (!isIrreversible(steps.get(question)!)) return []
  const behind = new Set([question])
  for (const name of behind) for (const { target } of ways(name, steps.get(name)!)) behind.add(target)
  return [...behind].filter((name) => steps.get(name)!.kind === 'call').map(yesTo)
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
function unsetting(step: Step): string | undefined {
  return step.kind === 'ask' ? step.ask.otherwise : step.kind === 'call' ? step.call.fallback : undefined
}
