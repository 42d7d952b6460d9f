import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  CommandFailure,
  CommandLineMistake,
  type Given,
  type Program,
  command,
  runProgram,
} from './command-line.ts'

const asked: { name: string; given: Given }[] = []
const ran = (name: string) => (given: Given) => {
  asked.push({ name, given })
  return given.words.includes('fails') ? 1 : 0
}
const PROGRAM: Program = {
  call: 'npm run stack',
  does: 'What runs here.',
  commands: {
    status: command({
      does: 'what runs',
      options: { json: { type: 'boolean', default: false, does: 'for machines' } },
      run: ran('status'),
    }),
    restart: command({
      does: 'stops and starts one',
      words: 'SERVICE',
      options: {
        reason: { type: 'string', short: 'r', value: 'WHY', does: 'for the record' },
        script: { type: 'string', value: 'FILE', does: 'what is said' },
      },
      run: ran('restart'),
    }),
    'flow check': command({ does: 'all that is wrong', words: '[FILE…]', run: ran('flow check') }),
    'flow test': command({
      does: 'plays one',
      run: () => {
        throw new CommandLineMistake('the language is none')
      },
    }),
    down: command({
      does: 'ends it',
      words: '[CODE]',
      run: ({ words: [code] }) => {
        throw code === undefined
          ? new Error('a mistake of ours')
          : new CommandFailure('nothing runs here', code)
      },
    }),
    bench: command({ does: 'measures', words: '[PART…]', among: ['turn', 'rebuild'], run: ran('bench') }),
  },
}
const run = async (...args: string[]) => {
  const said = { stdout: '', stderr: '' }
  const code = await runProgram(PROGRAM, args, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  })
  return { code, ...said, asked: asked.splice(0) }
}

describe('a command line', () => {
  test('takes a path as it is typed, from whichever folder npm is called; where it leads nowhere from there, from the repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-typed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'bank.yaml'), '')
    vi.stubEnv('INIT_CWD', folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const given = async (...args: string[]) => (await run(...args)).asked[0]?.given
    expect(await given('flow', 'check', 'bank.yaml', './bank.yaml', 'package.json')).toMatchObject({
      words: [join(folder, 'bank.yaml'), join(folder, 'bank.yaml'), 'package.json'],
    })
    expect(await given('restart', 'bank.yaml', '--script', 'bank.yaml', '--reason', 'bank.yaml')).toEqual({
      words: ['bank.yaml'],
      values: { reason: 'bank.yaml', script: join(folder, 'bank.yaml') },
    })
  })

  test('hands words and options to the command that is named', async () => {
    expect(await run('restart', 'bot', '-r', 'a try')).toMatchObject({
      code: 0,
      asked: [{ name: 'restart', given: { words: ['bot'], values: { reason: 'a try' } } }],
    })
    expect((await run('flow', 'check', 'a', 'b')).asked).toMatchObject([
      { name: 'flow check', given: { words: ['a', 'b'] } },
    ])
    expect((await run('--json', 'status')).asked).toMatchObject([{ given: { values: { json: true } } }])
  })

  test('a failure is said with its code; a mistake of the program itself keeps its stack', async () => {
    expect(await run('down', 'STACK_NOT_RUNNING')).toMatchObject({
      code: 1,
      stderr: 'stack: nothing runs here (STACK_NOT_RUNNING)\n',
    })
    await expect(run('down')).rejects.toThrow('a mistake of ours')
  })

  test('what has a code of ours is told in a sentence, whoever threw it, with why and how to fix it where it says so', async () => {
    const told = async (error: Error) => {
      const said = { stdout: '', stderr: '' }
      const fails = command({
        does: 'fails',
        run: () => {
          throw error
        },
      })
      const code = await runProgram({ call: 'npm run stack', command: fails }, [], {
        stdout: { write: (text) => (said.stdout += text) },
        stderr: { write: (text) => (said.stderr += text) },
      })
      return { code, ...said }
    }
    const away = Object.assign(new Error('The log is away.'), { code: 'LOG_UNAVAILABLE' })
    expect(await told(away)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'stack: The log is away. (LOG_UNAVAILABLE)\n',
    })
    const explained = Object.assign(away, { why: 'nobody answers', fix: 'start it' })
    expect((await told(explained)).stderr).toBe(
      'The log is away. [LOG_UNAVAILABLE]\n  why: nobody answers\n  fix: start it\n',
    )
    const ofNode = Object.assign(new TypeError('An argument.'), { code: 'ERR_INVALID_ARG_TYPE' })
    const ofTheSystem = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' })
    const ofZlib = Object.assign(new Error('header'), { code: 'Z_DATA_ERROR', errno: -3 })
    const cut = Object.assign(new Error('cut'), { code: 'ABORT_ERR' })
    for (const fault of [ofNode, ofTheSystem, ofZlib, cut]) await expect(told(fault)).rejects.toBe(fault)
  })

  test('gives the exit code of what it ran', async () => {
    expect((await run('flow', 'check', 'fails')).code).toBe(1)
  })

  test.each([
    [['--help'], 'npm run stack -- COMMAND\n'],
    [['-h'], 'npm run stack -- COMMAND\n'],
    [['flow', '--help'], 'npm run stack -- COMMAND\n'],
    [['help'], 'npm run stack -- COMMAND\n'],
    [['help', 'status'], 'npm run stack -- status [options]\n'],
    [['help', 'flow'], 'npm run stack -- COMMAND\n'],
    [['status', '--help'], 'npm run stack -- status [options]\n'],
    [['flow', 'check', '-h'], 'npm run stack -- flow check [FILE…] [options]\n'],
    [['flow', 'help'], 'npm run stack -- COMMAND\n'],
    [['restart', '--help'], '  -r, --reason WHY'],
  ])('%j says what there is, and runs nothing', async (args, words) => {
    const { code, stdout, asked: began } = await run(...args)
    expect({ code, began }).toEqual({ code: 0, began: [] })
    expect(stdout).toContain(words)
  })

  test.each([
    [['statsu'], 'there is no command "statsu"; did you mean "status"?'],
    [['xylophone'], 'there is no command "xylophone"; there are: status, restart, flow, down, bench ('],
    [['flow', 'xylophone'], 'there is no command "flow xylophone"; there are: check, test ('],
    [['--hlep'], 'there is no option --hlep; did you mean "--help"?'],
    [['--jsn'], 'there is no option --jsn; did you mean "--json"?'],
    [[], 'a command is missing: status, restart, flow, down, bench'],
    [['flow'], 'flow is followed by check, test'],
    [['flow', 'chekc'], 'there is no command "flow chekc"; did you mean "check"?'],
    [['status', '--jsn'], 'there is no option --jsn; did you mean "--json"?'],
    [['status', '--hlep'], 'there is no option --hlep; did you mean "--help"?'],
    [['status', '-x'], 'there is no option -x ('],
    [['status', '--reason', 'of another command'], 'there is no option --reason'],
    [['status', 'bot'], '"bot" is one word too many'],
    [['restart'], 'SERVICE is missing'],
    [['restart', 'bot', '--reason'], '--reason'],
    [['restart', 'bot', '-r', '-x'], 'stack: -r takes a value, and what follows begins with a dash (USAGE)'],
    [['restart', 'bot', '-r'], '--reason takes a value, and none is given (USAGE)'],
    [['--version'], 'there is no option --version (USAGE)'],
    [['help', 'statsu'], 'did you mean "status"?'],
    [['statsu', '--help'], 'did you mean "status"?'],
    [['bench', 'trun'], 'there is no "trun"; did you mean "turn"? There are: turn, rebuild'],
    [['flow', 'test'], 'the language is none (USAGE)\n  all it takes: npm run stack -- flow test --help'],
  ])('%j is turned down with what may have been meant, and nothing runs', async (args, message) => {
    const { code, stdout, stderr, asked: began } = await run(...args)
    expect({ code, stdout, began }).toEqual({ code: 2, stdout: '', began: [] })
    expect(stderr).toContain(message)
    expect(stderr).toContain('(USAGE)')
    expect(stderr).toMatch(/\n  all it takes: npm run stack -- .*--help\n$/)
  })
})
