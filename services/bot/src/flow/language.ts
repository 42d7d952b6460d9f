import { LANGUAGES, type Language, isLanguage } from '@parley/conversation/said'
import { z } from 'zod'

/** Every text of a flow is written in each of these. */
export { LANGUAGES, type Language, isLanguage }

/** What the contact's language is called elsewhere may have a region (`pt-BR`); what we have no texts for is answered in English. */
export function languageOf(tag: string): Language {
  const primary = tag.toLowerCase().split(/[-_]/)[0] ?? ''
  return isLanguage(primary) ? primary : 'en'
}

/** One text in every language. `{{name}}` stands for a variable. */
export const translations = z.strictObject({ pt: z.string(), en: z.string(), bn: z.string() })
export type Translations = z.infer<typeof translations>
