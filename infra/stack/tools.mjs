// What the tests need of the machine, beside Node: looked at before anything runs, and installed where we may. Plain
// JavaScript for Node 20 on, like commands.mjs, for it runs before the install.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const answers = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout + stderr : undefined
}

/** Nobody has to start Kafka from its jars. */
export const hasBroker = () => Boolean(process.env.KAFKA_BROKERS) || answers('docker', ['info']) !== undefined

const hasFont = (part) => (answers('fc-list', []) ?? '').toLowerCase().includes(part)
const hasBrowser = () => existsSync(process.env.CHROMIUM_PATH ?? '/usr/bin/chromium')

/** @type {readonly { for: string, packages: string[], isHere: () => boolean }[]} */
const TOOLS = [
  { for: 'tests in a real browser (or set CHROMIUM_PATH)', packages: ['chromium'], isHere: hasBrowser },
  { for: 'pages in Bengali', packages: ['fontconfig', 'fonts-noto-core'], isHere: () => hasFont('bengali') },
  { for: 'emoji on pages', packages: ['fonts-noto-color-emoji'], isHere: () => hasFont('emoji') },
  {
    for: 'the second program that verifies transcripts',
    packages: ['python3-venv'],
    isHere: () => answers('python3', ['-c', 'import ensurepip, venv']) !== undefined,
  },
  {
    for: 'the check of generated code',
    packages: ['diffutils'],
    isHere: () => answers('diff', ['--version']) !== undefined,
  },
  {
    for: 'Kafka from its jars',
    packages: ['default-jdk-headless'],
    isHere: () => answers('java', ['--version']) !== undefined || hasBroker(),
  },
  {
    for: 'the jars',
    packages: ['maven'],
    isHere: () => answers('mvn', ['--version']) !== undefined || hasBroker(),
  },
]

const packagesOf = (tools) => tools.flatMap((tool) => tool.packages)

const advice = (tools, failure) => {
  const packages = packagesOf(tools)
  return {
    what: `${packages.join(', ')} ${packages.length === 1 ? 'is' : 'are'} missing`,
    why: failure ?? `needed for ${tools.map((tool) => tool.for).join('; ')}`,
    fix: `\`apt install ${packages.join(' ')}\` as root, or what your system calls them`,
  }
}

/** @returns what to tell a person who must install them, or undefined when all are here */
export const missingTools = () => {
  const tools = TOOLS.filter((tool) => !tool.isHere())
  return tools.length === 0 ? undefined : advice(tools)
}

const apt = (args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, error, stdout, stderr } = spawnSync('apt-get', ['-qq', ...args], { encoding: 'utf8', env })
  if (status !== 0)
    return (error?.message ?? `${stdout}${stderr}`).trim().split('\n').slice(-15).join('\n       ')
}

/** Installs what is missing where we are root on Debian or Ubuntu. Answers like {@link missingTools}. */
export const installTools = (say) => {
  const tools = TOOLS.filter((tool) => !tool.isHere())
  if (tools.length === 0) return undefined
  if (process.getuid?.() !== 0 || answers('apt-get', ['--version']) === undefined) return advice(tools)
  const packages = packagesOf(tools)
  say(`installing ${packages.join(', ')} (a minute or two)`)
  const failure = apt(['update']) ?? apt(['install', '-y', '--no-install-recommends', ...packages])
  return failure === undefined ? undefined : advice(tools, failure)
}
