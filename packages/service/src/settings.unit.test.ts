import { expect, test } from 'vitest'
import { z } from 'zod'
import { SettingsError, commonSettings, flag, portNumber, readSettings, setting } from './settings.ts'

const schema = z.object({
  ...commonSettings,
  httpPort: setting('AGENT_HTTP_PORT', portNumber.default(4700), 'a port number, for example 4700'),
  appSecret: setting('WHATSAPP_APP_SECRET', z.string().min(8), 'the app secret of the Meta app'),
  sandbox: setting('SANDBOX', flag.default(false), 'true or false'),
})
const good = {
  KAFKA_BROKERS: '127.0.0.1:4792',
  MONGODB_URI: 'mongodb://127.0.0.1:4717',
  WHATSAPP_APP_SECRET: 'longenough',
}

function problemsOf(env: NodeJS.ProcessEnv): SettingsError {
  try {
    readSettings(schema, env)
  } catch (error) {
    if (error instanceof SettingsError) return error
    throw error
  }
  throw new Error('The settings were accepted.')
}

test('settings come typed, with their defaults', () => {
  expect(readSettings(schema, { ...good, SANDBOX: 'yes' })).toMatchObject({
    kafka: { brokers: ['127.0.0.1:4792'], partitions: 12 },
    mongodbUri: 'mongodb://127.0.0.1:4717',
    namespace: 'parley',
    partitions: 12,
    host: '127.0.0.1',
    logLevel: 'info',
    httpPort: 4700,
    sandbox: true,
  })
})

test('an empty variable counts as absent', () => {
  expect(readSettings(schema, { ...good, PARLEY_PARTITIONS: ' ', SANDBOX: '' })).toMatchObject({
    partitions: 12,
    sandbox: false,
  })
})

test('whoever opens the log by its settings counts the partitions that everybody counts', () => {
  const { kafka, partitions } = readSettings(schema, { ...good, PARLEY_PARTITIONS: '24' })
  expect([kafka.partitions, partitions]).toEqual([24, 24])
})

test('every bad variable is listed at once, with what, why and how', () => {
  const error = problemsOf({
    MONGODB_URI: 'postgres://x',
    PARLEY_PARTITIONS: 'many',
    AGENT_HTTP_PORT: '99999',
  })
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.problems.map(({ variable }) => variable).sort()).toEqual([
    'AGENT_HTTP_PORT',
    'KAFKA_BROKERS',
    'MONGODB_URI',
    'PARLEY_PARTITIONS',
    'WHATSAPP_APP_SECRET',
  ])
  for (const { why, how } of error.problems) {
    expect(why).not.toBe('')
    expect(how).not.toBe('')
  }
  expect(error.message).toContain(
    'WHATSAPP_APP_SECRET\n    why: it is not set\n    fix: the app secret of the Meta app',
  )
})

test('the value of a bad variable, which may be a secret, is not shown', () => {
  expect(
    problemsOf({ ...good, WHATSAPP_APP_SECRET: 's3cr3t', MONGODB_URI: 'user:hunter2@db' }).message,
  ).not.toMatch(/s3cr3t|hunter2/)
})
