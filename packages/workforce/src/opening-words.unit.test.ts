import { describe, expect, test } from 'vitest'
import { QueueConfiguration } from '@parley/proto/workforce-configuration'
import { OPENING_CHARACTERS_MAX, clockOf, closedUntil, openingInWords } from './opening-words.ts'

const offsets = [{ from: undefined, minutes: -180 }]
const bank = clockOf('America/Sao_Paulo', offsets)

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
      'এখন বন্ধ আছে; আজ দুপুর ১টা ৩০ মিনিটে আবার খুলব (ব্রাসিলিয়া সময়)।',
    ],
    [
      'tomorrow, though it is tomorrow in UTC already',
      '2026-11-28T02:30:00Z',
      '2026-11-28T12:00:00Z',
      'We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).',
      'Estamos fechados agora; voltamos amanhã, sábado, às 9h (horário de Brasília).',
      'এখন বন্ধ আছে; আগামীকাল শনিবার সকাল ৯টায় আবার খুলব (ব্রাসিলিয়া সময়)।',
    ],
    [
      'on a named day',
      '2026-11-28T16:00:00Z',
      '2026-11-30T12:00:00Z',
      'We are closed now; we are back on Monday, 30 November, at 9:00 (Brasilia time).',
      'Estamos fechados agora; voltamos na segunda-feira, 30/11, às 9h (horário de Brasília).',
      'এখন বন্ধ আছে; সোমবার ৩০/১১ তারিখে সকাল ৯টায় আবার খুলব (ব্রাসিলিয়া সময়)।',
    ],
  ])('%s, as people say it', (_, at, opensAt, ...words) => {
    expect(said(at, opensAt)).toEqual(words)
  })
})

describe('what a flow says of the hours of a queue', () => {
  const span = (weekday: number, from: number, to: number) => ({
    weekday,
    fromMinute: from * 60,
    toMinute: to * 60,
  })
  const queues = [
    { name: 'general' },
    {
      name: 'branches',
      zone: 'America/Sao_Paulo',
      hours: [
        ...[1, 2, 4, 5].map((weekday) => span(weekday, 9, 18)),
        span(3, 13.5, 18),
        span(3, 9, 12),
        span(6, 9, 13),
      ],
      holidays: ['2026-12-25'],
    },
    { name: 'night', zone: 'America/Sao_Paulo', hours: [span(5, 20, 24)] },
    {
      name: 'daily',
      zone: 'America/Sao_Paulo',
      hours: [1, 2, 3, 4, 5, 6, 7].map((day) => span(day, 0, 24)),
      holidays: ['2026-12-25'],
    },
    {
      name: 'dawn',
      zone: 'America/Sao_Paulo',
      hours: [
        ...[1, 2, 3, 4, 5, 6].map((day) => span(day, 0, 1)),
        ...[1, 2, 3, 4, 5].map((day) => span(day, 20, 24)),
        span(7, 1, 5),
      ],
    },
    { name: 'weekend', zone: 'America/Sao_Paulo', hours: [span(6, 0, 24), span(7, 0, 24)] },
  ].map((queue) => QueueConfiguration.fromPartial(queue))
  const zones = [{ name: 'America/Sao_Paulo', offsets }]
  const said = (queue: string, at: string) =>
    (['en', 'pt', 'bn'] as const).map((language) =>
      openingInWords({ queues, zones }, { queue, at, language }),
    )

  // 2026-11-27 is a Friday.
  test.each([
    [
      'open now, and until when',
      'branches',
      '2026-11-27T12:00:00Z',
      'We are open now, until 18:00 (Brasilia time). Hours: Monday and Tuesday, 9:00 to 18:00; Wednesday, 9:00 to 12:00 and 13:30 to 18:00; Thursday and Friday, 9:00 to 18:00; Saturday, 9:00 to 13:00.',
      'Estamos atendendo agora, até as 18h (horário de Brasília). Horário: segunda e terça, das 9h às 18h; quarta-feira, das 9h às 12h e das 13h30 às 18h; quinta e sexta, das 9h às 18h; sábado, das 9h às 13h.',
      'এখন খোলা আছে, সন্ধ্যা ৬টা পর্যন্ত (ব্রাসিলিয়া সময়)। সময়সূচি: সোমবার ও মঙ্গলবার, সকাল ৯টা থেকে সন্ধ্যা ৬টা; বুধবার, সকাল ৯টা থেকে দুপুর ১২টা এবং দুপুর ১টা ৩০ মিনিট থেকে সন্ধ্যা ৬টা; বৃহস্পতিবার ও শুক্রবার, সকাল ৯টা থেকে সন্ধ্যা ৬টা; শনিবার, সকাল ৯টা থেকে দুপুর ১টা।',
    ],
    [
      'until midnight',
      'night',
      '2026-11-27T23:30:00Z',
      'We are open now, until midnight (Brasilia time). Hours: Friday, 20:00 to midnight.',
      'Estamos atendendo agora, até a meia-noite (horário de Brasília). Horário: sexta-feira, das 20h à meia-noite.',
      'এখন খোলা আছে, রাত ১২টা পর্যন্ত (ব্রাসিলিয়া সময়)। সময়সূচি: শুক্রবার, রাত ৮টা থেকে রাত ১২টা।',
    ],
    ['at any hour', 'general', '2026-11-29T05:00:00Z', 'At any hour.', 'A qualquer hora.', 'যেকোনো সময়।'],
  ])('%s', (_, queue, at, ...words) => expect(said(queue, at)).toEqual(words))

  test('closed now, and when it opens: not on a holiday', () => {
    expect(said('branches', '2026-12-24T21:00:00Z').map((words) => words!.split(/[.।] /)[0])).toEqual([
      'We are closed now; we are back on Saturday, 26 December, at 9:00 (Brasilia time)',
      'Estamos fechados agora; voltamos no sábado, 26/12, às 9h (horário de Brasília)',
      'এখন বন্ধ আছে; শনিবার ২৬/১২ তারিখে সকাল ৯টায় আবার খুলব (ব্রাসিলিয়া সময়)',
    ])
  })

  test('day and night, it is open at any hour until a holiday is near', () => {
    expect(said('daily', '2026-11-28T12:00:00Z')[0]).toBe('At any hour.')
    expect(said('daily', '2026-12-24T12:00:00Z')[0]).toMatch(/^We are open now, until midnight /)
    expect(said('daily', '2026-12-25T12:00:00Z')[0]).toMatch(
      /^We are closed now; we are back tomorrow, Saturday, at 0:00 /,
    )
  })

  test.each([
    [
      'over more than a day it names the day that ends then',
      'weekend',
      '2026-11-28T12:00:00Z',
      'We are open now, until midnight on Sunday, 29 November (Brasilia time). Hours: Saturday and Sunday, all day.',
      'Estamos atendendo agora, até a meia-noite de domingo, 29/11 (horário de Brasília). Horário: sábado e domingo, o dia todo.',
      'এখন খোলা আছে, রবিবার ২৯/১১ তারিখ রাত ১২টা পর্যন্ত (ব্রাসিলিয়া সময়)। সময়সূচি: শনিবার ও রবিবার, সারা দিন।',
    ],
    [
      'over midnight it names the day, and one hour is said as one',
      'dawn',
      '2026-11-28T01:00:00Z',
      'We are open now, until 1:00 on Saturday, 28 November (Brasilia time). Hours: Monday to Friday, midnight to 1:00 and 20:00 to midnight; Saturday, midnight to 1:00; Sunday, 1:00 to 5:00.',
      'Estamos atendendo agora, até a 1h de sábado, 28/11 (horário de Brasília). Horário: de segunda a sexta, da meia-noite à 1h e das 20h à meia-noite; sábado, da meia-noite à 1h; domingo, da 1h às 5h.',
      'এখন খোলা আছে, শনিবার ২৮/১১ তারিখ রাত ১টা পর্যন্ত (ব্রাসিলিয়া সময়)। সময়সূচি: সোমবার থেকে শুক্রবার, রাত ১২টা থেকে রাত ১টা এবং রাত ৮টা থেকে রাত ১২টা; শনিবার, রাত ১২টা থেকে রাত ১টা; রবিবার, রাত ১টা থেকে ভোর ৫টা।',
    ],
  ])('%s', (_, queue, at, ...words) => expect(said(queue, at)).toEqual(words))

  test('a week of different hours, two spans a day, is no longer than is reckoned with', () => {
    const hours = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => [
      { weekday, fromMinute: 12 * 60 + 10 + weekday, toMinute: 13 * 60 + 40 + weekday },
      { weekday, fromMinute: 18 * 60 + 20 + weekday, toMinute: 19 * 60 + 50 + weekday },
    ])
    const queue = QueueConfiguration.fromPartial({ name: 'odd', zone: 'America/Sao_Paulo', hours })
    const lengths = (['en', 'pt', 'bn'] as const).flatMap((language) =>
      ['2026-11-28T15:30:00Z', '2026-11-28T22:00:00Z', '2026-11-29T05:00:00Z'].map((at) => {
        const words = openingInWords({ queues: [queue], zones }, { queue: 'odd', at, language })!
        return Array.from(words).length
      }),
    )
    expect(Math.max(...lengths)).toBeGreaterThan(OPENING_CHARACTERS_MAX - 50)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(OPENING_CHARACTERS_MAX)
  })

  test('of a queue that is not there nothing is said', () => {
    expect(said('branchs', '2026-11-28T12:00:00Z')).toEqual([undefined, undefined, undefined])
  })
})

test('a zone is called as people call it', () => {
  expect(bank.zoneName).toEqual({ pt: 'horário de Brasília', en: 'Brasilia time', bn: 'ব্রাসিলিয়া সময়' })
})
