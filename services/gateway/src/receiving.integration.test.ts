import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageIn, profileIn, rawIn } from '@parley/conversation'
import { kafkaLog } from '@parley/eventlog'
import { provisionKafka } from '@parley/stack/provision'
import { until } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { type ReadCommand, VERIFY_TOKEN, commandsIn, startGateway, surroundings } from './gateway.fixture.ts'
import {
  ACCOUNT,
  messageOf,
  messagesWebhook,
  statusesWebhook,
  valueOf,
  webhookOf,
} from './webhook/webhook.fixture.ts'

/** A minute ago, in seconds: what is a week old is not taken any more. */
const WROTE_AT = Math.trunc(Date.now() / 1_000) - 60

const text = (id: string, body = 'oi', more: object = {}) =>
  messageOf({ id, type: 'text', text: { body }, timestamp: String(WROTE_AT), ...more })
const from = (waId: string, userId?: string, ...messages: readonly object[]) =>
  webhookOf({
    field: 'messages',
    value: valueOf({
      contacts: [
        { wa_id: waId, ...(userId === undefined ? {} : { user_id: userId }), profile: { name: 'Ana' } },
      ],
      messages: messages.map((message) => ({ ...message, from: waId })),
    }),
  })
const received = (commands: readonly ReadCommand[]) =>
  commands.flatMap(({ type, data, envelope: { content, streamId } }) =>
    type === 'ReceiveMessage' ? [{ ...data, content, streamId }] : [],
  )

test('the front door answers as WhatsApp expects', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  const verify = (query: string) => fetch(`${gateway.webhookUrl}?${query}`)

  const verified = await verify(
    `hub.mode=subscribe&hub.verify_token=${encodeURIComponent(VERIFY_TOKEN)}&hub.challenge=1158201444`,
  )
  expect([verified.status, await verified.text()]).toEqual([200, '1158201444'])
  expect((await verify('hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1')).status).toBe(403)

  const good = messagesWebhook([text('wamid.1')])
  const expectProblem = async (response: Response, status: number, code: string) => {
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ code, message: expect.any(String) as unknown })
  }
  const signature = 'x-hub-signature-256'
  await expectProblem(
    await gateway.post(good, { [signature]: `sha256=${'0'.repeat(64)}` }),
    401,
    'SIGNATURE_INVALID',
  )
  await expectProblem(
    await fetch(gateway.webhookUrl, { method: 'POST', body: '{}' }),
    401,
    'SIGNATURE_INVALID',
  )
  await expectProblem(await fetch(gateway.webhookUrl, { method: 'POST' }), 401, 'SIGNATURE_INVALID')
  for (const body of ['oops', '[]', '42', 'null', ''])
    await expectProblem(await gateway.post(Buffer.from(body)), 400, 'NOT_A_JSON_OBJECT')
  const padded = (bytes: number) =>
    Buffer.concat([Buffer.from(JSON.stringify(good)), Buffer.alloc(bytes, ' ')]).subarray(0, bytes)
  await expectProblem(await gateway.post(padded(3 * 1024 * 1024 + 1)), 413, 'BODY_TOO_LARGE')
  expect((await gateway.post(padded(3 * 1024 * 1024))).status).toBe(200)
  for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', ''])
    expect((await gateway.post(good, { 'content-type': contentType })).status).toBe(200)
  expect(received(await around.commands())).toHaveLength(1)
})

test('what is answered 200 stands in the log: several entries, messages and statuses, and each odd part with its reason', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  const raw = '{"from":"16505551234","id":"wamid.\\u0052","type":"text","text":{"body":"\\u00e4 \xff"}}'
  const [before, after] = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        changes: [
          { field: 'messages', value: valueOf({ messages: ['HERE', { id: 'wamid.N', type: 'text' }] }) },
        ],
      },
      {
        changes: [
          { field: 'calls', value: {} },
          { field: 'messages', value: { metadata: { phone_number_id: '1' } } },
        ],
      },
      from('5511999990000', 'BR.77', text('wamid.2', 'olá'), { id: 'wamid.3', type: 'hologram' }).entry,
      ...(from('5511999990000', 'BR.77', text('wamid.2', 'olá'), { id: 'wamid.3', type: 'hologram' })
        .entry as object[]),
    ],
  }).split('"HERE"')
  const response = await gateway.post(Buffer.from(before + raw + after, 'latin1'))
  expect(response.status).toBe(200)

  const commands = await around.commands()
  const messages = received(commands)
  expect(messages.map(({ providerMessageId, type }) => `${providerMessageId} ${type}`).toSorted()).toEqual([
    'wamid.2 text',
    'wamid.3 hologram',
    'wamid.R text',
  ])
  const odd = messages.find(({ providerMessageId }) => providerMessageId === 'wamid.R')
  expect(Buffer.from(rawIn(odd!.content)).toString('latin1')).toBe(raw)
  expect(messageIn(odd!.content)?.body).toMatchObject({ value: { text: 'ä \ufffd' } })
  const unsupported = messages.find(({ type }) => type === 'hologram')
  expect(messageIn(unsupported!.content)?.body?.$case).toBe('unsupported')
  expect(JSON.parse(String(rawIn(unsupported!.content)))).toEqual({
    id: 'wamid.3',
    type: 'hologram',
    from: '5511999990000',
  })
  const letters = await around.deadLetters()
  expect(letters.map(({ code }) => code).toSorted()).toEqual([
    'NO_SENDER',
    'UNKNOWN_ENTRY',
    'UNKNOWN_FIELD',
    'UNKNOWN_NUMBER',
  ])
  expect(letters.find(({ code }) => code === 'NO_SENDER')?.value.toString()).toBe(
    '{"id":"wamid.N","type":"text"}',
  )
  expect(letters.every(({ source, reason }) => source === 'webhook' && reason !== '')).toBe(true)
})

test('whatever is repeated is taken once: in one webhook, in many at once, and after a restart', async () => {
  await using around = await surroundings()
  {
    await using gateway = await startGateway(around.namespace)
    const one = from('5511999990000', 'BR.77', text('wamid.1'), text('wamid.1', 'again'))
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.post(one)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  }
  await using gateway = await startGateway(around.namespace)
  await gateway.post(from('5511999990000', 'BR.77', text('wamid.1', 'late'), text('wamid.2')))
  const ids = received(await around.commands()).map(({ providerMessageId }) => providerMessageId)
  expect(ids).toEqual(['wamid.1', 'wamid.2'])
})

test('two gateways that take the same webhook at once say the same command, of the same contact', async () => {
  await using around = await surroundings()
  await using one = await startGateway(around.namespace)
  await using two = await startGateway(around.namespace)
  const posts = Array.from({ length: 30 }, (_, index) =>
    from(`55119${index}`, `BR.${index}`, text(`wamid.${index}`)),
  )
  await Promise.all(posts.flatMap((json) => [one.post(json), two.post(json)]))
  const commands = await around.commands()
  expect(new Set(commands.map(({ envelope }) => envelope.commandId)).size).toBe(30)
  expect(new Set(commands.map(({ envelope }) => `${envelope.commandId} ${envelope.streamId}`)).size).toBe(30)
})

describe('identity', () => {
  test('a customer known by number alone, then by both, then by BSUID alone, is one contact', async () => {
    await using around = await surroundings()
    await using gateway = await startGateway(around.namespace)
    await gateway.post(from('5511999990000', undefined, text('wamid.1')))
    await gateway.post(from('5511999990000', 'BR.77', text('wamid.2')))
    await gateway.post(
      webhookOf({
        field: 'messages',
        value: valueOf({ messages: [{ ...text('wamid.3'), from: undefined, from_user_id: 'BR.77' }] }),
      }),
    )
    const commands = await around.commands()
    expect(received(commands)).toHaveLength(3)
    expect(new Set(commands.map(({ envelope }) => envelope.streamId)).size).toBe(1)
    const contact = await around.db
      .collection<{ _id: string }>('contacts')
      .findOne({ _id: commands[0]!.envelope.streamId })
    expect(contact).toMatchObject({ waId: '5511999990000', userId: 'BR.77' })
  })

  test('two contacts that prove to be one: the younger is merged before its message goes to the older, and stays so', async () => {
    await using around = await surroundings()
    await using gateway = await startGateway(around.namespace)
    await gateway.post(from('5511999990000', undefined, text('wamid.1')))
    await gateway.post(from('BR.77', undefined, text('wamid.2')))
    const streamOf = (all: readonly ReadCommand[], wamid: string) =>
      received(all).find(({ providerMessageId }) => providerMessageId === wamid)?.streamId
    const first = await around.commands()
    const [older, younger] = [streamOf(first, 'wamid.1'), streamOf(first, 'wamid.2')]
    expect(older).not.toBe(younger)
    await gateway.post(from('5511999990000', 'BR.77', text('wamid.3')))
    await gateway.post(from('BR.77', undefined, text('wamid.4')))
    const commands = await around.commands()
    const merges = commands.filter(({ type }) => type === 'MergeContact')
    expect(merges).toMatchObject([{ data: { intoContactId: older }, envelope: { streamId: younger } }])
    expect([streamOf(commands, 'wamid.3'), streamOf(commands, 'wamid.4')]).toEqual([older, older])
  })

  test('a number that comes with another BSUID is another person: nothing is merged, and the former owner is written to by BSUID', async () => {
    await using around = await surroundings()
    await using gateway = await startGateway(around.namespace)
    await gateway.post(from('5511999990000', 'BR.1', text('wamid.1')))
    await gateway.post(from('5511999990000', 'BR.2', text('wamid.2')))
    await gateway.post(from('BR.1', undefined, text('wamid.3')))
    await gateway.post(from('5511999990000', undefined, text('wamid.4')))
    const commands = await around.commands()
    const streamOf = (wamid: string) =>
      received(commands).find(({ providerMessageId }) => providerMessageId === wamid)?.streamId
    const [ana, bia] = [streamOf('wamid.1')!, streamOf('wamid.2')!]
    expect(ana).not.toBe(bia)
    expect([streamOf('wamid.3'), streamOf('wamid.4')]).toEqual([ana, bia])
    expect(commands.map(({ type }) => type)).not.toContain('MergeContact')
    const released = commands.filter(({ type }) => type === 'ReleaseContactNumber')
    expect(released).toMatchObject([{ envelope: { streamId: ana } }])
    expect(profileIn(released[0]!.envelope.content)).toMatchObject({ waId: '5511999990000', userId: '' })
    // Nothing of one says who the other is.
    for (const { envelope } of commands.filter(({ envelope: { streamId } }) => streamId === ana))
      expect(JSON.stringify(envelope)).not.toContain(bia)

    await around.happened(ana, { type: 'ContactNumberReleased' }, released[0]!.envelope.content)
    const contacts = around.db.collection<{ _id: string; waId: string }>('contacts')
    await until('the address is gone', async () => (await contacts.findOne({ _id: ana }))?.waId === '')
    // Neither what was written before and comes late, nor a gateway that starts anew, brings it back.
    await gateway.post(
      from('5511999990000', 'BR.1', text('wamid.5', 'late', { timestamp: String(WROTE_AT - 2) })),
    )
    await using anew = await startGateway(around.namespace)
    await anew.post(
      from('5511999990000', 'BR.1', text('wamid.6', 'late', { timestamp: String(WROTE_AT - 1) })),
    )
    expect(await contacts.findOne({ _id: ana })).toMatchObject({ waId: '', userId: 'BR.1' })
    expect(await contacts.findOne({ _id: bia })).toMatchObject({ waId: '5511999990000', userId: 'BR.2' })
  })

  test('a changed number is an alias of the same contact, which is written to there from now on', async () => {
    await using around = await surroundings()
    await using gateway = await startGateway(around.namespace)
    await gateway.post(from('5511999990000', undefined, text('wamid.1')))
    const system = { body: 'changed', wa_id: '5511888880000', type: 'user_changed_number' }
    await gateway.post(from('5511999990000', undefined, { id: 'wamid.2', type: 'system', system }))
    await gateway.post(from('5511888880000', undefined, text('wamid.3')))
    const commands = await around.commands()
    expect(new Set(commands.map(({ envelope }) => envelope.streamId)).size).toBe(1)
    expect(commands.map(({ type }) => type)).toEqual([
      'ReceiveMessage',
      'AddContactAliases',
      'ReceiveMessage',
      'ReceiveMessage',
    ])
    const contact = await around.db
      .collection<{ _id: string }>('contacts')
      .findOne({ _id: commands[0]!.envelope.streamId })
    expect(contact).toMatchObject({ waId: '5511888880000' })
  })
})

test('who told WhatsApp of a new number is the same contact under its new business-scoped id alone, and under either spelling', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  const system = {
    type: 'user_changed_number',
    wa_id: '5511987654321',
    user_id: 'BR.9',
    previous_user_id: 'BR.1',
  }
  await gateway.post(from('5511999990000', 'BR.1', text('wamid.1', 'PARAR')))
  await gateway.post(
    from('5511999990000', 'BR.1', {
      id: 'wamid.2',
      type: 'system',
      system,
      timestamp: String(WROTE_AT + 1),
    }),
  )
  const later = { timestamp: String(WROTE_AT + 2) }
  await gateway.post(from('BR.9', undefined, text('wamid.3', 'oi', later)))
  await gateway.post(from('551187654321', undefined, text('wamid.4', 'oi', later)))
  // Late, under the id of before: theirs, and not an address.
  await gateway.post(from('5511999990000', 'BR.1', text('wamid.5')))
  const commands = await around.commands()
  expect(received(commands)).toHaveLength(5)
  const streams = new Set(commands.map(({ envelope }) => envelope.streamId))
  expect(streams.size).toBe(1)
  const [contactId] = streams
  expect(await around.db.collection<{ _id: string }>('contacts').findOne({ _id: contactId! })).toMatchObject({
    waId: '551187654321',
    userId: 'BR.9',
  })
})

test('a receipt goes to the stream of its message; one that belongs to nothing known is a dead letter', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  const contactId = await around.contact('5511999990000')
  const status = {
    id: 'wamid.OUT',
    status: 'read',
    recipient_id: '5511999990000',
    biz_opaque_callback_data: randomUUID(),
  }
  await gateway.post(
    statusesWebhook(
      status,
      { ...status, status: 'sent' },
      { ...status },
      { id: 'wamid.O', status: 'sent', recipient_id: '1' },
    ),
  )
  const commands = await around.commands()
  expect(commands.map(({ type, envelope }) => [envelope.streamId, type])).toEqual([
    [contactId, 'RecordDeliveryStatus'],
    [contactId, 'RecordDeliveryStatus'],
  ])
  expect((await around.deadLetters()).map(({ code }) => code)).toEqual(['UNKNOWN_RECIPIENT'])
})

test('3 MB of long messages of one customer fit into the log', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  const messages = Array.from({ length: 5 }, (_, index) => text(`wamid.${index}`, 'x'.repeat(550_000)))
  expect((await gateway.post(from('5511999990000', 'BR.77', ...messages))).status).toBe(200)
  const messagesTaken = received(await around.commands())
  expect(messagesTaken.map(({ characters }) => characters)).toEqual(Array(5).fill(550_000))
  for (const { content } of messagesTaken)
    expect(JSON.stringify(messageIn(content)).length).toBeGreaterThan(550_000)
})

test(
  'without Kafka the answer is 503, and what comes again once it is back is taken once',
  { timeout: 120_000 },
  async () => {
    await using around = await surroundings()
    await using undo = new AsyncDisposableStack()
    const dataDirectory = await mkdtemp(join(tmpdir(), 'gateway-kafka-'))
    undo.defer(() => rm(dataDirectory, { recursive: true, force: true }))
    // A broker of our own, put to sleep and woken again: connections stand, and nothing is answered.
    const { brokers, pid } = undo.use(await provisionKafka({ dataDirectory }))
    undo.defer(() => void process.kill(pid, 'SIGCONT'))
    const gateway = undo.use(await startGateway(around.namespace, { KAFKA_BROKERS: brokers.join(',') }))
    const post = (...ids: readonly string[]) =>
      gateway.post(from('5511999990000', 'BR.77', ...ids.map((id) => text(id))))
    expect((await post('wamid.1')).status).toBe(200)

    process.kill(pid, 'SIGSTOP')
    const beganAt = performance.now()
    const refused = await post('wamid.2')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({ code: 'NOT_STORED_IN_TIME' })
    // The log itself would give up after 30 s.
    expect(performance.now() - beganAt).toBeLessThan(20_000)

    process.kill(pid, 'SIGCONT')
    await until('it is taken again', async () => (await post('wamid.2', 'wamid.3')).status === 200, 60_000)
    const log = await kafkaLog({ brokers }, 'witness')
    undo.defer(() => log.close())
    const commands = await commandsIn(log, around.topics)
    expect(new Set(commands.map(({ envelope }) => envelope.commandId)).size).toBe(3)
    expect(new Set(commands.map(({ envelope }) => envelope.streamId)).size).toBe(1)
  },
)

test('the id of a channel account is its phone_number_id', async () => {
  await using around = await surroundings()
  await using gateway = await startGateway(around.namespace)
  await gateway.post(from('5511999990000', 'BR.77', text('wamid.1')))
  expect(received(await around.commands())).toMatchObject([{ channelAccountId: ACCOUNT }])
})
