import { z } from 'zod'
import { type ConsoleFile, consoleFileOf, readConsoleFile } from './console-file.ts'

/** What is wrong in names.yaml, each with its place. */
export class NamesFileInvalid extends Error {
  readonly code = 'NAMES_FILE_INVALID'
  constructor(problems: readonly string[]) {
    super(
      ['The file of names cannot be used (NAMES_FILE_INVALID).', ...problems.map((line) => `  ${line}`)].join(
        '\n',
      ),
    )
  }
}

const word = z.string().trim().min(1).max(60)
const named = z.record(z.string().min(1).max(80), z.strictObject({ pt: word, en: word, bn: word }))

/** By code, in each language: what people read instead. What is not in it is shown by its code. */
export const namesShape = z.object({
  queues: named,
  closeReasons: named,
  flows: named,
  /** Of any flow. */
  steps: named,
  /** What a flow learnt, by the variable that has it. */
  answers: named,
})
export type Names = z.output<typeof namesShape>

const listed = named.default({})
const schema = z
  .strictObject({ queues: listed, close_reasons: listed, flows: listed, steps: listed, answers: listed })
  .transform(({ close_reasons: closeReasons, ...names }): Names => ({ ...names, closeReasons }))
const FILE: ConsoleFile<typeof schema> = {
  name: 'names.yaml',
  schema,
  keys: ['queues', 'close_reasons', 'flows', 'steps', 'answers', 'pt', 'en', 'bn'],
  invalid: (problems) => new NamesFileInvalid(problems),
}

/** Without the file there are none. @throws {NamesFileInvalid} with file, line and column of every problem */
export const readNames = (directory: string): Promise<Names> => readConsoleFile(directory, FILE)

/** @throws {NamesFileInvalid} */
export const namesIn = (source: string, path: string): Names => consoleFileOf(source, path, FILE)
