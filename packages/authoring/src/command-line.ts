import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { didYouMean } from './did-you-mean.ts'

/** Something on the command line that no command knows: `runProgram` says it with what may have been meant, and ends with 2. */
export class CommandLineMistake extends Error {
  readonly code = 'USAGE'
}

/** What a command cannot do, said to whoever runs it: `runProgram` says it with its code, and ends with 1. */
export class CommandFailure extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/** Of Node, and of its HTTP client and parser. */
const OF_NODE = /^(?:ABORT_ERR$|ERR_|HPE_|UND_ERR_)/

/**
 * Whether it has a code of ours (docs/reference/errors.md): that the log is away, that another is at work. It is told in a sentence, whoever
 * threw it. What Node or the system says of itself is a fault, whose place in the code is wanted.
 */
export function isTold(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error)) return false
  const { code, syscall, errno } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || syscall !== undefined || errno !== undefined) return false
  return !OF_NODE.test(code)
}

/** A failure that says why, and how to put it right. */
export interface Explained {
  readonly message: string
  readonly code: string
  readonly why: string
  readonly fix: string
}

export function explained({ message, code, why, fix }: Explained): string {
  return `${message} [${code}]\n  why: ${why}\n  fix: ${fix}`
}

const isExplained = (error: object): error is Explained => 'why' in error && 'fix' in error

export interface CommandOption {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly default?: string | boolean
  /** What stands for the value in the help: `N`, `FILE`, which is a path. */
  readonly value?: string
  readonly does: string
}
type CommandOptions = Readonly<Record<string, CommandOption>>

type ValueOf<Option extends CommandOption> = Option['type'] extends 'boolean'
  ? boolean
  : Option extends { readonly default: string }
    ? string
    : string | undefined

/** What somebody gave to a command, known to be of the kinds that it takes. */
export interface Given<Options extends CommandOptions = CommandOptions> {
  readonly values: { readonly [Name in keyof Options]: ValueOf<Options[Name]> }
  readonly words: readonly string[]
}

export interface Command<Options extends CommandOptions = CommandOptions> {
  readonly does: string
  /** As the help shows them: `SERVICE STREAM` are both needed, `[SERVICE]` may be left out, `[FILE…]` may be many. `FILE` and `FOLDER` are paths. */
  readonly words?: string
  /** All that these words can be. */
  readonly among?: readonly string[]
  readonly options?: Options
  readonly notes?: string
  /** Loads what it needs by itself, so that help and mistakes are said at once. Gives the exit code. */
  run(given: Given<Options>): number | Promise<number>
}

/** One script of package.json. */
export type Program = {
  /** `npm run stack`: how people call it. */
  readonly call: string
  readonly notes?: string
} & (
  | { readonly command: Command }
  | { readonly does: string; readonly commands: Readonly<Record<string, Command>> }
)

interface Output {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Only for the types: what `run` is given follows from the options. */
export function command<const Options extends CommandOptions>(taken: Command<Options>): Command {
  return taken
}

const HELP: CommandOptions = { help: { type: 'boolean', short: 'h', default: false, does: 'this text' } }

/**
 * Runs what the arguments ask of a program and gives the exit code: 2 for a mistake, 1 for a failure that it told. `--help`, `-h`
 * and `help` before the rest are known everywhere and begin nothing. A command's name may be several words: `flow check`.
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  { stdout, stderr }: Output = process,
): Promise<number> {
  const known: { name?: string } = {}
  try {
    const { isHelp, words, tokens } = firstLook(program, args)
    const commands = commandsOf(program)
    const name = nameIn(words, Object.keys(commands))
    if (name === undefined && isHelp && (words.length === 0 || isGroup(words, Object.keys(commands)))) {
      stdout.write(programHelp(program))
      return 0
    }
    const taken = name === undefined ? undefined : commands[name]
    if (name === undefined || taken === undefined) {
      refuseUnknownOption(tokens, optionsOf(program))
      throw noCommand(words, Object.keys(commands))
    }
    known.name = name
    if (isHelp) {
      stdout.write(commandHelp(program, name, taken))
      return 0
    }
    return await taken.run(givenTo(taken, name, args, tokens))
  } catch (error) {
    const script = program.call.split(' ').at(-1) ?? ''
    if (error instanceof CommandLineMistake) {
      const call = [program.call, '--', known.name ?? '', '--help'].filter((part) => part !== '').join(' ')
      stderr.write(`${script}: ${error.message} (USAGE)\n  all it takes: ${call}\n`)
      return 2
    }
    if (!isTold(error)) throw error
    stderr.write(`${isExplained(error) ? explained(error) : `${script}: ${error.message} (${error.code})`}\n`)
    return 1
  }
}

/** A program of one command has it under the name of no word. */
const commandsOf = (program: Program): Readonly<Record<string, Command>> =>
  'commands' in program ? program.commands : { '': program.command }

const optionsOf = (program: Program): CommandOptions =>
  Object.assign({}, HELP, ...Object.values(commandsOf(program)).map(({ options }) => options))

/** Loosely, with the options of all commands: where the command's name ends is not known before. */
function firstLook(program: Program, args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: parsed(optionsOf(program)),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  // `stack help`, `stack help logs`, `parley flow help`: what many programs know beside `--help`.
  const names = Object.keys(commandsOf(program))
  const asksFirst = positionals[0] === 'help' && !names.includes('help')
  const [group, next] = positionals
  const asksOfGroup = next === 'help' && !names.includes(`${group} help`) && isGroup([group ?? ''], names)
  return {
    isHelp: asksFirst || asksOfGroup || values['help'] === true,
    words: asksFirst ? positionals.slice(1) : asksOfGroup ? positionals.slice(0, 1) : positionals,
    tokens,
  }
}

const nameIn = (words: readonly string[], names: readonly string[]): string | undefined =>
  names.find((name) => name === '' || name.split(' ').every((word, index) => words[index] === word))

function givenTo(
  taken: Command,
  name: string,
  args: readonly string[],
  tokens: ReturnType<typeof firstLook>['tokens'],
): Given {
  const options = { ...HELP, ...taken.options }
  refuseUnknownOption(tokens, options)
  const strict = strictly(args, options)
  const words = strict.positionals.slice(name === '' ? 0 : name.split(' ').length)
  checkWords(taken, words)
  const { help: _, ...values } = strict.values
  const shown = shownWords(taken)
  return {
    values: Object.fromEntries(
      Object.entries(values).map(([option, value]) => [option, asMeant(options[option]?.value, value)]),
    ) as Given['values'],
    words: words.map((word, nth) => asMeant(shown[nth] ?? shown.at(-1), word)),
  }
}

/** A path is meant from where it was typed: npm runs what is called by it where package.json is, and says from where it was called. */
function asMeant<Value>(shown: string | undefined, value: Value): Value | string {
  const calledFrom = process.env['INIT_CWD']
  if (typeof value !== 'string' || calledFrom === undefined || !/^\[?(?:FILE|FOLDER)\b/.test(shown ?? ''))
    return value
  const path = resolve(calledFrom, value)
  // Our pages write paths as they are in the repository: those lead there from everywhere.
  return path !== resolve(value) && existsSync(path) ? path : value
}

const shownWords = ({ words = '' }: Command): readonly string[] =>
  words.split(' ').filter((word) => word !== '')

function refuseUnknownOption(tokens: ReturnType<typeof firstLook>['tokens'], options: CommandOptions): void {
  const names = Object.keys(options).map((option) => `--${option}`)
  for (const token of tokens)
    if (token.kind === 'option' && !Object.hasOwn(options, token.name))
      throw new CommandLineMistake(`there is no option ${token.rawName}${didYouMean(token.rawName, names)}`)
}

/** `flow`, where there are `flow check` and `flow test`. */
const isGroup = (words: readonly string[], names: readonly string[]): boolean =>
  words.length === 1 && names.some((name) => name.startsWith(`${words[0]} `))

function noCommand(words: readonly string[], names: readonly string[]): CommandLineMistake {
  const heads = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]
  const [head, next] = words
  if (head === undefined) return new CommandLineMistake(`a command is missing: ${heads.join(', ')}`)
  const among = names.filter((name) => name.startsWith(`${head} `)).map((name) => name.slice(head.length + 1))
  if (among.length > 0 && next === undefined)
    return new CommandLineMistake(`${head} is followed by ${among.join(', ')}`)
  if (among.length > 0)
    return new CommandLineMistake(`there is no command "${head} ${next}"${orWhatThereIs(next ?? '', among)}`)
  return new CommandLineMistake(`there is no command "${head}"${orWhatThereIs(head, heads)}`)
}

const orWhatThereIs = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) || `; there are: ${known.join(', ')}`

function checkWords(taken: Command, words: readonly string[]): void {
  const takes = shownWords(taken)
  const { among } = taken
  const needed = takes.filter((word) => !word.startsWith('['))
  const tooMany = takes.some((word) => word.includes('…')) ? undefined : words[takes.length]
  const unknown = among && words.find((word) => !among.includes(word))
  if (unknown !== undefined)
    throw new CommandLineMistake(
      `there is no "${unknown}"${didYouMean(unknown, among ?? []) || '.'} There are: ${among?.join(', ')}`,
    )
  if (words.length < needed.length) throw new CommandLineMistake(`${needed[words.length]} is missing`)
  if (tooMany !== undefined) throw new CommandLineMistake(`"${tooMany}" is one word too many`)
}

function strictly(args: readonly string[], options: CommandOptions) {
  try {
    return parseArgs({ args: [...args], options: parsed(options), allowPositionals: true })
  } catch (error) {
    // Node goes on about it for three lines.
    const [what = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const option = /(--?[\w-]+)(?: <value>)?'/.exec(what)?.[1] ?? ''
    throw new CommandLineMistake(
      what.endsWith('argument missing')
        ? `${option} takes a value, and none is given`
        : what.includes('is ambiguous')
          ? `${option} takes a value, and what follows begins with a dash`
          : what.replace(/\.$/, ''),
      { cause: error },
    )
  }
}

const parsed = (options: CommandOptions): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(options).map(([name, { type, short, default: value }]) => [
      name,
      { type, ...(short && { short }), ...(value !== undefined && { default: value }) },
    ]),
  )

const programHelp = (program: Program): string =>
  [
    `${program.call} -- COMMAND\n`,
    ...('does' in program ? [`${program.does}\n`] : []),
    ...table(Object.entries(commandsOf(program)).map(([name, one]) => [signature(name, one), one.does])),
    `\nMore of one: ${program.call} -- COMMAND --help`,
    ...(program.notes === undefined ? [] : [program.notes]),
    '',
  ].join('\n')

const commandHelp = (program: Program, name: string, taken: Command): string => {
  const rows = Object.entries({ ...taken.options, ...HELP }).map(
    ([option, { short, value, default: preset, does }]) => {
      const left = `${short === undefined ? '    ' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`
      return [
        left,
        typeof preset === 'string' && preset !== '' ? `${does} (default ${preset})` : does,
      ] as const
    },
  )
  return [
    [program.call, '--', name, taken.words ?? '', '[options]'].filter((part) => part !== '').join(' '),
    '',
    taken.does,
    '',
    ...table(rows),
    ...[taken.notes, program.notes].flatMap((notes) => (notes === undefined ? [] : ['', notes])),
    '',
  ].join('\n')
}

const signature = (name: string, { words = '', options = {} }: Command): string =>
  [
    name,
    words,
    ...Object.entries(options).map(([option, { value }]) => `[--${option}${value ? ` ${value}` : ''}]`),
  ]
    .filter((part) => part !== '')
    .join(' ')

const WIDTH = 26

/** What does not fit into the first column has a line of its own. */
const table = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.map(([left, right]) => {
    const indented = right.replaceAll('\n', `\n${' '.repeat(WIDTH + 4)}`)
    return left.length > WIDTH
      ? `  ${left}\n${' '.repeat(WIDTH + 4)}${indented}`
      : `  ${left.padEnd(WIDTH)}  ${indented}`
  })
