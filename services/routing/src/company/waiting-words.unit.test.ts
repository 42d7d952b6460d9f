import { expect, test } from 'vitest'
import { waitInWords } from './waiting-words.ts'

const clock = {
  offsets: [{ from: undefined, minutes: -180 }],
  zoneName: { pt: 'horário de Brasília', en: 'Brasilia time', bn: 'ব্রাসিলিয়া সময়' },
}
const AT = '2026-11-27T21:00:00Z'

test.each([
  [1, 0, 'You are next in line.', 'Você é a próxima pessoa da fila.', 'সারিতে এরপরই আপনার পালা।'],
  [
    3,
    45,
    'You are number 3 in line. It should take less than a minute.',
    'Você está em 3º lugar na fila. A espera deve ser de menos de um minuto.',
    'সারিতে আপনি ৩ নম্বরে আছেন। এক মিনিটের কম সময় লাগতে পারে।',
  ],
  [
    12,
    61,
    'You are number 12 in line. It should take about 2 minutes.',
    'Você está em 12º lugar na fila. A espera deve ser de cerca de 2 minutos.',
    'সারিতে আপনি ১২ নম্বরে আছেন। প্রায় ২ মিনিট লাগতে পারে।',
  ],
  [
    40,
    4000,
    'You are number 40 in line. It may take more than an hour.',
    'Você está em 40º lugar na fila. A espera deve passar de uma hora.',
    'সারিতে আপনি ৪০ নম্বরে আছেন। এক ঘণ্টার বেশি সময় লাগতে পারে।',
  ],
])('place %i and %i seconds are said as people say them', (position, expectedWaitSeconds, ...words) => {
  const said = (['en', 'pt', 'bn'] as const).map((language) =>
    waitInWords(clock, AT, { position, expectedWaitSeconds }, language),
  )
  expect(said).toEqual(words)
})

test('while the queue is closed only when it opens is said: nobody moves up', () => {
  const place = { position: 3, expectedWaitSeconds: 60, opensAt: '2026-11-28T12:00:00Z' }
  expect(waitInWords(clock, AT, place, 'en')).toBe(
    'We are closed now; we are back tomorrow, Saturday, at 9:00 (Brasilia time).',
  )
})
