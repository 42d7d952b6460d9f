import { MessageBody } from '@parley/proto/content'
import { expect, test } from 'vitest'
import { isCourtesy } from './courtesy.ts'

const text = (value: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text: value } } })

test.each([
  'obrigada!',
  'Muito obrigado pela ajuda, boa noite 🙏',
  'ok, valeu',
  'tchau tchau',
  'Não, obrigado.',
  'thanks a lot!',
  'Thank you so much, have a nice day',
  'ধন্যবাদ',
  'অনেক ধন্যবাদ আপনাকে',
  '👍',
  '🙏🏽🙏🏽',
])('"%s" is thanks or a goodbye and nothing else', (words) => expect(isCourtesy(text(words))).toBe(true))

test.each([
  'oi',
  'bom dia',
  '?',
  '...',
  'obrigada, mas e o cartão?',
  'obrigada, perdi outro cartão',
  'thanks, one more thing',
  'sim',
  'não',
  'ধন্যবাদ, আরেকটা প্রশ্ন আছে',
  '',
])('"%s" may begin something', (words) => expect(isCourtesy(text(words))).toBe(false))

test('a sticker alone is one; a photo, and no message, is none', () => {
  const media = (type: string) => MessageBody.fromPartial({ body: { $case: 'media', value: { type } } })
  expect([isCourtesy(media('sticker')), isCourtesy(media('image')), isCourtesy(undefined)]).toEqual([
    true,
    false,
    false,
  ])
})
