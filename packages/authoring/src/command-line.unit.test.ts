import { describe, expect, test } from 'vitest'
import { CommandLineMistake, readCommandLine } from './command-line.ts'

const OPTIONS = { json: { type: 'boolean' }, reason: { type: 'string' } } as const
const read = (...args: string[]) => readCommandLine(args, OPTIONS, ['status', 'restart'])

describe('a command line', () => {
  test('gives its words and options', () => {
    const { values, positionals } = read('restart', 'bot', '--json', '--reason', 'a try')
    expect(positionals).toEqual(['restart', 'bot'])
    expect(values).toMatchObject({ json: true, reason: 'a try', help: false })
  })

  test.each([['--help'], ['-h'], ['status', '--help']])('knows %s', (...args) => {
    expect(read(...args).values.help).toBe(true)
  })

  test.each([
    [['statsu'], 'there is no command "statsu"; did you mean "status"?'],
    [['xylophone'], 'there is no command "xylophone"'],
    [['status', '--jsn'], 'there is no option --jsn; did you mean "--json"?'],
    [['status', '--hlep'], 'there is no option --hlep; did you mean "--help"?'],
    [['status', '-x'], 'there is no option -x'],
    [['status', '--xylophone=1'], 'there is no option --xylophone'],
  ])('%j is turned down, with what may have been meant', (args, message) => {
    expect(() => read(...args)).toThrow(new CommandLineMistake(message))
  })

  test('an option without its value is turned down', () => {
    expect(() => read('restart', '--reason')).toThrow(CommandLineMistake)
  })
})
