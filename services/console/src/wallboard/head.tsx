import { type ReactNode, useEffect, useState } from 'react'
import type { Client } from '../api/client.ts'
import { PlacesNav } from '../places/places-nav.tsx'
import type { Format } from '../screen/format.ts'
import { LANGUAGES, type Language } from '../state/written-language.ts'
import type { WallboardTexts } from './texts.ts'

/** What the wallboard and the live list are given. */
export interface Shared {
  readonly texts: WallboardTexts
  readonly language: Language
  readonly onLanguage: (language: Language) => void
  readonly client: Client
  readonly onRefused: () => void
}

/** The service says something every two seconds. */
const SILENT_MS = 7_000

/** The head of a page that is pushed: it says how old the page is, and a banner stands below it once the service is silent. */
export function Head({
  title,
  texts,
  language,
  onLanguage,
  atMs,
  format,
  permissions,
  children,
}: Pick<Shared, 'texts' | 'language' | 'onLanguage'> & {
  readonly title: ReactNode
  /** Since when what is shown was not all that had happened, by this machine's clock; undefined: nothing is shown. */
  readonly atMs: number | undefined
  readonly format: Format
  /** Of who looks: where else they may go. Null: nobody can go anywhere from there. */
  readonly permissions: readonly string[] | null
  readonly children?: ReactNode
}) {
  return (
    <>
      <header>
        <h1>{title}</h1>
        <Age texts={texts} atMs={atMs} format={format} />
        <span className="space" />
        {permissions !== null && <PlacesNav permissions={permissions} language={language} />}
        {children}
        <LanguageChoice texts={texts} language={language} onLanguage={onLanguage} />
      </header>
      <Silence texts={texts} atMs={atMs} format={format} />
    </>
  )
}

interface AgeProps {
  readonly texts: WallboardTexts
  readonly atMs: number | undefined
  readonly format: Format
}

function Age({ texts, atMs, format }: AgeProps) {
  const now = useTick(100)
  const ageMs = atMs === undefined ? undefined : now - atMs
  return (
    <p className="line" data-line={ageMs === undefined ? 'connecting' : ageMs > SILENT_MS ? 'lost' : 'live'}>
      <span className="dot" aria-hidden="true" />{' '}
      {ageMs === undefined
        ? texts.connecting
        : texts.live(format.number(Math.max(0, Math.floor(ageMs / 100) / 10)))}
    </p>
  )
}

function Silence({ texts, atMs, format }: AgeProps) {
  const now = useTick(500)
  const [beganMs] = useState(() => performance.now())
  const silentMs = now - (atMs ?? beganMs)
  if (silentMs <= SILENT_MS) return null
  return (
    <p className="banner" role="alert">
      {texts.stopped(format.number(Math.floor(silentMs / 1_000)))}
    </p>
  )
}

function LanguageChoice({ texts, language, onLanguage }: Pick<Shared, 'texts' | 'language' | 'onLanguage'>) {
  const names: Readonly<Record<Language, string>> = { pt: 'Português', en: 'English', bn: 'বাংলা' }
  return (
    <label>
      <span className="hidden">{texts.language}</span>
      <select
        value={language}
        onChange={({ currentTarget: { value } }) => {
          const chosen = LANGUAGES.find((one) => one === value)
          if (chosen !== undefined) onLanguage(chosen)
        }}
      >
        {LANGUAGES.map((one) => (
          <option key={one} value={one}>
            {names[one]}
          </option>
        ))}
      </select>
    </label>
  )
}

function useTick(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
