import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { YamlFile } from '@parley/authoring'
import { z } from 'zod'

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
const file = z.record(
  z.string().regex(/^[a-z][a-z0-9_]*$/, 'only a-z, 0-9 and _'),
  z
    .partialRecord(z.enum(LANGUAGES), worded)
    .refine((languages) => Object.keys(languages).length > 0, 'it is in no language'),
)

/**
 * The quick replies of `quick-replies.yaml`; without the file there are none.
 * @throws {QuickRepliesFileInvalid} with file, line and column of every problem
 */
export async function readQuickReplies(directory: string): Promise<readonly QuickReply[]> {
  const path = join(directory, 'quick-replies.yaml')
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return quickRepliesOf(source, path)
}

/** @throws {QuickRepliesFileInvalid} */
export function quickRepliesOf(source: string, path: string): readonly QuickReply[] {
  const yaml = new YamlFile(source)
  const [broken] = yaml.errors
  const said = ({ line, column }: { line: number; column: number }, what: string): string =>
    `${path}:${line}:${column}: ${what}`
  if (broken !== undefined)
    throw new QuickRepliesFileInvalid(yaml.errors.map((mistake) => said(mistake, mistake.message)))
  const parsed = file.safeParse(yaml.content() ?? {})
  if (!parsed.success)
    throw new QuickRepliesFileInvalid(
      parsed.error.issues.map(({ path: at, message }) =>
        said(yaml.placeOf(at), `${at.join('.') || 'the file'}: ${message}`),
      ),
    )
  return Object.values(parsed.data).flatMap((languages) =>
    LANGUAGES.flatMap((language) => {
      const words = languages[language]
      return words === undefined ? [] : [{ language, ...words }]
    }),
  )
}
