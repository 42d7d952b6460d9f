import { createServer } from 'node:http'
import { Pool } from 'undici'
import { COMMANDS, EVENTS, type Said, bareProcess, gather, said } from './chain.ts'

interface Webhook {
  readonly entry: readonly {
    readonly changes: readonly {
      readonly value: {
        readonly messages?: readonly { readonly id: string; readonly from: string }[]
        readonly statuses?: readonly {
          readonly id: string
          readonly recipient_id: string
          readonly status: string
        }[]
      }
    }[]
  }[]
}

const { db, produce, consume, ready } = await bareProcess('gateway')
const seen = db.collection<{ _id: string }>('seen')
const outbox = db.collection<{ _id: string; state: string; record: Said }>('outbox')
const graph = new Pool(process.env['WHATSAPP_GRAPH_URL'] ?? '', { connections: 64 })
const path = `/v23.0/${process.env['WHATSAPP_PHONE_NUMBER_ID']}/messages`

const remember = gather<string>(async (ids) => {
  await seen.insertMany(
    ids.map((_id) => ({ _id })),
    { ordered: false },
  )
})
const setStates = gather<{ id: string; state: string }>(async (changes) => {
  await outbox.bulkWrite(
    changes.map(({ id, state }) => ({ updateOne: { filter: { _id: id }, update: { $set: { state } } } })),
  )
})

async function take(webhook: Webhook): Promise<void> {
  const values = webhook.entry.flatMap(({ changes }) => changes.map(({ value }) => value))
  const messages = values.flatMap((value) => value.messages ?? [])
  const statuses = values.flatMap((value) => value.statuses ?? [])
  if (messages.length > 0) await remember(messages.map(({ id }) => id))
  await produce(COMMANDS, [
    ...messages.map(({ id, from }) => said('receive', from, id)),
    ...statuses.map(({ id, recipient_id, status }) => said('status', recipient_id, `${status}:${id}`)),
  ])
}

async function call(body: object): Promise<string> {
  const answer = await graph.request({
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${process.env['WHATSAPP_ACCESS_TOKEN']}`,
    },
    body: JSON.stringify({ messaging_product: 'whatsapp', ...body }),
  })
  const { messages } = (await answer.body.json()) as { messages?: readonly { id: string }[] }
  return messages?.[0]?.id ?? ''
}

async function send(record: Said): Promise<void> {
  const providerId = await call({
    recipient_type: 'individual',
    to: record.contact,
    type: 'interactive',
    biz_opaque_callback_data: record.id,
    interactive: {
      type: 'button',
      body: { text: 'How can I help?' },
      action: { buttons: [{ type: 'reply', reply: { id: 'menu', title: 'Menu' } }] },
    },
  })
  await produce(COMMANDS, [said('sent', record.contact, `sent:${providerId}`)])
  await setStates([{ id: record.id, state: 'settled' }])
}

await consume(EVENTS, 'sending', async (records) => {
  const toSend = records.filter(({ type }) => type === 'send')
  const typing = records
    .filter(({ type }) => type === 'turn')
    .map(({ id }) => call({ status: 'read', message_id: id, typing_indicator: { type: 'text' } }))
  if (toSend.length > 0) {
    await outbox.insertMany(
      toSend.map((record) => ({ _id: record.id, state: 'pending', record })),
      { ordered: false },
    )
    await setStates(toSend.map(({ id }) => ({ id, state: 'attempting' })))
    void Promise.all(toSend.map(send))
  }
  void Promise.all(typing)
})

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'GET') {
    response.end(url.searchParams.get('hub.challenge') ?? '')
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    void take(JSON.parse(Buffer.concat(chunks).toString()) as Webhook).then(() => response.end())
  })
}).listen(Number(process.env['GATEWAY_HTTP_PORT']), '127.0.0.1', ready)
