import { describe, expect, test } from 'vitest'
import { type OpeningHours, closedUntil, hoursInWords, zoneNameOf } from './hours.ts'

const workday = [{ from: '09:00', to: '18:00' }]
const bank: OpeningHours = {
  week: {
    monday: workday,
    tuesday: workday,
    wednesday: [
      { from: '09:00', to: '12:00' },
      { from: '13:30', to: '18:00' },
    ],
    thursday: workday,
    friday: workday,
    saturday: [{ from: '09:00', to: '13:00' }],
    sunday: [],
  },
  offsets: [{ from: undefined, minutes: -180 }],
  zoneName: { pt: 'horário de Brasília', en: 'Brasilia time', bn: 'ব্রাসিলিয়া সময়' },
}

describe('when a queue opens', () => {
  const said = (at: string, opensAt: string) =>
    (['en', 'pt', 'bn'] as const).map((language) => closedUntil(bank, at, opensAt, language))

  // 2026-11-27 is a Friday; São Paulo is three hours behind UTC.
  test.each([
    [
      'today',
      '2026-11-27T11:59:59Z',
      '2026-11-27T16:30:00Z',
      'We are closed now; we are back today at 13:30 (Brasilia time).',
      'Estamos fechados agora; voltamos hoje às 13h30 (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব আজ দুপুর ১টা ৩০ মিনিট থেকে (ব্রাসিলিয়া সময়)।',
    ],
    [
      'tomorrow, though it is tomorrow in UTC already',
      '2026-11-28T02:30:00Z',
      '2026-11-28T12:00:00Z',
      'We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).',
      'Estamos fechados agora; voltamos amanhã, sábado, às 9h (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব আগামীকাল শনিবার সকাল ৯টা থেকে (ব্রাসিলিয়া সময়)।',
    ],
    [
      'on a named day',
      '2026-11-28T16:00:00Z',
      '2026-11-30T12:00:00Z',
      'We are closed now; we are back on Monday, 30 November, at 9:00 (Brasilia time).',
      'Estamos fechados agora; voltamos na segunda-feira, 30/11, às 9h (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব সোমবার ৩০/১১ তারিখে সকাল ৯টা থেকে (ব্রাসিলিয়া সময়)।',
    ],
  ])('%s, as people say it', (_, at, opensAt, ...words) => {
    expect(said(at, opensAt)).toEqual(words)
  })
})

test('the hours of the week are said as people say them', () => {
  expect(hoursInWords(bank, 'en')).toBe(
    'Monday to Tuesday, 9:00 to 18:00; Wednesday, 9:00 to 12:00 and 13:30 to 18:00; Thursday to Friday, 9:00 to 18:00; Saturday, 9:00 to 13:00 (Brasilia time)',
  )
  expect(hoursInWords(bank, 'pt')).toContain('de segunda-feira a terça-feira, das 9h às 18h; quarta-feira,')
  expect(hoursInWords(bank, 'bn')).toContain('সোমবার থেকে মঙ্গলবার, সকাল ৯টা থেকে সন্ধ্যা ৬টা')
})

test('a zone is called as people call it', () => {
  const names = (['pt', 'en', 'bn'] as const).map((language) => zoneNameOf('America/Sao_Paulo', language))
  expect(names).toEqual(['horário de Brasília', 'Brasilia time', 'ব্রাসিলিয়া সময়'])
})
