import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Program, runProgram } from '@parley/authoring'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { START } from '../../infra/stack/src/start.ts'
import { STACK } from '../../infra/stack/src/stack.ts'
import { PARLEY } from '../../infra/operator/src/parley.ts'
import { BENCH } from '../bench/bench.ts'
import { DEMO } from '../demo/demo.ts'
import { LOAD } from '../load/load.ts'
import { FAULTS } from '../faults/faults.ts'
import { BREAKS } from '../faults/mutants/run.ts'
import { CHECK, TEST } from '../verify/verify.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const BOOTSTRAP = join(REPOSITORY, 'infra', 'stack', 'bootstrap.mjs')
const PROGRAMS = [START, STACK, PARLEY, DEMO, LOAD, BENCH, FAULTS, BREAKS, TEST, CHECK]

const nameOf = ({ call }: Program): string => call.split(' ').at(-1) ?? ''
const commandsOf = (program: Program): readonly string[] =>
  'commands' in program ? Object.keys(program.commands) : ['']
const COMMANDS = PROGRAMS.flatMap((program) =>
  commandsOf(program).map((command) => ({ program, call: program.call, command })),
)

const told = async (program: Program, ...args: string[]) => {
  const said = { stdout: '', stderr: '' }
  const code = await runProgram(program, args, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { code, ...said }
}

test('every script that begins with the bootstrap is one of the programs that are tried here', () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const ours = Object.entries(scripts).filter(([, script]) => script.includes('bootstrap.mjs'))
  expect(ours.map(([name]) => name).toSorted()).toEqual(PROGRAMS.map(nameOf).toSorted())
})

describe.each(COMMANDS)('$call -- $command', ({ program, command }) => {
  const words = command.split(' ').filter((word) => word !== '')

  test('says what it takes', async () => {
    const { code, stdout, stderr } = await told(program, ...words, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain([program.call, '--', ...words].join(' '))
    expect(stdout).toContain('-h, --help')
    expect(await told(program, ...words, '-h')).toEqual({ code, stdout, stderr })
  })

  test('turns an option down that it does not have, and does nothing', async () => {
    const { code, stdout, stderr } = await told(program, ...words, '--hlep')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('there is no option --hlep; did you mean "--help"? (USAGE)')
  })
})

type Command = Extract<Program, { commands: unknown }>['commands'][string]
/** Reads its words and options as ever, and does nothing. `NAME` of a page stands for any word. */
const idle = (taken: Command): Command => ({
  ...taken,
  ...(taken.among === undefined ? {} : { among: [...taken.among, 'NAME'] }),
  run: () => 0,
})
const idly = (program: Program): Program =>
  'commands' in program
    ? {
        ...program,
        commands: Object.fromEntries(
          Object.entries(program.commands).map(([name, taken]) => [name, idle(taken)]),
        ),
      }
    : { ...program, command: idle(program.command) }

/** `npm run parley -- flow check` of a page, up to where it goes on with another command or a remark. */
const CALL = /\bnpm (?:run (?:-s )?)?(\w+) -- ([^`|#\n\\]+)/g
const CALLED = globSync(['README.md', 'docs/**/*.md', 'infra/*/README.md'], { cwd: REPOSITORY }).flatMap(
  (file) =>
    [...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(CALL)].map(([said, name = '', rest = '']) => ({
      file,
      said: said.trim(),
      program: PROGRAMS.find((one) => nameOf(one) === name),
      args: rest.split(/\s+/).filter((word) => word !== '' && word !== '…'),
    })),
)

test('what the pages say to run is there, with the words and options that it takes', async () => {
  expect(CALLED.length).toBeGreaterThan(50)
  const wrong: unknown[] = []
  for (const { file, said, program, args } of CALLED) {
    if (program === undefined) wrong.push([file, said, 'no such script'])
    else {
      const { stderr } = await told(idly(program), ...args)
      // A page may name a command without what it needs.
      if (stderr !== '' && !/ is missing \(USAGE\)| is followed by /.test(stderr))
        wrong.push([file, said, stderr])
    }
  }
  expect(wrong).toEqual([])
})

describe('as npm runs it', { timeout: 60_000 }, () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-help-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  /** On a machine without Docker, Java and Maven, and with a data folder that must stay away. */
  const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: '/nowhere', HOME: directory, PARLEY_DATA_DIR: join(directory, 'data') }
      const child = execFile(process.execPath, [BOOTSTRAP, ...args], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      )
    })

  test.each(PROGRAMS.map((program) => ({ program, name: nameOf(program) })))(
    'npm run $name -- --help begins nothing',
    async ({ name, program }) => {
      const { code, stdout, stderr } = await run(name, '--help')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.startsWith(`${program.call} --`)).toBe(true)
      expect(existsSync(join(directory, 'data'))).toBe(false)
    },
  )

  test('a Node that is too old is told so, in words that it can read', async () => {
    const asOld = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '12.22.9' } })`
    const child = execFile(process.execPath, ['--import', asOld, BOOTSTRAP, 'start'])
    const said = await text(child.stderr!)
    expect(said).toMatch(/^\nNode 12\.22\.9 is too old \[NODE_TOO_OLD\]\n {2}why: .*\n {2}fix: .*\n$/)
    // It parses all of a file, and loads all that is imported, before it runs the first line.
    expect(readFileSync(BOOTSTRAP, 'utf8')).not.toMatch(/^import |^const .*\bawait |\?\?|\?\./m)
  })

  test('the demo looks for the stack where the stack would run', async () => {
    const { stderr } = await run('demo')
    expect(stderr).toMatch(/^demo: .*\(STACK_NOT_RUNNING\)$/m)
    expect(stderr).toContain(`${join(directory, 'data', 'stack.json')} is not there`)
  })

  test.each([
    [['stack', 'statsu'], 'did you mean "status"?'],
    [['parley', 'flow', 'test', '--langauge', 'pt'], 'did you mean "--language"?'],
    [['demo', '--cutsomers', '3'], 'did you mean "--customers"?'],
    [['demo', '--customers', '0'], 'a whole number from 1 to 10000, not "0"'],
    [['load', '--agnets', '50'], 'did you mean "--agents"?'],
    [['load', '--agents', '50,100000'], 'a whole number from 1 to 2000, not "100000"'],
    [['load', '--conversations-per-second', '0'], 'a number above 0, at most 50, not "0"'],
    [['bench', 'trun'], 'did you mean "turn"?'],
    [['faults', '--only', 'kill-gatway'], 'did you mean "kill-gateway"?'],
    [['check', '--fix'], 'there is no option --fix'],
    [['test', '--bail', 'x'], '--bail takes a whole number from 1 to 1000000, not "x"'],
    [['start', '--rest'], 'did you mean "--reset"?'],
  ])('%j is turned down with what was meant', async (args, meant) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(meant)
    expect(stderr).toContain('(USAGE)')
  })
})
