import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { YamlFile, mistakesOf } from '@parley/authoring'
import type { z } from 'zod'

/** A file of the company's folder that says what the console shows. */
export interface ConsoleFile<Schema extends z.ZodType> {
  readonly name: string
  readonly schema: Schema
  /** All keys of the schema. */
  readonly keys: readonly string[]
  invalid(problems: readonly string[]): Error
}

/**
 * Without the file it is empty.
 * @throws what `invalid` makes of every problem, each with file, line and column
 */
export async function readConsoleFile<Schema extends z.ZodType>(
  directory: string,
  file: ConsoleFile<Schema>,
): Promise<z.output<Schema>> {
  const path = join(directory, file.name)
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return consoleFileOf(source, path, file)
}

export function consoleFileOf<Schema extends z.ZodType>(
  source: string,
  path: string,
  { schema, keys, invalid }: ConsoleFile<Schema>,
): z.output<Schema> {
  const yaml = new YamlFile(source)
  const said = ({ line, column }: { line: number; column: number }, what: string): string =>
    `${path}:${line}:${column}: ${what}`
  if (yaml.errors.length > 0) throw invalid(yaml.errors.map((mistake) => said(mistake, mistake.message)))
  const parsed = schema.safeParse(yaml.content() ?? {})
  if (parsed.success) return parsed.data
  throw invalid(
    mistakesOf(parsed.error.issues, keys).map(({ path: at, why }) =>
      said(yaml.placeOf(at), `${at.join('.') || 'the file'}: ${why}`),
    ),
  )
}
