import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { didYouMean } from './did-you-mean.ts'

/** Something on the command line that no command knows: say it together with the help, and end with exit code 2. */
export class CommandLineMistake extends Error {
  readonly code = 'USAGE'
}

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const

/**
 * Options and words of a command line; `--help` and `-h` are known everywhere. With `commands`, the first word is one of them.
 * @throws {CommandLineMistake} for a word or an option that is not known, with what may have been meant
 */
export function readCommandLine<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  commands?: readonly string[],
) {
  const known = { ...HELP, ...options }
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const names = Object.keys(known).map((name) => `--${name}`)
  for (const token of tokens)
    if (token.kind === 'option' && !Object.hasOwn(known, token.name))
      throw new CommandLineMistake(`there is no option ${token.rawName}${didYouMean(token.rawName, names)}`)
  const [command] = tokens.filter((token) => token.kind === 'positional')
  if (commands !== undefined && command !== undefined && !commands.includes(command.value))
    throw new CommandLineMistake(
      `there is no command "${command.value}"${didYouMean(command.value, commands)}`,
    )
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true })
  } catch (error) {
    throw new CommandLineMistake(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
