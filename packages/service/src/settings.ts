// Not the whole package, which what only reads settings would wait for.
import { type KafkaSettings, kafkaSettingsFromEnv } from '@parley/eventlog/settings'
import { z } from 'zod'
import { isLoopback } from './loopback.ts'
import { secretFrom } from './secret.ts'

/** One variable of the environment that cannot be used: never with its value, which may be a secret. */
export interface SettingProblem {
  readonly variable: string
  readonly why: string
  readonly how: string
}

export class SettingsError extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    super(
      [
        `${problems.length} setting${problems.length === 1 ? ' is' : 's are'} not usable (CONFIG_INVALID).`,
        ...problems.map(({ variable, why, how }) => `  ${variable}\n    why: ${why}\n    fix: ${how}`),
      ].join('\n'),
    )
    this.problems = problems
  }
}

interface SettingMeta {
  /** The variable it is read from. Default: the field's name in UPPER_SNAKE. */
  readonly env?: string
  /** What a good value looks like, for whoever has to fix it. */
  readonly how?: string
  /** The field of a number that this one must not lie above. */
  readonly atMost?: string
  /** For a setting that is made of several variables. */
  readonly readFrom?: (env: NodeJS.ProcessEnv) => unknown
}

/** Names the variable of a setting and says what a good value looks like. Apply it last: zod forgets it in `.default()` and the like. */
export function setting<Schema extends z.ZodType>(env: string, schema: Schema, how?: string): Schema {
  return schema.meta({ env, ...(how === undefined ? {} : { how }) })
}

/** A limit of a part, which must not lie above the limit of the whole: it would never be reached, and one could take all. */
export function limit<Schema extends z.ZodType>(
  env: string,
  schema: Schema,
  how: string,
  atMost: string,
): Schema {
  return schema.meta({ env, how, atMost } satisfies SettingMeta)
}

/** A setting that may also stand in the file that `<env>_FILE` names. Apply it last. */
export function secret<Schema extends z.ZodType>(env: string, schema: Schema, how: string): Schema {
  return schema.meta({
    env,
    how,
    readFrom: (given: NodeJS.ProcessEnv) => secretFrom(given, env),
  } satisfies SettingMeta)
}

/**
 * Node ends a timer of more than 24.8 days after one millisecond: a limit that is meant as none would end all that it limits at once. A week,
 * for two of them may be added up, and for so long WhatsApp itself tries again and keeps files.
 */
const TIMER_SECONDS_MAX = 7 * 24 * 60 * 60
export const timerMs = z.coerce
  .number()
  .int()
  .min(100)
  .max(TIMER_SECONDS_MAX * 1_000)
export const timerSeconds = z.coerce.number().positive().max(TIMER_SECONDS_MAX)

/** Without TLS, whoever is on the way has the sessions, and what links open; on this machine nobody is. */
export const safeAddress = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    const url = URL.parse(text)
    return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname))
  }, 'it is http: and not on loopback')
  .refine((text) => {
    const url = URL.parse(text)
    return url?.username === '' && url.password === ''
  }, 'it holds a user or a password, with which no request can be made')

/** Where people find a site of ours. Its pages, files, cookies and callbacks are named from the root: behind a proxy under a path none would be found. */
export const siteAddress = safeAddress.refine((text) => {
  const url = URL.parse(text)
  return url?.pathname === '/' && url.search === '' && url.hash === ''
}, 'it has a path, and the site answers at the root of its name alone')

const HOST_AND_PORT = /^(?:dns:(?:\/\/\/)?)?(?:\[[\da-f:.]+\]|[\w.-]+):(?<port>\d{1,5})$/i

/**
 * Where a gRPC server of ours answers. Whoever calls would find out at its first call, and be told that nobody answers.
 * https://github.com/grpc/grpc/blob/master/doc/naming.md
 */
export const grpcAddress = z.string().refine((text) => {
  const port = Number(HOST_AND_PORT.exec(text)?.groups?.['port'])
  return port >= 1 && port <= 65_535
}, 'it is not host:port')

export const portNumber = z.coerce.number().int().min(0).max(65_535)

/** `true`/`1`/`yes`/`on` and `false`/`0`/`no`/`off`. */
export const flag = z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] })

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const partitions = setting(
  'PARLEY_PARTITIONS',
  z.coerce.number().int().min(1).max(1024).default(12),
  'a number from 1 to 1024; it cannot change once there are events',
)

/** Spread it into the settings of every service: `z.object({ ...commonSettings, httpPort: setting('AGENT_HTTP_PORT', portNumber.default(4700)) })`. */
export const commonSettings = {
  kafka: z.custom<KafkaSettings>().meta({
    env: 'KAFKA_BROKERS',
    how: 'a comma-separated list of host:port, for example 127.0.0.1:4792',
    // With the count, so that whoever opens the log by these settings finds each key where all others do. A bad count is told as that of
    // `partitions`.
    readFrom: (env: NodeJS.ProcessEnv) => ({
      ...kafkaSettingsFromEnv(env),
      partitions: partitions.safeParse(env['PARLEY_PARTITIONS']?.trim() || undefined).data,
    }),
  }),
  mongodbUri: setting(
    'MONGODB_URI',
    z.string().regex(/^mongodb(\+srv)?:\/\/.+/, 'it is not a mongodb:// or mongodb+srv:// address'),
    'for example mongodb://127.0.0.1:4717',
  ),
  namespace: setting(
    'PARLEY_NAMESPACE',
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,37}$/, 'only a-z, 0-9 and -, beginning with a letter, at most 38 characters')
      .default('parley'),
    'the first part of every topic and database name, for example parley',
  ),
  partitions,
  configDirectory: setting(
    'PARLEY_CONFIG_DIR',
    z.string().default('config'),
    'the folder of what the company says of itself: company.yaml, people.yaml, workforce.yaml, flows/',
  ),
  host: setting('HOST', z.string().default('127.0.0.1'), 'the address to listen on, for example 0.0.0.0'),
  logLevel: setting('LOG_LEVEL', z.enum(logLevels).default('info'), `one of ${logLevels.join(', ')}`),
}

/**
 * Reads typed settings out of the environment; an empty variable counts as absent.
 * @throws {SettingsError} listing every bad variable, not only the first
 */
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const problems: SettingProblem[] = []
  const input: Record<string, unknown> = {}
  for (const [field, fieldSchema] of Object.entries(schema.shape)) {
    const { readFrom } = metaOf(fieldSchema)
    const variable = variableOf(field, fieldSchema)
    if (readFrom === undefined) {
      const value = env[variable]?.trim()
      if (value !== undefined && value !== '') input[field] = value
      continue
    }
    try {
      const value = readFrom(env)
      if (value !== undefined) input[field] = value
    } catch (error) {
      problems.push({ variable, why: (error as Error).message, how: howOf(fieldSchema) })
    }
  }
  const parsed = schema.safeParse(input)
  const reported = new Set(problems.map(({ variable }) => variable))
  for (const issue of parsed.error?.issues ?? []) {
    const field = String(issue.path[0] ?? '')
    const fieldSchema = schema.shape[field]
    const variable = fieldSchema === undefined ? field : variableOf(field, fieldSchema)
    if (reported.has(variable)) continue
    reported.add(variable)
    problems.push({
      variable: variable === '' ? 'settings' : variable,
      why: field in input || field === '' ? issue.message : 'it is not set',
      how: fieldSchema === undefined ? 'see docs/reference/services' : howOf(fieldSchema),
    })
  }
  const values = new Map(Object.entries(parsed.data ?? {}))
  for (const [field, fieldSchema] of Object.entries(schema.shape)) {
    const { atMost } = metaOf(fieldSchema)
    if (atMost === undefined || !(Number(values.get(field)) > Number(values.get(atMost)))) continue
    const variable = variableOf(field, fieldSchema)
    const whole = variableOf(atMost, schema.shape[atMost])
    problems.push({
      variable,
      why: `${field in input ? 'it' : 'it is not set, and its default'} is above ${whole}`,
      how: `lower it, or raise ${whole}: ${howOf(fieldSchema)}`,
    })
  }
  if (problems.length > 0 || parsed.data === undefined) throw new SettingsError(problems)
  return parsed.data
}

function metaOf(schema: unknown): SettingMeta {
  return ((schema as z.ZodType).meta() ?? {}) as SettingMeta
}

function variableOf(field: string, schema: unknown): string {
  return metaOf(schema).env ?? field.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

function howOf(schema: unknown): string {
  return metaOf(schema).how ?? 'see docs/reference/services'
}
