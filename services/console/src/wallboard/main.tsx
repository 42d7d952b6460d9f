import '@mantine/core/styles/default-css-variables.css'
import '../screen/desk.css'
import './wallboard.css'
import { useCallback, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Client } from '../api/client.ts'
import type { Me } from '../api/shapes.ts'
import { PlacesNav } from '../places/places-nav.tsx'
import { PAGE_TEXTS } from '../places/texts.ts'
import { Empty } from '../screen/empty.tsx'
import { type Settings, keepSettings, keptSettings, onKeptElsewhere } from '../state/settings.ts'
import type { Language } from '../state/written-language.ts'
import { LiveList } from './live-list.tsx'
import { WALLBOARD_TEXTS } from './texts.ts'
import { WallboardPage } from './wallboard-page.tsx'

const signedOut = (): void =>
  location.assign(`/sign-in?returnTo=${encodeURIComponent(location.pathname + location.search)}`)
const client = new Client(signedOut)

/** `/tv/TOKEN`: numbers alone, for a screen on a wall where nobody is signed in. */
const television = /^\/tv\/([\w-]+)$/.exec(location.pathname)?.[1]

function Wallboards() {
  const [{ language, scheme }, setSettings] = useState(keptSettings)
  const [me, setMe] = useState<Me>()
  const texts = WALLBOARD_TEXTS[language]
  useEffect(() => {
    document.documentElement.lang = texts.tag
    document.title = `Parley · ${texts.title}`
  }, [texts])
  useScheme(scheme)
  const takeUp = useCallback((changed: Partial<Settings>) => {
    keepSettings(changed)
    setSettings(keptSettings())
  }, [])
  useEffect(() => onKeptElsewhere(setSettings), [])
  useEffect(() => {
    if (television !== undefined) return
    client.me().then(setMe, () => undefined)
    // As they were left at the desk, on whatever machine.
    client.settings().then(takeUp, () => undefined)
  }, [takeUp])
  const choose = (chosen: Language) => {
    takeUp({ language: chosen })
    if (television === undefined) client.keepSettings({ language: chosen }).catch(() => undefined)
  }
  const shared = { texts, language, onLanguage: choose }
  if (television !== undefined)
    return (
      <WallboardPage
        {...shared}
        client={client}
        base={`/tv/${television}`}
        onRefused={() => undefined}
        mayLookAfter={false}
        isTelevision
      />
    )
  if (me === undefined) return <p className="quiet">{texts.connecting}</p>
  // They are signed in, and would be each time that they were led to it.
  if (!me.permissions.includes('metrics.read')) {
    const { notAllowed, notAllowedHint } = PAGE_TEXTS[language]
    return (
      <main className="wallboard">
        <PlacesNav permissions={me.permissions} language={language} />
        <Empty title={notAllowed} hint={notAllowedHint} />
      </main>
    )
  }
  if (location.pathname === '/wallboard/live')
    return <LiveList {...shared} client={client} me={me} onRefused={signedOut} />
  return (
    <WallboardPage
      {...shared}
      client={client}
      base="/api/wallboard"
      onRefused={signedOut}
      team={me.team}
      timeZone={me.timeZone ?? 'UTC'}
      mayLookAfter={me.permissions.includes('conversations.supervise')}
      permissions={me.permissions}
      isTelevision={false}
    />
  )
}

/** Light or dark as the desk is set, else as the system is. */
function useScheme(scheme: Settings['scheme']): void {
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const show = () => {
      const shown = scheme === 'auto' ? (dark.matches ? 'dark' : 'light') : scheme
      document.documentElement.dataset['mantineColorScheme'] = shown
    }
    show()
    dark.addEventListener('change', show)
    return () => dark.removeEventListener('change', show)
  }, [scheme])
}

const place = document.getElementById('desk')
if (place === null) throw new Error('The page has no place for the wallboard.')
createRoot(place).render(<Wallboards />)
