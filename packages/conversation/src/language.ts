import type { ContactProfile } from '@parley/proto/content'

export const LANGUAGES = ['pt', 'en', 'bn'] as const
export type Language = (typeof LANGUAGES)[number]

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value)
}

/** The first one that a browser asks for (`Accept-Language`) and that there are texts in; English where there is none. */
export function acceptedLanguage(header = ''): Language {
  return (
    header
      .split(',')
      .map((part) => part.trim().slice(0, 2).toLowerCase())
      .find(isLanguage) ?? 'en'
  )
}

/** Until the customer chooses: by the country of the number, or of the business-scoped user id (`BR.123…`). */
export function languageByCountry(profile: ContactProfile | undefined): Language {
  const waId = profile?.waId ?? ''
  const userId = profile?.userId ?? ''
  if (waId === '' ? userId.startsWith('BR.') : waId.startsWith('55')) return 'pt'
  if (waId === '' ? userId.startsWith('BD.') : waId.startsWith('880')) return 'bn'
  return 'en'
}
