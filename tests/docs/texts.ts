// Makes docs/reference/texts.md: `node tests/docs/texts.ts`
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseAst } from 'vitest/node'
import { parse as parseYaml } from 'yaml'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const LANGUAGES = ['pt', 'en', 'bn'] as const
type Language = (typeof LANGUAGES)[number]

/** A text under its name in the source; `{…}` stands for what is filled in. */
type Leaves = Map<string, string>

export interface TextRow {
  readonly name: string
  readonly texts: Readonly<Record<Language, string>>
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)
const isLanguage = (name: string): name is Language => (LANGUAGES as readonly string[]).includes(name)
const joined = (...parts: readonly string[]) => parts.filter((part) => part !== '').join('.')

/** `as const`, `satisfies …` and brackets change no text. */
const bare = (node: Node): Node =>
  /^TS(As|Satisfies|NonNull)Expression$|^ParenthesizedExpression$/.test(node.type) &&
  isNode(node['expression'])
    ? bare(node['expression'])
    : node

const wordIn = (value: unknown): string => (typeof value === 'string' ? value : '')

const keyOf = (node: Node): string => {
  const key = node['key']
  return isNode(key) ? wordIn(key['name']) || wordIn(key['value']) : ''
}

/** The properties of an object that are texts in each language, if it is one. */
const byLanguage = (node: Node): ReadonlyMap<Language, Node> | undefined => {
  if (node.type !== 'ObjectExpression') return undefined
  const found = new Map<Language, Node>()
  for (const property of node['properties'] as Node[]) {
    const name = keyOf(property)
    // `{ pt, en, bn }` only gathers what is written elsewhere.
    if (isLanguage(name) && isNode(property['value']) && property['value'].type !== 'Identifier')
      found.set(name, property['value'])
  }
  return found.size === LANGUAGES.length ? found : undefined
}

/** What people read has a letter; codes, tags and what words are compared with are none of it. */
const isText = (text: string) => /\p{L}/u.test(text) && !/^(pt|en|bn)(-[A-Z]{2})?$/.test(text)

/** All texts below a node; several under one name, as in a function that chooses, are the lines of one. */
const leavesIn = (root: Node, source: string): Leaves => {
  const found: { name: string; text: string }[] = []
  const visit = (outer: Node, name: string, isElement = false): void => {
    const node = bare(outer)
    switch (node.type) {
      case 'Literal':
        if (typeof node['value'] === 'string' && isText(node['value']))
          found.push({ name, text: node['value'] })
        return
      case 'TemplateLiteral': {
        const quasis = (node['quasis'] as Node[]).map(({ value }) => (value as { cooked: string }).cooked)
        const holes = (node['expressions'] as Node[]).map(({ start, end }) => source.slice(start, end))
        const text = quasis
          .map((quasi, at) => quasi + (at < holes.length ? `{${holeOf(holes[at]!)}}` : ''))
          .join('')
        if (isText(quasis.join('')) || holes.length > 2) found.push({ name, text })
        for (const expression of node['expressions'] as Node[]) visit(expression, name)
        return
      }
      case 'Property':
        if (isNode(node['value'])) visit(node['value'], joined(name, keyOf(node)))
        return
      case 'ArrayExpression': {
        const elements = (node['elements'] as Node[]).map(bare)
        const [first, second, ...more] = elements
        // An entry of a Map.
        if (isElement && more.length === 0 && first?.type === 'Literal' && second?.type === 'Literal')
          return visit(second, joined(name, String(first['value'])))
        for (const element of elements) visit(element, name, true)
        return
      }
      case 'BinaryExpression':
        if (/^[=!]==?$/.test(String(node['operator']))) return
        break
      case 'CallExpression':
        // `.replace('x', …)`, `.get('x')`, and regular expressions: the arguments are no texts.
        if (isNode(node['callee'])) visit(node['callee'], name)
        for (const argument of node['arguments'] as Node[])
          if (bare(argument).type !== 'Literal') visit(argument, name)
        return
      default:
        if (node.type.startsWith('TS')) return
    }
    for (const child of childrenOf(node)) visit(child, name)
  }
  visit(root, '')
  const leaves: Leaves = new Map()
  for (const { name, text } of found) leaves.set(name, [leaves.get(name), text].filter(Boolean).join('\n'))
  return leaves
}

/** What is filled in, where its name says it; `…` for a calculation. */
const holeOf = (expression: string) =>
  /^[\w.]+$/.test(expression) ? (expression.split('.').at(-1) ?? '') : '…'

const rowsOf = (name: string, leaves: Readonly<Record<Language, Leaves>>): TextRow[] => {
  const names = new Set(LANGUAGES.flatMap((language) => [...leaves[language].keys()]))
  return [...names].map((leaf) => ({
    name: joined(name, leaf) || name,
    texts: Object.fromEntries(
      LANGUAGES.map((language) => [language, leaves[language].get(leaf) ?? '']),
    ) as TextRow['texts'],
  }))
}

const inEach = (of: (language: Language) => Leaves): Record<Language, Leaves> => ({
  pt: of('pt'),
  en: of('en'),
  bn: of('bn'),
})

/** Objects with a text in each language, and constants that are called after a language. */
const rowsOfModule = (source: string): TextRow[] => {
  const rows: TextRow[] = []
  const constants = new Map<Language, Node>()
  const visit = (outer: Node, name: string): void => {
    const node = bare(outer)
    if (node.type === 'VariableDeclarator' && isNode(node['id']) && isNode(node['init'])) {
      const called = wordIn(node['id']['name'])
      if (isLanguage(called)) constants.set(called, node['init'])
      else visit(node['init'], joined(name, called))
      return
    }
    const each = byLanguage(node)
    if (each !== undefined) {
      rows.push(
        ...rowsOf(
          name,
          inEach((language) => leavesIn(each.get(language)!, source)),
        ),
      )
      return
    }
    const inner = node.type === 'Property' ? joined(name, keyOf(node)) : name
    for (const child of childrenOf(node)) visit(child, inner)
  }
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, '')
  if (constants.size === LANGUAGES.length)
    rows.push(
      ...rowsOf(
        '',
        inEach((language) => leavesIn(constants.get(language)!, source)),
      ),
    )
  return rows
}

/** A file a language, as `words/pt.ts`: their constants are the same. */
const rowsOfFolder = (folder: string): TextRow[] => {
  const leavesOf = (language: Language): Leaves => {
    const source = readFileSync(join(REPOSITORY, folder, `${language}.ts`), 'utf8')
    const declared: Leaves = new Map()
    const program = parseAst(source, { lang: 'ts' }) as unknown as Node
    const visit = (node: Node): void => {
      if (node.type === 'VariableDeclarator' && isNode(node['id']) && isNode(node['init'])) {
        const called = wordIn(node['id']['name'])
        for (const [name, text] of leavesIn(node['init'], source))
          declared.set(joined(isLanguage(called) ? '' : called, name), text)
      } else if (!node.type.startsWith('Import')) childrenOf(node).forEach(visit)
    }
    visit(program)
    return declared
  }
  return rowsOf('', inEach(leavesOf))
}

const rowsOfYaml = (file: string): TextRow[] => {
  const flat = (value: unknown, name = ''): [string, string][] => {
    if (typeof value === 'string') return [[name, value.trim()]]
    // Words that mean the same: each language has its own many.
    if (Array.isArray(value)) return [[name, value.join(' · ')]]
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, joined(name, key)))
  }
  const rows: TextRow[] = []
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null) return
    const each = value as Readonly<Record<string, unknown>>
    if (LANGUAGES.every((language) => Object.hasOwn(each, language)))
      rows.push(
        ...rowsOf(
          name,
          inEach((language) => new Map(flat(each[language]))),
        ),
      )
    else for (const [key, inner] of Object.entries(each)) visit(inner, joined(name, key))
  }
  visit(parseYaml(readFileSync(join(REPOSITORY, file), 'utf8')), '')
  return rows
}

/** Where people read what we wrote, in the order in which a customer meets it. */
const PLACES: readonly { readonly title: string; readonly belongs: (file: string) => boolean }[] = [
  { title: 'What the company says', belongs: (file) => /^config\/(company|workforce)\.yaml$/.test(file) },
  { title: 'What the robot says by itself', belongs: (file) => file.startsWith('services/bot/') },
  { title: 'The flows', belongs: (file) => file.startsWith('config/flows/') },
  {
    title: 'What the rules say',
    belongs: (file) =>
      file.startsWith('services/routing/') || file === 'packages/workforce/src/opening-words.ts',
  },
  { title: 'The transcript', belongs: (file) => file.startsWith('services/archive/') },
  { title: 'The console and the audit', belongs: (file) => file.startsWith('services/agent/') },
  { title: 'The desk', belongs: (file) => file.startsWith('services/console/') },
  { title: 'The simulated phone', belongs: (file) => file.startsWith('infra/simulator/') },
  { title: 'Everything else', belongs: () => true },
]

/** Every file that has a text in each language, with its texts. */
export const allTexts = (): ReadonlyMap<string, readonly TextRow[]> => {
  const sources = globSync('{packages,services,infra}/**/src/**/*.{ts,js}', {
    cwd: REPOSITORY,
    exclude: ['**/node_modules/**'],
  })
    .filter((file) => !/\.(test|fixture|contract)\.ts$|\/(testing|fixtures|tally)\//.test(file))
    .toSorted()
  const isOfFolder = (file: string) =>
    isLanguage(basename(file, '.ts')) && sources.includes(join(dirname(file), 'pt.ts'))
  const found = new Map<string, readonly TextRow[]>()
  for (const file of globSync('config/**/*.yaml', { cwd: REPOSITORY }).toSorted())
    found.set(file, rowsOfYaml(file))
  for (const file of sources) {
    const source = readFileSync(join(REPOSITORY, file), 'utf8')
    if (isOfFolder(file)) found.set(`${dirname(file)}/{pt,en,bn}.ts`, rowsOfFolder(dirname(file)))
    else if (/\bbn\b/.test(source)) found.set(file, rowsOfModule(source))
  }
  return new Map([...found].filter(([, rows]) => rows.length > 0))
}

const cell = (text: string) =>
  text.trim() === ''
    ? '—'
    : text.trim().replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\n+/g, '<br>')

export const textsPage = (): string => {
  const left = new Map(allTexts())
  const lines = [
    '# Texts',
    '',
    'Every text that customers, agents and auditors read, in its three languages side by side, for translators. `{…}` is filled in.',
    'The page is made from the sources by `node tests/docs/texts.ts`, and a test holds it to them: correct a text where it stands.',
    '',
    'Portuguese is that of Brazil, with "você"; English is plain and short; Bengali is that of Bangladesh, with "আপনি", greets with স্বাগতম,',
    'which fits every audience, and says সঙ্গে. Times are said as people say them: 9h, 9:00, সকাল ৯টা. The person behind the robot is *atendente*,',
    '*agent*, *এজেন্ট*, the word that customers write to be given one; the machine is *robô*, *robot*, *রোবট*.',
  ]
  for (const { title, belongs } of PLACES) {
    const files = [...left].filter(([file]) => belongs(file))
    if (files.length > 0) lines.push('', `## ${title}`)
    for (const [file, rows] of files) {
      left.delete(file)
      lines.push(
        '',
        `### \`${file}\``,
        '',
        '| text | Português | English | বাংলা |',
        '| --- | --- | --- | --- |',
      )
      for (const { name, texts } of rows)
        lines.push(`| \`${name}\` | ${LANGUAGES.map((language) => cell(texts[language])).join(' | ')} |`)
    }
  }
  return `${lines.join('\n')}\n`
}

export const TEXTS_PAGE = join(REPOSITORY, 'docs', 'reference', 'texts.md')

if (import.meta.main) writeFileSync(TEXTS_PAGE, textsPage())
