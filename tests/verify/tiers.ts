import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { REPOSITORY, type Sum, run, total } from './run.ts'

export const TIERS = ['unit', 'integration', 'e2e'] as const

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Vitest's own count of a tier. A file that could not run, and a crash of the run itself, each count as one failure. */
const countTier = (tier: string, file: string, exitCode: number, mayBeEmpty: boolean): Sum => {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { passed: 0, failed: [`${tier}: the run left no report (exit code ${exitCode})`] }
  }
  const passed = report.numPassedTests
  const failed = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const where = relative(REPOSITORY, name)
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length > 0) return tests.map(({ fullName }) => `${where}: ${fullName}`)
    return status === 'failed' ? [`${where}: the file could not run`] : []
  })
  if (failed.length === 0 && exitCode !== 0)
    return {
      passed,
      failed: [`${tier}: the run ended with exit code ${exitCode} although no test failed`],
    }
  return passed + failed.length === 0 && !mayBeEmpty
    ? { passed, failed: [`${tier}: no test ran`] }
    : { passed, failed }
}

/** Runs all tiers, one after the other. @param args filters and options of vitest; with them a tier may have nothing to run */
export const runTests = async (args: readonly string[]): Promise<Sum> => {
  const counts: Sum[] = []
  const reports = mkdtempSync(join(tmpdir(), 'parley-test-'))
  try {
    for (const tier of TIERS) {
      const report = join(reports, `${tier}.json`)
      const code = await run(
        process.execPath,
        [
          join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs'),
          'run',
          `--project=${tier}`,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${report}`,
          ...(args.length > 0 ? ['--passWithNoTests', ...args] : []),
        ],
        // Each service of a stack has a cache of compiled code of its own, as at any start: one for all would be a slower one.
        tier === 'e2e' ? { NODE_COMPILE_CACHE: '' } : {},
      )
      counts.push(countTier(tier, report, code, args.length > 0))
      if (code > 128) break
    }
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  return total(counts)
}
