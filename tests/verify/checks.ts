import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BIN, REPOSITORY, type Sum, run, say } from './run.ts'

const git = (...args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** What was landed before this: the remote's main, or the commit before when we are that main. */
const previousLanding = (): string | undefined => {
  const head = git('rev-parse', 'HEAD')
  return ['origin/main', 'HEAD~1']
    .map((ref) => git('rev-parse', '--verify', '--quiet', ref))
    .find(
      (commit) =>
        commit && commit !== head && git('cat-file', '-e', `${commit}:proto/buf.yaml`) !== undefined,
    )
}

const generatedIsFresh = (): number => {
  const before = mkdtempSync(join(tmpdir(), 'parley-generated-'))
  const fresh = join(before, 'proto')
  mkdirSync(fresh)
  try {
    const options = { cwd: join(REPOSITORY, 'proto'), encoding: 'utf8' } as const
    const buf = join(BIN, 'buf')
    const generated = spawnSync(buf, ['generate', '--output', fresh], options)
    const descriptors = join(fresh, 'gen', 'descriptors.binpb')
    const built = spawnSync(buf, ['build', '--exclude-source-info', '-o', descriptors], options)
    if (generated.status !== 0 || built.status !== 0) {
      say(generated.stderr + built.stderr)
      return 1
    }
    const { status, stdout } = spawnSync(
      'diff',
      ['-rq', join(REPOSITORY, 'proto', 'gen'), join(fresh, 'gen')],
      { encoding: 'utf8' },
    )
    if (status !== 0) say(`${stdout}\nproto/gen is stale: run \`npm run generate\` and commit what it wrote`)
    return status ?? 1
  } finally {
    rmSync(before, { recursive: true, force: true })
  }
}

const breaking = (): number | Promise<number> => {
  const landing = previousLanding()
  if (!landing) {
    say('buf breaking: nothing landed before this to compare with')
    return 0
  }
  // proto/format is raised when the wire begins anew, which it may as long as nothing is deployed: then there is nothing to compare.
  const format = (ref: string) => git('show', `${ref}:proto/format`)
  if (format(landing) !== format('HEAD')) {
    say(`buf breaking: the formats of ${landing} and of HEAD are told apart by proto/format`)
    return 0
  }
  return run(join(BIN, 'buf'), ['breaking', 'proto', '--against', `.git#ref=${landing},subdir=proto`])
}

/** What runs in a browser is checked against a browser's types, each in its own project. */
const PROJECTS = ['.', 'infra/simulator/src/phone', 'services/console'] as const

const types = async (): Promise<number> => {
  let code = 0
  for (const project of PROJECTS) code = (await run(join(BIN, 'tsc'), ['-p', project])) || code
  return code
}

export const CHECKS: Readonly<Record<string, () => number | Promise<number>>> = {
  lint: () => run(join(BIN, 'oxlint'), ['--type-aware', '--deny-warnings']),
  types,
  format: () => run(join(BIN, 'oxfmt'), ['--check', '.']),
  dependencies: () => run(process.execPath, ['tests/dependencies/check.ts']),
  'dead code': () => run(join(BIN, 'knip'), ['--no-config-hints']),
  'generated code is fresh': generatedIsFresh,
  'buf lint': () => run(join(BIN, 'buf'), ['lint', 'proto']),
  'buf breaking': breaking,
}

/** All of them run, whatever the others say. */
export const runChecks = async (): Promise<Sum> => {
  const failed: string[] = []
  for (const [name, check] of Object.entries(CHECKS)) {
    say(`── ${name}`)
    if ((await check()) !== 0) failed.push(name)
  }
  const count = Object.keys(CHECKS).length
  say(failed.length === 0 ? `── all ${count} checks are good` : `── failed: ${failed.join(', ')}`)
  return { passed: count - failed.length, failed }
}
