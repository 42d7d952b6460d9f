import { expect, test } from 'vitest'
import { IntakeStores } from './intake.fixture.ts'
import { readWebhook } from './read.ts'
import {
  ACCOUNT,
  READING,
  RECEIVED_AT,
  bodyOf,
  messageOf,
  messagesWebhook,
  statusesWebhook,
  valueOf,
  webhookOf,
} from './webhook.fixture.ts'

function webhookWith(...ids: readonly string[]) {
  return webhookOfMessages(ids, RECEIVED_AT)
}

function webhookOfMessages(ids: readonly string[], at: number) {
  const timestamp = String(at / 1_000)
  const messages = ids.map((id) => messageOf({ id, type: 'text', text: { body: id }, timestamp }))
  const webhook = readWebhook(bodyOf(messagesWebhook(messages)), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  return webhook
}

const OUR_MESSAGE = '0190b7a2-5c1e-7d2f-8a3b-4c5d6e7f8a9b'

function receiptOf(status: string) {
  const receipt = {
    id: 'wamid.9',
    status,
    timestamp: String(RECEIVED_AT / 1_000),
    biz_opaque_callback_data: OUR_MESSAGE,
  }
  const webhook = readWebhook(bodyOf(statusesWebhook({ ...receipt, recipient_id: '5511970000000' })), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  return webhook
}

test('webhooks that come while one is being stored are stored together', async () => {
  const stores = new IntakeStores()
  const first = Promise.withResolvers<void>()
  const { append } = stores
  stores.append = async (commands, deadParts) => {
    await append(commands, deadParts)
    if (stores.appends === 1) await first.promise
  }
  const intake = stores.intake()
  const one = intake.accept(webhookWith('wamid.0'), '')
  await Promise.resolve()
  const others = Array.from({ length: 40 }, (_, index) =>
    intake.accept(webhookWith(`wamid.${index + 1}`), ''),
  )
  first.resolve()
  expect(await Promise.all([one, ...others])).toEqual(Array(41).fill(true))
  expect(stores.commands).toHaveLength(41)
  expect(stores.appends).toBeLessThanOrEqual(3)
})

test('a webhook that does not tell its time changes nothing when it comes again, however much later', async () => {
  const untimed = (receivedAt: number, json: unknown) => {
    const webhook = readWebhook(bodyOf(json), { ...READING, receivedAt })
    if (!webhook.readable) throw new Error(webhook.reason)
    return webhook
  }
  const bodies = [
    messagesWebhook([messageOf({ id: 'wamid.1', type: 'text', text: { body: 'oi' }, timestamp: undefined })]),
    messagesWebhook([messageOf({ id: undefined, type: 'text', text: { body: 'oi' }, timestamp: 'soon' })]),
    statusesWebhook({ id: 'wamid.9', status: 'sent', biz_opaque_callback_data: OUR_MESSAGE }),
    webhookOf({
      field: 'user_preferences',
      value: valueOf({
        user_preferences: [{ wa_id: '16505551234', category: 'marketing_messages', value: 'resume' }],
      }),
    }),
  ]
  const stores = new IntakeStores()
  for (const json of bodies) expect(await stores.intake().accept(untimed(stores.now, json), '')).toBe(true)
  const before = stores.commands.length
  await stores.forget(8)
  for (const json of bodies) expect(await stores.intake().accept(untimed(stores.now, json), '')).toBe(true)
  expect(stores.commands).toHaveLength(before)
  expect(stores.deadParts).toEqual([])
})

test('receipts wait for each other, and go at once with what a customer wrote', async () => {
  const stores = new IntakeStores()
  const intake = stores.intake({ receiptsGatherMs: 60_000 })
  const receipts = ['sent', 'delivered', 'read'].map((status) => intake.accept(receiptOf(status), ''))
  await new Promise((resolve) => setImmediate(resolve))
  expect(stores.appends).toBe(0)
  const written = intake.accept(webhookWith('wamid.1'), '')
  expect(await Promise.all([...receipts, written])).toEqual([true, true, true, true])
  expect(stores.appends).toBe(1)

  const last = intake.accept(receiptOf('played'), '')
  await intake.drain()
  expect(await last).toBe(true)
  expect(await stores.intake({ receiptsGatherMs: 5 }).accept(receiptOf('read'), '')).toBe(true)
})

test('what the log did not acknowledge is not remembered as taken', async () => {
  const stores = new IntakeStores()
  const { append } = stores
  stores.append = async () => {
    throw new Error('no log')
  }
  const intake = stores.intake()
  expect(await intake.accept(webhookWith('wamid.1'), '')).toBe(false)
  stores.append = append
  expect(await intake.accept(webhookWith('wamid.1'), '')).toBe(true)
  expect(await intake.accept(webhookWith('wamid.1'), '')).toBe(true)
  expect(stores.commands).toHaveLength(1)
})

test('a log that hangs is answered in time, and what had not begun is not done twice', async () => {
  const stores = new IntakeStores()
  const hanging = Promise.withResolvers<void>()
  const { append } = stores
  stores.append = async (commands, deadParts) => {
    await hanging.promise
    await append(commands, deadParts)
  }
  const intake = stores.intake({ answerWithinMs: 30 })
  const answers = await Promise.all([
    intake.accept(webhookWith('wamid.1'), ''),
    intake.accept(webhookWith('wamid.2'), ''),
  ])
  expect(answers).toEqual([false, false])
  expect(await intake.accept(webhookWith('wamid.3'), '')).toBe(false)
  hanging.resolve()
  await intake.drain()
  expect(
    stores.commands.map((command) => command.type === 'ReceiveMessage' && command.data.providerMessageId),
  ).toEqual(['wamid.1', 'wamid.2'])
})

test('beyond what may wait, webhooks are turned away at once', async () => {
  const stores = new IntakeStores()
  const hanging = Promise.withResolvers<void>()
  stores.append = () => hanging.promise
  const intake = stores.intake({ itemsWaitingMax: 5 })
  const first = intake.accept(webhookWith('wamid.0'), '')
  await new Promise((resolve) => setImmediate(resolve))
  const waiting = intake.accept(webhookWith('wamid.1', 'wamid.2', 'wamid.3', 'wamid.4'), '')
  expect(await intake.accept(webhookWith('wamid.5', 'wamid.6'), '')).toBe(false)
  hanging.resolve()
  expect(await Promise.all([first, waiting])).toEqual([true, true])
})

test('a webhook of thousands is stored in rounds: the stores are never asked of more at once, and what is stored of it stays', async () => {
  const stores = new IntakeStores()
  const kept = stores.append
  const sizes: number[] = []
  stores.append = async (commands, deadParts) => {
    if (sizes.length === 2) throw new Error('away')
    sizes.push(commands.length)
    await kept(commands, deadParts)
  }
  const ids = Array.from({ length: 170 }, (_, index) => `wamid.${index}`)
  expect(await stores.intake().accept(webhookWith(...ids), '')).toBe(false)
  stores.append = kept
  await new Promise((resolve) => setImmediate(resolve))
  expect(await stores.intake().accept(webhookWith(...ids), '')).toBe(true)
  expect(sizes).toEqual([50, 50])
  const stored = stores.commands.map(({ data }) => 'providerMessageId' in data && data.providerMessageId)
  expect(stored).toHaveLength(ids.length)
  expect(new Set(stored)).toEqual(new Set(ids))
})

test('where a round of a webhook cannot be stored, those behind it wait for it to come again: in the log all stands in its order', async () => {
  const stores = new IntakeStores()
  const kept = stores.append
  let rounds = 0
  stores.append = async (commands, deadParts) => {
    if (++rounds === 2) throw new Error('away for a moment')
    await kept(commands, deadParts)
  }
  const ids = Array.from({ length: 170 }, (_, index) => `wamid.${index}`)
  const intake = stores.intake()
  expect(await intake.accept(webhookWith(...ids), '')).toBe(false)
  await intake.drain()
  expect(await stores.intake().accept(webhookWith(...ids), '')).toBe(true)
  expect(stores.commands.map(({ data }) => 'providerMessageId' in data && data.providerMessageId)).toEqual(
    ids,
  )
})

test('what waits is bounded by the bytes that it holds too', async () => {
  const stores = new IntakeStores()
  const { promise: never, resolve } = Promise.withResolvers<void>()
  stores.append = () => never
  const intake = stores.intake()
  const large = { ...webhookWith('1'), bytes: 60 * 4_096 }
  const first = intake.accept(webhookWith('0'), '')
  await new Promise((turn) => setImmediate(turn))
  const waiting = intake.accept(large, '')
  expect(await intake.accept({ ...webhookWith('2'), bytes: 60 * 4_096 }, '')).toBe(false)
  resolve()
  expect(await Promise.all([first, waiting])).toEqual([true, true])
})

test('an odd part larger than a record is kept up to what fits, and says what it is a part of', async () => {
  const stores = new IntakeStores()
  const webhook = readWebhook(bodyOf({ object: 'page', padding: 'x'.repeat(2_000_000) }), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  expect(await stores.intake().accept(webhook, '')).toBe(true)
  expect(stores.deadParts).toMatchObject([{ code: 'UNKNOWN_OBJECT', key: 'webhook' }])
  expect(stores.deadParts[0]!.value).toHaveLength(700_000)
  expect(stores.deadParts[0]!.reason).toMatch(/first 700000 of 2000030 bytes .*SHA-256 of all: [0-9a-f]{64}/)
})

test('a webhook that is older than the memory of repeats changes nothing, and is kept as a dead letter', async () => {
  const stores = new IntakeStores()
  const day = 24 * 60 * 60 * 1000
  const old = webhookOfMessages(['wamid.1'], RECEIVED_AT - 7 * day - 1_000)
  expect(await stores.intake().accept(old, '')).toBe(true)
  expect(stores.commands).toEqual([])
  expect(stores.contacts).toBe(0)
  expect(stores.deadParts).toMatchObject([{ code: 'TOO_OLD' }])
  expect(await stores.intake().accept(webhookOfMessages(['wamid.1'], RECEIVED_AT - 7 * day), '')).toBe(true)
  expect(stores.commands).toHaveLength(1)
})

test('a number that comes with another BSUID is released on the stream of the former owner, before the number moves', async () => {
  const stores = new IntakeStores()
  const written = (userId: string, id: string, at: number) => {
    const contacts = [{ wa_id: '16505551234', user_id: userId, profile: { name: 'x' } }]
    const message = messageOf({ id, type: 'text', text: { body: id }, timestamp: String(at / 1_000) })
    const webhook = readWebhook(bodyOf(messagesWebhook([message], { contacts })), READING)
    if (!webhook.readable) throw new Error(webhook.reason)
    return webhook
  }
  const intake = stores.intake()
  await intake.accept(written('US.1', 'wamid.1', RECEIVED_AT - 2_000), '')
  const { append } = stores
  stores.append = () => Promise.reject(new Error('no log'))
  // What could not be put on record did not happen: it comes again, and is put on record then.
  expect(await intake.accept(written('US.2', 'wamid.2', RECEIVED_AT), '')).toBe(false)
  stores.append = append
  expect(await intake.accept(written('US.2', 'wamid.2', RECEIVED_AT), '')).toBe(true)
  const told = stores.commands.map(({ type, streamId }) => [type, streamId])
  const [, [, ana], [, bia]] = [told[1], told[0]!, told[2]!]
  expect(told).toEqual([
    ['ReceiveMessage', ana],
    ['ReleaseContactNumber', ana],
    ['ReceiveMessage', bia],
  ])
  expect(ana).not.toBe(bia)
})

test('for the reactions of one round is asked at once: each waits for no other', async () => {
  const stores = new IntakeStores()
  const ids = ['wamid.1', 'wamid.2', 'wamid.3']
  const asked = new Set<string>()
  const all = Promise.withResolvers<undefined>()
  stores.formerOf = async (id) => {
    if (asked.add(id).size === ids.length) all.resolve(undefined)
    return all.promise
  }
  const timestamp = String(RECEIVED_AT / 1_000)
  const messages = ids.map((message_id) =>
    messageOf({ id: `on.${message_id}`, type: 'reaction', reaction: { message_id, emoji: '👍' }, timestamp }),
  )
  const webhook = readWebhook(bodyOf(messagesWebhook(messages)), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  expect(await stores.intake().accept(webhook, '')).toBe(true)
  expect(stores.commands).toHaveLength(ids.length)
})

test('a reaction goes to the record that has the message: ours too, of before two contacts proved to be one', async () => {
  const stores = new IntakeStores()
  stores.sentTo.set('wamid.ours', 'former')
  const timestamp = String(RECEIVED_AT / 1_000)
  const messages = ['wamid.ours', 'wamid.nobody knows'].map((message_id) =>
    messageOf({ id: `on.${message_id}`, type: 'reaction', reaction: { message_id, emoji: '👍' }, timestamp }),
  )
  const webhook = readWebhook(bodyOf(messagesWebhook(messages)), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  expect(await stores.intake().accept(webhook, '')).toBe(true)
  expect(stores.commands.map(({ type, streamId }) => [type, streamId])).toEqual([
    ['ReactToMessage', 'former'],
    ['ReactToMessage', 'contact-1'],
  ])
})

test.each<[string, string, [string, string][]]>([
  ['is changed where it stands', 'bom dia', [['EditMessage', 'former']]],
  [
    'that asks for no more advertising too',
    'stop promotions',
    [
      ['EditMessage', 'former'],
      ['SetMarketingPreference', 'contact-1'],
    ],
  ],
  ['that says stop is heard by who they are now', 'STOP', [['EditMessage', 'contact-1']]],
])('a message of before two contacts proved to be one %s', async (_, words, told) => {
  const stores = new IntakeStores()
  stores.seen.set(`${ACCOUNT}|wamid.1`, 'former')
  const edit = { original_message_id: 'wamid.1', message: { type: 'text', text: { body: words } } }
  const timestamp = String(RECEIVED_AT / 1_000)
  const message = messageOf({ id: 'wamid.2', type: 'edit', edit, timestamp })
  const webhook = readWebhook(bodyOf(messagesWebhook([message])), READING)
  if (!webhook.readable) throw new Error(webhook.reason)
  expect(await stores.intake().accept(webhook, '')).toBe(true)
  expect(new Map(stores.commands.map(({ type, streamId }) => [type, streamId]))).toEqual(new Map(told))
})
