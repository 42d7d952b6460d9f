import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY, type Sum, run, say } from './run.ts'

export const TIERS = ['unit', 'integration', 'e2e'] as const

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/** Vitest's own count of a tier. A file that could not run, and a crash of the run itself, each count as one failure. */
const countTier = (tier: string, file: string, exitCode: number, mayBeEmpty: boolean): Sum => {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    say(`${tier}: the run left no report (exit code ${exitCode})`)
    return { passed: 0, failed: 1 }
  }
  const passed = report.numPassedTests
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  if (failed === 0 && exitCode !== 0) {
    say(`${tier}: the run ended with exit code ${exitCode} although no test failed`)
    return { passed, failed: 1 }
  }
  if (passed + failed === 0 && !mayBeEmpty) {
    say(`${tier}: no test ran`)
    return { passed: 0, failed: 1 }
  }
  return { passed, failed }
}

/** Runs all tiers, one after the other. @param args filters and options of vitest; with them a tier may have nothing to run */
export const runTests = async (args: readonly string[]): Promise<Sum> => {
  const sum = { passed: 0, failed: 0 }
  const reports = mkdtempSync(join(tmpdir(), 'parley-test-'))
  try {
    for (const tier of TIERS) {
      const report = join(reports, `${tier}.json`)
      const code = await run(process.execPath, [
        join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        `--project=${tier}`,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...(args.length > 0 ? ['--passWithNoTests', ...args] : []),
      ])
      const count = countTier(tier, report, code, args.length > 0)
      sum.passed += count.passed
      sum.failed += count.failed
      if (code > 128) break
    }
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  return sum
}
