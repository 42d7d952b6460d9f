import { expect, test } from 'vitest'
import { LANGUAGES } from '../state/written-language.ts'
import { TEXTS } from '../texts/index.ts'
import { WALLBOARD_TEXTS } from './texts.ts'

test.each(LANGUAGES)(
  'the wallboard calls stages, presences and authors as the desk does (%s)',
  (language) => {
    const { stages, presence, authors } = WALLBOARD_TEXTS[language]
    const desk = TEXTS[language]
    const { label: _, hint: __, ...presences } = desk.presence
    expect(stages).toEqual(desk.stages)
    expect(authors).toEqual(desk.authors)
    // Of oneself, and of others.
    expect({ ...presences, finishing: presence.finishing }).toMatchObject(presence)
  },
)
