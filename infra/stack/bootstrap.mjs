// Everything `npm start`, `npm test` and the others need before the project's own packages are there. Plain JavaScript
// for Node 20 on, no dependencies. It prints nothing of its own on stdout but test's and ci's last line.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const BIN = join(REPOSITORY, 'node_modules', '.bin')
const NODE = join(BIN, 'node')
const OLDEST_NODE = 20
const OLDEST_JAVA = 17

const say = (text) => process.stderr.write(`${text}\n`)

const fail = (code, what, why, fix) => {
  say(`\n${what} [${code}]\n  why: ${why}\n  fix: ${fix}`)
  process.exit(1)
}

const answers = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout + stderr : undefined
}

const requireNode = () => {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return
  fail(
    'NODE_TOO_OLD',
    `Node ${process.versions.node} is too old`,
    `Parley begins with Node ${OLDEST_NODE} or newer (it brings its own Node 24 along)`,
    'install a newer Node: https://nodejs.org, or your package manager',
  )
}

/** Only what needs a broker asks for one, and before the install, so that nobody waits to learn what is missing. */
const requireKafkaSource = () => {
  if (process.env.KAFKA_BROKERS || answers('docker', ['info']) !== undefined) return
  const java = Number(/(?:openjdk|java) (\d+)/.exec(answers('java', ['--version']) ?? '')?.[1] ?? 0)
  if (java < OLDEST_JAVA) {
    fail(
      'JAVA_MISSING',
      java === 0 ? 'Java is missing' : `Java ${java} is too old`,
      `Docker does not answer, so Kafka runs from its jars, which need Java ${OLDEST_JAVA} or newer`,
      'start Docker, or `apt install default-jdk-headless maven`, or set KAFKA_BROKERS to a cluster you have',
    )
  }
  const cache =
    process.env.PARLEY_CACHE_DIR ??
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'), 'parley')
  if (!existsSync(join(cache, 'kafka-4.4.0')) && answers('mvn', ['--version']) === undefined) {
    fail(
      'MAVEN_MISSING',
      'Maven is missing',
      'Docker does not answer, so Kafka runs from its jars, and Maven fetches them',
      'start Docker, or `apt install maven`, or set KAFKA_BROKERS to a cluster you have',
    )
  }
}

const read = (...path) => {
  try {
    return readFileSync(join(REPOSITORY, ...path), 'utf8')
  } catch {
    return undefined
  }
}

const isInstalled = () =>
  existsSync(NODE) &&
  read('pnpm-lock.yaml') !== undefined &&
  read('pnpm-lock.yaml') === read('node_modules', '.pnpm', 'lock.yaml')

const install = () => {
  if (isInstalled()) return
  const pnpm = JSON.parse(read('package.json')).packageManager
  say(`installing dependencies with ${pnpm} (about 10 s)`)
  const { status, error, stdout, stderr } = spawnSync(
    'npx',
    ['--yes', pnpm, 'install', '--frozen-lockfile'],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: { ...process.env, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  if (status === 0 && existsSync(NODE)) return
  fail(
    'INSTALL_FAILED',
    `\`npx ${pnpm} install --frozen-lockfile\` failed`,
    (error?.message ?? `${stdout}${stderr}`).trim().split('\n').slice(-15).join('\n       '),
    `a registry out of reach: \`npm ping\`; a lockfile that does not match: \`npx ${pnpm} install\`, and commit it`,
  )
}

const environment = () => ({ ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` })

const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0)

/** Our parent and its parent: npm may start us through a shell, and its end reparents the shell, not us. */
const ancestors = () => {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`
  } catch {
    return String(process.ppid)
  }
}

/**
 * Runs a command with our stdio and gives its exit code. Signals are passed on once; Ctrl-C in a terminal reaches the
 * child by itself. With `watched`, the child also learns when this process is gone, and it is ended with npm.
 */
const run = (command, args, { watched = false, env = {} } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: REPOSITORY,
      env: { ...environment(), ...env },
      stdio: watched ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    })
    const before = ancestors()
    const orphaned =
      watched && process.env.npm_lifecycle_event
        ? setInterval(() => {
            if (ancestors() === before) return
            clearInterval(orphaned)
            child.kill('SIGTERM')
          }, 500)
        : undefined
    let passedOnAt = 0
    const passOn = (signal) => {
      const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY
      if (fromTerminal || Date.now() - passedOnAt < 500) return
      passedOnAt = Date.now()
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    const settle = (code) => {
      clearInterval(orphaned)
      for (const signal of signals) process.off(signal, passOn)
      resolve(code)
    }
    child.once('error', (error) => {
      say(`${command}: ${error.message}`)
      settle(127)
    })
    child.once('exit', (code, signal) => settle(exitCodeOf(code, signal)))
  })

const script = (file, args, options) => {
  if (!existsSync(join(REPOSITORY, file))) {
    fail(
      'NOT_HERE_YET',
      `${file} is not in this checkout`,
      'this part of Parley is not there',
      'check out a commit that has it',
    )
  }
  return run(NODE, [file, ...args], options)
}

const TIERS = ['unit', 'integration', 'e2e']

/** Vitest's own count of a tier. A file that could not run, and a crash of the run itself, each count as one failure. */
const countTier = (tier, report, exitCode, mayBeEmpty) => {
  let json
  try {
    json = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    say(`${tier}: the run left no report (exit code ${exitCode})`)
    return { passed: 0, failed: 1 }
  }
  const brokenFiles = json.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = json.numFailedTests + brokenFiles
  if (failed === 0 && exitCode !== 0) {
    say(`${tier}: the run ended with exit code ${exitCode} although no test failed`)
    return { passed: json.numPassedTests, failed: 1 }
  }
  if (json.numPassedTests + failed === 0 && !mayBeEmpty) {
    say(`${tier}: no test ran`)
    return { passed: 0, failed: 1 }
  }
  return { passed: json.numPassedTests, failed }
}

const runTests = async (args) => {
  const sum = { passed: 0, failed: 0 }
  const reports = mkdtempSync(join(tmpdir(), 'parley-test-'))
  try {
    for (const tier of TIERS) {
      const report = join(reports, `${tier}.json`)
      const code = await run(NODE, [
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

const git = (...args) => {
  const { status, stdout } = spawnSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** What was landed before this: the remote's main, or the commit before when we are that main. */
const previousLanding = () => {
  const head = git('rev-parse', 'HEAD')
  return ['origin/main', 'HEAD~1']
    .map((ref) => git('rev-parse', '--verify', '--quiet', ref))
    .find(
      (commit) =>
        commit && commit !== head && git('cat-file', '-e', `${commit}:proto/buf.yaml`) !== undefined,
    )
}

const generatedIsFresh = () => {
  const before = mkdtempSync(join(tmpdir(), 'parley-generated-'))
  const fresh = join(before, 'proto')
  mkdirSync(fresh)
  try {
    const options = { cwd: join(REPOSITORY, 'proto'), env: environment(), encoding: 'utf8' }
    const generated = spawnSync('buf', ['generate', '--output', fresh], options)
    const built = spawnSync(
      'buf',
      ['build', '--exclude-source-info', '-o', join(fresh, 'gen', 'descriptors.binpb')],
      options,
    )
    if (generated.status !== 0 || built.status !== 0) {
      say(generated.stderr + built.stderr)
      return 1
    }
    const { status, stdout } = spawnSync(
      'diff',
      ['-rq', join(REPOSITORY, 'proto', 'gen'), join(fresh, 'gen')],
      { encoding: 'utf8' },
    )
    if (status !== 0) say(`${stdout}\nproto/gen is stale: run \`npx pnpm generate\` and commit what it wrote`)
    return status
  } finally {
    rmSync(before, { recursive: true, force: true })
  }
}

const breaking = () => {
  const landing = previousLanding()
  if (!landing) {
    say('buf breaking: nothing landed before this to compare with')
    return 0
  }
  // proto/format is raised when the wire begins anew, which it may as long as nothing is deployed: then there is nothing to compare.
  const format = (ref) => git('show', `${ref}:proto/format`)
  if (format(landing) !== format('HEAD')) {
    say(`buf breaking: the formats of ${landing} and of HEAD are told apart by proto/format`)
    return 0
  }
  return run(join(BIN, 'buf'), ['breaking', 'proto', '--against', `.git#ref=${landing},subdir=proto`])
}

const CHECKS = {
  lint: () => run(join(BIN, 'oxlint'), ['--type-aware', '--deny-warnings']),
  types: () => run(join(BIN, 'tsc'), ['-p', 'tsconfig.json']),
  format: () => run(join(BIN, 'oxfmt'), ['--check', '.']),
  dependencies: () => run(NODE, ['tests/dependencies/check.ts']),
  'dead code': () => run(join(BIN, 'knip'), ['--no-config-hints']),
  'generated code is fresh': generatedIsFresh,
  'buf lint': () => run(join(BIN, 'buf'), ['lint', 'proto']),
  'buf breaking': breaking,
}

const runChecks = async () => {
  const failed = []
  for (const [name, check] of Object.entries(CHECKS)) {
    say(`── ${name}`)
    if ((await check()) !== 0) failed.push(name)
  }
  say(
    failed.length === 0
      ? `── all ${Object.keys(CHECKS).length} checks are good`
      : `── failed: ${failed.join(', ')}`,
  )
  return { passed: Object.keys(CHECKS).length - failed.length, failed: failed.length }
}

const report = (...sums) => {
  const passed = sums.reduce((total, sum) => total + sum.passed, 0)
  const failed = sums.reduce((total, sum) => total + sum.failed, 0)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed === 0 && passed > 0 ? 0 : 1
}

const CHECK_HELP = `npm run check

Looks at what needs no test to be seen: ${Object.keys(CHECKS).join(', ')}.
All of them run, whatever the others say; exit code 1 when one failed.`

const TEST_HELP = `npm test [-- FILTER … [vitest's options]]

Runs the tests of the tiers ${TIERS.join(', ')}, one after the other; a filter is a part of a file's path.
The last line counts all of them: "N passed, N failed".`

/** \`help\` is for commands that are this file's own; the others say it themselves. */
const COMMANDS = {
  start: { needsKafka: true, run: (args) => script('infra/stack/src/start.ts', args, { watched: true }) },
  stack: { run: (args) => script('infra/stack/src/stack.ts', args) },
  parley: { run: (args) => script('services/bot/src/cli/parley.ts', args) },
  demo: { run: (args) => script('tests/demo/demo.ts', args) },
  bench: { needsKafka: true, run: (args) => script('tests/bench/bench.ts', args) },
  faults: { needsKafka: true, run: (args) => script('tests/faults/faults.ts', args) },
  mutants: { needsKafka: true, run: (args) => script('tests/faults/mutants/run.ts', args) },
  test: { needsKafka: true, help: TEST_HELP, run: async (args) => report(await runTests(args)) },
  check: { help: CHECK_HELP, takes: 'nothing', run: async () => ((await runChecks()).failed === 0 ? 0 : 1) },
  ci: { needsKafka: true, run: async () => report(await runChecks(), await runTests([])) },
}

const [name, ...args] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined
if (!command) {
  say(`usage: node infra/stack/bootstrap.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`)
  process.exit(2)
}
requireNode()
const asksForHelp = args.includes('--help') || args.includes('-h')
if (asksForHelp && command.help) {
  process.stdout.write(`${command.help}\n`)
  process.exit(0)
}
if (command.takes === 'nothing' && args.length > 0) {
  say(`${name}: there is no word or option "${args[0]}" (USAGE)\n\n${command.help}`)
  process.exit(2)
}
if (command.needsKafka && !asksForHelp) requireKafkaSource()
install()
process.exitCode = await command.run(args)
