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

/**
 * Tells the service what the person changes, and nothing else: they may have changed the rest in another window. One request at a time, or of
 * two changes the earlier one might hold.
 */
export class SettingsOfPerson {
  readonly #tell: (changed: PersonSettings) => Promise<void>
  #chosen: PersonSettings = {}
  #untold: PersonSettings = {}
  #isTelling = false

  constructor(tell: (changed: PersonSettings) => Promise<void>) {
    this.#tell = tell
  }

  /** What the service has, but for what was chosen here since it was asked. */
  over(kept: PersonSettings): PersonSettings {
    return { ...kept, ...this.#chosen }
  }

  choose(settings: Partial<Settings>): void {
    const { notifications: _, ...changed } = settings
    this.#chosen = { ...this.#chosen, ...changed }
    this.#untold = { ...this.#untold, ...changed }
    void this.#tellAll()
  }

  /** This browser has what was not taken: the next change brings it. */
  async #tellAll(): Promise<void> {
    if (this.#isTelling) return
    this.#isTelling = true
    while (Object.keys(this.#untold).length > 0) {
      const told = this.#untold
      this.#untold = {}
      try {
        await this.#tell(told)
      } catch {
        this.#untold = { ...told, ...this.#untold }
        break
      }
    }
    this.#isTelling = false
  }
}

const Kept = z.partial(Settings)

/** Settings are all that this browser keeps. */
export function keptSettings(): Settings {
  const standard: Settings = {
    language: browserLanguage(),
    scheme: 'auto',
    density: 'comfortable',
    sound: true,
    notifications: false,
  }
  return { ...standard, ...kept() }
}

function kept(): z.infer<typeof Kept> {
  try {
    return Kept.safeParse(JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}')).data ?? {}
  } catch {
    return {}
  }
}

/** What is not named stays as it is: another window may have changed it. */
export function keepSettings(changed: Partial<Settings>): void {
  localStorage.setItem(KEPT_AS, JSON.stringify({ ...kept(), ...changed }))
}

/** Another window of this browser changed some. @returns what ends the listening */
export function onKeptElsewhere(hear: (settings: Settings) => void): () => void {
  const listen = ({ key }: StorageEvent): void => {
    if (key === KEPT_AS) hear(keptSettings())
  }
  addEventListener('storage', listen)
  return () => removeEventListener('storage', listen)
}

function browserLanguage(): Language {
  for (const wanted of navigator.languages) {
    const known = LANGUAGES.find((language) => wanted.toLowerCase().split('-')[0] === language)
    if (known !== undefined) return known
  }
  return 'en'
}
