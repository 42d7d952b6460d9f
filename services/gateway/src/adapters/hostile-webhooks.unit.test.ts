import { createHttpServer } from '@parley/service'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { IntakeStores } from '../webhook/intake.fixture.ts'
import { ACCOUNT, RECEIVED_AT, signatureOf, valueOf } from '../webhook/webhook.fixture.ts'
import { webhookRoutes } from './webhook-routes.ts'

const SECRET = 'a secret of this test alone'

/** The door and the intake as they are composed; the stores and the log in memory. */
function door() {
  const stores = new IntakeStores()
  const intake = stores.intake({ itemsWaitingMax: 1_000, itemsPerRoundMax: 3, receiptsGatherMs: 0 })
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  webhookRoutes(app, intake, {
    appSecrets: [SECRET],
    verifyTokens: [],
    knownAccounts: new Set([ACCOUNT]),
    budget: {
      bytesMax: 8_000_000,
      smallBytesMax: 65_536,
      smallShareBytes: 2_000_000,
      stillMs: 10_000,
      graceWhereFullMs: 1_000,
    },
    now: () => RECEIVED_AT,
    traceparent: () => '',
    noticed: () => {},
  })
  const send = async (body: Buffer) => {
    const headers = { host: '127.0.0.1', 'x-hub-signature-256': signatureOf(body, SECRET) }
    const { statusCode, json } = await app.inject({ method: 'POST', url: '/webhook', headers, payload: body })
    return { statusCode, answer: json<{ code?: string; status?: string }>() }
  }
  return { send, stores, drain: () => intake.drain() }
}

/** JSON as it is written, so that it may say what JSON.stringify never would. */
const odd = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '-0',
    '9007199254740993',
    '1e400',
    '-1e999',
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"99999999999999999999"',
    '"-1"',
    '"2099-01-01"',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"__proto__":{"id":"1"}}',
    '{"constructor":"x","toString":1,"id":{}}',
    '{"id":"1","id":2}',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  ),
  fc.json({ maxDepth: 2 }),
)
const person = fc.constantFrom(
  '"5511987654321"',
  '"551187654321"',
  '"16505551234"',
  '"US.1"',
  '"US.ENT.1"',
  '"x|wa:16505551234"',
)
const id = fc.constantFrom('"w1"', '"w2"', '"w3"', '"w1|aliases"', '"preference|US.1"')
const time = fc.constantFrom(
  `"${RECEIVED_AT / 1_000}"`,
  `${RECEIVED_AT - 5_000}`,
  '"1"',
  '-1',
  '"9e99"',
  '1e11',
)
const TYPES =
  'text image contacts interactive button order location system reaction revoke edit unsupported __proto__ constructor'
const type = fc.constantFrom(...TYPES.split(' '))
const member = (names: readonly string[], value: fc.Arbitrary<string>) =>
  fc.tuple(
    fc.constantFrom(...names),
    fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: odd }),
  )
const objectOf = (...members: fc.Arbitrary<[string, string]>[]) =>
  fc
    .array(fc.oneof(...members), { maxLength: 10 })
    .map((all) => `{${all.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`)
const inner = objectOf(
  member(['id', 'message_id', 'original_message_id'], id),
  member(['body', 'text', 'title', 'caption', 'emoji', 'response_json', 'payload'], fc.json({ maxDepth: 1 })),
  member(
    ['type'],
    fc.constantFrom('"button_reply"', '"nfm_reply"', '"user_changed_number"', '"user_changed_user_id"'),
  ),
  member(['wa_id', 'new_wa_id', 'user_id', 'previous_user_id', 'previous_wa_id', 'customer'], person),
  member(['button_reply', 'list_reply', 'nfm_reply', 'message', 'product_items', 'name', 'phones'], odd),
)
const message = fc
  .tuple(
    type,
    inner,
    objectOf(
      member(['id'], id),
      member(['from', 'to', 'from_user_id', 'to_user_id', 'from_parent_user_id', 'group_id'], person),
      member(['timestamp'], time),
      member(['context', 'referral', 'errors', 'system', 'text', 'image', 'unknown'], inner),
    ),
  )
  .map(
    ([word, held, rest]) =>
      `{"type":"${word}","${word}":${held}${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}`,
  )
const receipt = objectOf(
  member(['id'], id),
  member(['status'], fc.constantFrom('"sent"', '"read"', '"failed"', '"__proto__"')),
  member(['recipient_id', 'recipient_user_id'], person),
  member(['timestamp'], time),
  member(['errors'], fc.constantFrom('[{"code":131047}]', '[{"code":"x"}]')),
)
const contact = objectOf(
  member(['wa_id', 'user_id', 'parent_user_id'], person),
  member(['profile'], fc.constantFrom('{"name":"a"}', '{"name":[]}', '{"username":"\\ud800"}')),
)
const list = (element: fc.Arbitrary<string>) =>
  fc
    .array(fc.oneof({ weight: 6, arbitrary: element }, { weight: 1, arbitrary: odd }), { maxLength: 5 })
    .map((all) => `[${all.join(',')}]`)
const change = fc
  .array(
    fc.oneof(
      member(['messages', 'message_echoes'], list(message)),
      member(['statuses'], list(receipt)),
      member(['contacts'], list(contact)),
      member(['errors', 'user_preferences', 'user_id_update'], list(inner)),
    ),
    { maxLength: 5 },
  )
  .chain((members) =>
    fc
      .constantFrom(
        'messages',
        'messages',
        'smb_message_echoes',
        'user_preferences',
        'user_id_update',
        '__proto__',
      )
      .map((field) => {
        const whole = JSON.stringify(valueOf({})).slice(0, -1)
        const more = members.map(([name, value]) => `,"${name}":${value}`).join('')
        return `{"field":"${field}","value":${whole}${more}}}`
      }),
  )
const entry = list(change).map((changes) => `{"id":"1","changes":${changes}}`)

/** Two good ones of a stranger to all others, each with a receipt, before and behind whatever else there is. */
const good = (which: string) =>
  `{"changes":[{"field":"messages","value":${JSON.stringify(
    valueOf({
      messages: [
        {
          from: '8801700000000',
          id: which,
          timestamp: String(RECEIVED_AT / 1_000),
          type: 'text',
          text: { body: 'oi' },
        },
      ],
      statuses: [
        {
          id: `told-${which}`,
          status: 'delivered',
          timestamp: String(RECEIVED_AT / 1_000),
          recipient_id: '8801700000000',
        },
      ],
    }),
  )}}]}`

test('whatever a signed webhook holds is answered, costs nothing beside it, and what is not understood is told by a code with its bytes', async () => {
  await fc.assert(
    fc.asyncProperty(list(entry), async (entries) => {
      const { send, stores, drain } = door()
      const { commands, deadParts, troubles } = stores
      const between = entries === '[]' ? '' : `${entries.slice(1, -1)},`
      const body = Buffer.from(
        `{"object":"whatsapp_business_account","entry":[${good('first')},${between}${good('last')}]}`,
      )
      expect(await send(body)).toEqual({ statusCode: 200, answer: { status: 'stored' } })
      expect(troubles).toEqual([])
      const ids = commands.flatMap(({ data }) =>
        'providerMessageId' in data ? [data.providerMessageId] : [],
      )
      expect(ids).toContain('first')
      expect(ids).toContain('last')
      const ofGood = commands.filter(
        ({ data }) => 'providerMessageId' in data && /^(?:first|last)$/.test(data.providerMessageId),
      )
      expect(new Set(ofGood.map(({ streamId }) => streamId)).size).toBe(1)
      for (const { code, value } of deadParts) {
        expect(code).toMatch(/^[A-Z_]+$/)
        expect(body.includes(Buffer.from(value))).toBe(true)
      }
      const commandIds = commands.map(({ commandId }) => commandId)
      const letters = new Set(deadParts.map((part) => part.id))

      // It comes again: nothing new is said but receipts. The conversation knows them again; whose recipient was first met
      // behind them finds them now.
      await drain()
      expect((await send(body)).statusCode).toBe(200)
      expect(
        commands
          .slice(commandIds.length)
          .filter(
            ({ type, commandId }) => type !== 'RecordDeliveryStatus' && !commandIds.includes(commandId),
          ),
      ).toEqual([])
      expect(deadParts.filter((part) => !letters.has(part.id))).toEqual([])

      // By then all are known: whatever is told has been told.
      await drain()
      const known = new Set(commands.map(({ commandId }) => commandId))
      const told = commands.length
      expect((await send(body)).statusCode).toBe(200)
      expect(commands.slice(told).filter(({ commandId }) => !known.has(commandId))).toEqual([])
    }),
    runs(40),
  )
})
