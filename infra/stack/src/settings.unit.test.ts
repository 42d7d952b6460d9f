import { describe, expect, test } from 'vitest'
import { settingsFromEnv } from './settings.ts'

const WHATSAPP = {
  WHATSAPP_WABA_ID: '1',
  WHATSAPP_PHONE_NUMBER_ID: '2',
  WHATSAPP_DISPLAY_PHONE_NUMBER: '15550783881',
  WHATSAPP_APP_SECRET: 'a',
  WHATSAPP_VERIFY_TOKEN: 'b',
  WHATSAPP_ACCESS_TOKEN: 'c',
}

describe('settings', () => {
  test('with nothing given everything is provisioned and simulated', () => {
    expect(settingsFromEnv({})).toMatchObject({
      namespace: 'parley',
      partitions: 12,
      kafkaBrokers: undefined,
      mongoUri: undefined,
      whatsapp: undefined,
    })
  })

  test('an empty variable counts as not given', () => {
    expect(settingsFromEnv({ KAFKA_BROKERS: '', MONGODB_URI: '', WHATSAPP_APP_SECRET: '' })).toMatchObject({
      kafkaBrokers: undefined,
      mongoUri: undefined,
      whatsapp: undefined,
    })
  })

  test("a whole set of WHATSAPP_* means the real Graph API, Meta's by default", () => {
    expect(settingsFromEnv(WHATSAPP).whatsapp).toEqual({
      graphUrl: 'https://graph.facebook.com',
      graphVersion: 'v23.0',
      wabaId: '1',
      phoneNumberId: '2',
      displayPhoneNumber: '15550783881',
      appSecret: 'a',
      verifyToken: 'b',
      accessToken: 'c',
    })
    expect(
      settingsFromEnv({ ...WHATSAPP, WHATSAPP_GRAPH_URL: 'http://localhost:9/' }).whatsapp?.graphUrl,
    ).toBe('http://localhost:9')
  })

  test.each(Object.keys(WHATSAPP))('without %s the rest is refused, and the missing one is named', (name) => {
    expect(() => settingsFromEnv({ ...WHATSAPP, [name]: undefined })).toThrow(
      expect.objectContaining({
        code: 'WHATSAPP_SETTINGS_INCOMPLETE',
        message: expect.stringContaining(`${name} missing`),
      }),
    )
  })

  test('a Graph address alone is an incomplete set too', () => {
    expect(() => settingsFromEnv({ WHATSAPP_GRAPH_URL: 'http://localhost:9' })).toThrow(/WHATSAPP_WABA_ID/)
  })

  test('brokers are host:port, several with commas; a scheme is refused', () => {
    expect(settingsFromEnv({ KAFKA_BROKERS: 'a:9092, b:9092' }).kafkaBrokers).toEqual(['a:9092', 'b:9092'])
    expect(() => settingsFromEnv({ KAFKA_BROKERS: 'kafka://a:9092' })).toThrow(/KAFKA_BROKERS/)
  })

  test('a namespace that Kafka or MongoDB would refuse is refused here', () => {
    expect(() => settingsFromEnv({ PARLEY_NAMESPACE: 'Pärley' })).toThrow(/PARLEY_NAMESPACE/)
    expect(() => settingsFromEnv({ PARLEY_PARTITIONS: '0' })).toThrow(/PARLEY_PARTITIONS/)
    expect(() => settingsFromEnv({ MONGODB_URI: 'localhost:4717' })).toThrow(/MONGODB_URI/)
  })
})
