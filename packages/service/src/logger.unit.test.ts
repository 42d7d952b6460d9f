import { ContactProfile, MessageBody } from '@parley/proto/content'
import { growth } from '@parley/testkit/cost'
import { expect, test } from 'vitest'
import { type LogFields, type Logger, createLogger, logLine, masked } from './logger.ts'
import { withSpan } from './telemetry/spans.ts'
import { startTracing } from './telemetry/tracing.ts'

const SAID = 'my card was stolen'
const PHONE = '5511987654321'

function logger(): { log: Logger; text(): string; lines(): Record<string, unknown>[] } {
  const written: string[] = []
  const log = createLogger({
    service: 'agent',
    level: 'trace',
    destination: { write: (line: string) => void written.push(line) },
  })
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

const content = {
  message: MessageBody.fromPartial({ body: { $case: 'text', value: { text: SAID } } }),
  profile: ContactProfile.fromPartial({ name: 'Sheena Nelson', waId: PHONE }),
}

test('a line is JSON with level, time, service, message and the fields that may be logged', () => {
  const { log, lines } = logger()
  log.info(
    { conversationId: 'c-1', attempt: 2, offset: 7n, partitions: [1, 2], code: 'LOG_UNAVAILABLE' },
    'appended',
  )
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'agent',
      msg: 'appended',
      conversationId: 'c-1',
      attempt: 2,
      offset: '7',
      partitions: [1, 2],
      code: 'LOG_UNAVAILABLE',
    },
  ])
})

test.for([
  ['a content under a key of its own', { content }],
  ['a content under an allowed key', { conversationId: content }],
  ['text under an allowed key', { conversationId: SAID, reason: SAID }],
  ['text in a list under an allowed key', { partitions: [SAID, content] }],
  [
    'the names of a customer',
    { waId: PHONE, userId: `US.${PHONE}`, recipientId: PHONE, name: 'Sheena Nelson' },
  ],
  [
    'an error that carries a request',
    { err: Object.assign(new Error('bad'), { request: content, body: SAID }) },
  ],
  ['the cause of an error', { err: new Error('bad', { cause: new Error(`${SAID} ${PHONE}`) }) }],
  ['a thrown string', { err: SAID }],
  [
    'a phone number in the message of an error',
    { err: new Error(`no route to +${PHONE} or 55 11 98765-4321`) },
  ],
  ['a duplicate key', { err: new Error(`E11000 dup key: { waId: "${PHONE}", name: "Sheena Nelson" }`) }],
  ['a child logger', undefined],
] as const)('%s does not reach the log', ([, fields]) => {
  const { log, text } = logger()
  if (fields === undefined) log.child({ content, reason: SAID } as unknown as LogFields).warn('from a child')
  else log.warn(fields as unknown as LogFields, 'something happened')
  expect(text()).not.toContain(SAID)
  expect(text()).not.toContain(PHONE)
  expect(text()).not.toContain('98765-4321')
  expect(text()).not.toContain('Sheena')
})

test('tokens and passwords in messages are masked', () => {
  const { log, text } = logger()
  log.error(
    { err: new Error('GET https://x/t/AbCdEf123456 with Bearer EAAG123 on mongodb://ann:hunter2@db') },
    'failed',
  )
  logLine(log)('error', `connection of ${PHONE} lost`, { broker: '127.0.0.1:4792' })
  expect(text()).not.toMatch(/AbCdEf123456|EAAG123|hunter2/)
  expect(text()).not.toContain(PHONE)
})

test.each([
  'https://x/t/TOKEN',
  'https://x/t/./TOKEN/print',
  'https://x/t/x/../TOKEN?lang=pt',
  'https:\\\\x\\t\\TOKEN',
  'https://x/?go=%2Ft%2FTOKEN%2Fprint',
  'https://x/tv/TOKEN/stream',
  'parley_session=TOKEN; other=1',
  'TOKEN',
])('what nobody can guess is masked wherever it stands: %s', (message) => {
  for (const token of ['xY-_'.repeat(11).slice(1), `%41${'b'.repeat(42)}`])
    expect(masked(message.replace('TOKEN', token))).not.toMatch(/xY-|b{42}/)
  const id = '0199b4c2-7a1e-7d5f-9b1d-eb4d3b7d4bad'
  expect(masked(`member parley-gateway-${id} of ${'ab'.repeat(32)}`)).toBe(
    `member parley-gateway-${id} of ${'ab'.repeat(32)}`,
  )
})

test.each([
  ['one word', 'a'],
  ['the beginnings of addresses', 'a://'],
  ['an address without an end', '://'.padEnd(64, 'b')],
  ['letters that are escaped', '%41'],
  ['escaped quotes', '\\"'],
  ['quotes', '"'],
  ['digits', '1'],
  ['digits in groups', '12 (3) '],
  ['white space behind a word', 'Bearer '.padEnd(64)],
  ['beginnings of business-scoped ids', 'US.1'],
])('masking takes time in proportion to the length, of %s too', (_, piece) => {
  const took = growth(5_000, (length) => masked(`"x://${piece.repeat(Math.ceil(length / piece.length))}`))
  expect(took).toBeLessThan(80)
})

test.each([
  '4111111111111111',
  '4111 1111 1111 1111',
  '4111–1111–1111–1111',
  '6304 0000 0000 0000 000',
  '৪১১১ ১১১১ ১১১১ ১১১১',
  '４１１１１１１１１１１１１１１１',
])('a card number in an error of a library is masked: %s', (card) => {
  expect(masked(`cannot read ${card}, sorry`)).toBe('cannot read [withheld], sorry')
})

test('a long quotation is withheld, closed or not, and a short one between them is not', () => {
  const said = 'x'.repeat(60)
  expect(masked(`bad "${said}" at "here", then "${said}`)).toBe(
    'bad "[withheld]" at "here", then "[withheld]"',
  )
})

test('an error says its kind, code, message and where, and of its cause the kind and code', () => {
  const { log, lines } = logger()
  const cause = Object.assign(new TypeError('x'), { code: 'ECONNREFUSED' })
  log.error(
    {
      err: Object.assign(new Error('The log took no acknowledgement.', { cause }), {
        code: 'LOG_UNAVAILABLE',
      }),
    },
    'failed',
  )
  expect(lines()[0]?.['err']).toEqual({
    type: 'Error',
    code: 'LOG_UNAVAILABLE',
    message: 'The log took no acknowledgement.',
    at: expect.arrayContaining([expect.stringContaining('logger.unit.test.ts')]) as unknown,
    causedBy: { type: 'TypeError', code: 'ECONNREFUSED', message: '[withheld]' },
  })
})

test('a line inside a span names its trace', async () => {
  startTracing('agent', {})
  const { log, lines } = logger()
  await withSpan('work', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () =>
    log.info('inside'),
  )
  log.info('outside')
  expect(lines()[0]).toMatchObject({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  })
  expect(lines()[1]).not.toHaveProperty('trace_id')
})
