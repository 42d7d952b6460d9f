import { consentWishOf } from '@parley/conversation'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { charactersOf, factsOf } from './facts.ts'

const message = (body: DeepPartial<MessageBody>['body']) => MessageBody.fromPartial({ body })

test.each([
  ['text', { $case: 'text', value: { text: 'olá' } }, 3],
  ['caption and file name', { $case: 'media', value: { caption: 'abc', filename: 'd.pdf' } }, 8],
  ['choice', { $case: 'choice', value: { source: 's', id: 'yes', title: 'Yes' } }, 7],
  ['answers of a form', { $case: 'formReply', value: { responseJson: '{"a":1}' } }, 7],
  ['cards', { $case: 'contactCards', value: { cards: [{ name: 'Ana', phones: ['1'] }, {}] } }, 10],
  ['nothing', undefined, 0],
] as const)('the characters of a message are those of all its texts: %s', (_, body, characters) => {
  expect(charactersOf(message(body as never))).toBe(characters)
})

/** What weighs most in bytes beside what there is to read in it. */
const many = <Part>(part: Part) => Array.from({ length: 10_000 }, () => part)
test.each<readonly [string, DeepPartial<MessageBody>['body']]>([
  ['letters of three bytes', { $case: 'text', value: { text: 'ক'.repeat(10_000) } }],
  ['empty cards', { $case: 'contactCards', value: { cards: many({}) } }],
  ['names of one letter', { $case: 'contactCards', value: { cards: many({ name: 'ক' }) } }],
  ['numbers of one digit', { $case: 'contactCards', value: { cards: [{ phones: many('1') }] } }],
  ['empty addresses', { $case: 'contactCards', value: { cards: [{ emails: many('') }] } }],
  ['empty items', { $case: 'order', value: { items: many({}) } }],
  ['items of numbers', { $case: 'order', value: { items: many({ quantity: -1, itemPrice: 1 / 3 }) } }],
])('%s are no larger in the log than the characters let the rules believe', (_, body) => {
  const whole = message(body)
  const bytes = MessageBody.encode(whole).finish().length
  // 3 bytes in UTF-8 for each, and some for the frame of the whole.
  expect(bytes).toBeLessThanOrEqual(3 * charactersOf(whole) + 32)
})

const said = (body: Parameters<typeof message>[0]) => {
  const whole = message(body)
  return factsOf(whole, consentWishOf(whole))
}

test('a note of the channel is no word of the customer', () => {
  const note = said({ $case: 'note', value: { kind: 'number_changed', text: 'STOP' } })
  expect(note).toMatchObject({ consent: '', consentVia: '' })
})

test.each([
  [{ $case: 'text', value: { text: 'Parar.' } }, 'stop', 'keyword'],
  [{ $case: 'text', value: { text: 'start' } }, 'start', 'keyword'],
  [{ $case: 'choice', value: { id: 'opt_out', title: 'No more' } }, 'stop', 'button'],
  [{ $case: 'media', value: { type: 'image', caption: '*PARAR* 🙏' } }, 'stop', 'keyword'],
  [{ $case: 'choice', value: { source: 'template_button', id: 'p', title: 'Stop promotions' } }, '', ''],
  [{ $case: 'text', value: { text: 'do not stop' } }, '', ''],
] as const)('what a message says about being written to is a fact: %j', (body, consent, consentVia) => {
  expect(said(body as never)).toMatchObject({ consent, consentVia })
})
