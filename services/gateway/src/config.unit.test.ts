import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingsError } from '@parley/service'
import { expect, test } from 'vitest'
import { bodiesBudget } from './adapters/bodies-budget.ts'
import { gatewaySettings } from './config.ts'

const COMMON = {
  KAFKA_BROKERS: '127.0.0.1:1',
  MONGODB_URI: 'mongodb://127.0.0.1:1',
  WHATSAPP_APP_SECRET: '9f86d081884c7d659a2feaa0c55ad015',
  WHATSAPP_VERIFY_TOKEN: 'a word for Meta alone',
}
const TOKEN = 'EAAG-a-token-of-the-tests'
const ONE = { WHATSAPP_PHONE_NUMBER_ID: '106', WHATSAPP_ACCESS_TOKEN: TOKEN }

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    gatewaySettings(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return ''
}

function fileWith(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'accounts-')), 'accounts.json')
  writeFileSync(file, content)
  return file
}

test('bodies of webhooks take 64 MB in all, small ones have a share of their own, and one that stands still for 10 s is cut', () => {
  expect(bodiesBudget(gatewaySettings({ ...COMMON, ...ONE }).bodiesBytesMax)).toMatchObject({
    bytesMax: 64 * 2 ** 20,
    smallBytesMax: 64 * 2 ** 10,
    smallShareBytes: 16 * 2 ** 20,
    stillMs: 10_000,
  })
})

test("one number needs its id and its token; all else has Meta's defaults", () => {
  expect(gatewaySettings({ ...COMMON, ...ONE }).accounts).toEqual([
    {
      phoneNumberId: '106',
      wabaId: '',
      displayPhoneNumber: '',
      displayName: '',
      accessToken: TOKEN,
      graphUrl: 'https://graph.facebook.com',
      graphVersion: 'v23.0',
      messagesPerSecond: 80,
    },
  ])
})

test('several numbers come from a file', () => {
  const file = fileWith(
    JSON.stringify([
      { phoneNumberId: '1', accessToken: TOKEN },
      { phoneNumberId: '2', accessToken: TOKEN, messagesPerSecond: 1000 },
    ]),
  )
  const { accounts } = gatewaySettings({ ...COMMON, WHATSAPP_ACCOUNTS_FILE: file })
  expect(accounts.map(({ phoneNumberId, messagesPerSecond }) => [phoneNumberId, messagesPerSecond])).toEqual([
    ['1', 80],
    ['2', 1000],
  ])
})

test.each([
  ['no number', COMMON, 'WHATSAPP_PHONE_NUMBER_ID'],
  ['no token', { ...COMMON, WHATSAPP_PHONE_NUMBER_ID: '106' }, 'WHATSAPP_ACCESS_TOKEN'],
  ['no secret', { ...COMMON, ...ONE, WHATSAPP_APP_SECRET: '' }, 'WHATSAPP_APP_SECRET'],
  [
    'no time between evidence and giving up',
    { ...COMMON, ...ONE, WHATSAPP_RESEND_AFTER_SECONDS: '30' },
    'WHATSAPP_RESEND_AFTER_SECONDS',
  ],
  ['a file that is not there', { ...COMMON, WHATSAPP_ACCOUNTS_FILE: '/no/such/file' }, 'cannot be read'],
  ['a file that is no JSON', { ...COMMON, WHATSAPP_ACCOUNTS_FILE: fileWith('{') }, 'not JSON'],
  [
    'an account without a token',
    { ...COMMON, WHATSAPP_ACCOUNTS_FILE: fileWith('[{"phoneNumberId":"1"}]') },
    '0.accessToken',
  ],
  [
    'a field of an account that is misspelt',
    {
      ...COMMON,
      WHATSAPP_ACCOUNTS_FILE: fileWith(`[{"phoneNumberId":"1","accessToken":"${TOKEN}","graphURL":""}]`),
    },
    '0.graphURL (no such field)',
  ],
  [
    'one number twice',
    {
      ...COMMON,
      WHATSAPP_ACCOUNTS_FILE: fileWith(
        JSON.stringify(['1', '2', '1'].map((phoneNumberId) => ({ phoneNumberId, accessToken: TOKEN }))),
      ),
    },
    '2.phoneNumberId names a number that stands there before',
  ],
])('%s is said with the variable and what to do', (_, env, said) => {
  expect(problemsOf(env)).toContain(said)
})

test.each([
  ['graphVersion', '23.0'],
  ['graphVersion', 'v23.0/../..'],
  ['graphUrl', 'ftp://graph.bank.example'],
])('%s=%s of an account of the file is refused as it is elsewhere', (field, value) => {
  const file = fileWith(JSON.stringify([{ phoneNumberId: '1', accessToken: TOKEN, [field]: value }]))
  expect(problemsOf({ ...COMMON, WHATSAPP_ACCOUNTS_FILE: file })).toContain(`0.${field}`)
})

test.each([
  ['WHATSAPP_APP_SECRET', 'local-app-secret'],
  ['WHATSAPP_VERIFY_TOKEN', 'local-verify-token'],
  ['WHATSAPP_ACCESS_TOKEN', 'local-access-token'],
  ['WHATSAPP_ACCESS_TOKEN', 'short'],
])('%s=%s is refused at the start', (variable, value) => {
  expect(problemsOf({ ...COMMON, ...ONE, [variable]: value })).toContain(variable)
})

const PLAIN = { ...COMMON, ...ONE, WHATSAPP_GRAPH_URL: 'http://graph.bank.example' }

test('a token never goes over plain http to another machine, but for one that was made for the simulator', () => {
  expect(problemsOf(PLAIN)).toMatch(/WHATSAPP_GRAPH_URL[\s\S]+https/)
  const file = fileWith(
    JSON.stringify([{ phoneNumberId: '1', accessToken: TOKEN, graphUrl: 'http://10.0.0.7' }]),
  )
  expect(problemsOf({ ...COMMON, WHATSAPP_ACCOUNTS_FILE: file })).toContain('WHATSAPP_GRAPH_URL')
  expect(problemsOf({ ...PLAIN, WHATSAPP_GRAPH_URL: 'http://127.0.0.1:9' })).toBe('')
  expect(problemsOf({ ...PLAIN, WHATSAPP_GRAPH_URL: 'https://graph.bank.example' })).toBe('')
  expect(problemsOf({ ...PLAIN, WHATSAPP_ACCESS_TOKEN: 'simulated-0123456789abcdef' })).toBe('')
})

test.each([
  ['WHATSAPP_CALL_TIMEOUT_MS', '3000000000'],
  ['WHATSAPP_CALL_TIMEOUT_MS', '0'],
  ['WHATSAPP_RECEIPT_WAIT_MS', '3000000000'],
  ['WHATSAPP_RESEND_AFTER_SECONDS', '3000000'],
  ['WHATSAPP_MEDIA_TIMEOUT_MS', '5000000000'],
  ['WHATSAPP_MEDIA_GIVE_UP_SECONDS', '3000000'],
  ['WHATSAPP_PAIR_SECONDS', '1e9'],
  ['WHATSAPP_MESSAGES_PER_SECOND', '0.0000001'],
])('%s=%s, which a timer would keep for a millisecond or never, is refused', (variable, value) => {
  expect(problemsOf({ ...COMMON, ...ONE, [variable]: value })).toContain(variable)
  const file = fileWith(JSON.stringify([{ phoneNumberId: '1', accessToken: TOKEN, messagesPerSecond: 1e-7 }]))
  expect(problemsOf({ ...COMMON, WHATSAPP_ACCOUNTS_FILE: file })).toContain('0.messagesPerSecond')
})
