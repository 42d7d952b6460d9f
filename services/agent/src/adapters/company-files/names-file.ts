import { type ConfigFile, contentIn } from '@parley/authoring/config-file'
import { z } from 'zod'

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

export const NAMES_FILE: ConfigFile<typeof schema> = {
  name: 'names.yaml',
  of: 'names',
  code: 'NAMES_FILE_INVALID',
  schema,
  isOptional: true,
}

/** @throws {ConfigFileInvalid} */
export const readNames = (directory: string): Promise<Names> => contentIn(directory, NAMES_FILE)
