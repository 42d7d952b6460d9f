// npm test, npm run check, and what CI runs
import { type Given, type Program, command, runProgram, wholeNumber } from '@parley/authoring'
import { CHECKS, runChecks } from './checks.ts'
import { type Sum, total } from './run.ts'
import { TIERS, runTests } from './tiers.ts'

/** What failed stands at the end: of a whole run it is thousands of lines above. */
const report = (...sums: readonly Sum[]): number => {
  const { passed, failed } = total(sums)
  for (const what of failed) process.stdout.write(`failed: ${what}\n`)
  process.stdout.write(`${passed} passed, ${failed.length} failed\n`)
  return failed.length === 0 && passed > 0 ? 0 : 1
}

const TEST_OPTIONS = {
  testNamePattern: { type: 'string', short: 't', value: 'PATTERN', does: 'only tests of such names' },
  update: { type: 'boolean', short: 'u', default: false, does: 'takes the snapshots anew' },
  bail: { type: 'string', value: 'N', does: 'ends a tier after N failures' },
} as const

const optionsOfVitest = ({
  testNamePattern,
  update,
  bail,
}: Given<typeof TEST_OPTIONS>['values']): string[] => [
  ...(testNamePattern === undefined ? [] : [`--testNamePattern=${testNamePattern}`]),
  ...(update ? ['--update'] : []),
  ...(bail === undefined ? [] : [`--bail=${wholeNumber('--bail', bail, 1_000_000)}`]),
]

export const TEST: Program = {
  call: 'npm test',
  command: command({
    does: `Runs the tests of the tiers ${TIERS.join(', ')}, one after the other; a filter is a part of a file's path.
The last line counts all of them: "N passed, N failed"; before it stands each that failed.`,
    words: '[FILTER…]',
    options: TEST_OPTIONS,
    notes: 'For other options of vitest: `npx vitest --project unit …`.',
    run: async ({ words, values }) => report(await runTests([...words, ...optionsOfVitest(values)])),
  }),
}

export const CHECK: Program = {
  call: 'npm run check',
  command: command({
    does: `Looks at what needs no test to be seen: ${Object.keys(CHECKS).join(', ')}.
All of them run, whatever the others say; exit code 1 when one failed.`,
    run: async () => ((await runChecks()).failed.length === 0 ? 0 : 1),
  }),
}

const CI: Program = {
  call: '.ci/run',
  command: command({
    does: 'All checks, then all tests. The last line counts both: "N passed, N failed".',
    run: async () => report(await runChecks(), await runTests([])),
  }),
}

if (import.meta.main) {
  const [which, ...args] = process.argv.slice(2)
  process.exitCode = await runProgram({ test: TEST, check: CHECK }[which ?? ''] ?? CI, args)
}
