// What we take from others: locked, pinned, without scripts, under licences that we may use; and what is known against it.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import {
  type Lockfile,
  type Manifest,
  type Workspace,
  scripted,
  unlicensed,
  unlocked,
  unpinned,
} from './rules.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Installed {
  readonly name?: string
  readonly version?: string
  readonly license?: string | { readonly type: string }
  readonly licenses?: readonly { readonly type: string }[]
}

const lockfile = parse(read('pnpm-lock.yaml')) as Lockfile
const workspace = parse(read('pnpm-workspace.yaml')) as Workspace
const manifests = Object.fromEntries(
  globSync(
    ['package.json', 'proto/package.json', 'tests/package.json', '{packages,services,infra}/*/package.json'],
    { cwd: REPOSITORY },
  ).map((file) => [file, JSON.parse(read(file)) as Manifest]),
)
const licences = Object.fromEntries(
  globSync('node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json', { cwd: REPOSITORY }).flatMap((file) => {
    const { name, version, license, licenses = [] } = JSON.parse(read(file)) as Installed
    if (name === undefined || version === undefined) return []
    const said = typeof license === 'object' ? license.type : license
    // An old form, of several packages: a list of which one is chosen.
    return [[`${name}@${version}`, said ?? licenses.map(({ type }) => type).join(' OR ')]]
  }),
)

const problems = [
  ...unlocked(lockfile),
  ...unpinned(manifests, workspace),
  ...scripted(workspace, lockfile),
  ...unlicensed(licences),
]

const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string }
const audit = spawnSync('npx', ['--yes', packageManager, 'audit', '--prod', '--audit-level=moderate'], {
  cwd: REPOSITORY,
  encoding: 'utf8',
  timeout: 60_000,
})
const answer = `${audit.stdout}${audit.stderr}`
if (audit.status !== 0 && /ERR_PNPM_AUDIT|ENDPOINT|ECONN|ENOTFOUND|ETIMEDOUT/.test(answer))
  say(
    'advisories: the registry at hand does not tell them, so nothing is known of them here; run `pnpm audit --prod` where it does',
  )
else if (audit.status !== 0) problems.push(answer.trim())

say(
  `${Object.keys(lockfile.packages).length} packages of the lockfile, ${Object.keys(licences).length} installed`,
)
for (const problem of problems) say(problem)
process.exitCode = problems.length === 0 ? 0 : 1
