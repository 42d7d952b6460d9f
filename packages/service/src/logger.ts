import { writeSync } from 'node:fs'
import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

/**
 * What may stand in a log line: ids, codes, counts, times. An allow-list, by the shape of the key, so that message text,
 * names, phone numbers and tokens have no key to come in by. What does not fit is left out, in types and again at run time.
 */
export interface LogFields {
  [id: `${string}Id`]: string | undefined
  [ids: `${string}Ids`]: readonly string[] | undefined
  [code: `${string}Code`]: string | number | undefined
  [count: `${string}Count`]: number | bigint | undefined
  [milliseconds: `${string}Ms`]: number | undefined
  [seconds: `${string}Seconds`]: number | undefined
  [bytes: `${string}Bytes`]: number | undefined
  [at: `${string}At`]: string | Date | undefined
  [port: `${string}Port`]: number | undefined
  [version: `${string}Version`]: string | number | undefined
  code?: string | number | undefined
  service?: string | undefined
  resource?: string | undefined
  state?: string | undefined
  stage?: string | undefined
  reason?: string | undefined
  signal?: string | undefined
  type?: string | undefined
  kind?: string | undefined
  method?: string | undefined
  route?: string | undefined
  host?: string | undefined
  topic?: string | undefined
  group?: string | undefined
  database?: string | undefined
  reader?: string | undefined
  flow?: string | undefined
  queue?: string | undefined
  status?: string | number | undefined
  partition?: number | undefined
  partitions?: readonly number[] | undefined
  offset?: string | number | bigint | undefined
  epoch?: string | number | bigint | undefined
  generation?: number | undefined
  version?: string | number | undefined
  attempt?: number | undefined
  port?: number | undefined
  pid?: number | undefined
  notReady?: readonly string[] | undefined
  /** Names of variables of the environment, never what is in them. */
  variable?: string | undefined
  meant?: string | undefined
  err?: unknown
  /** Names of a customer, which end in Id as well. */
  waId?: never
  userId?: never
  parentUserId?: never
  recipientId?: never
}

interface LogMethod {
  (fields: LogFields, message: string): void
  (message: string): void
}

/** JSON lines. The message is a constant sentence; what varies goes into fields. */
export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  child(fields: LogFields): Logger
}

const ALLOWED_SUFFIX = /(?:Id|Ids|Code|Count|Ms|Seconds|Bytes|At|Port|Version)$/
const ALLOWED = new Set(
  (
    'code service resource state stage reason signal type kind method route host topic group database reader flow queue ' +
    'status partition partitions offset epoch generation version attempt port pid notReady variable meant err trace_id span_id'
  ).split(' '),
)
const CUSTOMER_NAMES = new Set(['waId', 'userId', 'parentUserId', 'recipientId'])

/** Ids, codes, topics, hosts are one word. Anything with a space in it is prose, and prose may be somebody's message. */
const ONE_WORD = /^[\w.:/@+=,#*-]{1,200}$/

export function isLoggable(key: string): boolean {
  return (ALLOWED.has(key) || ALLOWED_SUFFIX.test(key)) && !CUSTOMER_NAMES.has(key)
}

function loggableValue(value: unknown): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') return ONE_WORD.test(value) ? value : '[withheld]'
  if (Array.isArray(value))
    return value.slice(0, 100).map((item) => (typeof item === 'object' ? '[withheld]' : loggableValue(item)))
  return '[withheld]'
}

/** Keeps what may be logged of the fields. */
export function loggable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || !isLoggable(key)) continue
    kept[key] = key === 'err' ? describeError(value) : loggableValue(value)
  }
  return kept
}

export interface DescribedError {
  readonly type: string
  readonly code?: string | number
  readonly message: string
  readonly at?: readonly string[]
  readonly causedBy?: DescribedError
}

/** What an error may say in a log: its kind, code, masked message, and where; of its causes only kind and code. */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: '[withheld]' }
  const cause = error.cause
  return {
    ...kindOf(error),
    message: masked(error.message),
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 8)
      .map((line) => line.trim()),
    ...(cause instanceof Error ? { causedBy: { ...kindOf(cause), message: '[withheld]' } } : {}),
  }
}

function kindOf(error: Error): { type: string; code?: string | number } {
  const code: unknown = 'code' in error ? error.code : undefined
  const usable = typeof code === 'number' || (typeof code === 'string' && ONE_WORD.test(code))
  return { type: error.name === 'Error' ? error.constructor.name : error.name, ...(usable ? { code } : {}) }
}

/**
 * Our own messages carry no customer's words; those of libraries may quote what they were given, however long that is. So each pattern
 * gives up after a bounded number of steps or takes what it looked at: none looks at the same stretch from many beginnings.
 */
export function masked(message: string): string {
  return (
    message
      .replace(/dup key:[\s\S]*$/, 'dup key: [withheld]')
      .replaceAll(/:\/\/[^\s/@]+@/g, '://[withheld]@')
      .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [withheld]')
      .replaceAll(/\/t\/[\w-]{8,}/g, '/t/[withheld]')
      // What nobody can guess, of links, sessions and screens, wherever it stands: 256 bits in base64url.
      .replaceAll(
        /(?<=^|[^\w-]|%2F|%5C)(?:[\w-]|%(?:2D|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dA])){43}(?![\w-])/gi,
        '[withheld]',
      )
      .replaceAll(/\b[A-Z]{2}\.(?:ENT\.)?\d{6,}\b/g, '[withheld]')
      .replaceAll(/"(?:[^"\\]|\\.){40,}"?/gs, '"[withheld]"')
      .replaceAll(
        /(?<![\p{L}\p{N}_-])\+?\p{Nd}[\p{Nd}\s().\p{Pd}]{6,24}\p{Nd}(?![\p{L}\p{N}_-])/gu,
        (digits) =>
          digits.replaceAll(/\P{Nd}/gu, '').length >= 8 && !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(digits)
            ? '[withheld]'
            : digits,
      )
      .slice(0, 500)
  )
}

/** For libraries that log by level, message and fields, such as `KafkaSettings.log`. */
export function logLine(log: Logger) {
  return (level: 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>): void =>
    log[level](fields as LogFields, message)
}

export interface LoggerOptions {
  readonly service: string
  readonly level?: string
  /** Default: stdout, written synchronously, so that the last line before an exit is not lost. */
  readonly destination?: DestinationStream
}

const STDOUT = 1
const READER_WAIT_MS = 10
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

/**
 * What cannot be written, as on a full disk or where whoever read it is gone, is lost, and costs nobody the work that it tells of. By pino's
 * own destination it would be thrown at whoever logs, and a fatal line would be tried for ever, by a process that is to end.
 */
const stdout: DestinationStream = {
  write(line) {
    for (let rest = Buffer.from(line); rest.length > 0;)
      try {
        rest = rest.subarray(writeSync(STDOUT, rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
        // A pipe whose reader is slow.
        Atomics.wait(nobodyWakes, 0, 0, READER_WAIT_MS)
      }
  },
}

export function createLogger({ service, level = 'info', destination = stdout }: LoggerOptions): Logger {
  const log = pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      mixin: activeTrace,
      // `loggable` has described the error by then; pino's own serializer would add its stack and causes.
      serializers: { err: (described: unknown) => described },
      hooks: {
        logMethod(args, method) {
          const [first, second] = args as [unknown, unknown]
          if (typeof first === 'string') method.call(this, masked(first))
          else method.call(this, first as object, typeof second === 'string' ? masked(second) : '')
        },
      },
      formatters: {
        level: (label) => ({ level: label }),
        log: loggable,
      },
    },
    destination,
  )
  return withSafeChildren(log)
}

/** pino lets the fields of a child pass its formatters. */
function withSafeChildren(log: PinoLogger): Logger {
  const child = log.child.bind(log)
  return Object.assign(log, {
    child: (fields: LogFields) => withSafeChildren(child(loggable({ ...fields }))),
  })
}

function activeTrace(): Record<string, string> {
  const context = trace.getActiveSpan()?.spanContext()
  return context !== undefined && isSpanContextValid(context)
    ? { trace_id: context.traceId, span_id: context.spanId }
    : {}
}

/** The level named by LOG_LEVEL; a wrong one is reported with the other settings, so here it only falls back. */
export function logLevelFrom(env: NodeJS.ProcessEnv): string {
  const level = env['LOG_LEVEL']?.trim() ?? ''
  return level in pino.levels.values || level === 'silent' ? level : 'info'
}
