import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RuleTester } from 'oxlint/plugins-dev'

type Rule = Parameters<RuleTester['run']>[1]

const message =
  'Text from outside may be "constructor": look it up in a Map, or ask Object.hasOwn before. A record answers with what all objects have.'

const WRAPPERS = new Set(['Readonly', 'Partial', 'Required', 'NonNullable'])

/** As much of a syntax tree as is looked at here. */
interface Syntax {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly computed?: boolean
  readonly object?: Syntax
  readonly property?: Syntax
  readonly expression?: Syntax
  readonly key?: Syntax
  readonly id?: Syntax
  readonly init?: Syntax | null
  readonly body?: { readonly body?: readonly Syntax[] }
  readonly types?: readonly Syntax[]
  readonly members?: readonly Syntax[]
  readonly parameters?: readonly Syntax[]
  readonly properties?: readonly Syntax[]
  readonly typeName?: Syntax
  readonly typeArguments?: { readonly params?: readonly Syntax[] } | null
  readonly typeAnnotation?: Syntax | null
  readonly parent?: Syntax
  readonly left?: unknown
  readonly operator?: string
}

/** Of a file that is imported: the properties that are open records, and the names of types that are. */
interface Declared {
  readonly properties: readonly string[]
  readonly types: readonly string[]
}

const declaredIn = new Map<string, Declared>()
const OPEN = String.raw`(?:(?:Readonly|Partial)<)*Record<string,`
const PROPERTY = new RegExp(String.raw`^ +readonly (\w+)\??: ${OPEN}`, 'gm')
const TYPE = new RegExp(String.raw`^export type (\w+) = ${OPEN}`, 'gm')

function declarations(file: string): Declared {
  let declared = declaredIn.get(file)
  if (declared === undefined) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
    declared = { properties: named(PROPERTY), types: named(TYPE) }
    declaredIn.set(file, declared)
  }
  return declared
}

/** What is looked at, without what says nothing about it. */
function bare(node: Syntax | undefined): Syntax | undefined {
  const isWrapped = ['TSNonNullExpression', 'ChainExpression', 'ParenthesizedExpression'].includes(
    node?.type ?? '',
  )
  return isWrapped ? bare(node?.expression) : node
}

/** A name, or the last one of a path: `held.words` is `.words`. */
function nameOf(node: Syntax | undefined): string | undefined {
  const one = bare(node)
  if (one?.type === 'Identifier') return one.name
  if (one?.type === 'MemberExpression' && one.computed !== true) return `.${one.property?.name}`
  return undefined
}

/**
 * A record of any text, indexed by anything but a literal: a variable, parameter or property that is declared as one, in this file or (a
 * property, a type) in one that it imports, by whatever name the type goes there; a part of what is taken apart; what is said to be one (`as`).
 * The plugin is told no types, so names stand for them: what is declared two files away is not seen.
 */
export const noOpenLookup: Rule = {
  create(context) {
    const aliases = new Map<string, Syntax>()
    const openTypes = new Set<string>()
    const open = new Set<string>()
    const declared: { readonly name: string; readonly type: Syntax }[] = []
    const taken: { readonly from: string; readonly name: string }[] = []
    const asked = new Set<string>()
    const lookups: { readonly of: Syntax; readonly node: never }[] = []

    const isOpen = (type: Syntax | null | undefined, depth = 0): boolean => {
      if (type === null || type === undefined || depth > 8) return false
      if (type.type === 'TSTypeAnnotation') return isOpen(type.typeAnnotation, depth)
      if (type.type === 'TSUnionType') return type.types?.some((one) => isOpen(one, depth + 1)) === true
      if (type.type === 'TSTypeLiteral' || type.type === 'TSInterfaceBody')
        return type.members?.some(isIndexOfText) === true
      if (type.type !== 'TSTypeReference') return false
      const name = type.typeName?.name ?? ''
      const [first] = type.typeArguments?.params ?? []
      if (WRAPPERS.has(name)) return isOpen(first, depth + 1)
      if (name === 'Record') return first?.type === 'TSStringKeyword'
      return openTypes.has(name) || isOpen(aliases.get(name), depth + 1)
    }
    const declares = (name: string | undefined, type: Syntax | null | undefined): void => {
      if (name !== undefined && type !== null && type !== undefined) declared.push({ name, type })
    }
    const property = (node: unknown): void => {
      const { key, typeAnnotation } = node as Syntax
      if (key?.name !== undefined) declares(`.${key.name}`, typeAnnotation)
    }
    return {
      ImportDeclaration(node) {
        const from = node.source.value
        if (!from.startsWith('.')) return
        const { properties, types } = declarations(join(dirname(context.filename), from))
        for (const name of properties) open.add(`.${name}`)
        for (const name of types) openTypes.add(name)
      },
      TSTypeAliasDeclaration(node) {
        const { id, typeAnnotation } = node as unknown as Syntax
        if (id?.name !== undefined && typeAnnotation) aliases.set(id.name, typeAnnotation)
      },
      TSInterfaceDeclaration(node) {
        const { id, body } = node as unknown as Syntax
        if (id?.name !== undefined && body?.body?.some(isIndexOfText)) openTypes.add(id.name)
      },
      TSPropertySignature: property,
      PropertyDefinition: property,
      Identifier(node) {
        const { name, typeAnnotation } = node as unknown as Syntax
        declares(name, typeAnnotation)
      },
      VariableDeclarator(node) {
        const { id, init } = node as unknown as Syntax
        const value = bare(init ?? undefined)
        if (value?.type === 'TSAsExpression') declares(id?.name, value.typeAnnotation)
      },
      ObjectPattern(node) {
        for (const { type, key, value } of (node as unknown as Syntax).properties ?? []) {
          const named = value as Syntax | undefined
          const name = named?.type === 'AssignmentPattern' ? (named.left as Syntax).name : named?.name
          if (type === 'Property' && key?.name !== undefined && name !== undefined)
            taken.push({ from: `.${key.name}`, name })
        }
      },
      CallExpression(node) {
        const { callee, arguments: given } = node as unknown as {
          callee: Syntax
          arguments: readonly Syntax[]
        }
        const name = callee.property?.name === 'hasOwn' ? nameOf(given[0]) : undefined
        if (name !== undefined) asked.add(name)
      },
      MemberExpression(node) {
        const { computed, object, property: by, parent } = node as unknown as Syntax
        const isWritten =
          (parent?.type === 'AssignmentExpression' && parent.left === node && parent.operator === '=') ||
          (parent?.type === 'UnaryExpression' && parent.operator === 'delete')
        if (computed === true && !isWritten && object !== undefined && by?.type !== 'Literal')
          lookups.push({ of: object, node: node as never })
      },
      'Program:exit'() {
        for (const { name, type } of declared) if (isOpen(type)) open.add(name)
        for (const { from, name } of taken) if (open.has(from)) open.add(name)
        for (const { of, node } of lookups) {
          const said = bare(of)
          const name = nameOf(said?.type === 'TSAsExpression' ? said.expression : said)
          const isRecord =
            said?.type === 'TSAsExpression'
              ? isOpen(said.typeAnnotation)
              : name !== undefined && open.has(name)
          if (isRecord && !(name !== undefined && asked.has(name))) context.report({ node, message })
        }
      },
    }
  },
}

function isIndexOfText({ type, parameters }: Syntax): boolean {
  if (type !== 'TSIndexSignature') return false
  const annotation = parameters?.[0]?.typeAnnotation
  return (annotation?.typeAnnotation ?? annotation)?.type === 'TSStringKeyword'
}
