import { type ReactNode, useEffect, useState } from 'react'
import type { Client } from '../api/client.ts'
import { PlacesNav } from '../places/places-nav.tsx'
import type { Format } from '../screen/format.ts'
import { LANGUAGES, type Language } from '../state/written-language.ts'
import { type LineState, type Shown, lineStateOf } from './line-state.ts'
import type { WallboardTexts } from './texts.ts'

/** What the wallboard and the live list are given. */
export interface Shared {
  readonly texts: WallboardTexts
  readonly language: Language
  readonly onLanguage: (language: Language) => void
  readonly client: Client
  readonly onRefused: () => void
}

/** The head of a page that is pushed: it says how old the page is, and a banner stands below it once the service is silent, or speaks of the past. */
export function Head({
  title,
  texts,
  language,
  onLanguage,
  shown,
  format,
  permissions,
  children,
}: Pick<Shared, 'texts' | 'language' | 'onLanguage'> & {
  readonly title: ReactNode
  /** Undefined: nothing is shown. */
  readonly shown: Shown | undefined
  readonly format: Format
  /** Of who looks: where else they may go. Null: nobody can go anywhere from there. */
  readonly permissions: readonly string[] | null
  readonly children?: ReactNode
}) {
  return (
    <>
      <header>
        <h1>{title}</h1>
        <Age texts={texts} shown={shown} format={format} />
        <span className="space" />
        {permissions !== null && <PlacesNav permissions={permissions} language={language} />}
        {children}
        <LanguageChoice texts={texts} language={language} onLanguage={onLanguage} />
      </header>
      <Stopped texts={texts} shown={shown} format={format} />
    </>
  )
}

interface AgeProps {
  readonly texts: WallboardTexts
  readonly shown: Shown | undefined
  readonly format: Format
}

function Age({ texts, shown, format }: AgeProps) {
  const { kind, forMs } = useLineState(shown, 100)
  return (
    <p className="line" data-line={kind}>
      <span className="dot" aria-hidden="true" />{' '}
      {kind === 'connecting'
        ? texts.connecting
        : texts[kind](format.number(Math.max(0, Math.floor(forMs / 100) / 10)))}
    </p>
  )
}

function Stopped({ texts, shown, format }: AgeProps) {
  const { kind, forMs, isStopped } = useLineState(shown, 500)
  if (!isStopped) return null
  const seconds = format.number(Math.floor(forMs / 1_000))
  return (
    <p className="banner" role="alert">
      {kind === 'behind' ? texts.lagging(seconds) : texts.stopped(seconds)}
    </p>
  )
}

function useLineState(shown: Shown | undefined, everyMs: number): LineState {
  const now = useTick(everyMs)
  const [beganMs] = useState(() => performance.now())
  return lineStateOf(shown, beganMs, now)
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
