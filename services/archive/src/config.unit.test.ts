import { expect, test } from 'vitest'
import { archiveSettings } from './config.ts'

const SET = {
  KAFKA_BROKERS: '127.0.0.1:4716',
  MONGODB_URI: 'mongodb://127.0.0.1:4717',
  TRANSCRIPT_LINK_SECRET: 'k7Qd0ZsV3mYb1TgX9rLw5HcJ8uNe2PfA',
}

test('links are made of the name under which customers reach the site, which answers to it', () => {
  const settings = archiveSettings({ ...SET, TRANSCRIPT_BASE_URL: 'https://record.example.com/' })
  expect(settings.transcriptBaseUrl).toBe('https://record.example.com')
  expect(settings.hosts).toContain('record.example.com')
  expect(archiveSettings(SET).transcriptBaseUrl).toBe('http://127.0.0.1:4702')
  expect(archiveSettings({ ...SET, TRANSCRIPT_BASE_URL: 'http://localhost:4702' }).transcriptBaseUrl).toBe(
    'http://localhost:4702',
  )
})

test.each([
  ['who is on the way reads the link and the record', 'http://record.example.com'],
  ['a page under a path finds neither its files nor its own other views', 'https://example.com/record'],
  ['a user that no link may carry', 'https://user@record.example.com'],
  ['a file', 'file:///t'],
])('an address under which no link would be good stops the start: %s', (_, address) => {
  expect(() => archiveSettings({ ...SET, TRANSCRIPT_BASE_URL: address })).toThrow('TRANSCRIPT_BASE_URL')
})
