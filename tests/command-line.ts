import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import leven from 'leven'

/** What a command may be told. */
export interface CommandLine<Options extends ParseArgsOptionsConfig> {
  /** Printed for `--help`, and after a mistake. */
  readonly usage: string
  readonly options: Options
  /** Words that may stand beside the options. */
  readonly words?: readonly string[]
}

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>['values']

/** `--help` and mistakes end the process here, before anything was begun: 0 and 2. */
export function readCommandLine<const Options extends ParseArgsOptionsConfig>(
  { usage, options, words = [] }: CommandLine<Options>,
  args = process.argv.slice(2),
): { readonly values: Values<Options>; readonly words: readonly string[] } {
  const all = { ...options, help: { type: 'boolean', short: 'h' } } as const satisfies ParseArgsOptionsConfig
  const loose = parseArgs({ args, options: all, allowPositionals: true, strict: false, tokens: true })
  if (loose.values['help'] === true) {
    process.stdout.write(usage)
    process.exit(0)
  }
  for (const token of loose.tokens) {
    if (token.kind === 'option' && !(token.name in all))
      misused(`there is no ${token.rawName}${nearest(token.rawName, Object.keys(all), '--')}`, usage)
    if (token.kind === 'positional' && !words.includes(token.value))
      misused(`there is no "${token.value}"${nearest(token.value, words)}`, usage)
  }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { values, words: positionals }
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error), usage)
  }
}

export function misused(why: string, usage: string): never {
  process.stderr.write(`BAD_OPTION: ${why}\n\n${usage}`)
  process.exit(2)
}

export function wholeNumber(option: string, text: string, max: number, usage: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= max) return value
  return misused(`${option} takes a whole number from 1 to ${max}, not "${text}"`, usage)
}

function nearest(word: string, known: readonly string[], prefix = ''): string {
  const [best] = known
    .map((name) => ({ name: prefix + name, distance: leven(word, prefix + name) }))
    .toSorted((a, b) => a.distance - b.distance)
  if (best === undefined) return ''
  return best.distance <= Math.max(2, best.name.length / 3)
    ? `: did you mean ${best.name}?`
    : `. It takes ${known.map((name) => prefix + name).join(', ')}`
}
