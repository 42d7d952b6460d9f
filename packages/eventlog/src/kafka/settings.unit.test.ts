import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kafkaSettingsFromEnv } from './settings.ts'

test('the settings of a broker on the same machine', () => {
  expect(kafkaSettingsFromEnv({ KAFKA_BROKERS: '127.0.0.1:4792' })).toEqual({ brokers: ['127.0.0.1:4792'] })
})

test('the settings of a cluster with SASL and TLS', () => {
  const env = {
    KAFKA_BROKERS: 'one:9093, two:9093',
    KAFKA_SSL: 'true',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: 'parley',
    KAFKA_SASL_PASSWORD: 'secret',
    KAFKA_REPLICATION_FACTOR: '3',
    PARLEY_INSTANCE: 'gateway-0',
    KAFKA_SESSION_TIMEOUT_MS: '3000',
  }
  expect(kafkaSettingsFromEnv(env)).toEqual({
    brokers: ['one:9093', 'two:9093'],
    ssl: true,
    sasl: { mechanism: 'scram-sha-512', username: 'parley', password: 'secret' },
    replicationFactor: 3,
    instance: 'gateway-0',
    sessionTimeoutMs: 3_000,
  })
})

test('an authority that is renewed on the disk counts from the next connection on, and the one of before while there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-ca-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'ca.pem')
  const pem = (of: string) => `-----BEGIN CERTIFICATE-----\n${of}\n-----END CERTIFICATE-----\n`
  await writeFile(file, pem('old'))
  const { ssl } = kafkaSettingsFromEnv({ KAFKA_BROKERS: 'a:1', KAFKA_SSL_CA_FILE: file })
  expect(ssl).toEqual({ ca: [pem('old')] })
  await writeFile(file, '')
  expect(ssl).toEqual({ ca: [pem('old')] })
  await writeFile(file, pem('new'))
  expect(ssl).toEqual({ ca: [pem('new')] })
  await rm(file)
  expect(ssl).toEqual({ ca: [pem('new')] })
})

test.each([
  ['no broker', {}, /KAFKA_BROKERS is missing/],
  ['a broker without a port', { KAFKA_BROKERS: 'one' }, /'one', which is not host:port/],
  ['a port that is none', { KAFKA_BROKERS: 'one:65536' }, /'one:65536', which is not host:port/],
  ['port 0', { KAFKA_BROKERS: 'one:9092,two:0' }, /'two:0', which is not host:port/],
  ['an address with a password', { KAFKA_BROKERS: 'ann:hunter2@one:9092' }, /^(?!.*hunter2)/],
  [
    'a user for nobody to sign in as',
    { KAFKA_BROKERS: 'a:1', KAFKA_SASL_USERNAME: 'x' },
    /KAFKA_SASL_USERNAME is set, and KAFKA_SASL_MECHANISM is not/,
  ],
  [
    'a CA file that holds something else',
    { KAFKA_BROKERS: 'a:1', KAFKA_SSL_CA_FILE: join(import.meta.dirname, 'pauses.ts') },
    /holds no certificate/,
  ],
  ['more replicas than brokers', { KAFKA_BROKERS: 'a:1', KAFKA_REPLICATION_FACTOR: '40000' }, /from 1 to 15/],
  ['an unknown mechanism', { KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'gssapi' }, /must be one of plain/],
  [
    'SASL without a password',
    { KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'x' },
    /KAFKA_SASL_PASSWORD/,
  ],
  [
    'a CA file that is not there',
    { KAFKA_BROKERS: 'a:1', KAFKA_SSL_CA_FILE: 'no-such-file.pem' },
    /PEM file/,
  ],
  [
    'a switch that is neither on nor off',
    { KAFKA_BROKERS: 'a:1', KAFKA_SSL: 'perhaps' },
    /KAFKA_SSL must be true or false/,
  ],
  [
    'a name that Kafka does not take',
    { KAFKA_BROKERS: 'a:1', PARLEY_INSTANCE: 'a b' },
    /PARLEY_INSTANCE must be/,
  ],
  [
    'a session shorter than three words',
    { KAFKA_BROKERS: 'a:1', KAFKA_SESSION_TIMEOUT_MS: '2999' },
    /from 3000 to 60000/,
  ],
  ['half a replica', { KAFKA_BROKERS: 'a:1', KAFKA_REPLICATION_FACTOR: '1.5' }, /whole number/],
])('%s: the error says which setting, and how to set it', (_, env, message) => {
  expect(() => kafkaSettingsFromEnv(env)).toThrow(expect.objectContaining({ code: 'BAD_LOG_SETTINGS' }))
  expect(() => kafkaSettingsFromEnv(env)).toThrow(message)
})

test('an error never repeats a password', () => {
  const env = { KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'secret' }
  expect(() => kafkaSettingsFromEnv(env)).toThrow(/^(?!.*secret)/)
})
