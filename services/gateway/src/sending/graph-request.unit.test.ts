import { contentOf } from '@parley/conversation'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { graphRequest, typingRequest } from './graph-request.ts'

const ANA = { waId: '16505551234', userId: 'US.1349', parentUserId: '' }

function requestOf(body: DeepPartial<MessageBody>['body'], address = ANA, replyTo = '', url?: string) {
  const messages = body === undefined ? [] : [MessageBody.fromPartial({ body })]
  const content = contentOf({ messages, ...(url === undefined ? {} : { url }) })
  return graphRequest({ messageId: 'our-id', replyToProviderMessageId: replyTo, content }, address)
}
const text = (length: number) => 'x'.repeat(length)
const choices = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ id: `id-${index}`, title: `T${index}`, ...fields }))

describe('the body of the call', () => {
  const envelope = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '16505551234',
    biz_opaque_callback_data: 'our-id',
  }
  test.each([
    [
      'text',
      { $case: 'text', value: { text: 'hi' } },
      { type: 'text', text: { body: 'hi', preview_url: false } },
    ],
    [
      'buttons',
      { $case: 'buttons', value: { text: 'Sure?', footer: 'f', buttons: [{ id: 'y', title: 'Yes' }] } },
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'Sure?' },
          footer: { text: 'f' },
          action: { buttons: [{ type: 'reply', reply: { id: 'y', title: 'Yes' } }] },
        },
      },
    ],
    [
      'list',
      {
        $case: 'list',
        value: {
          text: 'Which?',
          button: 'Choose',
          header: 'h',
          sections: [
            {
              title: 'S',
              rows: [
                { id: 'r1', title: 'T', description: 'D' },
                { id: 'r2', title: 'U' },
              ],
            },
          ],
        },
      },
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          header: { type: 'text', text: 'h' },
          body: { text: 'Which?' },
          action: {
            button: 'Choose',
            sections: [
              {
                title: 'S',
                rows: [
                  { id: 'r1', title: 'T', description: 'D' },
                  { id: 'r2', title: 'U' },
                ],
              },
            ],
          },
        },
      },
    ],
    [
      'link button',
      {
        $case: 'linkButton',
        value: { text: 'Your record', displayText: 'Open record', url: 'https://x/t/1' },
      },
      {
        type: 'interactive',
        interactive: {
          type: 'cta_url',
          body: { text: 'Your record' },
          action: { name: 'cta_url', parameters: { display_text: 'Open record', url: 'https://x/t/1' } },
        },
      },
    ],
    [
      'template',
      { $case: 'template', value: { name: 'order_update', language: 'en_US', parameters: ['Ann'] } },
      {
        type: 'template',
        template: {
          name: 'order_update',
          language: { code: 'en_US' },
          components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
        },
      },
    ],
    [
      'image by link',
      { $case: 'media', value: { type: 'image', link: 'https://x/y.png', caption: 'c' } },
      { type: 'image', image: { link: 'https://x/y.png', caption: 'c' } },
    ],
    [
      'document by id',
      { $case: 'media', value: { type: 'document', mediaId: '77', filename: 'a.pdf' } },
      { type: 'document', document: { id: '77', filename: 'a.pdf' } },
    ],
    [
      'audio, which has no caption',
      { $case: 'media', value: { type: 'audio', mediaId: '77', caption: 'c' } },
      { type: 'audio', audio: { id: '77' } },
    ],
  ] as const)('%s', (_, body, said) => {
    expect(requestOf(body as never)).toEqual({ sendable: true, body: { ...envelope, ...said } })
  })

  test('an answer names the message that it answers', () => {
    expect(requestOf({ $case: 'text', value: { text: 'hi' } }, ANA, 'wamid.IN')).toMatchObject({
      body: { context: { message_id: 'wamid.IN' } },
    })
  })

  test('the link of a button is the one that came beside the message', () => {
    const linkButton = { $case: 'linkButton', value: { text: 'Your record', displayText: 'Open' } } as const
    expect(requestOf(linkButton, ANA, '', 'https://x/t/2')).toMatchObject({
      body: { interactive: { action: { parameters: { url: 'https://x/t/2' } } } },
    })
    expect(requestOf(linkButton)).toMatchObject({ sendable: false, code: 100 })
  })

  test('a customer without a number is addressed as recipient, never as to', () => {
    const request = requestOf({ $case: 'text', value: { text: 'hi' } }, { ...ANA, waId: '' })
    expect(request).toMatchObject({ body: { recipient: 'US.1349' } })
    expect(request.sendable && request.body['to']).toBe(undefined)
  })

  test('read and typing in one', () => {
    expect(typingRequest('wamid.IN')).toEqual({
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.IN',
      typing_indicator: { type: 'text' },
    })
  })
})

describe('limits', () => {
  const sendable = (body: DeepPartial<MessageBody>['body']) => requestOf(body).sendable
  const list = (rows: object[], more: object = {}) =>
    ({ $case: 'list', value: { text: 't', button: 'b', sections: [{ rows }], ...more } }) as never

  test.each([
    ['text', (length: number) => ({ $case: 'text', value: { text: text(length) } }), 4096],
    [
      'interactive text',
      (length: number) => ({ $case: 'buttons', value: { text: text(length), buttons: choices(1) } }),
      1024,
    ],
    [
      'header',
      (length: number) => ({
        $case: 'buttons',
        value: { text: 't', header: text(length), buttons: choices(1) },
      }),
      60,
    ],
    [
      'footer',
      (length: number) => ({
        $case: 'buttons',
        value: { text: 't', footer: text(length), buttons: choices(1) },
      }),
      60,
    ],
    [
      'number of buttons',
      (count: number) => ({ $case: 'buttons', value: { text: 't', buttons: choices(count) } }),
      3,
    ],
    [
      'title of a button',
      (length: number) => ({
        $case: 'buttons',
        value: { text: 't', buttons: choices(1, { title: text(length) }) },
      }),
      20,
    ],
    [
      'id of a button',
      (length: number) => ({
        $case: 'buttons',
        value: { text: 't', buttons: choices(1, { id: text(length) }) },
      }),
      256,
    ],
    ['number of rows', (count: number) => list(choices(count)), 10],
    ['title of a row', (length: number) => list(choices(1, { title: text(length) })), 24],
    ['description of a row', (length: number) => list(choices(1, { description: text(length) })), 72],
    ['id of a row', (length: number) => list(choices(1, { id: text(length) })), 200],
    ['button of a list', (length: number) => list(choices(1), { button: text(length) }), 20],
    [
      'caption',
      (length: number) => ({ $case: 'media', value: { type: 'image', link: 'l', caption: text(length) } }),
      1024,
    ],
  ])('%s', (_, body, max) => {
    expect(sendable(body(max) as never)).toBe(true)
    expect(sendable(body(max + 1) as never)).toBe(false)
  })

  test('a character beyond the basic plane counts as one', () => {
    expect(sendable({ $case: 'text', value: { text: '👍'.repeat(4096) } })).toBe(true)
  })

  test.each([
    ['empty text', { $case: 'text', value: { text: '' } }],
    ['no buttons', { $case: 'buttons', value: { text: 't' } }],
    ['media without id and link', { $case: 'media', value: { type: 'image' } }],
    ['what only customers say', { $case: 'order', value: {} }],
    ['nothing', undefined],
  ] as const)('%s cannot be sent, and that is our mistake (100)', (_, body) => {
    expect(requestOf(body as never)).toMatchObject({ sendable: false, code: 100 })
  })

  test('words that cannot be read cannot be sent', () => {
    const content = [{ name: 'message', value: Buffer.from([0xff]) }]
    expect(graphRequest({ messageId: 'our-id', replyToProviderMessageId: '', content }, ANA)).toMatchObject({
      sendable: false,
      code: 100,
    })
  })

  test('a contact without an address cannot be written to', () => {
    expect(
      requestOf({ $case: 'text', value: { text: 'hi' } }, { waId: '', userId: '', parentUserId: '' }),
    ).toMatchObject({
      sendable: false,
    })
  })
})
