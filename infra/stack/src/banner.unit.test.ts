import { expect, test } from 'vitest'
import { banner } from './banner.ts'
import type { Stack } from './start-stack.ts'

const person = (login: string, roles: readonly string[], team: string | null = 'cards') => ({
  login,
  name: login.toUpperCase(),
  roles,
  team,
  password: `password-of-${login}`,
})

test('one agent’s and one supervisor’s password are told, and nobody else’s, and no secret', () => {
  const text = banner({
    dataDir: '/data',
    stackJson: {
      urls: {
        phone: 'http://phone',
        webhooks: 'http://webhooks',
        transcripts: 'http://t',
        console: 'http://c',
      },
      whatsapp: { displayPhoneNumber: '1555', appSecret: 'app-secret', accessToken: 'access-token' },
      sources: { kafka: 'jars', mongo: 'docker' },
      kafkaBrokers: ['127.0.0.1:9092'],
      // A replica set of one's own has several hosts.
      mongoUri: 'mongodb://user:mongo-password@mongo-1:27017,mongo-2:27017/?replicaSet=rs0',
      grpcMetadata: { authorization: 'tool-token' },
      people: [
        person('ana', ['agent']),
        person('bruno', ['agent']),
        person('sonia', ['supervisor']),
        person('vera', ['supervisor'], null),
        person('otavio', ['auditor'], null),
        person('marta', ['administrator'], null),
      ],
    } as unknown as Stack['stackJson'],
  })
  expect(text.match(/password-of-\w+/g)).toEqual(['password-of-ana', 'password-of-vera'])
  expect(text).toContain('http://c')
  expect(text).toContain('mongo-1:27017,mongo-2:27017')
  expect(text).not.toMatch(/app-secret|access-token|mongo-password|tool-token/)
})
