import { expect, test } from 'vitest'
import { LANGUAGES } from '../state/written-language.ts'
import { TEXTS } from '../texts/index.ts'
import { WALLBOARD_TEXTS } from './texts.ts'

test.each(LANGUAGES)('the wallboard calls presences as the desk does (%s)', (language) => {
  const { presence } = WALLBOARD_TEXTS[language]
  const { label: _, hint: __, ...presences } = TEXTS[language].presence
  // Of oneself, and of others.
  expect({ ...presences, finishing: presence.finishing }).toMatchObject(presence)
})
