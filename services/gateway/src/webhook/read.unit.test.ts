import { conversations } from '@parley/conversation'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WebhookItem } from './canonical.ts'
import { commandOf } from './commands.ts'
import { readWebhook } from './read.ts'
import {
  ACCOUNT,
  type Json,
  READING,
  RECEIVED_AT,
  SENDER,
  bodyOf,
  messageOf,
  messagesWebhook,
  statusesWebhook,
  valueOf,
  webhookOf,
} from './webhook.fixture.ts'

function read(json: unknown) {
  return readBytes(bodyOf(json))
}

function readBytes(bytes: Buffer) {
  const webhook = readWebhook(bytes, READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  return webhook
}

function only(json: unknown): WebhookItem {
  const { items, oddParts } = read(json)
  expect(oddParts).toEqual([])
  expect(items).toHaveLength(1)
  return items[0]!
}

function bodyRead(fields: Json, more: Json = {}) {
  const { items } = read(messagesWebhook([messageOf(fields)], more))
  expect(items).toHaveLength(1)
  const item = items[0]!
  if (item.kind !== 'message') throw new Error(item.kind)
  return item.body.body
}

describe('every type of message', () => {
  test.each([
    [
      'text',
      { text: { body: 'Does it come in another color?' } },
      'text',
      { text: 'Does it come in another color?' },
    ],
    [
      'image',
      {
        image: {
          caption: 'Taj Mahal',
          mime_type: 'image/jpeg',
          sha256: 'SfInY0g=',
          id: '1003383421387256',
          url: 'https://lookaside.fbsbx.com/x',
        },
      },
      'media',
      {
        type: 'image',
        mediaId: '1003383421387256',
        mimeType: 'image/jpeg',
        sha256: 'SfInY0g=',
        caption: 'Taj Mahal',
      },
    ],
    [
      'audio',
      { audio: { mime_type: 'audio/ogg; codecs=opus', sha256: 'x', id: '123', voice: true } },
      'media',
      { type: 'audio', mediaId: '123', voice: true },
    ],
    ['video', { video: { caption: 'c', id: '765756756' } }, 'media', { type: 'video', caption: 'c' }],
    [
      'document',
      { document: { caption: 'c', filename: 'filename.pdf', mime_type: 'application/pdf', id: '123' } },
      'media',
      { type: 'document', filename: 'filename.pdf' },
    ],
    [
      'sticker',
      { sticker: { mime_type: 'image/webp', id: '123', animated: true } },
      'media',
      { animated: true },
    ],
    [
      'location',
      {
        location: {
          latitude: 37.44,
          longitude: -122.16,
          name: 'Philz Coffee',
          address: '101 Forest Ave',
          url: 'https://philzcoffee.com/',
        },
      },
      'location',
      { latitude: 37.44, longitude: -122.16, name: 'Philz Coffee', url: 'https://philzcoffee.com/' },
    ],
    [
      'contacts',
      {
        contacts: [
          {
            name: { first_name: 'Lucía', formatted_name: 'Lucía Gómez' },
            org: { company: 'Google' },
            phones: [{ phone: '+1 (983) 555-2319', wa_id: '19835552319', type: 'MOBILE' }],
          },
        ],
      },
      'contactCards',
      { cards: [{ name: 'Lucía Gómez', organization: 'Google', phones: ['+1 (983) 555-2319'], emails: [] }] },
    ],
    [
      'interactive',
      { interactive: { type: 'button_reply', button_reply: { id: 'cancel-button', title: 'Cancel' } } },
      'choice',
      { source: 'button_reply', id: 'cancel-button', title: 'Cancel', description: '' },
    ],
    [
      'interactive',
      {
        interactive: {
          type: 'list_reply',
          list_reply: {
            id: 'priority_express',
            title: 'Priority Mail Express',
            description: 'Next Day to 2 Days',
          },
        },
      },
      'choice',
      { source: 'list_reply', id: 'priority_express', description: 'Next Day to 2 Days' },
    ],
    [
      'interactive',
      {
        interactive: {
          type: 'nfm_reply',
          nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"flow_token":"AQAA"}' },
        },
      },
      'formReply',
      { name: 'flow', text: 'Sent', responseJson: '{"flow_token":"AQAA"}' },
    ],
    [
      'interactive',
      { interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } } },
      'note',
      { kind: 'call_permission', text: 'accept' },
    ],
    [
      'button',
      { button: { payload: 'Unsubscribe', text: 'Stop it' } },
      'choice',
      { source: 'template_button', id: 'Unsubscribe', title: 'Stop it' },
    ],
    [
      'order',
      {
        order: {
          catalog_id: '194836987003835',
          text: '',
          product_items: [
            { product_retailer_id: 'di9ozbzfi4', quantity: 2, item_price: 30, currency: 'USD' },
          ],
        },
      },
      'order',
      {
        catalogId: '194836987003835',
        items: [{ productRetailerId: 'di9ozbzfi4', quantity: 2, itemPrice: 30, currency: 'USD' }],
      },
    ],
    [
      'system',
      {
        system: { body: 'User identity changed', type: 'customer_identity_changed' },
        identity: { hash: 'xyz' },
      },
      'note',
      { kind: 'identity_changed', text: 'User identity changed' },
    ],
    [
      'unsupported',
      { errors: [{ code: 131051, title: 'Message type unknown' }], unsupported: { type: 'pool' } },
      'unsupported',
      { providerType: 'pool', errorCode: 131051, errorTitle: 'Message type unknown' },
    ],
    ['hologram', { hologram: { beam: 1 } }, 'unsupported', { providerType: 'hologram', errorCode: 0 }],
  ])('%s %j', (type, fields, $case, value) => {
    expect(bodyRead({ type, ...fields })).toMatchObject({ $case, value })
  })

  test('a reaction, and one that was taken back', () => {
    const reaction = (emoji?: string) =>
      only(messagesWebhook([messageOf({ type: 'reaction', reaction: { message_id: 'wamid.Y', emoji } })]))
    expect(reaction('👍')).toMatchObject({ kind: 'reaction', target: 'wamid.Y', emoji: '👍' })
    expect(reaction()).toMatchObject({ kind: 'reaction', target: 'wamid.Y', emoji: '' })
  })

  test('a deletion names its target', () => {
    const revoke = messageOf({ type: 'revoke', revoke: { original_message_id: 'wamid.OLD' } })
    expect(only(messagesWebhook([revoke]))).toMatchObject({ kind: 'revocation', target: 'wamid.OLD' })
  })

  test('an edit carries the message as it is now', () => {
    const edit = messageOf({
      type: 'edit',
      edit: {
        original_message_id: 'wamid.OLD',
        message: { type: 'image', image: { caption: 'Updated', id: '1234567890' } },
      },
    })
    expect(only(messagesWebhook([edit]))).toMatchObject({
      kind: 'edit',
      target: 'wamid.OLD',
      body: { body: { $case: 'media', value: { caption: 'Updated', mediaId: '1234567890' } } },
    })
  })

  test('a changed number is an alias and a note, without any contacts beside', () => {
    const system = messageOf({
      type: 'system',
      system: { body: 'User changed', wa_id: '12195555358', type: 'user_changed_number' },
    })
    const { items } = read(webhookOf({ field: 'messages', value: valueOf({ messages: [system] }) }))
    expect(items).toMatchObject([
      { kind: 'namesChange', sender: { waId: '16505551234' }, next: { waId: '12195555358', userId: '' } },
      {
        kind: 'message',
        type: 'system',
        body: { body: { $case: 'note', value: { kind: 'number_changed' } } },
      },
    ])
  })
})

describe('a notice that names changed', () => {
  const notice = (system: Json, more: Json = {}, contacts: readonly unknown[] = []) =>
    read(
      webhookOf({
        field: 'messages',
        value: valueOf({
          ...(contacts.length === 0 ? {} : { contacts }),
          messages: [{ id: 'wamid.S', timestamp: '1749416383', type: 'system', ...more, system }],
        }),
      }),
    ).items

  test.each<[string, Json, Json, object, object]>([
    [
      'old and new of both',
      { type: 'user_changed_number', wa_id: '5522', user_id: 'BR.9', previous_user_id: 'BR.1' },
      { from: '5511' },
      { waId: '5511', userId: 'BR.1' },
      { waId: '5522', userId: 'BR.9' },
    ],
    [
      'the old ones under from and from_user_id',
      { type: 'user_changed_number', wa_id: '5522', user_id: 'BR.9' },
      { from: '5511', from_user_id: 'BR.1' },
      { waId: '5511', userId: 'BR.1' },
      { waId: '5522', userId: 'BR.9' },
    ],
    [
      'the new BSUID under from_user_id',
      { type: 'user_changed_number', wa_id: '5522', user_id: 'BR.9' },
      { from: '5511', from_user_id: 'BR.9' },
      { waId: '5511', userId: '' },
      { waId: '5522', userId: 'BR.9' },
    ],
    [
      'the new number under from, in its other spelling',
      { type: 'user_changed_number', wa_id: '5511987654321', user_id: 'BR.9', previous_user_id: 'BR.1' },
      { from: '551187654321' },
      { waId: '', userId: 'BR.1' },
      { waId: '5511987654321', userId: 'BR.9' },
    ],
    [
      'all in fields of their own',
      {
        type: 'user_changed_number',
        previous_wa_id: '+55 11',
        new_wa_id: '5522',
        previous_parent_user_id: 'BR.ENT.1',
        new_parent_user_id: 'BR.ENT.9',
      },
      {},
      { waId: '5511', parentUserId: 'BR.ENT.1' },
      { waId: '5522', parentUserId: 'BR.ENT.9' },
    ],
    [
      'fields of their own, under a word that is new here',
      { type: 'user_moved', wa_id: '5533', previous_user_id: 'BR.1', new_wa_id: '5522', new_user_id: 'BR.9' },
      {},
      { waId: '', userId: 'BR.1' },
      { waId: '5522', userId: 'BR.9' },
    ],
    [
      'BSUIDs alone',
      { type: 'user_changed_user_id', user_id: 'BR.9', previous_user_id: 'BR.1' },
      {},
      { waId: '', userId: 'BR.1' },
      { waId: '', userId: 'BR.9' },
    ],
    [
      'a BSUID beside a number that stays',
      { type: 'user_changed_user_id', user_id: 'BR.9', wa_id: '5511' },
      { from: '5511' },
      { waId: '5511', userId: '' },
      { waId: '5511', userId: 'BR.9' },
    ],
  ])('says who they were and who they are: %s', (_, system, more, sender, next) => {
    expect(notice(system, more)).toMatchObject([
      { kind: 'namesChange', sender, next },
      { kind: 'message', type: 'system', sender },
    ])
  })

  test('does not take the new names for the old ones, where they stand among the contacts', () => {
    const contacts = [{ profile: { name: 'Ana' }, user_id: 'BR.9' }]
    expect(
      notice({ type: 'user_changed_number', wa_id: '5522', user_id: 'BR.9' }, { from: '5511' }, contacts),
    ).toMatchObject([{ kind: 'namesChange', sender: { waId: '5511', userId: '' } }, { kind: 'message' }])
  })

  test('that does not tell who they were is a note about who they are', () => {
    expect(
      notice({ type: 'user_changed_number', wa_id: '5522', user_id: 'BR.9' }, { from: '5522' }),
    ).toMatchObject([{ kind: 'message', type: 'system', sender: { waId: '5522', userId: 'BR.9' } }])
  })

  test('is read under the field that it had before, where it names both', () => {
    const update = (user_id: Json) =>
      read(
        webhookOf({
          field: 'user_id_update',
          value: valueOf({
            user_id_update: [{ wa_id: '5511', detail: 'Changed.', user_id, timestamp: '1749416383' }],
          }),
        }),
      )
    expect(update({ previous: 'BR.1', current: 'BR.9' }).items).toMatchObject([
      { kind: 'namesChange', sender: { waId: '', userId: 'BR.1' }, next: { waId: '', userId: 'BR.9' } },
      { kind: 'message', type: 'system', body: { body: { value: { kind: 'user_id_changed' } } } },
    ])
    expect(update({ current: 'BR.9' }).oddParts).toMatchObject([{ code: 'NO_SENDER' }])
  })
})

describe('an echo of what the company wrote in the WhatsApp Business app', () => {
  const echoed = (fields: Json, more: Json = {}, field = 'smb_message_echoes') =>
    read(
      webhookOf({
        field,
        value: valueOf({
          message_echoes: [{ from: '15550783881', id: 'wamid.E', timestamp: '1749416383', ...fields }],
          ...more,
        }),
      }),
    )
  const text = { type: 'text', text: { body: 'Aqui é a Carla' } }

  test.each(['smb_message_echoes', 'message_echoes'])(
    'is in the chat of whom it was written to (%s)',
    (field) => {
      const contacts = [{ wa_id: '5511', user_id: 'BR.1' }]
      expect(echoed({ to: '5511', ...text }, { contacts }, field)).toMatchObject({
        items: [
          {
            kind: 'echo',
            providerId: 'wamid.E',
            sender: { waId: '5511', userId: 'BR.1' },
            type: 'text',
            body: { body: { $case: 'text', value: { text: 'Aqui é a Carla' } } },
          },
        ],
        oddParts: [],
      })
    },
  )
  test('to a customer without a number too', () => {
    expect(echoed({ to_user_id: 'BR.1', to_parent_user_id: 'BR.ENT.1', ...text }).items).toMatchObject([
      { kind: 'echo', sender: { waId: '', userId: 'BR.1', parentUserId: 'BR.ENT.1' } },
    ])
  })
  test('of another message of theirs is no act of the customer', () => {
    const about = [
      { type: 'revoke', revoke: { original_message_id: 'wamid.D' } },
      { type: 'edit', edit: { original_message_id: 'wamid.D', message: text } },
      { type: 'reaction', reaction: { message_id: 'wamid.C', emoji: '👍' } },
    ]
    expect(about.flatMap((each) => echoed({ to: '5511', ...each }).items)).toMatchObject([
      { kind: 'revocation', isEcho: true, target: 'wamid.D' },
      { kind: 'edit', isEcho: true, target: 'wamid.D' },
      { kind: 'reaction', isEcho: true, target: 'wamid.C' },
    ])
  })
  test('to nobody, or to a group, is kept apart', () => {
    expect(echoed(text)).toMatchObject({ items: [], oddParts: [{ code: 'NO_SENDER' }] })
    expect(echoed({ to: '5511', group_id: 'G', ...text }).oddParts).toMatchObject([
      { code: 'GROUP_NOT_SUPPORTED' },
    ])
  })
})

describe('traps', () => {
  test('an interactive message without its body shows the error of the value', () => {
    const errors = [{ code: 131000, title: 'Something went wrong' }]
    const { items, oddParts } = read(messagesWebhook([messageOf({ type: 'interactive' })], { errors }))
    expect(items).toMatchObject([
      { kind: 'message', body: { body: { $case: 'unsupported', value: { errorCode: 131000 } } } },
    ])
    expect(oddParts).toMatchObject([{ code: 'PROVIDER_ERROR' }])
  })

  test.each([
    ['an object', { a: 1 }, '{"a":1}'],
    ['no JSON', '{oops', '{oops'],
    ['missing', undefined, ''],
    ['a list', [1], '[1]'],
  ])('a form reply whose response is %s is kept as it is', (_, response_json, kept) => {
    const interactive = { type: 'nfm_reply', nfm_reply: { name: 'flow', response_json } }
    expect(bodyRead({ type: 'interactive', interactive })).toMatchObject({
      $case: 'formReply',
      value: { responseJson: kept },
    })
  })

  test('media with errors beside is media', () => {
    expect(bodyRead({ type: 'image', image: { id: '1' }, errors: [{ code: 131051 }] })).toMatchObject({
      $case: 'media',
    })
  })

  test.each([
    ['in from', { from: 'US.1349' }, { userId: 'US.1349' }],
    ['of the parent in from', { from: 'BR.ENT.77' }, { parentUserId: 'BR.ENT.77' }],
    ['in from_user_id alone', { from: undefined, from_user_id: 'US.1349' }, { userId: 'US.1349' }],
  ])('a BSUID %s is known as one', (_, fields, sender) => {
    const json = webhookOf({
      field: 'messages',
      value: valueOf({ messages: [messageOf({ type: 'text', text: { body: 'oi' }, ...fields })] }),
    })
    expect(only(json)).toMatchObject({ sender: { waId: '', ...sender } })
  })

  test('a BSUID inside wa_id is known as one', () => {
    const message = messageOf({ type: 'text', text: { body: 'oi' }, from: 'BR.99' })
    const value = valueOf({ contacts: [{ wa_id: 'BR.99', profile: { name: 'Ana' } }], messages: [message] })
    expect(only(webhookOf({ field: 'messages', value }))).toMatchObject({
      sender: { waId: '', userId: 'BR.99', name: 'Ana' },
    })
  })

  test('contacts and messages are matched by their identifiers, not by their places', () => {
    const contacts = [
      { wa_id: '1111', user_id: 'US.1', profile: { name: 'One' } },
      { wa_id: '2222', user_id: 'US.2', profile: { name: 'Two' } },
    ]
    const messages = [
      messageOf({ id: 'wamid.2', from: '2222', type: 'text', text: { body: 'b' } }),
      messageOf({ id: 'wamid.1', from: '1111', type: 'text', text: { body: 'a' } }),
      messageOf({ id: 'wamid.3', from: '3333', type: 'text', text: { body: 'c' } }),
    ]
    const { items } = read(webhookOf({ field: 'messages', value: valueOf({ contacts, messages }) }))
    expect(items).toMatchObject([
      { sender: { waId: '2222', userId: 'US.2', name: 'Two' } },
      { sender: { waId: '1111', userId: 'US.1', name: 'One' } },
      { sender: { waId: '3333', userId: '', name: '' } },
    ])
  })

  test('a message that names nobody is a dead letter with its bytes, and those beside it are taken', () => {
    const nameless = { id: 'wamid.N', type: 'text', text: { body: 'who am I' } }
    const good = messageOf({ type: 'text', text: { body: 'oi' } })
    const { items, oddParts } = read(
      webhookOf({ field: 'messages', value: valueOf({ messages: [nameless, good] }) }),
    )
    expect(items).toMatchObject([{ kind: 'message', providerId: 'wamid.X' }])
    expect(oddParts).toMatchObject([{ code: 'NO_SENDER' }])
    expect(oddParts[0]!.value.toString()).toBe(JSON.stringify(nameless))
  })

  test('a message of a group is a dead letter', () => {
    const { items, oddParts } = read(
      messagesWebhook([messageOf({ type: 'text', text: { body: 'x' }, group_id: 'G' })]),
    )
    expect(items).toEqual([])
    expect(oddParts).toMatchObject([{ code: 'GROUP_NOT_SUPPORTED' }])
  })

  test('a message without an id is known by its bytes', () => {
    const message = { from: '16505551234', type: 'text', text: { body: 'oi' } }
    expect(only(messagesWebhook([message]))).toMatchObject({
      providerId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
    })
  })
})

test('context, forwarding and the referral of an ad, limited to its fields', () => {
  const referral = {
    source_url: 'https://fb.me/x',
    source_id: '120',
    source_type: 'ad',
    headline: 'H',
    body: 'B',
    media_type: 'image',
    image_url: 'https://x/y',
    ctwa_clid: 'clid',
    welcome_message: { text: 'Hi' },
    secret_of_the_ad: 'must not travel',
  }
  const context = { from: '15550783881', id: 'wamid.OUR', forwarded: true, frequently_forwarded: true }
  const item = only(messagesWebhook([messageOf({ type: 'text', text: { body: 'oi' }, context, referral })]))
  expect(item).toMatchObject({ replyTo: 'wamid.OUR', forwarded: true, frequentlyForwarded: true })
  expect(item.kind === 'message' && item.referral).toEqual({
    sourceUrl: 'https://fb.me/x',
    sourceId: '120',
    sourceType: 'ad',
    headline: 'H',
    body: 'B',
    mediaType: 'image',
    imageUrl: 'https://x/y',
    ctwaClid: 'clid',
    welcomeMessage: 'Hi',
  })
})

test.each([
  ['seconds as text', '1749416383', '2025-06-08T20:59:43.000Z'],
  ['seconds as a number', 1749416383, '2025-06-08T20:59:43.000Z'],
  ['milliseconds as text', '1749416383250', '2025-06-08T20:59:43.250Z'],
  ['milliseconds as a number', 1749416383250, '2025-06-08T20:59:43.250Z'],
  ['nothing', undefined, new Date(RECEIVED_AT).toISOString()],
  ['words', 'yesterday', new Date(RECEIVED_AT).toISOString()],
  ['the year 1970', '12', new Date(RECEIVED_AT).toISOString()],
  ['the far future', '9999999999', new Date(RECEIVED_AT).toISOString()],
  ['an object', {}, new Date(RECEIVED_AT).toISOString()],
])('a timestamp given as %s', (_, timestamp, occurredAt) => {
  expect(only(messagesWebhook([messageOf({ type: 'text', text: { body: 'oi' }, timestamp })]))).toMatchObject(
    {
      occurredAt,
    },
  )
})

describe('statuses', () => {
  const ours = '0b2c8fbc-2a10-5d4e-8b4e-5e0d2f7a3e91'

  test('a status names our message when the provider echoes its id', () => {
    const status = {
      id: 'wamid.X',
      status: 'delivered',
      timestamp: '1698266945',
      recipient_id: '16505551234',
      recipient_user_id: 'US.1349',
      biz_opaque_callback_data: ours,
      conversation: { id: '7270', expiration_timestamp: '1698339900', origin: { type: 'service' } },
      pricing: { billable: true, pricing_model: 'PMP' },
    }
    expect(only(statusesWebhook(status))).toMatchObject({
      kind: 'status',
      providerId: 'wamid.X',
      messageId: ours,
      status: 'delivered',
      recipient: { waId: '16505551234', userId: 'US.1349' },
      occurredAt: '2023-10-25T20:49:05.000Z',
    })
  })

  test('a failure carries its code; callback data that is not an id of ours is left alone', () => {
    const errors = [{ code: 131047, title: 'Re-engagement message' }]
    const status = { id: 'wamid.X', status: 'failed', errors, biz_opaque_callback_data: 'cmd-42' }
    expect(only(statusesWebhook(status))).toMatchObject({
      messageId: '',
      providerCode: 131047,
      providerTitle: 'Re-engagement message',
    })
  })

  test.each([
    [{ id: 'wamid.X', status: 'deleted' }],
    [{ id: 'wamid.X' }],
    [{ status: 'sent' }],
    [{ id: 'wamid.X', status: { sent: 1 } }],
  ])('%j is a dead letter', (status) => {
    const { items, oddParts } = read(statusesWebhook(status))
    expect(items).toEqual([])
    expect(oddParts).toMatchObject([{ code: 'UNKNOWN_STATUS' }])
  })
})

test('a marketing preference, with its integer timestamp', () => {
  const user_preferences = [
    {
      wa_id: '16505551234',
      detail: 'User requested to stop marketing messages',
      category: 'marketing_messages',
      value: 'stop',
      timestamp: 1731705721,
    },
  ]
  expect(only(webhookOf({ field: 'user_preferences', value: valueOf({ user_preferences }) }))).toMatchObject({
    kind: 'preference',
    sender: { waId: '16505551234' },
    category: 'marketing_messages',
    value: 'stop',
    occurredAt: '2024-11-15T21:22:01.000Z',
  })
})

describe('what is not known', () => {
  test.each([
    ['no JSON', 'oops'],
    ['nothing', ''],
    ['a list', '[]'],
    ['a number', '42'],
    ['null', 'null'],
    ['text', '"text"'],
    ['JSON cut short', '{"object":'],
  ])('%s is unreadable', (_, body) => {
    expect(readWebhook(Buffer.from(body), READING).readable).toBe(false)
  })

  const change = { field: 'messages', value: valueOf({ messages: [] }) }
  test.each([
    ['UNKNOWN_OBJECT', {}],
    ['UNKNOWN_OBJECT', { object: 'page', entry: [] }],
    ['UNKNOWN_ENTRY', { object: 'whatsapp_business_account' }],
    ['UNKNOWN_ENTRY', { object: 'whatsapp_business_account', entry: [] }],
    ['UNKNOWN_ENTRY', { object: 'whatsapp_business_account', entry: { changes: [] } }],
    ['UNKNOWN_ENTRY', { object: 'whatsapp_business_account', entry: [null] }],
    ['UNKNOWN_ENTRY', { object: 'whatsapp_business_account', entry: [{ changes: 'x' }] }],
    ['UNKNOWN_FIELD', webhookOf({ ...change, field: 'account_update' })],
    ['UNKNOWN_FIELD', webhookOf({})],
    ['UNKNOWN_ELEMENT', webhookOf({ ...change, value: [] })],
    ['UNKNOWN_NUMBER', webhookOf({ field: 'messages', value: { metadata: { phone_number_id: '1' } } })],
    ['UNKNOWN_NUMBER', webhookOf({ field: 'messages', value: {} })],
    ['UNKNOWN_ELEMENT', webhookOf({ field: 'messages', value: valueOf({ calls: [] }) })],
    ['UNKNOWN_ELEMENT', messagesWebhook([42])],
    ['UNKNOWN_ELEMENT', webhookOf({ field: 'messages', value: valueOf({ messages: { 0: {} } }) })],
  ])('%s: %j is a dead letter', (code, json) => {
    const { items, oddParts } = read(json)
    expect(items).toEqual([])
    expect(oddParts.map((part) => part.code)).toEqual([code])
  })

  test('a million odd parts become one', () => {
    const { items, oddParts } = read(messagesWebhook([...Array(5_000).keys(), messageOf({ type: 'text' })]))
    expect(items).toHaveLength(1)
    expect(oddParts.map((part) => part.code)).toEqual(['TOO_MANY_ODD_PARTS'])
  })
})

describe('the bytes of an element', () => {
  const raws = (bytes: Buffer) => readBytes(bytes).items.map((item) => item.raw)
  const around = (element: Buffer | string) => {
    const [before, after] = JSON.stringify(messagesWebhook(['HERE'])).split('"HERE"')
    return Buffer.concat([Buffer.from(before!), Buffer.from(element), Buffer.from(after!)])
  }

  test.each([
    ['spaces and line ends', '{ "from" : "16505551234" ,\r\n\t"type":"text", "text" : {"body":"oi"} }'],
    [
      'escapes',
      '{"fr\\u006fm":"16505551234","type":"text","text":{"body":"\\u00e4\\ud83d\\udc4d \\"}]{[ \\\\"}}',
    ],
    ['repeated keys', '{"from":"1","type":"text","from":"16505551234","type":"image"}'],
    [
      'numbers of any kind',
      '{"from":"16505551234","type":"x","n":[1e400,-0.0,1E+5,123456789012345678901234567890]}',
    ],
    ['lone surrogates and NUL', '{"from":"16505551234","type":"text","text":{"body":"\\ud800 \\u0000"}}'],
    ['a forbidden key', '{"from":"16505551234","__proto__":{"type":"text"},"constructor":1}'],
  ])('are kept as they came: %s', (_, element) => {
    expect(raws(around(element)).map(String)).toEqual([element])
  })

  test('are kept when they are not UTF-8; the text shows U+FFFD', () => {
    const element = Buffer.from(
      '{"from":"16505551234","type":"text","text":{"body":"a\xff\xc3\x28b"}}',
      'latin1',
    )
    const { items } = readBytes(around(element))
    expect(items[0]!.raw.equals(element)).toBe(true)
    expect(items[0]).toMatchObject({ body: { body: { value: { text: 'a\ufffd\ufffd(b' } } } })
  })

  test('are found behind very deep nesting', () => {
    const deep = `{"from":"16505551234","type":"x","deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect(raws(around(deep)).map(String)).toEqual([deep])
  })

  test('of the last of repeated members are those that count', () => {
    const bytes = Buffer.from(
      `{"object":"page","entry":[],"object":"whatsapp_business_account","entry":[{"changes":1,"changes":[{"field":"messages","value":${JSON.stringify(
        valueOf({ messages: [messageOf({ type: 'text', text: { body: 'last' } })] }),
      )}}]}]}`,
    )
    expect(raws(bytes)).toHaveLength(1)
  })
})

test('text is kept whole, however long', () => {
  const body = 'ä'.repeat(100_000)
  expect(bodyRead({ type: 'text', text: { body } })).toEqual({ $case: 'text', value: { text: body } })
})

test('the sender of a single message is completed from its contact', () => {
  expect(only(messagesWebhook([messageOf({ type: 'text', text: { body: 'oi' } })]))).toMatchObject({
    accountId: ACCOUNT,
    sender: {
      waId: SENDER.wa_id,
      userId: SENDER.user_id,
      parentUserId: SENDER.parent_user_id,
      name: 'Sheena Nelson',
      username: 'sheena',
    },
  })
})

describe('a body of thousands', () => {
  test('of customers and of messages takes a moment: each message finds its customer without asking all of them', () => {
    const waIds = Array.from({ length: 10_000 }, (_, index) => `5511${900_000_000 + index}`)
    const contacts = waIds.map((wa_id, index) => ({
      wa_id,
      user_id: `BR.${index}`,
      profile: { name: `n${index}` },
    }))
    const messages = waIds.map((from, index) => ({
      from,
      id: `w${index}`,
      type: 'text',
      text: { body: '1' },
    }))
    // The one number of thousands of people is the worst that can be asked.
    const others = waIds.map((_, index) => ({ wa_id: '1650', user_id: `US.${index}` }))
    const theirs = waIds.map((_, index) => ({ from: '1650', from_user_id: `CA.${index}`, id: `v${index}` }))
    const beganAt = performance.now()
    const { items } = read(webhookOf({ field: 'messages', value: valueOf({ contacts, messages }) }))
    read(webhookOf({ field: 'messages', value: valueOf({ contacts: others, messages: theirs }) }))
    // Asking all takes two minutes.
    expect(performance.now() - beganAt).toBeLessThan(10_000)
    expect(items.at(-1)).toMatchObject({ sender: { waId: waIds.at(-1), userId: 'BR.9999', name: 'n9999' } })
  })

  test('more than Meta ever gathers is kept, and read up to a bound', () => {
    const { items, oddParts } = read(
      messagesWebhook(
        Array.from({ length: 20_002 }, (_, index) => ({ from: String(index), id: `w${index}` })),
      ),
    )
    expect(items).toHaveLength(20_000)
    expect(oddParts.map(({ code }) => code)).toEqual(['TOO_MANY_ELEMENTS', 'TOO_MANY_ELEMENTS'])
    expect(oddParts[1]!.value.toString()).toBe('{"from":"20001","id":"w20001"}')
  })
})

describe('whatever stands at any place', () => {
  const anyJson = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      null,
      true,
      -1,
      1e308,
      '',
      [],
      {},
      'text',
      'image',
      [null],
      [[]],
      { id: {} },
      { type: [] },
    ),
  )
  const types = [
    'text',
    'image',
    'location',
    'contacts',
    'interactive',
    'button',
    'reaction',
    'order',
    'system',
  ]
  const oddMessage = fc.oneof(
    anyJson,
    fc
      .tuple(
        fc.constantFrom(...types, 'revoke', 'edit', 'unsupported'),
        anyJson,
        anyJson,
        fc.dictionary(fc.string(), anyJson),
      )
      .map(([type, inner, context, more]) => ({ ...more, type, [type]: inner, context, from: '2' })),
  )

  test('costs no good message beside it', () => {
    const good = messageOf({ id: 'wamid.GOOD', type: 'text', text: { body: 'oi' } })
    fc.assert(
      fc.property(
        fc.array(oddMessage, { maxLength: 4 }),
        fc.nat(4),
        fc.array(anyJson, { maxLength: 3 }),
        fc.array(anyJson, { maxLength: 3 }),
        anyJson,
        anyJson,
        (odd, place, statuses, contacts, errors, oddEntry) => {
          const messages = [...odd.slice(0, place), good, ...odd.slice(place)]
          const json = {
            object: 'whatsapp_business_account',
            entry: [
              oddEntry,
              {
                changes: [
                  oddEntry,
                  { field: 'messages', value: valueOf({ contacts, messages, statuses, errors }) },
                ],
              },
              {
                changes: [
                  { field: 'messages', value: valueOf({ messages: [{ ...good, id: 'wamid.LAST' }] }) },
                ],
              },
            ],
          }
          const { items } = read(json)
          const ids = items.map((item) => ('providerId' in item ? item.providerId : ''))
          expect(ids).toContain('wamid.GOOD')
          expect(ids.at(-1)).toBe('wamid.LAST')
          const goodOne = items.find((item) => 'providerId' in item && item.providerId === 'wamid.GOOD')!
          expect(JSON.parse(goodOne.raw.toString())).toEqual(good)
          for (const item of items)
            conversations.commandEnvelope(
              commandOf(item, { contactId: 'contact', ownsNumber: true }, () => '').command,
            )
        },
      ),
      runs(500),
    )
  })

  test('any bytes at all are read or unreadable, never an error', () => {
    const body = bodyOf(messagesWebhook([messageOf({ type: 'text', text: { body: 'oi' } })]))
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.uint8Array({ maxLength: 6 }), fc.nat(6), (at, bytes, cut) => {
        const changed = Buffer.concat([
          body.subarray(0, at),
          bytes,
          body.subarray(Math.min(at + cut, body.length)),
        ])
        expect(typeof readWebhook(changed, READING).readable).toBe('boolean')
      }),
      runs(3_000),
    )
  })
})
