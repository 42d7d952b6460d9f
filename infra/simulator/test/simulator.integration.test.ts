import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  accessToken,
  appSecret,
  callerOf,
  eventually,
  phoneNumberId,
  secondPhoneNumberId,
  startProduct,
  startSimulatorFor,
  wabaId,
} from './product.ts'

const ana = '5511987654321'
const text = (body: string) => ({ type: 'text', text: { body } })
const nameOfStatus = (status: Readonly<Record<string, unknown>>) => status['status']

test('what somebody of the business writes in the app is echoed to the product, and shown to the customer', async () => {
  await using product = await startProduct()
  await using simulator = await startSimulatorFor(product.webhookUrl)
  const { call } = callerOf(simulator)
  const { body } = await call('POST', `/_sim/customers/${ana}/echoes`, JSON.stringify(text('Aqui é a Carla')))
  const webhook = await eventually('the webhook', () => product.received[0])
  const { value, field } = (
    JSON.parse(webhook.body.toString()) as {
      entry: [{ changes: [{ field: string; value: { message_echoes: object[] } }] }]
    }
  ).entry[0].changes[0]
  expect(field).toBe('smb_message_echoes')
  expect(value.message_echoes).toEqual([
    {
      from: '551140028922',
      to: ana,
      to_user_id: expect.stringMatching(/^BR\.\d{20}$/),
      id: (body as { id: string }).id,
      timestamp: expect.stringMatching(/^\d{10}$/),
      ...text('Aqui é a Carla'),
    },
  ])
})

describe('what nobody with a token sent', () => {
  test('is refused before its body is taken in', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const answer = Promise.withResolvers<number>()
    const upload = request(`${simulator.url}/v23.0/${phoneNumberId}/media`, {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 90 * 1024 * 1024,
        expect: '100-continue',
      },
    })
    upload.on('continue', () => answer.resolve(100))
    upload.on('response', ({ statusCode = 0 }) => answer.resolve(statusCode))
    upload.on('error', answer.reject)
    upload.flushHeaders()
    expect(await answer.promise).toBe(401)
    upload.destroy()
  })
})

test('what stands in a list or for the token as nobody writes it is refused, and nothing fails', async () => {
  await using product = await startProduct()
  await using simulator = await startSimulatorFor(product.webhookUrl)
  const { graph } = callerOf(simulator)
  for (const odd of [null, 7, 'x', [[]]]) {
    const path = `/v23.0/${phoneNumberId}/block_users`
    const blocking = await graph('POST', path, { messaging_product: 'whatsapp', block_users: [odd] })
    const templates = { name: 'a', language: 'pt', components: [odd] }
    const adding = await graph('POST', `/v23.0/${wabaId}/message_templates`, templates)
    const unknown = await fetch(`${simulator.url}/v23.0/${phoneNumberId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: JSON.stringify({ access_token: odd }),
    })
    expect([odd, blocking.status, adding.status, unknown.status]).toEqual([odd, 400, 400, 401])
  }
})

test('what is nested deeper than anything the API has is no JSON', async () => {
  await using product = await startProduct()
  await using simulator = await startSimulatorFor(product.webhookUrl)
  const { call } = callerOf(simulator)
  const deep = `{"type":"text","text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  expect((await call('POST', `/_sim/customers/${ana}/messages`, deep)).status).toBe(400)
  expect((await call('POST', `/_sim/customers/${ana}/echoes`, deep)).status).toBe(400)
})

describe('what the customer writes', () => {
  test('reaches the product as a signed, escaped webhook with number, name and BSUID', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write, webhooks } = callerOf(simulator)
    const { body } = await write(text('não 👍'))
    const webhook = await eventually('the webhook', () => product.received[0])

    expect(webhook.body.every((byte) => byte < 0x80)).toBe(true)
    expect(webhook.body.toString()).toContain(String.raw`n\u00e3o \ud83d\udc4d`)
    expect(webhook.headers['x-hub-signature-256']).toBe(
      `sha256=${createHmac('sha256', appSecret).update(webhook.body).digest('hex')}`,
    )
    expect(webhook.headers['user-agent']).toBe('facebookexternalua')
    expect(webhook.value.metadata).toEqual({
      display_phone_number: '551140028922',
      phone_number_id: phoneNumberId,
    })
    expect(webhook.value.contacts).toEqual([
      { profile: { name: expect.any(String) }, wa_id: ana, user_id: expect.stringMatching(/^BR\.\d{20}$/) },
    ])
    expect(webhook.value.messages).toEqual([
      {
        from: ana,
        from_user_id: webhook.value.contacts?.[0]?.['user_id'],
        id: body.id,
        timestamp: expect.stringMatching(/^\d{10}$/),
        ...text('não 👍'),
      },
    ])
    const [recorded] = await webhooks(ana)
    expect(Buffer.from(recorded.bodyBase64, 'base64')).toEqual(webhook.body)
    expect(recorded.headers['x-hub-signature-256']).toBe(webhook.headers['x-hub-signature-256'])
  })

  test('is one customer’s under either spelling of the number', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write } = callerOf(simulator)
    await write(text('oi'), '5511987654321')
    await write(text('oi'), '551187654321')
    const [one, other] = await eventually('both webhooks', () =>
      product.received.length === 2 ? product.received : undefined,
    )
    expect(other!.value.contacts?.[0]?.['user_id']).toBe(one!.value.contacts?.[0]?.['user_id'])
  })

  test('goes out as it was given, whatever is in it', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { call, write } = callerOf(simulator)
    const element =
      '{"id":"wamid.MINE","from":null,"from_user_id":"BR.7","timestamp":1749416383.50,"type":"pool","x":[1.0]}'
    expect((await call('POST', `/_sim/customers/${ana}/messages`, element)).body).toEqual({
      id: 'wamid.MINE',
    })
    const webhook = await eventually('the webhook', () => product.received[0])
    expect(webhook.body.toString()).toContain(`"messages":[${element}]`)
    expect((await write([text('x')])).status).toBe(400)
    expect((await call('POST', `/_sim/customers/${ana}/messages`, '{')).status).toBe(400)
    expect((await write(text('x'), 'nobody')).status).toBe(400)
  })

  test('from a customer without a number carries the BSUID alone', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write, graph, sent, webhooks } = callerOf(simulator)
    await write(text('oi'), 'US.13491208655302741918')
    const { value } = await eventually('the webhook', () => product.received[0])
    expect(value.contacts).toEqual([
      { profile: { name: expect.any(String) }, user_id: 'US.13491208655302741918' },
    ])
    expect(value.messages?.[0]).not.toHaveProperty('from')
    expect(value.messages?.[0]).toMatchObject({ from_user_id: 'US.13491208655302741918' })

    const answer = await graph('POST', `/${phoneNumberId}/messages`, {
      messaging_product: 'whatsapp',
      recipient: 'US.13491208655302741918',
      ...text('hi'),
    })
    expect(answer.body.contacts).toEqual([
      { input: 'US.13491208655302741918', user_id: 'US.13491208655302741918' },
    ])
    expect(await sent('US.13491208655302741918')).toMatchObject([{ waId: 'US.13491208655302741918' }])
    const read = await eventually('the read status', () =>
      product.statusesOf(answer.body.messages[0].id).find((status) => status['status'] === 'read'),
    )
    expect(read).not.toHaveProperty('recipient_id')
    expect(await webhooks('US.13491208655302741918')).toHaveLength(4)
  })

  test('keeps its order, one customer beside the other', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write, quiet } = callerOf(simulator)
    const customers = ['5511900000001', '5511900000002', '5511900000003']
    await Promise.all(
      customers.map(async (waId) => {
        for (let n = 0; n < 20; n += 1) await write({ id: `${waId}-${n}`, ...text(String(n)) }, waId)
      }),
    )
    await quiet()
    for (const waId of customers) {
      const ids = product
        .messages()
        .filter(({ from }) => from === waId)
        .map(({ id }) => id)
      expect(ids).toEqual(Array.from({ length: 20 }, (_, n) => `${waId}-${n}`))
    }
  })

  test('waits for a product that is down, does not follow redirects, and arrives at last', async () => {
    await using product = await startProduct()
    const answers = [503, 302, 500, 204]
    product.ways.answer = async () => answers.shift() ?? 200
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write, quiet, webhooks } = callerOf(simulator)
    await write({ id: 'wamid.A', ...text('oi') })
    await eventually('the fifth attempt', () => product.received.length === 5)
    await quiet()
    expect(new Set(product.received.map(({ body }) => body.toString())).size).toBe(1)
    expect((await webhooks(ana)).map((webhook: { outcome: unknown }) => webhook.outcome)).toEqual([
      503, 302, 500, 204, 200,
    ])
  })

  test('is tried again when the product answers too late', async () => {
    await using product = await startProduct()
    const hanging = Promise.withResolvers<number>()
    const answers = [hanging.promise]
    product.ways.answer = () => answers.shift() ?? Promise.resolve(200)
    await using simulator = await startSimulatorFor(product.webhookUrl, { webhookTimeoutMs: 2_000 })
    const { write, quiet } = callerOf(simulator)
    await write(text('oi'))
    await eventually('a second attempt', () => product.received.length === 2)
    await quiet()
    expect(product.messages()).toHaveLength(2)
    hanging.resolve(200)
  })

  test('can be for another of the numbers', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await callerOf(simulator).call(
      'POST',
      `/_sim/customers/${ana}/messages?phoneNumberId=${secondPhoneNumberId}`,
      text('oi'),
    )
    const { value } = await eventually('the webhook', () => product.received[0])
    expect(value.metadata['phone_number_id']).toBe(secondPhoneNumberId)
  })
})

describe('what the product sends', () => {
  test('is accepted with and without a version, and by the name of Meta where that is one of its own', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl, { hosts: ['graph.facebook.com'] })
    for (const path of [
      `/v23.0/${phoneNumberId}/messages`,
      `/v25.0/${phoneNumberId}/messages/`,
      `/${phoneNumberId}/messages`,
    ]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        request(
          simulator.url + path,
          {
            method: 'POST',
            headers: {
              host: 'graph.facebook.com',
              authorization: `Bearer ${accessToken}`,
              'content-type': 'application/json',
            },
          },
          (answer) => {
            answer.resume()
            resolve(answer.statusCode)
          },
        )
          .on('error', reject)
          .end(JSON.stringify({ messaging_product: 'whatsapp', to: ana, ...text('hi') }))
      })
      expect(status).toBe(200)
    }
  })

  test('comes back as sent, delivered and read with our own id', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { send, sent, openWindow } = callerOf(simulator)
    await openWindow()
    const { body } = await send({ ...text('hi'), biz_opaque_callback_data: 'cmd-42' }, '+55 11 98765-4321')
    expect(body).toEqual({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+55 11 98765-4321', wa_id: ana }],
      messages: [{ id: expect.stringMatching(/^wamid\./), message_status: 'accepted' }],
    })
    const { id } = body.messages[0]
    const statuses = await eventually('three statuses', () => {
      const all = product.statusesOf(id)
      return all.length === 3 && all
    })
    expect(statuses.map(nameOfStatus)).toEqual(['sent', 'delivered', 'read'])
    for (const status of statuses) {
      expect(status).toMatchObject({
        recipient_id: ana,
        recipient_user_id: expect.stringMatching(/^BR\./),
        biz_opaque_callback_data: 'cmd-42',
      })
    }
    expect(statuses[0]).toMatchObject({ pricing: { pricing_model: 'PMP', category: 'service' } })
    expect(await sent(ana)).toEqual([
      {
        id,
        waId: ana,
        userId: expect.any(String),
        acceptedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        body: {
          messaging_product: 'whatsapp',
          to: '+55 11 98765-4321',
          ...text('hi'),
          biz_opaque_callback_data: 'cmd-42',
        },
      },
    ])
  })

  test('is refused without the token, as Meta refuses it', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { call, sent } = callerOf(simulator)
    const answer = await call(
      'POST',
      `/v23.0/${phoneNumberId}/messages`,
      {},
      { authorization: 'Bearer wrong' },
    )
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 190, type: 'OAuthException' } } })
    expect((await call('GET', `/${phoneNumberId}`)).status).toBe(401)
    expect(await sent()).toEqual([])
  })

  test('outside the window is refused with 131047, a template is not', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { call, text: sendText, send, sent, write } = callerOf(simulator)
    await call('POST', `/_sim/customers/${ana}/window`, { closed: true })
    expect((await sendText('hi')).body.error).toMatchObject({
      code: 131047,
      error_data: { details: expect.any(String) },
    })
    const template = { type: 'template', template: { name: 'hello_world', language: { code: 'en_US' } } }
    expect((await send(template)).status).toBe(200)
    expect(await sent(ana)).toHaveLength(1)
    await write(text('oi'))
    expect((await sendText('hi')).status).toBe(200)
  })

  test('to who never wrote, or wrote more than 24 hours ago, is accepted and fails later with 131047; nor can they be blocked', async () => {
    await using product = await startProduct()
    let now = Date.now()
    await using simulator = await startSimulatorFor(product.webhookUrl, { now: () => now })
    const { text: sendText, send, write, graph } = callerOf(simulator)
    const failsAs = async (accepted: { status: number; body: { messages: { id: string }[] } }) => {
      expect(accepted.status).toBe(200)
      const id = accepted.body.messages[0]?.id ?? ''
      const [status] = await eventually('a status', () => {
        const all = product.statusesOf(id)
        return all.length > 0 && all
      })
      return status
    }
    const blocked = async () =>
      (
        await graph('POST', `/v23.0/${phoneNumberId}/block_users`, {
          messaging_product: 'whatsapp',
          block_users: [{ user: ana }],
        })
      ).body
    const re = { status: 'failed', errors: [{ code: 131047 }] }
    const unblockable = { block_users: { added_users: [], failed_users: [{ errors: [{ code: 131047 }] }] } }
    expect(await failsAs(await sendText('hi'))).toMatchObject(re)
    expect(await blocked()).toMatchObject(unblockable)
    expect(
      await failsAs(
        await send({ type: 'template', template: { name: 'hello_world', language: { code: 'en_US' } } }),
      ),
    ).toMatchObject({ status: 'sent' })

    await write(text('oi'))
    expect(await failsAs(await sendText('hi'))).toMatchObject({ status: 'sent' })
    now += 24 * 60 * 60 * 1000 + 1
    expect(await failsAs(await sendText('hi'))).toMatchObject(re)
    expect(await blocked()).toMatchObject(unblockable)
  })

  test('can fail later, by a failed status', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { call, text: sendText } = callerOf(simulator)
    const failedWith = async (): Promise<unknown> => {
      const { body } = await sendText('hi')
      const [status] = await eventually('the failed status', () => {
        const all = product.statusesOf(body.messages[0].id)
        return all.length > 0 && all
      })
      return status
    }
    await call('POST', `/_sim/customers/${ana}/window`, { closed: true, shows: 'status' })
    expect(await failedWith()).toMatchObject({ status: 'failed', errors: [{ code: 131047 }] })
    await call('POST', `/_sim/customers/${ana}/window`, { closed: false })
    await call('POST', `/_sim/customers/${ana}/block`, { blocked: true })
    expect(await failedWith()).toMatchObject({ status: 'failed', errors: [{ code: 131026 }] })
    expect(product.received.at(-1)?.value).not.toHaveProperty('contacts')
  })

  test('to itself is 131021; over the rate is 130429; over the pair rate is 131056', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl, {
      messagesPerSecond: 60,
      pairRateLimit: true,
      now: () => 1_749_416_383_000,
    })
    const { text: sendText } = callerOf(simulator)
    expect((await sendText('hi', '551140028922')).body.error.code).toBe(131021)
    const codes: unknown[] = []
    for (let n = 0; n < 61; n += 1) codes.push((await sendText('hi')).body.error?.code)
    expect(codes.slice(0, 45).every((code) => code === undefined)).toBe(true)
    expect(codes[45]).toBe(131056)
    expect(codes.at(-1)).toBe(130429)
  })

  test('reading and typing answer success and are not messages', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { graph, sent } = callerOf(simulator)
    const answer = await graph('POST', `/${phoneNumberId}/messages`, {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.FROM_ELSEWHERE',
      typing_indicator: { type: 'text' },
    })
    expect(answer).toEqual({ status: 200, body: { success: true } })
    expect(await sent()).toEqual([])
  })
})

describe('the rest of the Graph API', () => {
  test('a blocked customer generates no webhook until unblocked', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { graph, write, text: sendText, quiet, call } = callerOf(simulator)
    const users = { messaging_product: 'whatsapp', block_users: [{ user: `+${ana}` }] }
    const path = `/v23.0/${phoneNumberId}/block_users`
    await write({ id: 'before', ...text('1') })
    expect((await graph('POST', path, users)).body.block_users.added_users).toEqual([
      { input: `+${ana}`, wa_id: ana },
    ])
    expect((await graph('GET', path)).body.data).toMatchObject([
      { messaging_product: 'whatsapp', wa_id: ana },
    ])
    await write({ id: 'during', ...text('2') })
    expect((await sendText('hi')).body.error.code).toBe(131026)
    expect((await graph('DELETE', path, users)).body.block_users.removed_users).toHaveLength(1)
    await write({ id: 'after', ...text('3') })
    await quiet()
    expect(product.messages().map(({ id }) => id)).toEqual(['before', 'after'])

    await call('POST', '/_sim/customers/5521999990000/window', { closed: true })
    const mixed = await graph('POST', path, {
      ...users,
      block_users: [{ user: ana }, { user: '5521999990000' }],
    })
    expect(mixed).toMatchObject({
      status: 400,
      body: {
        block_users: { added_users: [{ wa_id: ana }], failed_users: [{ errors: [{ code: 131047 }] }] },
        error: { code: 139100 },
      },
    })
  })

  test('media go up, come down with the token only, and can be deleted', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { graph, send } = callerOf(simulator)
    const authorization = `Bearer ${accessToken}`
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('file', new Blob([new Uint8Array([0xff, 0xd8, 1, 2])], { type: 'image/jpeg' }), 'a.jpg')
    const up = await fetch(`${simulator.url}/v23.0/${phoneNumberId}/media`, {
      method: 'POST',
      headers: { authorization },
      body: form,
    })
    const { id } = (await up.json()) as { id: string }
    const { body } = await graph('GET', `/v23.0/${id}?phone_number_id=${phoneNumberId}`)
    expect(body).toMatchObject({ messaging_product: 'whatsapp', mime_type: 'image/jpeg', file_size: '4', id })
    expect((await fetch(body.url)).status).toBe(401)
    const down = await fetch(body.url, { headers: { authorization } })
    expect([...new Uint8Array(await down.arrayBuffer())]).toEqual([0xff, 0xd8, 1, 2])
    expect((await send({ type: 'image', image: { id } })).status).toBe(200)
    expect((await graph('DELETE', `/v23.0/${id}`)).body).toEqual({ success: true })
    expect((await graph('GET', `/v23.0/${id}`)).body.error).toMatchObject({ code: 100, error_subcode: 33 })
    expect((await send({ type: 'image', image: { id } })).body.error.code).toBe(131009)
  })

  test('a file from the phone reaches the product as a media id with its hash, and comes down by the token', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { graph, write } = callerOf(simulator)
    const upload = async (mimeType: string, bytes: Uint8Array<ArrayBuffer>, filename = '') => {
      const answer = await fetch(
        `${simulator.url}/phone/chat/media?filename=${encodeURIComponent(filename)}`,
        {
          method: 'POST',
          headers: { 'content-type': mimeType },
          body: bytes,
        },
      )
      return { status: answer.status, body: (await answer.json()) as { type: string; media: { id: string } } }
    }
    const pdf = new TextEncoder().encode('%PDF-1.7')
    const sha256 = createHash('sha256').update(pdf).digest()
    const { body } = await upload('application/pdf', pdf, 'fatura ção.pdf')
    expect(body).toEqual({
      type: 'document',
      media: {
        id: expect.stringMatching(/^\d+$/),
        mime_type: 'application/pdf',
        filename: 'fatura ção.pdf',
        sha256: sha256.toString('base64'),
      },
    })
    await write({ type: body.type, [body.type]: body.media })
    const [message] = await eventually('the webhook', () => {
      const all = product.messages()
      return all.length > 0 && all
    })
    expect(message).toMatchObject({ type: 'document', document: body.media })
    const asked = await graph('GET', `/v23.0/${body.media.id}`)
    expect(asked.body).toMatchObject({ sha256: sha256.toString('hex'), file_size: String(pdf.length) })
    const down = await fetch(asked.body.url, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(new Uint8Array(await down.arrayBuffer())).toEqual(pdf)

    for (const [mimeType, type] of [
      ['image/png', 'image'],
      ['audio/ogg; codecs=opus', 'audio'],
      ['video/mp4', 'video'],
      ['image/svg+xml', 'document'],
      ['text/html', 'document'],
    ] as const)
      expect(await upload(mimeType, pdf)).toMatchObject({ status: 200, body: { type } })
    expect(await upload('image/jpeg', new Uint8Array(5 * 1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { error: { code: 'MEDIA_TOO_LARGE' }, bytesMax: 5 * 1024 * 1024 },
    })
    expect((await upload('image/jpeg', new Uint8Array(0))).status).toBe(400)
  })

  test('numbers, templates and message history can be asked for', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { graph, text: sendText } = callerOf(simulator)
    expect((await graph('GET', `/${phoneNumberId}?fields=verified_name`)).body).toEqual({
      verified_name: 'Banco Parley',
      id: phoneNumberId,
    })
    expect((await graph('GET', `/${wabaId}/phone_numbers`)).body.data).toHaveLength(2)
    await graph('POST', `/${wabaId}/message_templates`, {
      name: 'fresh',
      language: 'en',
      category: 'MARKETING',
      components: [{ type: 'BODY', text: 'Hi {{1}}' }],
    })
    expect((await graph('GET', `/${wabaId}/message_templates?name=fresh`)).body.data).toMatchObject([
      { status: 'APPROVED' },
    ])
    const { id } = (await sendText('hi')).body.messages[0]
    expect(
      (await graph('GET', `/${phoneNumberId}/message_history?message_id=${id}`)).body.data,
    ).toMatchObject([{ message_id: id }])
    expect((await graph('GET', '/999999')).body.error).toMatchObject({ code: 100, error_subcode: 33 })
  })

  test('the webhook is verified at start', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    expect(await eventually('the verification', () => product.challenges[0])).toBe('verify')
    expect((await fetch(`${simulator.url}/healthz`)).status).toBe(200)
  })
})

describe('faults', () => {
  test('duplicate: each webhook goes out twice, byte for byte', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, write, quiet, text: sendText } = callerOf(simulator)
    await faults({ duplicate: 1, seed: 1 })
    await write({ id: 'a', ...text('oi') })
    await sendText('hi')
    await quiet()
    const bodies = product.received.map(({ body }) => body.toString())
    expect(bodies).toHaveLength(8)
    expect(new Set(bodies).size).toBe(4)
  })

  test('reorder: a message is overtaken by the next, and still arrives', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, write, quiet } = callerOf(simulator)
    await faults({ reorder: 1, seed: 1 })
    await write({ id: 'a', ...text('1') })
    await write({ id: 'b', ...text('2') })
    await write({ id: 'c', ...text('3') })
    await quiet()
    const ids = product.messages().map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set(['a', 'b', 'c']))
    expect(ids.indexOf('b')).toBeLessThan(ids.indexOf('a'))
  })

  test('dropAnswer: no answer, but the message is accepted and its statuses go out', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, text: sendText, sent, openWindow } = callerOf(simulator)
    await openWindow()
    await faults({ dropAnswer: 1, waId: ana })
    await expect(sendText('hi')).rejects.toThrow('fetch failed')
    const [message] = await sent(ana)
    await eventually('three statuses', () => product.statusesOf(message.id).length === 3)
    expect((await sendText('hi', '5511900000009')).status).toBe(200)
  })

  test('statusesFirst: the status is answered before the call is', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, text: sendText, openWindow } = callerOf(simulator)
    await openWindow()
    await faults({ statusesFirst: 1 })
    let answered = 0
    product.ways.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      answered += 1
      return 200
    }
    const { body } = await sendText('hi')
    expect(answered).toBe(1)
    expect(product.statusesOf(body.messages[0].id).map(nameOfStatus)).toEqual(['sent'])
  })

  test('error: the call is refused as told and is not among the sent', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, text: sendText, sent } = callerOf(simulator)
    await faults({ error: { rate: 1, status: 503, code: 131016 } })
    expect(await sendText('hi')).toMatchObject({ status: 503, body: { error: { code: 131016 } } })
    expect(await sent()).toEqual([])
    await faults({})
    expect((await sendText('hi')).status).toBe(200)
  })

  test('delayMs: the answer waits', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, text: sendText } = callerOf(simulator)
    await faults({ delayMs: 120 })
    const began = Date.now()
    await sendText('hi')
    expect(Date.now() - began).toBeGreaterThanOrEqual(119)
  })

  test('that make no sense are refused and change nothing', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { faults, call } = callerOf(simulator)
    expect(await faults({ duplicate: 2 })).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_FAULTS', message: expect.stringContaining('duplicate') } },
    })
    expect((await call('GET', '/_sim/state')).body.faults).toEqual({})
  })
})

test('reset clears chats, faults, webhooks and sent', async () => {
  await using product = await startProduct()
  await using simulator = await startSimulatorFor(product.webhookUrl)
  const { call, faults, write, text: sendText, quiet } = callerOf(simulator)
  await write(text('oi'))
  await sendText('hi')
  await quiet()
  await call('POST', `/_sim/customers/${ana}/window`, { closed: true })
  await faults({ delayMs: 1 })
  await call('POST', '/_sim/reset')
  expect((await call('GET', '/_sim/state')).body).toMatchObject({
    pendingWebhooks: 0,
    customers: 0,
    sent: 0,
    webhooks: 0,
    faults: {},
  })
  expect((await sendText('hi')).status).toBe(200)
})

test('customers, chats and undelivered messages outlive a restart when there is a data file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-simulator-'))
  const dataFile = join(folder, 'chats', 'simulator.jsonl')
  try {
    await using product = await startProduct()
    {
      await using simulator = await startSimulatorFor(product.webhookUrl, { dataFile })
      const { write, quiet } = callerOf(simulator)
      await write({ id: 'delivered', ...text('1') })
      await quiet()
      product.ways.answer = async () => 503
      await write({ id: 'waiting', ...text('2') })
      await eventually('an attempt', () => product.received.length >= 2)
    }
    product.ways.answer = async () => 200
    product.received.length = 0
    await using again = await startSimulatorFor(product.webhookUrl, { dataFile })
    await callerOf(again).quiet()
    expect(product.messages()).toMatchObject([{ id: 'waiting', from: ana, ...text('2') }])
    expect((await callerOf(again).call('GET', '/_sim/state')).body.customers).toBe(1)
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('pages of other sites', () => {
  test('may neither look at chats and webhooks nor write in them, whatever the method, and no name but its own reaches it', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const doors: readonly (readonly [method: string, path: string])[] = [
      ['GET', '/_sim/state'],
      ['GET', '/_sim/sent'],
      ['GET', '/_sim/webhooks'],
      ['GET', '/_sim/nothing'],
      ['POST', `/_sim/customers/${ana}/messages`],
      ['POST', '/_sim/reset'],
      ['GET', `/phone/chat/stream?waId=${ana}`],
      ['POST', '/phone/chat/media'],
    ]
    const ask = (method: string, path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(simulator.url + path, { method, headers }, (answer) => {
          answer.destroy()
          resolve(answer.statusCode)
        })
          .on('error', reject)
          .end()
      })
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const [method, path] of doors) {
      const isThere = path !== '/_sim/nothing'
      for (const headers of foreign)
        expect([method, path, await ask(method, path, headers)]).toEqual([method, path, isThere ? 403 : 404])
      expect(await ask(method, path, { host: 'evil.example' })).toBe(421)
    }
    const own = { origin: simulator.url, 'sec-fetch-site': 'same-origin' }
    expect(await ask('GET', '/_sim/state', own)).toBe(200)
    expect(await ask('GET', '/_sim/state', {})).toBe(200)
  })
})
