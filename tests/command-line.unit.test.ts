import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

// Each starts a process, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const COMMANDS = ['demo/demo.ts', 'bench/bench.ts', 'faults/faults.ts', 'faults/mutants/run.ts']

/** In an empty folder, where there is no stack and nothing to read. */
function run(command: string, ...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'parley-command-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const file = join(import.meta.dirname, command)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd, encoding: 'utf8' })
  return { status, stdout, stderr, left: readdirSync(cwd) }
}

test.each(COMMANDS)(
  '%s --help says how it is used, and does nothing else',
  { timeout: 60_000 },
  (command) => {
    const { status, stdout, stderr, left } = run(command, '--help')
    expect({ status, stderr, left }).toEqual({ status: 0, stderr: '', left: [] })
    expect(stdout).toMatch(/^npm run \w+/)
  },
)

test('an option that is not there is met with the nearest one, before anything begins', () => {
  const { status, stderr } = run('demo/demo.ts', '--cutsomers', '3')
  expect(status).toBe(2)
  expect(stderr).toContain('BAD_OPTION: there is no --cutsomers: did you mean --customers?')
})

test('a word that is not there is met with the nearest one', () => {
  expect(run('bench/bench.ts', 'trun').stderr).toContain('there is no "trun": did you mean turn?')
})

test('a number out of its range names the range', () => {
  expect(run('demo/demo.ts', '--customers', '0').stderr).toContain('from 1 to 10000, not "0"')
})
