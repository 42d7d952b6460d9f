import { type ReactNode, useEffect, useState } from 'react'
import type { Client } from '../api/client.ts'
import type { Me } from '../api/shapes.ts'
import { Picker } from '../screen/picker.tsx'
import { actionPressed } from '../screen/pressed.ts'
import { useSurroundings } from '../screen/work.tsx'
import { KEYMAP, shownKey } from '../state/keymap.ts'
import { LANGUAGES } from '../state/written-language.ts'
import { TEXTS } from '../texts/index.ts'
import { usePageTexts } from './asked.tsx'
import { PlacesNav } from './places-nav.tsx'
import { placesOf } from './places.ts'

export interface PageProps {
  readonly client: Client
  readonly me: Me
}

interface FrameProps {
  readonly me: Me
  readonly title: string
  readonly children: ReactNode
}

/** What all pages have around them: where else one may go, by link and by key, and the language. */
export function Frame({ me, title, children }: FrameProps) {
  const { texts: desk, settings, change } = useSurroundings()
  const texts = usePageTexts()
  const [isChoosing, setIsChoosing] = useState(false)
  const places = placesOf(me.permissions)
  useEffect(() => {
    document.title = `Parley · ${title}`
  }, [title])
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isChoosing || event.repeat) return
      const action = actionPressed(event)
      const place = places.find(({ name }) => name === action)
      if (action === 'palette' || action === 'help') setIsChoosing(true)
      else if (place !== undefined) location.assign(place.path)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  })
  return (
    <div className="page">
      <a className="skip" href="#page">
        {texts.skip}
      </a>
      <header>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> <span>{title}</span>
        </h1>
        <PlacesNav permissions={me.permissions} language={settings.language} />
        <span className="space" />
        <button type="button" className="bar" aria-haspopup="dialog" onClick={() => setIsChoosing(true)}>
          {texts.everything} <kbd>{shownKey('mod+k', /mac|iphone|ipad/i.test(navigator.platform))}</kbd>
        </button>
        <label>
          <span className="hidden">{desk.settings.language}</span>
          <select
            value={settings.language}
            onChange={({ currentTarget: { value } }) => {
              const language = LANGUAGES.find((one) => one === value)
              if (language !== undefined) change({ language })
            }}
          >
            {LANGUAGES.map((language) => (
              <option key={language} value={language} lang={language}>
                {TEXTS[language].ownName}
              </option>
            ))}
          </select>
        </label>
      </header>
      <main id="page" tabIndex={-1}>
        {children}
      </main>
      {isChoosing && (
        <Picker
          title={texts.everything}
          empty=""
          choices={places.map(({ name }) => ({
            id: name,
            label: desk.actions[name],
            keys: shownKey(KEYMAP[name].keys[0], false),
          }))}
          onPick={(picked) => {
            const place = places.find(({ name }) => name === picked)
            if (place !== undefined) location.assign(place.path)
          }}
          onClose={() => setIsChoosing(false)}
        />
      )}
    </div>
  )
}
