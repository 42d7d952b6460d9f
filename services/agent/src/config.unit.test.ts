import { callerEnv } from '@parley/testkit'
import { expect, test } from 'vitest'
import { agentSettings } from './config.ts'

const SET = {
  ...callerEnv('agent'),
  KAFKA_BROKERS: '127.0.0.1:9092',
  MONGODB_URI: 'mongodb://127.0.0.1:27017',
  OIDC_ISSUER: 'http://localhost:4704',
  OIDC_CLIENT_ID: 'parley-console',
  OIDC_CLIENT_SECRET: 'of-tests-only-9876543210',
}

test.each(['SESSION_SECONDS', 'SESSION_IDLE_SECONDS'])(
  '%s that ends behind the calendar, by which nobody could sign in, is refused',
  (variable) => {
    expect(() => agentSettings({ ...SET, [variable]: '9000000000000' })).toThrow(variable)
  },
)

test('as it comes it lets a whole site in from one address: 100 sign-ins a second, and 1,500 open screens', () => {
  const settings = agentSettings(SET)
  const [screens, typingSeconds] = [1_500, 10]
  expect(settings.streamsPerAddressMax).toBeGreaterThanOrEqual(screens)
  expect(settings.streamsMax).toBeGreaterThanOrEqual(settings.streamsPerAddressMax)
  // A browser has others beside that of its stream.
  expect(settings.connectionsPerAddressMax).toBeGreaterThan(screens)
  expect(settings.connectionsMax).toBeGreaterThanOrEqual(settings.connectionsPerAddressMax)
  // Each is under way while somebody types a password.
  expect(settings.signInsPerAddressMax).toBeGreaterThanOrEqual(100 * typingSeconds)
})

test.each([
  ['OIDC_ISSUER', 'https://user:password@login.example.com'],
  ['AGENT_PUBLIC_URL', 'https://user@desk.example.com'],
  ['AGENT_PUBLIC_URL', 'https://desk.example.com/parley'],
  ['ALERT_WEBHOOK_URL', 'https://user:password@alarms.example.com'],
  ['ALERT_WEBHOOK_URL', 'http://alarms.example.com'],
])('an address that nothing could be asked at, or safely, stops the start: %s', (variable, address) => {
  const alertWebhookSecret = `whsec_${Buffer.alloc(32, 'of-tests-only').toString('base64')}`
  const all = {
    ...SET,
    ALERT_WEBHOOK_URL: 'https://alarms.example.com',
    ALERT_WEBHOOK_SECRET: alertWebhookSecret,
  }
  expect(agentSettings(all).alertReceiver?.url.href).toBe('https://alarms.example.com/')
  expect(() => agentSettings({ ...all, [variable]: address })).toThrow(variable)
})
