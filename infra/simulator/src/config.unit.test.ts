import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const env = {
  WHATSAPP_GRAPH_URL: 'http://127.0.0.1:4703',
  SIMULATOR_WEBHOOK_URL: 'http://127.0.0.1:4701/webhooks/whatsapp',
  WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_WABA_ID: '102290129340398',
  WHATSAPP_DISPLAY_PHONE_NUMBER: '551140028922',
  WHATSAPP_APP_SECRET: 'simulated-secret',
  WHATSAPP_VERIFY_TOKEN: 'simulated-verify',
  WHATSAPP_ACCESS_TOKEN: 'simulated-token',
}

test('one number comes from WHATSAPP_*, on port 4703 of this machine only', () => {
  expect(readConfig(env)).toMatchObject({
    config: { options: { host: '127.0.0.1', port: 4703, numbers: [{ phoneNumberId: '106540352242922' }] } },
  })
})

test('several numbers come as JSON', () => {
  const numbers = [1, 2].map((n) => ({
    phoneNumberId: `${n}`,
    wabaId: '9',
    displayPhoneNumber: `55114002${n}`,
    name: 'B',
  }))
  expect(readConfig({ ...env, SIMULATOR_NUMBERS: JSON.stringify(numbers) })).toMatchObject({
    config: { options: { numbers } },
  })
})

test.each([
  ['SIMULATOR_WEBHOOK_URL', 'not a url'],
  ['WHATSAPP_APP_SECRET', ''],
  ['WHATSAPP_PHONE_NUMBER_ID', ''],
  ['SIMULATOR_NUMBERS', '[{'],
])('a wrong %s is named', (name, value) => {
  expect(readConfig({ ...env, [name]: value })).toEqual({ problem: expect.stringContaining(name) })
})

test.each([
  ["Meta's", 'https://graph.facebook.com'],
  ["Meta's, by default", ''],
  ["another simulator's", 'http://127.0.0.1:14703'],
])('where the Graph API is %s it does not start', (_, url) => {
  expect(readConfig({ ...env, WHATSAPP_GRAPH_URL: url })).toEqual({
    problem: expect.stringContaining('WHATSAPP_GRAPH_URL') as string,
  })
})

test('the Graph API may be it by the name that others know it by', () => {
  const named = {
    ...env,
    SIMULATOR_PUBLIC_URL: 'http://simulator:4703',
    WHATSAPP_GRAPH_URL: 'http://simulator:4703/',
  }
  expect(readConfig(named)).toMatchObject({ config: { options: { publicUrl: 'http://simulator:4703' } } })
})

test.each(['WHATSAPP_APP_SECRET', 'WHATSAPP_VERIFY_TOKEN', 'WHATSAPP_ACCESS_TOKEN'])(
  'a real %s is never used to sign what anybody sends, nor shown',
  (name) => {
    const outcome = readConfig({ ...env, [name]: '9f86d081884c7d659a2feaa0c55ad015' })
    expect(outcome).toEqual({ problem: expect.stringContaining(name) as string })
    expect(JSON.stringify(outcome)).not.toContain('9f86d081')
  },
)
