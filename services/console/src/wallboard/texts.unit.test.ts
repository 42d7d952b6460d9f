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

test('one conversation is not said as many', () => {
  const { en, pt } = WALLBOARD_TEXTS
  expect([en.rows('1'), en.movePicked('1'), en.rows('2')]).toEqual([
    '1 conversation',
    'Move this one to',
    '2 conversations',
  ])
  expect([pt.rows('1'), pt.movePicked('1'), pt.moved('1'), pt.moved('2')]).toEqual([
    '1 conversa',
    'Mover esta para',
    '1 movida.',
    '2 movidas.',
  ])
})
