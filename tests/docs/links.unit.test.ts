import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')
const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: REPOSITORY }).toSorted()]

const withoutCode = (page: string): string =>
  page.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').replaceAll(/`[^`\n]*`/g, '')

/** Targets of `[words](target)` and `![words](target)` that are no web addresses. */
const relativeLinks = (page: string): string[] =>
  [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

/** As GitHub makes them. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...page.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )

/** Why a link leads nowhere; undefined when it leads somewhere. */
const broken = (page: string, link: string): string | undefined => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : relative('.', join(dirname(page), decodeURIComponent(path)))
  if (target.startsWith('..') || !existsSync(join(REPOSITORY, target))) return `${page}: ${link} is not there`
  if (anchor === undefined || !target.endsWith('.md') || anchorsOf(read(target)).has(anchor)) return undefined
  return `${page}: ${target} has no heading #${anchor}`
}

test('every link and picture of README.md and docs leads to a file, and to a heading that it has', () => {
  const links = PAGES.flatMap((page) => relativeLinks(read(page)).map((link) => broken(page, link)))
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter((problem) => problem !== undefined)).toEqual([])
})

/** What people read beside the pages: comments, messages of programs, settings. */
const SOURCES = globSync(
  [
    '{packages,services,infra,tests,config}/**/*.{ts,mjs,js,yaml}',
    'proto/**/*.proto',
    '*.{yml,json}',
    'infra/images/*',
    '.env.example',
    '.ci/*',
  ],
  { cwd: REPOSITORY, exclude: ['**/node_modules/**', '**/dist/**'] },
).filter((file) => file !== 'tests/docs/links.unit.test.ts')

/** Pages that a text names by their path from the root of the repository, and documents outside of it. */
const cited = (text: string): string[] => [
  ...[...text.matchAll(/(?<![\w./-])docs\/[\w./-]*\w/g)].map(([path]) => path),
  ...[...text.matchAll(/\b(?:DESIGN|STYLE|MISSION|WHATSAPP)(?:\.md| §| \d)|\.\.\/shared\//g)].map(
    ([name]) => name,
  ),
]

/** A decision is named by its number alone: docs/adr/0002. */
const isThere = (path: string): boolean =>
  (!path.startsWith('..') && existsSync(join(REPOSITORY, path))) ||
  (/^docs\/adr\/\d{4}$/.test(path) && globSync(`${path}-*.md`, { cwd: REPOSITORY }).length === 1)

test('every page that a source, a setting or another page names is in the repository', () => {
  const files = [...SOURCES, ...PAGES]
  expect(SOURCES.length).toBeGreaterThan(300)
  const missing = files.flatMap((file) =>
    cited(read(file))
      .filter((path) => !isThere(path))
      .map((path) => `${file}: ${path}`),
  )
  expect(missing).toEqual([])
})

test('the search for pages finds what is not there', () => {
  expect(cited('see docs/adr/0002, https://example.com/docs/x and (docs/reference/errors.md).')).toEqual([
    'docs/adr/0002',
    'docs/reference/errors.md',
  ])
  expect(cited('WHATSAPP.md §6, DESIGN §4, DESIGN 9, ../shared/x').map((path) => isThere(path))).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(isThere('docs/adr/0002')).toBe(true)
  expect(isThere('docs/adr/9999')).toBe(false)
})

test('every page is on the map of docs', () => {
  const onMap = new Set(
    relativeLinks(read('docs/README.md')).map((link) => join('docs', link.split('#')[0] ?? '')),
  )
  const adrs = (page: string): boolean => page.startsWith('docs/adr/') && basename(page) !== 'README.md'
  const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !adrs(page))
  expect(pages.filter((page) => !onMap.has(page))).toEqual([])
})

const numbersIn = (text: string): readonly string[] =>
  [...text.matchAll(/\[(\d{4})\]/g)].map(([, number = '']) => number)

test('every decision begins with its date, is in the index by its own title, and says there and itself what superseded it', () => {
  const index = read('docs/adr/README.md').split('\n')
  const decisions = globSync('docs/adr/[0-9]*.md', { cwd: REPOSITORY }).map((path) => {
    const text = read(path)
    const [, number = '', title = ''] = /^# (\d{4}) (.+)/.exec(text) ?? []
    const [, began = '', ended = ''] =
      /^# .+\n\n(\d{4}-\d\d-\d\d\..*)\n\n(?:((?:In part s|S)uperseded by .+)\n\n)?/.exec(text) ?? []
    const [said = ''] = /Supersedes, of .+/.exec(began) ?? []
    return {
      number,
      hasHead: began !== '',
      superseded: numbersIn(said),
      supersededBy: numbersIn(ended),
      line: `| [${number}](${basename(path)}) | ${title}`,
    }
  })
  expect(decisions.length).toBeGreaterThan(30)
  expect(decisions.filter(({ hasHead }) => !hasHead).map(({ number }) => number)).toEqual([])
  const unnamed = decisions.filter(({ line }) => !index.some((each) => each.startsWith(line)))
  expect(unnamed.map(({ line }) => line)).toEqual([])
  const unsaid = decisions.flatMap(({ number, superseded }) =>
    superseded.filter(
      (which) =>
        !index.some((each) => each.startsWith(`| [${which}]`) && each.includes(`[${number}](`)) ||
        !decisions.some((each) => each.number === which && each.supersededBy.includes(number)),
    ),
  )
  expect(unsaid).toEqual([])
})

describe('every runbook', () => {
  test.each(globSync('docs/runbooks/*.md', { cwd: REPOSITORY }))(
    '%s says Meaning, Impact, Diagnosis, Mitigation, in this order',
    (file) => {
      const headings = [...read(file).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
      expect(headings).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
    },
  )

  test.each(globSync('docs/runbooks/*.md', { cwd: REPOSITORY }))('%s is named after its alert', (file) => {
    const [, alert = ''] = /^# (\w+)$/m.exec(read(file)) ?? []
    expect(alert.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase()).toBe(basename(file, '.md'))
  })
})
