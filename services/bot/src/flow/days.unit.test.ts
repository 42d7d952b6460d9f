import { describe, expect, test } from 'vitest'
import { type DayBounds, dayIn, readDay, showDay } from './days.ts'
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
    ['hj', 'pt', '2026-11-22'],
    ['ontem à tarde', 'pt', '2026-11-21'],
    ['foi ontem à noite', 'pt', '2026-11-21'],
    ['hoje às 10h', 'pt', '2026-11-22'],
    ['hoje, por volta das 10:30', 'pt', '2026-11-22'],
    ['hoje cedo', 'pt', '2026-11-22'],
    ['last night', 'en', '2026-11-21'],
    ['yesterday at 10 pm', 'en', '2026-11-21'],
    ['গতকাল রাতে', 'bn', '2026-11-21'],
    ['আজ সকাল ১০টায়', 'bn', '2026-11-22'],
    ['20 de novembro de 2026 às 10', 'pt', '2026-11-20'],
    ['20/11 às 10h30', 'pt', '2026-11-20'],
    ['segunda', 'pt', '2026-11-16'],
    ['Na segunda-feira passada', 'pt', '2026-11-16'],
    ['sábado à tarde', 'pt', '2026-11-21'],
    ['sexta que vem', 'pt', '2026-11-27'],
    ['domingo', 'pt', '2026-11-15'],
    ['sex', 'pt', '2026-11-20'],
    ['on Monday', 'en', '2026-11-16'],
    ['last Friday', 'en', '2026-11-20'],
    ['next Monday', 'en', '2026-11-23'],
    ['গত সোমবার', 'bn', '2026-11-16'],
    ['20112026', 'pt', '2026-11-20'],
    ['201126', 'pt', '2026-11-20'],
    ['20261120', 'pt', '2026-11-20'],
    ['２０／１１／２０２６', 'pt', '2026-11-20'],
    ['٢٠/١١/٢٠٢٦', 'pt', '2026-11-20'],
    ['20–11–2026', 'pt', '2026-11-20'],
    ['“20/11/2026”.', 'pt', '2026-11-20'],
    ['\u202d20/11/2026\u202c', 'pt', '2026-11-20'],
    ['20/nov/26', 'pt', '2026-11-20'],
    ['há dois dias', 'pt', '2026-11-20'],
    ['há uns 3 dias', 'pt', '2026-11-19'],
    ['2ª feira', 'pt', '2026-11-16'],
    ['3a-feira à noite', 'pt', '2026-11-17'],
    ['uma semana atrás', 'pt', '2026-11-15'],
    ['two days ago', 'en', '2026-11-20'],
    ['এক সপ্তাহ আগে', 'bn', '2026-11-15'],
    ['em 3 dias', 'pt', '2026-11-25'],
    ['dia 20', 'pt', '2026-11-20'],
    ['the 30th', 'en', '2026-10-30'],
    ['২০ তারিখ', 'bn', '2026-11-20'],
    ['15/03/85', 'pt', '1985-03-15'],
    ['15/03/30', 'pt', '2030-03-15'],
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
    ['um dia', 'pt'],
    ['ontem ou hoje', 'pt'],
    ['não foi ontem', 'pt'],
    ['ontem não', 'pt'],
    ['o cartão de ontem', 'pt'],
    ['mon', 'pt'],
    ['sex', 'en'],
    ['next', 'en'],
    ['32112026', 'pt'],
    ['1234567', 'pt'],
    ['\u2060\u2060', 'pt'],
    ['ontem '.repeat(1000), 'pt'],
  ])('%s (%s) is none', (text, language) => {
    expect(readDay(text, TODAY, language)).toBeUndefined()
  })

  test.each<[string, DayBounds, string]>([
    ['15/03/85', { notAfter: TODAY }, '1985-03-15'],
    ['15/03/45', { notAfter: TODAY }, '1945-03-15'],
    ['15/03/45', { notBefore: TODAY }, '2045-03-15'],
    ['15/03/05', { notBefore: '1920-01-01', notAfter: TODAY }, '2005-03-15'],
    // A slip of a month, not a day of a hundred years ago.
    ['20/12/26', { notAfter: TODAY }, '2026-12-20'],
    ['20/12', { notAfter: TODAY }, '2025-12-20'],
    ['20/12', { notBefore: TODAY }, '2026-12-20'],
    ['segunda', { notBefore: TODAY }, '2026-11-23'],
    ['segunda', { notAfter: TODAY }, '2026-11-16'],
    ['dia 5', { notBefore: TODAY }, '2026-12-05'],
  ])('%s, where the question allows %j, is %s', (text, bounds, day) => {
    expect(readDay(text, TODAY, 'pt', bounds)).toBe(day)
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
