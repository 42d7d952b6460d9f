import { readdirSync } from 'node:fs'
import { type FileHandle, open, watch } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { didYouMean } from '@parley/authoring'
import pc from 'picocolors'
import { filesOf } from './data-directory.ts'
import { StackFault, codeOf } from './fault.ts'

export interface LogLine {
  /** Whose log it stands in. */
  readonly name: string
  /** ISO 8601; of the line before where a line tells none, as the second one of a stack trace. */
  readonly at: string
  readonly text: string
}

const CHUNK_BYTES = 65_536
const COLOURS = [pc.cyan, pc.magenta, pc.green, pc.blue]
const LEVELS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['WARN', pc.yellow],
  ['ERROR', pc.red],
  ['FATAL', pc.red],
  ['DEBUG', pc.dim],
  ['TRACE', pc.dim],
])
/** As our services, Kafka (from its jars; in Docker), SecantusDB (its server; its wheel) and mongod begin a line. Servers run in UTC, whose name some leave out. */
const TIME =
  /^(?:\[|\{[^{}]*?"time":"|\{"t":\{"\$date":")?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)?/
/** What no service of ours writes: time, thread, level, then text; SecantusDB's server closes its bracket behind who speaks. */
const PLAIN =
  /^\[?[\d-]{10}[T ][\d:.,]+Z?\]? (?:\[[^\]]*\] )?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)(?:ING)? +(?:([^\s[\]]+)\] )?(.*)$/
/** https://www.mongodb.com/docs/manual/reference/log-messages/#severity-levels; all others are for debugging. */
const MONGOD_LEVELS: ReadonlyMap<unknown, string> = new Map([
  ['F', 'fatal'],
  ['E', 'error'],
  ['W', 'warn'],
  ['I', 'info'],
])

/** The last lines of all logs that are wanted, as if they were one; with `isFollowed`, also what is added to them. */
export const showLogs = async (
  dataDirectory: string,
  wanted: readonly string[],
  { count, isFollowed, isRaw }: { count: number; isFollowed: boolean; isRaw: boolean },
): Promise<void> => {
  const directory = filesOf(dataDirectory).logs
  const there = logNames(directory)
  const unknown = wanted.find((name) => !there.includes(name))
  if (unknown !== undefined || there.length === 0)
    throw new StackFault(
      'NO_SUCH_SERVICE',
      unknown === undefined
        ? 'there are no logs'
        : `there is no log of "${unknown}"${didYouMean(unknown, there)}`,
      {
        why:
          there.length > 0
            ? `there are logs of ${there.join(', ')}`
            : `${directory} has none: nothing was started yet`,
        fix: there.length > 0 ? 'use one of these names' : 'start the stack with `npm start`',
      },
    )
  const names = wanted.length === 0 ? there : wanted
  const width = Math.max(...names.map((name) => name.length))
  let day = ''
  const print = (lines: readonly LogLine[]) => {
    for (const line of lines) {
      if (!isRaw && line.at.slice(0, 10) !== day) {
        day = line.at.slice(0, 10)
        process.stdout.write(`${pc.dim(`── ${day}, UTC`)}\n`)
      }
      const colour = COLOURS[names.indexOf(line.name) % COLOURS.length]!
      process.stdout.write(`${isRaw ? line.text : readable(line, colour(line.name.padEnd(width)))}\n`)
    }
  }

  const logs = names.map((name) => new Log(directory, name))
  const last = inOrder((await Promise.all(logs.map((log) => log.last(count)))).flat())
  print(last.slice(Math.max(0, last.length - count)))
  if (!isFollowed) return
  for await (const _ of watch(directory))
    print(inOrder((await Promise.all(logs.map((log) => log.next()))).flat()))
}

const logNames = (directory: string): string[] => {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .map((name) => name.replace(/\.log$/, ''))
      .sort()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return []
  }
}

/** Lines of one time stay in the order of their log. */
export const inOrder = (lines: readonly LogLine[]): LogLine[] =>
  lines.toSorted((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))

/** `05:02:10.510 INFO  agent    ready  port=4700`: what a person reads of a line. */
export const readable = ({ at, text }: Pick<LogLine, 'at' | 'text'>, name: string): string => {
  const { level, message } = told(text)
  const paint = LEVELS.get(level) ?? ((words: string) => words)
  return `${pc.dim(at.slice(11, 23).padEnd(12))} ${paint(level.padEnd(5))} ${name} ${message}`
}

/** The same without time and colours; what was said again is said once, where it stands last. */
export const wordsOf = (lines: readonly string[]): string[] => {
  const words = lines.map((line) => {
    const { level, message } = told(line)
    return stripVTControlCharacters(level === '' ? message : `${level} ${message}`)
  })
  return [...new Set(words.toReversed())].toReversed()
}

const told = (text: string): { level: string; message: string } => {
  const [, level = '', who, rest = text] = PLAIN.exec(text) ?? []
  if (!text.startsWith('{')) return { level, message: visible(who === undefined ? rest : `${who} - ${rest}`) }
  try {
    const {
      level: written,
      time: _,
      service: __,
      msg = '',
      err,
      ...fields
    } = asOurs(JSON.parse(text) as Record<string, unknown>)
    const details = Object.entries(fields).map(([key, value]) => `${pc.dim(`${key}=`)}${inWords(value)}`)
    return {
      level: inWords(written).toUpperCase(),
      message: [inWords(msg), ...details, ...(err === undefined ? [] : [errorInWords(err)])].join('  '),
    }
  } catch {
    return { level: '', message: visible(text) }
  }
}

/** mongod names time and level by one letter each. */
const asOurs = (line: Record<string, unknown>): Record<string, unknown> => {
  if (!('t' in line)) return line
  const { t: _, s, ...rest } = line
  return { ...rest, level: MONGOD_LEVELS.get(s) ?? 'debug' }
}

const timeOf = (text: string): string | undefined => {
  const [found, day, clock, fraction = '0', zone = 'Z'] = TIME.exec(text) ?? []
  // What is no time, Date would read one way or another.
  const at = found === undefined ? Number.NaN : Date.parse(`${day}T${clock}.${fraction}${zone}`)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

const inWords = (value: unknown): string => visible(typeof value === 'string' ? value : JSON.stringify(value))

const errorInWords = (error: unknown): string => {
  const { type = 'Error', code, message = '', at = [] } = error as Record<string, unknown>
  const places = Array.isArray(at) ? at.map((place) => `\n      ${inWords(place)}`).join('') : ''
  return `${pc.red(inWords(type))}${code === undefined ? '' : ` ${inWords(code)}`}: ${eachVisible(message)}${places}`
}

/** What a log holds moves no cursor and colours nothing. */
const visible = (text: string): string => text.replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '\uFFFD')

/** What is wrong in a file is told with a line for each of its mistakes. */
const eachVisible = (text: unknown): string => String(text).split('\n').map(visible).join('\n      ')

/** One file that grows, and begins anew when it was rotated. */
class Log {
  readonly #name: string
  readonly #path: string
  #offset = 0
  #at = ''

  constructor(directory: string, name: string) {
    this.#name = name
    this.#path = join(directory, `${name}.log`)
  }

  /** Some more than `count` lines, when it has them. */
  async last(count: number): Promise<LogLine[]> {
    await using file = await open(this.#path)
    const { size, mtime } = await file.stat()
    for (let bytes = CHUNK_BYTES; ; bytes *= 4) {
      const from = Math.max(0, size - bytes)
      const { lines, end } = await wholeLines(file, from, size)
      // The first line read may be the end of a longer one.
      if (from > 0) lines.shift()
      this.#offset = end
      if (from > 0 && lines.length <= count) continue
      // What stands before the first that tells a time was said no later than it.
      this.#at = lines.map(timeOf).find((at) => at !== undefined) ?? mtime.toISOString()
      return this.#timed(lines)
    }
  }

  async next(): Promise<LogLine[]> {
    try {
      await using file = await open(this.#path)
      const { size } = await file.stat()
      if (size < this.#offset) this.#offset = 0
      const { lines, end } = await wholeLines(file, this.#offset, size)
      this.#offset = end
      return this.#timed(lines)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      // It was put aside, and nothing is said in the new one yet.
      this.#offset = 0
      return []
    }
  }

  #timed(lines: readonly string[]): LogLine[] {
    return lines.map((text) => ({ name: this.#name, at: (this.#at = timeOf(text) ?? this.#at), text }))
  }
}

const wholeLines = async (
  file: FileHandle,
  from: number,
  to: number,
): Promise<{ lines: string[]; end: number }> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from)
  const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
  return { lines: buffer.toString('utf8', 0, end).split('\n').slice(0, -1), end: from + end }
}
