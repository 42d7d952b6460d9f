import { expect, test } from 'vitest'
import { CATALOGUE } from '../figures/catalogue.ts'
import { DEFINITIONS } from '../figures/definitions/definitions.ts'
import { LANGUAGES } from '../state/written-language.ts'
import { alertText } from './alert-text.ts'
import { WALLBOARD_TEXTS } from './texts.ts'

test.each(LANGUAGES)('an alert on a figure calls it as the page of figures does (%s)', (language) => {
  const texts = WALLBOARD_TEXTS[language]
  const called = (figure: string) => alertText(texts, language, figure)
  for (const { name } of CATALOGUE) expect(called(name)).toBe(DEFINITIONS[language][name][0])
  expect(called('longestWaitSeconds')).toBe(texts.numbers.longestWait)
  expect(called('of_a_later_release')).toBe('of_a_later_release')
})
