import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

const sources = new Map(
  globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: REPOSITORY })
    .filter((file) => !/\.test\.ts$|\.fixture\.ts$|\.contract\.ts$|node_modules/.test(file))
    .map((file) => [file, read(file)]),
)

/** What makes an instrument: the API, and `durations`, which hands its own argument on to it. */
const MADE =
  /(?<!function )\b(?:create(?:Observable)?(?:Counter|UpDownCounter|Histogram|Gauge)|durations)\(\s*([^,\s)]+)/g
const HANDED_ON = 'name'

const made = [...sources].flatMap(([file, source]) =>
  [...source.matchAll(MADE)].map(([, argument = '']) => ({ file, argument })),
)
const measured = new Set(
  made.filter(({ argument }) => argument !== HANDED_ON).map(({ argument }) => argument.slice(1, -1)),
)
const explained = new Set(
  [...read('docs/reference/telemetry.md').matchAll(/^\| `([a-z0-9]+(?:\.[a-z0-9_]+)+)` \|/gm)].map(
    ([, name = '']) => name,
  ),
)

test('every metric that is measured is explained', () => {
  expect(measured.size).toBeGreaterThan(8)
  expect([...measured].filter((name) => !explained.has(name))).toEqual([])
})

test('every metric that is explained is measured', () => {
  expect([...explained].filter((name) => !measured.has(name))).toEqual([])
})

test('metrics are named where they are made, so that a search finds them', () => {
  const hidden = made.filter(
    ({ file, argument }) =>
      !/^'[a-z0-9_.]+'$/.test(argument) &&
      !(file.endsWith('service/src/telemetry/metrics.ts') && argument === HANDED_ON),
  )
  expect(hidden).toEqual([])
})
