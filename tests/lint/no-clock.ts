import type { RuleTester } from 'oxlint/plugins-dev'
import { noOpenLookup } from './no-open-lookup.ts'
import { noUrlPath } from './no-url-path.ts'

type Rule = Parameters<RuleTester['run']>[1]

const message = 'Time is an input of the domain: take it as an argument.'

/** `Date`, also as a property of whatever is global. */
function isDate(callee: object): boolean {
  const { name, property } = callee as { name?: string; property?: { name?: string; value?: unknown } }
  return [name, property?.name, property?.value].includes('Date')
}

/** `new Date()` and `Date()` read the clock, `new Date(instant)` does not: no rule of oxlint itself can tell them apart. */
const noClock: Rule = {
  create: (context) => ({
    NewExpression(node) {
      if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message })
    },
    CallExpression(node) {
      if (isDate(node.callee)) context.report({ node, message })
    },
  }),
}

/** A plugin for `.oxlintrc.json`. */
export default {
  meta: { name: 'parley' },
  rules: { 'no-clock': noClock, 'no-open-lookup': noOpenLookup, 'no-url-path': noUrlPath },
}
