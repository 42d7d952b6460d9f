import * as z from 'zod/mini'
import { LANGUAGES, type Language } from './written-language.ts'

const Settings = z.object({
  language: z.enum(LANGUAGES),
  scheme: z.enum(['auto', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  sound: z.boolean(),
  notifications: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

const KEPT_AS = 'parley.desk'

/** What follows the person from machine to machine. Notifications do not: each browser asks for its own permission. */
export const PersonSettings = z.partial(z.omit(Settings, { notifications: true }))
export type PersonSettings = z.infer<typeof PersonSettings>

export function personSettings({ language, scheme, density, sound }: Settings): PersonSettings {
  return { language, scheme, density, sound }
}

/** Settings are all that this browser keeps. */
export function keptSettings(): Settings {
  const standard: Settings = {
    language: browserLanguage(),
    scheme: 'auto',
    density: 'comfortable',
    sound: true,
    notifications: false,
  }
  try {
    const kept = z.partial(Settings).safeParse(JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}'))
    return kept.success ? { ...standard, ...kept.data } : standard
  } catch {
    return standard
  }
}

export function keepSettings(settings: Settings): void {
  localStorage.setItem(KEPT_AS, JSON.stringify(settings))
}

function browserLanguage(): Language {
  for (const wanted of navigator.languages) {
    const known = LANGUAGES.find((language) => wanted.toLowerCase().split('-')[0] === language)
    if (known !== undefined) return known
  }
  return 'en'
}
