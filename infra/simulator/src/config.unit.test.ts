import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const env = {
  SIMULATOR_WEBHOOK_URL: 'http://127.0.0.1:4701/webhooks/whatsapp',
  WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_WABA_ID: '102290129340398',
  WHATSAPP_DISPLAY_PHONE_NUMBER: '551140028922',
  WHATSAPP_APP_SECRET: 'secret',
  WHATSAPP_VERIFY_TOKEN: 'verify',
  WHATSAPP_ACCESS_TOKEN: 'token',
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
