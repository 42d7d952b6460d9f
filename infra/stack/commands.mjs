// Everything `npm start`, `npm test` and the others need before the project's own packages are there. Plain JavaScript
// for Node 20 on (bootstrap.mjs sees to that), no dependencies. It prints nothing of its own on stdout.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answers, hasBroker, installTools, missingTools } from './tools.mjs'

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const BIN = join(REPOSITORY, 'node_modules', '.bin')
const NODE = join(BIN, 'node')
const OLDEST_JAVA = 17

const say = (text) => process.stderr.write(`${text}\n`)

const fail = (code, what, why, fix) => {
  say(`\n${what} [${code}]\n  why: ${why}\n  fix: ${fix}`)
  process.exit(1)
}

/** Only what needs a broker asks for one, and before the install, so that nobody waits to learn what is missing. */
const requireKafkaSource = () => {
  if (hasBroker()) return
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
    process.env.PARLEY_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'parley')
  if (!existsSync(join(cache, 'kafka-4.4.0')) && answers('mvn', ['--version']) === undefined) {
    fail(
      'MAVEN_MISSING',
      'Maven is missing',
      'Docker does not answer, so Kafka runs from its jars, and Maven fetches them',
      'start Docker, or `apt install maven`, or set KAFKA_BROKERS to a cluster you have',
    )
  }
}

/** A whole run without them would fail after minutes; one of chosen tests may do without, and installs nothing. */
const requireTools = ({ isWhole }) => {
  const missing = isWhole ? installTools(say) : missingTools()
  if (missing === undefined) return
  if (isWhole) fail('TOOLS_MISSING', missing.what, missing.why, missing.fix)
  say(`${missing.what}: ${missing.why}\n  fix: ${missing.fix}\n`)
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
      // Of a terminal that closes npm ends always, for Node undoes what nohup did. Whether the child does, it knows itself.
      if (signal === 'SIGHUP') clearInterval(orphaned)
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

/** What nobody starts anything for answers in under a second: half of that would be compiling what was compiled before, and so would a third of what a test costs. */
const COMPILED = { NODE_COMPILE_CACHE: join(REPOSITORY, 'node_modules', '.cache', 'node') }
const quick = (file) => (args) => script(file, args, { env: COMPILED })
const verify = (which) => (args) => script('tests/verify/verify.ts', [which, ...args], { env: COMPILED })

const COMMANDS = {
  start: { needsKafka: true, run: (args) => script('infra/stack/src/start.ts', args, { watched: true }) },
  stack: { run: quick('infra/stack/src/stack.ts') },
  parley: { run: quick('infra/operator/src/parley.ts') },
  demo: { run: quick('tests/demo/demo.ts') },
  load: { needsKafka: true, run: quick('tests/load/load.ts') },
  bench: { needsKafka: true, run: (args) => script('tests/bench/bench.ts', args) },
  faults: { needsKafka: true, run: (args) => script('tests/faults/faults.ts', args) },
  mutants: { needsKafka: true, run: (args) => script('tests/faults/mutants/run.ts', args) },
  test: { needsKafka: true, needsTools: true, run: verify('test') },
  check: { run: verify('check') },
  ci: { needsKafka: true, needsTools: true, run: verify('ci') },
}

const [name, ...args] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined
if (!command) {
  say(`usage: node infra/stack/bootstrap.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`)
  process.exit(2)
}
// Once installed, what is missing is said by the command itself, after its words and options were understood.
const asksForHelp = args.includes('--help') || args.includes('-h')
if (command.needsTools && !asksForHelp) requireTools({ isWhole: args.length === 0 })
if (command.needsKafka && !asksForHelp && !isInstalled()) requireKafkaSource()
install()
process.exitCode = await command.run(args)
