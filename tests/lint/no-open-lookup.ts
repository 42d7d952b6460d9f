import type { RuleTester } from 'oxlint/plugins-dev'

type Rule = Parameters<RuleTester['run']>[1]

const message =
  'Text from outside may be "constructor": look it up in a Map, or ask Object.hasOwn before. A record answers with what all objects have.'

const WRAPPERS = new Set(['Readonly', 'Partial'])

interface Named {
  readonly type: string
  readonly name?: string
  readonly typeAnnotation?: { readonly typeAnnotation?: unknown } | null
}

/** `Record<string, …>`, perhaps inside Readonly. */
function isOpenRecord(type: unknown): boolean {
  const reference = type as {
    type?: string
    typeName?: { name?: string }
    typeArguments?: { params?: readonly unknown[] }
  }
  if (reference?.type !== 'TSTypeReference') return false
  const [first] = reference.typeArguments?.params ?? []
  if (WRAPPERS.has(reference.typeName?.name ?? '')) return isOpenRecord(first)
  return reference.typeName?.name === 'Record' && (first as { type?: string })?.type === 'TSStringKeyword'
}

/** A variable or parameter that says `Record<string, …>`, indexed by anything but a literal. */
export const noOpenLookup: Rule = {
  create(context) {
    const open = new Set<string>()
    const asked = new Set<string>()
    const lookups: { readonly name: string; readonly node: never }[] = []
    return {
      Identifier(node) {
        const { name, typeAnnotation } = node as unknown as Named
        if (name !== undefined && isOpenRecord(typeAnnotation?.typeAnnotation)) open.add(name)
      },
      CallExpression(node) {
        const { callee, arguments: given } = node as unknown as {
          callee: { property?: { name?: string } }
          arguments: readonly Named[]
        }
        if (callee.property?.name === 'hasOwn' && given[0]?.name !== undefined) asked.add(given[0].name)
      },
      MemberExpression(node) {
        const { computed, object, property, parent } = node as unknown as {
          computed: boolean
          object: Named
          property: Named
          parent: { type: string; left?: unknown }
        }
        const isWritten = parent.type === 'AssignmentExpression' && parent.left === node
        if (computed && !isWritten && object.name !== undefined && property.type !== 'Literal')
          lookups.push({ name: object.name, node: node as never })
      },
      'Program:exit'() {
        for (const { name, node } of lookups)
          if (open.has(name) && !asked.has(name)) context.report({ node, message })
      },
    }
  },
}
