import type { RuleTester } from 'oxlint/plugins-dev'
import { noOpenLookup } from './no-open-lookup.ts'

type Rule = Parameters<RuleTester['run']>[1]

const message = 'Time is an input of the domain: take it as an argument.'

/** `new Date()` and `Date()` read the clock, `new Date(instant)` does not: no rule of oxlint itself can tell them apart. */
const noClock: Rule = {
  create: (context) => ({
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0)
        context.report({ node, message })
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') context.report({ node, message })
    },
  }),
}

/** A plugin for `.oxlintrc.json`. */
export default { meta: { name: 'parley' }, rules: { 'no-clock': noClock, 'no-open-lookup': noOpenLookup } }
