import { type ConfigFile, contentIn } from '@parley/authoring/config-file'
import { LANGUAGES } from '@parley/conversation'
import { z } from 'zod'

/** What an agent says often, in one language. In the text `{customer}`, `{agent}`, and whatever else is filled in before it is sent. */
export interface QuickReply {
  readonly name: string
  readonly language: string
  readonly text: string
}

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

export const QUICK_REPLIES_FILE: ConfigFile<typeof schema> = {
  name: 'quick-replies.yaml',
  of: 'quick replies',
  code: 'QUICK_REPLIES_FILE_INVALID',
  schema,
  isOptional: true,
}

/** @throws {ConfigFileInvalid} */
export const readQuickReplies = (directory: string): Promise<readonly QuickReply[]> =>
  contentIn(directory, QUICK_REPLIES_FILE)
