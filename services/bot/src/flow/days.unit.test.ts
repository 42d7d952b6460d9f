import { describe, expect, test } from 'vitest'
import { dayIn, readDay, showDay } from './days.ts'
import type { Language } from './language.ts'

const TODAY = '2026-11-22'

describe('a day as customers write it', () => {
  test.each<[string, Language, string]>([
    ['hoje', 'pt', '2026-11-22'],
    ['Ontem!', 'pt', '2026-11-21'],
    ['anteontem', 'pt', '2026-11-20'],
    ['yesterday', 'en', '2026-11-21'],
    ['গতকাল', 'bn', '2026-11-21'],
    ['আজ', 'bn', '2026-11-22'],
    ['há 3 dias', 'pt', '2026-11-19'],
    ['2 days ago', 'en', '2026-11-20'],
    ['৩ দিন আগে', 'bn', '2026-11-19'],
    ['20/11/2026', 'pt', '2026-11-20'],
    ['20/11/26', 'pt', '2026-11-20'],
    ['20-11-2026', 'pt', '2026-11-20'],
    ['20.11.2026', 'pt', '2026-11-20'],
    ['২০/১১/২০২৬', 'bn', '2026-11-20'],
    ['2026-11-20', 'en', '2026-11-20'],
    ['20/11', 'pt', '2026-11-20'],
    ['24/12', 'pt', '2025-12-24'],
    ['29/02', 'pt', '2024-02-29'],
    ['20 de novembro', 'pt', '2026-11-20'],
    ['1º de março de 2026', 'pt', '2026-03-01'],
    ['20 nov 2026', 'pt', '2026-11-20'],
    ['November 20', 'en', '2026-11-20'],
    ['Nov. 20th, 2026', 'en', '2026-11-20'],
    ['the 20th of November', 'en', '2026-11-20'],
    ['২০ নভেম্বর ২০২৬', 'bn', '2026-11-20'],
    ['11/20/2026', 'en', '2026-11-20'],
    ['01/02/2026', 'en', '2026-02-01'],
  ])('%s (%s) is %s', (text, language, day) => {
    expect(readDay(text, TODAY, language)).toBe(day)
  })

  test.each<[string, Language]>([
    ['31/02/2026', 'pt'],
    ['11/20/2026', 'pt'],
    ['29/02/2025', 'pt'],
    ['00/00/0000', 'pt'],
    ['semana passada', 'pt'],
    ['12', 'pt'],
    ['', 'pt'],
    ['20 de novembro de 2026 às 10', 'pt'],
  ])('%s (%s) is none', (text, language) => {
    expect(readDay(text, TODAY, language)).toBeUndefined()
  })

  test('is shown as the language writes it', () => {
    expect(showDay('2026-03-05', 'pt')).toBe('05/03/2026')
    expect(showDay('2026-03-05', 'en')).toBe('5 March 2026')
    expect(showDay('2026-03-05', 'bn')).toBe('৫ মার্চ ২০২৬')
  })

  test('today is the day of the company, not of the server', () => {
    expect(dayIn('2026-11-22T02:30:00Z', 'America/Sao_Paulo')).toBe('2026-11-21')
    expect(dayIn('2026-11-22T20:30:00Z', 'Asia/Dhaka')).toBe('2026-11-23')
  })
})
