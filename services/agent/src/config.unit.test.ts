import { callerEnv } from '@parley/testkit'
import { expect, test } from 'vitest'
import { agentSettings } from './config.ts'

const ENV = {
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
    expect(() => agentSettings({ ...ENV, [variable]: '9000000000000' })).toThrow(variable)
  },
)

test('as it comes it lets a whole site in from one address: 100 sign-ins a second, and 1,500 open screens', () => {
  const settings = agentSettings(ENV)
  const [screens, typingSeconds] = [1_500, 10]
  expect(settings.streamsPerAddressMax).toBeGreaterThanOrEqual(screens)
  expect(settings.streamsMax).toBeGreaterThanOrEqual(settings.streamsPerAddressMax)
  // A browser has others beside that of its stream.
  expect(settings.connectionsPerAddressMax).toBeGreaterThan(screens)
  expect(settings.connectionsMax).toBeGreaterThanOrEqual(settings.connectionsPerAddressMax)
  // Each is under way while somebody types a password.
  expect(settings.signInsPerAddressMax).toBeGreaterThanOrEqual(100 * typingSeconds)
})
