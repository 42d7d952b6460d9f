import type { RuleTester } from 'oxlint/plugins-dev'

type Rule = Parameters<RuleTester['run']>[1]

const message =
  'A path of a URL has %20 for a space and leads nowhere: take fileURLToPath, or import.meta.dirname.'

/** As much of a syntax tree as is looked at here. */
interface Syntax {
  readonly type: string
  readonly name?: string
  readonly callee?: Syntax
  readonly object?: Syntax
  readonly property?: Syntax
  readonly arguments?: readonly Syntax[]
}

/** `new URL('…', import.meta.url).pathname`: a file, in a clone whose path has only letters. */
export const noUrlPath: Rule = {
  create: (context) => ({
    MemberExpression(node) {
      const { object: made, property } = node as unknown as Syntax
      const from = made?.arguments?.[1]
      if (
        property?.name === 'pathname' &&
        made?.type === 'NewExpression' &&
        from?.object?.type === 'MetaProperty'
      )
        context.report({ node, message })
    },
  }),
}
