import { encodeCommand, readCommand } from '@parley/kernel'
import { expect, test } from 'vitest'
import { COMMAND_BYTES_MAX, commandOf, repeatKey } from './commands.ts'
import { readWebhook } from './read.ts'
import { ACCOUNT, READING, bodyOf, messageOf, messagesWebhook, statusesWebhook } from './webhook.fixture.ts'

const CONTACT = '7b1f4c5e-0000-4000-8000-000000000001'

function itemsOf(json: unknown) {
  const webhook = readWebhook(bodyOf(json), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  return webhook.items
}

function commandRead(json: unknown) {
  const { command, oddPart } = commandOf(itemsOf(json)[0]!, CONTACT)
  return { oddPart, ...readCommand(encodeCommand(command), '').envelope }
}

test('the same message gives the same command, whoever reads it and however its bytes are written', () => {
  const message = messageOf({ type: 'text', text: { body: 'oi' } })
  const first = commandRead(messagesWebhook([message]))
  const again = commandRead(messagesWebhook([{ ...message, extra: 1 }]))
  expect(again.commandId).toBe(first.commandId)
  expect(first).toMatchObject({
    streamId: CONTACT,
    type: 'ReceiveMessage',
    actor: { kind: 'customer', id: CONTACT },
    payload: { value: { channelAccountId: ACCOUNT, providerMessageId: 'wamid.X', type: 'text' } },
  })
})

test('no command carries a name, number or text outside its content', () => {
  const { payload, ...envelope } = commandRead(
    messagesWebhook([messageOf({ type: 'text', text: { body: 'secret' } })]),
  )
  const outside = JSON.stringify({ ...envelope, payload: { ...payload.value, content: undefined } })
  expect(outside).not.toMatch(/secret|16505551234|Sheena|US\.1349/)
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
    payload: { value: { targetProviderMessageId: 'wamid.Y', providerMessageId: 'wamid.X' } },
  })
})

test('a reaction that was taken back has no emoji', () => {
  const reaction = messageOf({ type: 'reaction', reaction: { message_id: 'wamid.Y' } })
  expect(commandRead(messagesWebhook([reaction]))).toMatchObject({
    payload: { value: { content: { message: { body: { $case: 'reaction', value: { emoji: '' } } } } } },
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
  const { oddPart, payload, ...envelope } = commandRead(messagesWebhook([message]))
  expect(oddPart?.code).toBe('RAW_TOO_LARGE')
  expect(oddPart?.value.toString()).toBe(JSON.stringify(message))
  if (payload.$case !== 'receiveMessage') throw new Error(envelope.type)
  expect(payload.value.content?.message?.body).toEqual({
    $case: 'text',
    value: expect.objectContaining({ text: body }) as unknown,
  })
  expect(JSON.parse(String(payload.value.content?.raw))).toMatchObject({
    code: 'RAW_TOO_LARGE',
    length: JSON.stringify(message).length,
  })
})

test('an element whose very text does not fit is unsupported', () => {
  const item = itemsOf(
    messagesWebhook([messageOf({ type: 'text', text: { body: 'ä'.repeat(1_000_000) } })]),
  )[0]!
  const { command, oddPart } = commandOf(item, CONTACT)
  expect(encodeCommand(command).length).toBeLessThan(COMMAND_BYTES_MAX)
  expect(oddPart?.code).toBe('RAW_TOO_LARGE')
  expect(command.payload).toMatchObject({
    value: {
      content: { message: { body: { $case: 'unsupported', value: { errorTitle: 'RAW_TOO_LARGE' } } } },
    },
  })
})
