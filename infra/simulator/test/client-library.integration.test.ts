import { expect, test } from 'vitest'
import { WhatsAppAPI } from 'whatsapp-api-js'
import {
  ActionButtons,
  ActionCTA,
  ActionList,
  Body,
  Button,
  Image,
  Interactive,
  ListSection,
  Reaction,
  Row,
  Text,
} from 'whatsapp-api-js/messages'
import { bsuidOf } from '../src/customer/identity.ts'
import {
  accessToken,
  appSecret,
  callerOf,
  eventually,
  phoneNumberId,
  startProduct,
  startSimulatorFor,
  wabaId,
} from './product.ts'

const ana = { phone: '5511987654321', bsuid: bsuidOf('5511987654321', wabaId) }

test('a public client library works unchanged but for its base URL', async () => {
  await using product = await startProduct()
  await using simulator = await startSimulatorFor(product.webhookUrl)
  const api = new WhatsAppAPI({
    token: accessToken,
    appSecret,
    v: 'v23.0',
    ponyfill: {
      subtle: crypto.subtle,
      fetch: ((url: string | URL, options?: RequestInit) =>
        fetch(String(url).replace('https://graph.facebook.com', simulator.url), options)) as typeof fetch,
    },
  })

  const messages = [
    new Text('olá'),
    new Interactive(new ActionButtons(new Button('y', 'Yes'), new Button('n', 'No')), new Body('?')),
    new Interactive(new ActionList('Choose', new ListSection('S', new Row('r1', 'T', 'D'))), new Body('?')),
    new Interactive(new ActionCTA('Open record', 'https://example.com/t/x'), new Body('Your record')),
    new Reaction('wamid.IN', '👍'),
  ]
  for (const message of messages) {
    expect(await api.sendMessage(phoneNumberId, ana, message)).toMatchObject({
      contacts: [{ wa_id: ana.phone }],
    })
  }
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array([1, 2, 3])], { type: 'image/jpeg' }), 'a.jpg')
  const uploaded = (await api.uploadMedia(phoneNumberId, form)) as { id: string }
  expect(await api.sendMessage(phoneNumberId, ana, new Image(uploaded.id, true))).toHaveProperty('messages')
  const media = (await api.retrieveMedia(uploaded.id)) as { url: string }
  expect((await (await api.fetchMedia(media.url)).arrayBuffer()).byteLength).toBe(3)
  expect(await api.markAsRead(phoneNumberId, 'wamid.IN', 'text')).toEqual({ success: true })
  expect(await api.blockUser(phoneNumberId, ana)).toHaveProperty('block_users.added_users')
  expect(await api.unblockUser(phoneNumberId, ana)).toHaveProperty('block_users.removed_users')
  expect(await callerOf(simulator).sent(ana.phone)).toHaveLength(6)

  const heard: unknown[] = []
  api.on.message = ({ from, name, message }) => void heard.push({ from, name, message })
  await callerOf(simulator).write({ id: 'wamid.ANA', type: 'text', text: { body: 'não 👍' } })
  const webhook = await eventually('the webhook', () =>
    product.received.find(({ value }) => value.messages !== undefined),
  )
  const wire = webhook.body.toString()
  await api.post(JSON.parse(wire), wire, String(webhook.headers['x-hub-signature-256']))
  expect(heard).toMatchObject([{ from: ana.phone, message: { id: 'wamid.ANA', text: { body: 'não 👍' } } }])
})
