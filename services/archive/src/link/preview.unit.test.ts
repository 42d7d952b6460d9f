import { expect, test } from 'vitest'
import { isPreview } from './preview.ts'

test.each([
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { 'sec-purpose': 'prefetch;anonymous-client-ip' },
  { purpose: 'prefetch' },
  { 'x-moz': 'prefetch' },
  { 'x-purpose': 'preview' },
  { 'user-agent': 'WhatsApp/2.24.10.79 A' },
  { 'user-agent': 'WhatsApp/2.23.20.0 i' },
  { 'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)' },
  {
    'user-agent':
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  },
  { 'user-agent': 'TelegramBot (like TwitterBot)' },
  { 'user-agent': 'Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)' },
  { 'user-agent': 'Mattermost-Bot/1.1' },
  { 'user-agent': 'Slack-ImgProxy (+https://api.slack.com/robots)' },
])('what is fetched before anybody looks is no view: %j', (headers) => {
  expect(isPreview({ method: 'GET', headers })).toBe(true)
})

test('HEAD is no view', () => {
  expect(isPreview({ method: 'HEAD', headers: {} })).toBe(true)
})

test.each([
  {},
  { 'user-agent': 'node' },
  { 'user-agent': 'curl/8.5.0' },
  { 'user-agent': 'Mozilla/5.0 (Linux; Android 10; CUBOT X18) AppleWebKit/537.36 Mobile Safari/537.36' },
  {
    'user-agent':
      'Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0 Mobile Safari/537.36 WhatsApp/2.24.10.79 A',
  },
  { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'sec-fetch-mode': 'navigate' },
  { purpose: '', 'sec-purpose': '' },
])('what somebody opens is one: %j', (headers) => {
  expect(isPreview({ method: 'GET', headers })).toBe(false)
})
