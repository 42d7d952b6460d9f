import { conversations, messageIn, profileIn, rawIn, surveyButton } from '@parley/conversation'
import { readCommand } from '@parley/kernel'
import { CommandEnvelope } from '@parley/proto/envelope'
import { expect, test } from 'vitest'
import type { WebhookItem } from './canonical.ts'
import { COMMAND_BYTES_MAX, commandOf, repeatKey } from './commands.ts'
import { profileDigestWith } from './profile-digest.ts'
import { readWebhook } from './read.ts'
import {
  ACCOUNT,
  READING,
  bodyOf,
  messageOf,
  messagesWebhook,
  statusesWebhook,
  valueOf,
  webhookOf,
} from './webhook.fixture.ts'

const CONTACT = '7b1f4c5e-0000-4000-8000-000000000001'

function itemsOf(json: unknown) {
  const webhook = readWebhook(bodyOf(json), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  return webhook.items
}

const digestOf = profileDigestWith('app secret')

/** The command as it stands in the log. */
function recordOf(item: WebhookItem) {
  const { command, oddPart } = commandOf(item, { contactId: CONTACT, ownsNumber: true }, digestOf)
  const raw = CommandEnvelope.encode(conversations.commandEnvelope(command)).finish()
  const { envelope } = readCommand(raw, '', 0n)
  return { oddPart, raw, envelope, ...conversations.readCommand(envelope) }
}

const commandRead = (json: unknown) => recordOf(itemsOf(json)[0]!)

test('the same message gives the same command, whoever reads it and however its bytes are written', () => {
  const message = messageOf({ type: 'text', text: { body: 'oi' } })
  const first = commandRead(messagesWebhook([message]))
  const again = commandRead(messagesWebhook([{ ...message, extra: 1 }]))
  expect(again.envelope.commandId).toBe(first.envelope.commandId)
  expect(first).toMatchObject({
    type: 'ReceiveMessage',
    data: { channelAccountId: ACCOUNT, providerMessageId: 'wamid.X', type: 'text' },
    envelope: { streamId: CONTACT, actor: { kind: 'customer', id: CONTACT } },
  })
  expect(messageIn(first.envelope.content)?.body).toEqual({
    $case: 'text',
    value: expect.objectContaining({ text: 'oi' }) as unknown,
  })
  expect(profileIn(first.envelope.content)).toMatchObject({ waId: '16505551234', name: 'Sheena Nelson' })
  expect(JSON.parse(String(rawIn(first.envelope.content)))).toEqual(message)
})

test('a tapped button of a survey, and a number that is the whole message, say what they answer', () => {
  const button_reply = { id: surveyButton('c-1', 2), title: '2' }
  expect(
    commandRead(
      messagesWebhook([
        messageOf({ type: 'interactive', interactive: { type: 'button_reply', button_reply } }),
      ]),
    ).data,
  ).toMatchObject({ surveyScore: 2, surveyReason: '', surveyConversationId: 'c-1' })
  expect(commandRead(messagesWebhook([messageOf({ type: 'text', text: { body: '৫' } })])).data).toMatchObject(
    { surveyScore: 5, surveyConversationId: '' },
  )
  expect(
    commandRead(messagesWebhook([messageOf({ type: 'text', text: { body: 'quero 5' } })])).data,
  ).toMatchObject({ surveyScore: 0 })
})

test('what the company wrote in the app is said by the company, whatever it does with it', () => {
  const to = { from: '15550783881', to: '5511970000000', id: 'wamid.E', timestamp: '1749416383' }
  const text = { type: 'text', text: { body: 'PARAR' } }
  const echoes = [
    { ...to, ...text },
    { ...to, type: 'edit', edit: { original_message_id: 'wamid.D', message: text } },
    { ...to, type: 'revoke', revoke: { original_message_id: 'wamid.D' } },
    { ...to, type: 'reaction', reaction: { message_id: 'wamid.C', emoji: '👍' } },
  ]
  const read = echoes.map((echo) =>
    commandRead(webhookOf({ field: 'smb_message_echoes', value: valueOf({ message_echoes: [echo] }) })),
  )
  expect(read.map(({ type }) => type)).toEqual([
    'RecordAppMessage',
    'EditMessage',
    'RevokeMessage',
    'ReactToMessage',
  ])
  for (const { envelope } of read)
    expect(envelope.actor).toMatchObject({ kind: 'company', id: 'whatsapp_business_app' })
})

test('no command carries a name, number or text outside its content', () => {
  const system = { body: 'secret', wa_id: '16505559999', type: 'user_changed_number' }
  const said = messagesWebhook([
    messageOf({ type: 'text', text: { body: 'secret' } }),
    messageOf({ type: 'reaction', reaction: { message_id: 'wamid.Y', emoji: 'secret' } }),
    messageOf({ type: 'revoke', revoke: { original_message_id: 'wamid.Y' } }),
    messageOf({ type: 'edit', edit: { message: { type: 'text', text: { body: 'secret' } } } }),
    messageOf({ type: 'system', system }),
    messageOf({ type: 'image', image: { id: 'secret', caption: 'secret' }, referral: { body: 'secret' } }),
  ])
  const status = { id: 'wamid.X', status: 'sent', recipient_id: '16505551234' }
  const commands = [...itemsOf(said), ...itemsOf(statusesWebhook(status))].map(recordOf)
  expect(new Set(commands.map(({ type }) => type))).toEqual(
    new Set([
      'ReceiveMessage',
      'ReactToMessage',
      'RevokeMessage',
      'EditMessage',
      'AddContactAliases',
      'RecordDeliveryStatus',
    ]),
  )
  for (const { envelope } of commands) {
    const outside = CommandEnvelope.encode({ ...envelope, content: [] }).finish()
    expect(Buffer.from(outside).toString('latin1')).not.toMatch(/secret|1650555|Sheena|sheena|US\.1349/)
  }
})

test('what the rules must know of the words stands among the facts', () => {
  const stop = commandRead(messagesWebhook([messageOf({ type: 'text', text: { body: 'STOP' } })]))
  const observed = {
    profileDigest: digestOf(profileIn(stop.envelope.content)!),
    languageHint: 'en',
  }
  expect(observed.profileDigest).toMatch(/^[0-9a-f]{16}$/)
  expect(stop.data).toMatchObject({
    isNote: false,
    consent: 'stop',
    consentVia: 'keyword',
    characters: 4,
    observed,
  })
  const from = (waId: string) =>
    commandRead(messagesWebhook([{ ...messageOf({ type: 'text', text: { body: 'oi' } }), from: waId }]))
  expect(from('5511999990000').data).toMatchObject({ consent: '', observed: { languageHint: 'pt' } })
  const system = { body: 'changed', wa_id: '16505559999', type: 'user_changed_number' }
  const [aliases, note] = itemsOf(messagesWebhook([messageOf({ type: 'system', system })])).map(recordOf)
  expect(note).toMatchObject({ type: 'ReceiveMessage', data: { isNote: true } })
  const profile = profileIn(aliases!.envelope.content)!
  expect(profile.waId).toBe('16505559999')
  expect(aliases).toMatchObject({
    type: 'AddContactAliases',
    data: { reason: 'number_changed', observed: { profileDigest: digestOf(profile, 'wamid.X') } },
  })
})

test('a message edited into a word that stops is a stop, and its caption too', () => {
  const edit = (message: object) =>
    commandRead(
      messagesWebhook([messageOf({ type: 'edit', edit: { original_message_id: 'wamid.Y', message } })]),
    ).data
  expect(edit({ type: 'text', text: { body: '“PARAR”' } })).toMatchObject({
    consent: 'stop',
    consentVia: 'keyword',
  })
  expect(edit({ type: 'image', image: { id: '1', caption: 'parar' } })).toMatchObject({ consent: 'stop' })
  expect(edit({ type: 'image', image: { caption: 'parar' } })).toMatchObject({ consent: 'stop' })
  expect(edit({ type: 'text', text: { body: 'não quero parar' } })).toMatchObject({ consent: '' })
})

test('a quick reply against promotions is a message, and a preference beside it that concerns marketing alone', () => {
  const button = { payload: 'promo', text: 'Stop promotions' }
  const commands = itemsOf(messagesWebhook([messageOf({ type: 'button', button })])).map(recordOf)
  expect(commands).toMatchObject([
    { type: 'SetMarketingPreference', data: { category: 'marketing_messages', value: 'stop' } },
    { type: 'ReceiveMessage', data: { consent: '' } },
  ])
})

test('an edit whose new words cannot be read says so', () => {
  const edit = (message: object) =>
    commandRead(
      messagesWebhook([messageOf({ type: 'edit', edit: { original_message_id: 'wamid.Y', message } })]),
    )
  expect(edit({ type: 'text', text: { body: 'better' } }).data).toMatchObject({
    hasMessage: true,
    characters: 6,
  })
  expect(edit({ type: 'hologram' }).data).toMatchObject({ hasMessage: false })
})

test.each([
  ['reaction', { reaction: { message_id: 'wamid.Y', emoji: '👍' } }, 'ReactToMessage'],
  ['revoke', { revoke: { original_message_id: 'wamid.Y' } }, 'RevokeMessage'],
  [
    'edit',
    { edit: { original_message_id: 'wamid.Y', message: { type: 'text', text: { body: 'b' } } } },
    'EditMessage',
  ],
])('a %s becomes %3$s on its target', (type, fields, command) => {
  expect(commandRead(messagesWebhook([messageOf({ type, ...fields })]))).toMatchObject({
    type: command,
    data: { targetProviderMessageId: 'wamid.Y', providerMessageId: 'wamid.X' },
  })
})

test('a reaction that was taken back has no emoji', () => {
  const reaction = messageOf({ type: 'reaction', reaction: { message_id: 'wamid.Y' } })
  expect(messageIn(commandRead(messagesWebhook([reaction])).envelope.content)).toMatchObject({
    body: { $case: 'reaction', value: { emoji: '' } },
  })
})

test('repeats are told by wamid, statuses by wamid, status and recipient', () => {
  const text = messageOf({ type: 'text', text: { body: 'oi' } })
  const keys = itemsOf(
    messagesWebhook([text, { ...text, text: { body: 'other' } }, { ...text, id: 'wamid.Z' }]),
  ).map(repeatKey)
  expect(keys[0]).toBe(keys[1])
  expect(keys[2]).not.toBe(keys[0])
  const status = { id: 'wamid.X', status: 'sent', recipient_id: '1' }
  const statusKeys = itemsOf(
    statusesWebhook(status, { ...status }, { ...status, status: 'read' }, { ...status, recipient_id: '2' }),
  ).map(repeatKey)
  expect(statusKeys[0]).toBe(statusKeys[1])
  expect(new Set(statusKeys).size).toBe(3)
})

test('an element that does not fit together with its text keeps its text, and its bytes go to the dead letters', () => {
  const body = 'x'.repeat(600_000)
  const message = messageOf({ type: 'text', text: { body } })
  const { oddPart, raw, envelope } = commandRead(messagesWebhook([message]))
  expect(raw.length).toBeLessThan(COMMAND_BYTES_MAX)
  expect(oddPart?.code).toBe('RAW_TOO_LARGE')
  expect(oddPart?.value.toString()).toBe(JSON.stringify(message))
  expect(messageIn(envelope.content)?.body).toEqual({
    $case: 'text',
    value: expect.objectContaining({ text: body }) as unknown,
  })
  expect(JSON.parse(String(rawIn(envelope.content)))).toMatchObject({
    code: 'RAW_TOO_LARGE',
    length: JSON.stringify(message).length,
  })
})

test('an element whose very text does not fit is unsupported', () => {
  const message = messageOf({ type: 'text', text: { body: 'ä'.repeat(1_000_000) } })
  const { oddPart, raw, envelope, data } = commandRead(messagesWebhook([message]))
  expect(raw.length).toBeLessThan(COMMAND_BYTES_MAX)
  expect(oddPart?.code).toBe('RAW_TOO_LARGE')
  expect(messageIn(envelope.content)).toMatchObject({
    body: { $case: 'unsupported', value: { errorTitle: 'RAW_TOO_LARGE' } },
  })
  expect(data).toMatchObject({ type: 'text' })
})

test.each([
  ['reaction', (id: string) => ({ reaction: { message_id: id, emoji: '👍' } })],
  ['revoke', (id: string) => ({ revoke: { original_message_id: id } })],
  ['edit', (id: string) => ({ edit: { original_message_id: id, message: { type: 'text', text: {} } } })],
  ['text', (id: string) => ({ text: { body: 'oi' }, context: { id } })],
  ['hologram', (id: string) => ({ errors: [{ title: id }] })],
])('no %s is too large for the log, however long the ids in it are', (type, fields) => {
  const { raw, oddPart } = commandRead(
    messagesWebhook([messageOf({ type, ...fields('x'.repeat(1_000_000)) })]),
  )
  expect(raw.length).toBeLessThan(COMMAND_BYTES_MAX)
  expect(oddPart?.code).toBe('RAW_TOO_LARGE')
})
