import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import { YamlFile, type YamlPath } from './yaml-file.ts'

/** A file of the folder that PARLEY_CONFIG_DIR names. */
export interface ConfigFile<Schema extends z.ZodType = z.ZodType> {
  /** In the folder: `people.yaml`. */
  readonly name: string
  /** What it is the file of, in what people read. */
  readonly of: string
  /** By which it is known that it cannot be used. */
  readonly code: string
  readonly schema: Schema
  /** Where it is not there, or empty, all that it may say is left out. */
  readonly isOptional?: true
}

/** Something that is wrong in a file. */
export interface ConfigProblem {
  readonly path: YamlPath
  /** Which place is told. Default: the value's. */
  readonly by?: 'key' | 'value'
  readonly why: string
}

/** All that is wrong in a file, each with its place. */
export class ConfigFileInvalid extends Error {
  readonly code: string
  constructor({ of, code }: Pick<ConfigFile, 'of' | 'code'>, problems: readonly string[]) {
    super([`The file of ${of} cannot be used (${code}).`, ...problems.map((line) => `  ${line}`)].join('\n'))
    this.code = code
  }
}

interface Source {
  readonly source: string
  /** By which its places are told. */
  readonly path: string
}

/** @throws {ConfigFileInvalid} it is not there, and must be */
export async function sourceIn(directory: string, file: ConfigFile): Promise<Source> {
  const path = join(directory, file.name)
  try {
    return { source: await readFile(path, 'utf8'), path }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (file.isOptional === true) return { source: '', path }
    throw new ConfigFileInvalid(file, [
      `${path} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  }
}

/**
 * What a file says.
 * @param path by which its places are told
 * @param wrong what does not fit together, of parts that are well by themselves
 * @throws {ConfigFileInvalid} with file, line and column of every problem
 */
export function contentOf<Schema extends z.ZodType>(
  file: ConfigFile<Schema>,
  source: string,
  path: string,
  wrong: (content: z.output<Schema>) => readonly ConfigProblem[] = () => [],
): z.output<Schema> {
  const yaml = new YamlFile(source)
  const { errors } = yaml
  if (errors.length > 0)
    throw new ConfigFileInvalid(
      file,
      errors.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`),
    )
  const parsed = file.schema.safeParse(yaml.content() ?? (file.isOptional === true ? {} : null))
  const problems = parsed.success
    ? wrong(parsed.data)
    : parsed.error.issues.flatMap((issue) => problemsIn(issue, file.schema))
  if (parsed.success && problems.length === 0) return parsed.data
  throw new ConfigFileInvalid(file, problemLines({ source, path }, problems))
}

/** Each problem with its place, as people are told it. */
export function problemLines(
  { source, path }: Source,
  problems: readonly ConfigProblem[],
): readonly string[] {
  const yaml = new YamlFile(source)
  return problems.map(({ path: part, by = 'value', why }) => {
    const { line, column } = yaml.placeOf(part, by)
    return `${path}:${line}:${column}: ${part.join('.') || 'the file'}: ${why}`
  })
}

/** What the file of a folder says. @throws {ConfigFileInvalid} */
export async function contentIn<Schema extends z.ZodType>(
  directory: string,
  file: ConfigFile<Schema>,
): Promise<z.output<Schema>> {
  const { source, path } = await sourceIn(directory, file)
  return contentOf(file, source, path)
}

function problemsIn(issue: z.core.$ZodIssue, schema: z.ZodType): readonly ConfigProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    const why = issue.message.endsWith('received undefined') ? 'it is missing' : issue.message
    return [{ path: issue.path, why }]
  }
  const known = keysOf(schema)
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    by: 'key',
    why: `it is not known here${known.includes(key) ? '' : didYouMean(key, known)}`,
  }))
}

/** All words that the file may have before a colon, wherever. */
export function keysOf(schema: z.ZodType): readonly string[] {
  const keys = new Set<string>()
  JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), (name, part: unknown) => {
    if (name === 'properties') for (const key of Object.keys(part as object)) keys.add(key)
    return part
  })
  return [...keys]
}

/** The places of those that have the key of one before them. */
export function duplicatesIn<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly number[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const key = keyOf(item)
    if (seen.has(key)) return [index]
    seen.add(key)
    return []
  })
}
