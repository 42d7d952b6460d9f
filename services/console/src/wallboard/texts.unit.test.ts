import { expect, test } from 'vitest'
import { LANGUAGES } from '../state/written-language.ts'
import { TEXTS } from '../texts/index.ts'
import { CATALOGUE } from '../figures/catalogue.ts'
import { WALLBOARD_TEXTS, alertText } from './texts.ts'

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

test.each(LANGUAGES)('an alert on a figure calls it as the page of figures does (%s)', (language) => {
  const texts = WALLBOARD_TEXTS[language]
  for (const { name } of CATALOGUE) expect(alertText(texts, name)).toBe(texts.figures[name][0])
  expect(alertText(texts, 'longestWaitSeconds')).toBe(texts.numbers.longestWait)
  expect(alertText(texts, 'of_a_later_release')).toBe('of_a_later_release')
})
