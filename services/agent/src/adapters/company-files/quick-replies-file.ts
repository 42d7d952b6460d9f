import { z } from 'zod'
import { type ConsoleFile, consoleFileOf, readConsoleFile } from './console-file.ts'

/** What an agent says often, in one language. In the text `{customer}`, `{agent}`, and whatever else is filled in before it is sent. */
export interface QuickReply {
  readonly name: string
  readonly language: string
  readonly text: string
}

/** What is wrong in quick-replies.yaml, each with its place. */
export class QuickRepliesFileInvalid extends Error {
  readonly code = 'QUICK_REPLIES_FILE_INVALID'
  constructor(problems: readonly string[]) {
    super(
      [
        'The file of quick replies cannot be used (QUICK_REPLIES_FILE_INVALID).',
        ...problems.map((line) => `  ${line}`),
      ].join('\n'),
    )
  }
}

const LANGUAGES = ['pt', 'en', 'bn'] as const
/** WhatsApp's limit for a text. */
const TEXT_CHARACTERS_MAX = 4_096

const worded = z.strictObject({
  name: z.string().trim().min(1).max(60),
  text: z
    .string()
    .trim()
    .min(1)
    .max(TEXT_CHARACTERS_MAX)
    .refine(
      (text) => !/[{}]/.test(text.replaceAll(/\{[a-z_]+\}/g, '')),
      'a variable is a word of small letters in braces, as in {protocol}; other braces would reach the customer',
    ),
})
const schema = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]*$/, 'only a-z, 0-9 and _'),
    z
      .partialRecord(z.enum(LANGUAGES), worded)
      .refine((languages) => Object.keys(languages).length > 0, 'it is in no language'),
  )
  .transform((replies): readonly QuickReply[] =>
    Object.values(replies).flatMap((languages) =>
      LANGUAGES.flatMap((language) => {
        const words = languages[language]
        return words === undefined ? [] : [{ language, ...words }]
      }),
    ),
  )
const FILE: ConsoleFile<typeof schema> = {
  name: 'quick-replies.yaml',
  schema,
  keys: [...LANGUAGES, ...Object.keys(worded.shape)],
  invalid: (problems) => new QuickRepliesFileInvalid(problems),
}

/** Without the file there are none. @throws {QuickRepliesFileInvalid} with file, line and column of every problem */
export const readQuickReplies = (directory: string): Promise<readonly QuickReply[]> =>
  readConsoleFile(directory, FILE)

/** @throws {QuickRepliesFileInvalid} */
export const quickRepliesOf = (source: string, path: string): readonly QuickReply[] =>
  consoleFileOf(source, path, FILE)
