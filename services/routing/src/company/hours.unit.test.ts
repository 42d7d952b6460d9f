import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OpeningHours, WEEKDAYS, hoursInWords, hoursNow, zoneNameOf } from './hours.ts'
import { zoneOffsets } from './zone.ts'

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
  holidays: { '2026-12-24': [{ from: '09:00', to: '12:00' }], '2026-12-25': [], '2026-12-28': [] },
  offsets: zoneOffsets('America/Sao_Paulo'),
  zoneName: { pt: 'horário de Brasília', en: 'Brasilia time', bn: 'ব্রাসিলিয়া সময়' },
}

describe('the hours of this minute', () => {
  // 2026-11-27 is a Friday; São Paulo is three hours behind UTC.
  test.each([
    ['open', '2026-11-27T12:00:00Z', 'We are open now, until 18:00 (Brasilia time).'],
    ['open to the last minute', '2026-11-27T20:59:59Z', 'We are open now, until 18:00 (Brasilia time).'],
    [
      'closed in the evening, back tomorrow',
      '2026-11-27T21:00:00Z',
      'We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).',
    ],
    [
      'closed before opening, back today',
      '2026-11-27T11:59:59Z',
      'We are closed now; we are back today at 9:00 (Brasilia time).',
    ],
    [
      'closed over lunch, back today',
      '2026-11-25T15:00:00Z',
      'We are closed now; we are back today at 13:30 (Brasilia time).',
    ],
    [
      'closed over the weekend, back on a named day',
      '2026-11-28T16:00:00Z',
      'We are closed now; we are back on Monday, 30 November, at 9:00 (Brasilia time).',
    ],
    [
      'already tomorrow in UTC, and still today here',
      '2026-11-28T02:30:00Z',
      'We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).',
    ],
    ['a short day before a holiday', '2026-12-24T14:00:00Z', 'We are open now, until 12:00 (Brasilia time).'],
    [
      'over a holiday, a Saturday and a Sunday',
      '2026-12-24T15:00:00Z',
      'We are closed now; we are back on Saturday, 26 December, at 9:00 (Brasilia time).',
    ],
    [
      'over a Sunday and a holiday that would be a workday',
      '2026-12-26T16:00:00Z',
      'We are closed now; we are back on Tuesday, 29 December, at 9:00 (Brasilia time).',
    ],
  ])('%s', (_, at, words) => {
    expect(hoursNow(bank, at, 'en')).toBe(words)
  })

  test('in Portuguese and Bengali as people say them', () => {
    const said = (at: string) => [hoursNow(bank, at, 'pt'), hoursNow(bank, at, 'bn')]
    expect(said('2026-11-27T12:00:00Z')).toEqual([
      'Estamos atendendo agora, até as 18h (horário de Brasília).',
      'আমরা এখন খোলা আছি, সন্ধ্যা ৬টা পর্যন্ত (ব্রাসিলিয়া সময়)।',
    ])
    expect(said('2026-11-27T21:00:00Z')).toEqual([
      'Estamos fechados agora; voltamos amanhã, sábado, às 9h (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব আগামীকাল শনিবার সকাল ৯টা থেকে (ব্রাসিলিয়া সময়)।',
    ])
    expect(said('2026-11-25T15:00:00Z')).toEqual([
      'Estamos fechados agora; voltamos hoje às 13h30 (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব আজ দুপুর ১টা ৩০ মিনিট থেকে (ব্রাসিলিয়া সময়)।',
    ])
    expect(said('2026-11-28T16:00:00Z')).toEqual([
      'Estamos fechados agora; voltamos na segunda-feira, 30/11, às 9h (horário de Brasília).',
      'আমরা এখন বন্ধ; আবার খুলব সোমবার ৩০/১১ তারিখে সকাল ৯টা থেকে (ব্রাসিলিয়া সময়)।',
    ])
  })

  test('a night that goes over midnight ends in the morning; who never closes says so', () => {
    const all = (opening: OpeningHours['week']['monday']): OpeningHours => ({
      ...bank,
      holidays: {},
      week: Object.fromEntries(WEEKDAYS.map((day) => [day, opening])) as unknown as OpeningHours['week'],
    })
    const nights = all([
      { from: '00:00', to: '06:00' },
      { from: '22:00', to: '24:00' },
    ])
    expect(hoursNow(nights, '2026-11-28T02:30:00Z', 'en')).toBe(
      'We are open now, until 6:00 (Brasilia time).',
    )
    const always = all([{ from: '00:00', to: '24:00' }])
    expect(hoursNow(always, '2026-11-28T02:30:00Z', 'pt')).toBe('Atendemos a qualquer hora.')
  })

  test('a company that is shut for months promises no day', () => {
    const days = Array.from({ length: 80 }, (_, index) =>
      new Date(Date.UTC(2026, 10, 20 + index)).toISOString().slice(0, 10),
    )
    const shut = { ...bank, holidays: Object.fromEntries(days.map((day) => [day, []])) }
    expect(hoursNow(shut, '2026-11-27T12:00:00Z', 'en')).toBe('We are closed now.')
  })

  test('whenever it is, the moment that is promised is open, and none before it is', () => {
    const minute = 60_000
    const day = 24 * 60 * minute
    const said = (ms: number) => hoursNow(bank, new Date(ms).toISOString(), 'en')
    const isOpen = (ms: number) => said(ms).startsWith('We are open')
    /** The moment that the words promise; that of asking when they say open. */
    const promisedAt = (ms: number): number => {
      const [, when = '', hour, minutes] =
        / back (today|tomorrow|on .*), ?.*?at (\d+):(\d+)/.exec(said(ms).replace('today at', 'today, at')) ??
        []
      if (when === '') return ms
      const local = new Date(ms - 3 * 60 * minute)
      const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate())
      const [, date] = /, (\d+ \w+)$/.exec(when) ?? []
      const of =
        date === undefined
          ? midnight + (when.startsWith('tomorrow') ? day : 0)
          : [2026, 2027].map((year) => Date.parse(`${date} ${year} UTC`)).find((at) => at >= midnight)!
      return of + (Number(hour) + 3) * 60 * minute + Number(minutes) * minute
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * 24 * 60 }), (minutes) => {
        const at = Date.parse('2026-11-20T00:00:00Z') + minutes * minute
        // Spans begin at whole and half hours.
        let opens = isOpen(at) ? at : Math.ceil(at / (30 * minute)) * 30 * minute
        while (!isOpen(opens)) opens += 30 * minute
        expect(new Date(promisedAt(at)).toISOString()).toBe(new Date(opens).toISOString())
      }),
      { numRuns: 200 },
    )
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
