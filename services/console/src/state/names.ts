import * as z from 'zod/mini'
import type { Language } from './written-language.ts'

const words = z.record(z.string(), z.object({ pt: z.string(), en: z.string(), bn: z.string() }))

/** The company's, by code: of `names.yaml`. */
export const Names = z.object({
  queues: z.optional(words),
  closeReasons: z.optional(words),
  flows: z.optional(words),
  steps: z.optional(words),
  answers: z.optional(words),
})
export type Names = z.infer<typeof Names>

/** What people read instead of a code; a code that nobody named is shown itself. */
export type Called = (kind: keyof Names, code: string) => string

export const calledIn =
  (names: Names | undefined, language: Language): Called =>
  (kind, code) => {
    const named = names?.[kind]
    return named !== undefined && Object.hasOwn(named, code)
      ? (named[code]?.[language] ?? code)
      : code.replaceAll('_', ' ')
  }

/** A key of a figure, by the dimension that it is counted by; what has no name is shown itself. */
export function keyCalled(
  called: Called,
  by: string | undefined,
  key: string,
  teams: Readonly<Record<string, string>> = {},
): string {
  switch (by) {
    case 'queue':
      return called('queues', key)
    case 'flow':
      return called('flows', key)
    case 'team':
      return Object.hasOwn(teams, key) ? (teams[key] ?? key) : key
    default:
      return key
  }
}
