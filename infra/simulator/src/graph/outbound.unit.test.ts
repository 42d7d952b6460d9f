import { describe, expect, test } from 'vitest'
import { isReceipt, readOutbound, readReceipt } from './outbound.ts'
import { readParameters, type Parameters } from './parameters.ts'

const to = { messaging_product: 'whatsapp', to: '5511987654321' }
const codeOf = (body: Parameters): number | 'accepted' => {
  const read = readOutbound(body)
  return 'code' in read ? read.code : 'accepted'
}
const interactive = (content: object): Parameters => ({ ...to, type: 'interactive', interactive: content })
const buttons = (...titles: string[]): Parameters =>
  interactive({
    type: 'button',
    body: { text: '?' },
    action: { buttons: titles.map((title, n) => ({ type: 'reply', reply: { id: `b${n}`, title } })) },
  })
const rows = (count: number, row: object = {}): Parameters =>
  interactive({
    type: 'list',
    body: { text: '?' },
    action: {
      button: 'Choose',
      sections: [
        { rows: Array.from({ length: count }, (_, n) => ({ id: `r${n}`, title: `T${n}`, ...row })) },
      ],
    },
  })

describe('every outbound type of docs/reference/whatsapp.md is accepted', () => {
  const cases: Record<string, Parameters> = {
    text: {
      ...to,
      type: 'text',
      text: { body: 'hi', preview_url: false },
      context: { message_id: 'wamid.IN' },
    },
    'text without a type': { ...to, text: { body: 'hi' } },
    'image by id': { ...to, type: 'image', image: { id: '123' } },
    'image by link': { ...to, type: 'image', image: { link: 'https://example.com/a.jpg', caption: 'c' } },
    document: { ...to, type: 'document', document: { link: 'https://example.com/a.pdf', filename: 'a.pdf' } },
    audio: { ...to, type: 'audio', audio: { id: '1' } },
    video: { ...to, type: 'video', video: { id: '1' } },
    sticker: { ...to, type: 'sticker', sticker: { id: '1' } },
    location: { ...to, type: 'location', location: { latitude: 1, longitude: '2.5' } },
    contacts: { ...to, type: 'contacts', contacts: [{ name: { formatted_name: 'Ann', first_name: 'Ann' } }] },
    reaction: { ...to, type: 'reaction', reaction: { message_id: 'wamid.IN', emoji: '😀' } },
    'reaction taken back': { ...to, type: 'reaction', reaction: { message_id: 'wamid.IN', emoji: '' } },
    buttons: buttons('Yes', 'No', 'Later'),
    list: rows(10, { description: 'd' }),
    cta_url: interactive({
      type: 'cta_url',
      body: { text: 'Your record' },
      action: {
        name: 'cta_url',
        parameters: { display_text: 'Open record', url: 'https://example.com/t/x' },
      },
    }),
    template: { ...to, type: 'template', template: { name: 'order_update', language: { code: 'en_US' } } },
  }
  test.each(Object.entries(cases))('%s', (_, body) => {
    expect(codeOf(body)).toBe('accepted')
  })
})

describe("Meta's limits are refused with Meta's codes", () => {
  const text = (body: string): Parameters => ({ ...to, type: 'text', text: { body } })
  const cases: [string, Parameters, number][] = [
    ['text of 4,097 characters', text('x'.repeat(4097)), 131009],
    ['empty text', text(''), 131009],
    ['text without a body', { ...to, type: 'text', text: {} }, 131008],
    ['text that is no string', { ...to, type: 'text', text: { body: 1 } }, 100],
    ['no content for the type', { ...to, type: 'text' }, 131008],
    ['four buttons', buttons('a', 'b', 'c', 'd'), 131009],
    ['no button', buttons(), 131009],
    ['a button title of 21', buttons('x'.repeat(21)), 131009],
    ['the same button title twice', buttons('a', 'a'), 131009],
    ['eleven rows', rows(11), 131009],
    ['a row title of 25', rows(1, { title: 'x'.repeat(25) }), 131009],
    ['a row description of 73', rows(1, { description: 'x'.repeat(73) }), 131009],
    ['a row id of 201', rows(1, { id: 'x'.repeat(201) }), 131009],
    ['the same row id twice', rows(2, { id: 'same' }), 131009],
    [
      'media with id and link',
      { ...to, type: 'image', image: { id: '1', link: 'https://example.com' } },
      131009,
    ],
    ['media with neither', { ...to, type: 'image', image: {} }, 131009],
    ['a caption of 1,025', { ...to, type: 'image', image: { id: '1', caption: 'x'.repeat(1025) } }, 131009],
    ['an unknown type', { ...to, type: 'telepathy' }, 100],
    ['a type that only comes in', { ...to, type: 'unsupported' }, 131051],
    ['no recipient', { messaging_product: 'whatsapp', type: 'text', text: { body: 'x' } }, 100],
    ['no messaging_product', { to: '5511987654321', type: 'text', text: { body: 'x' } }, 100],
    ['a BSUID in to', { messaging_product: 'whatsapp', to: 'BR.123', text: { body: 'x' } }, 131009],
    ['callback data of 513', { ...text('x'), biz_opaque_callback_data: 'x'.repeat(513) }, 131009],
  ]
  test.each(cases)('%s', (_, body, code) => {
    expect(codeOf(body)).toBe(code)
  })

  test('a character is a code point, not half of an emoji', () => {
    expect(codeOf(text('👍'.repeat(4096)))).toBe('accepted')
  })
})

describe('who a message goes to', () => {
  test('numbers are taken as people write them', () => {
    expect(readOutbound({ ...to, to: '+55 (11) 98765-4321', text: { body: 'x' } })).toMatchObject({
      input: '+55 (11) 98765-4321',
      address: { kind: 'wa_id', waId: '5511987654321' },
    })
  })
  test('a BSUID goes into recipient; with both, to wins', () => {
    const body = { messaging_product: 'whatsapp', recipient: 'BR.1349', text: { body: 'x' } }
    expect(readOutbound(body)).toMatchObject({ address: { kind: 'bsuid', userId: 'BR.1349' } })
    expect(readOutbound({ ...body, to: '5511987654321' })).toMatchObject({ address: { kind: 'wa_id' } })
  })
})

describe('bodies as public clients send them', () => {
  test('nested objects may come as their JSON text, in forms and in JSON', () => {
    const form = Buffer.from(new URLSearchParams({ ...to, text: '{"body":"é"}' } as never).toString())
    expect(readParameters('application/x-www-form-urlencoded', form)).toMatchObject({ text: { body: 'é' } })
    expect(readParameters('application/json', Buffer.from('{"contacts":"[{}]"}'))).toEqual({ contacts: [{}] })
  })
  test('what is no object is refused', () => {
    expect(readParameters('application/json', Buffer.from('[1]'))).toBeUndefined()
    expect(readParameters('application/json', Buffer.from('{'))).toBeUndefined()
  })
  test('reading and typing are not sending', () => {
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.IN' }
    expect(isReceipt(read)).toBe(true)
    expect(readReceipt(read)).toEqual({ messageId: 'wamid.IN', typing: false })
    expect(readReceipt({ ...read, typing_indicator: { type: 'text' } })).toMatchObject({ typing: true })
    expect(readReceipt({ messaging_product: 'whatsapp', status: 'read' })).toMatchObject({ code: 100 })
  })
})
