import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingsError } from '@parley/service'
import { expect, test } from 'vitest'
import { gatewaySettings } from './config.ts'

const COMMON = {
  KAFKA_BROKERS: '127.0.0.1:1',
  MONGODB_URI: 'mongodb://127.0.0.1:1',
  WHATSAPP_APP_SECRET: 's',
  WHATSAPP_VERIFY_TOKEN: 'v',
}
const ONE = { WHATSAPP_PHONE_NUMBER_ID: '106', WHATSAPP_ACCESS_TOKEN: 't' }

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

test("one number needs its id and its token; all else has Meta's defaults", () => {
  expect(gatewaySettings({ ...COMMON, ...ONE }).accounts).toEqual([
    {
      phoneNumberId: '106',
      wabaId: '',
      displayPhoneNumber: '',
      displayName: '',
      accessToken: 't',
      graphUrl: 'https://graph.facebook.com',
      graphVersion: 'v23.0',
      messagesPerSecond: 80,
    },
  ])
})

test('several numbers come from a file', () => {
  const file = fileWith(
    '[{"phoneNumberId":"1","accessToken":"a"},{"phoneNumberId":"2","accessToken":"b","messagesPerSecond":1000}]',
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
])('%s is said with the variable and what to do', (_, env, said) => {
  expect(problemsOf(env)).toContain(said)
})
