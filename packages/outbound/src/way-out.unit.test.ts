import { describe, expect, test } from 'vitest'
import { goesThroughProxy, wayOutIn } from './way-out.ts'

const wayOut = wayOutIn({
  OUTBOUND_PROXY: 'http://proxy.example.com:3128',
  OUTBOUND_PROXY_EXCEPT: ' alarms.example.com, Bank.Internal ',
})
const goes = (address: string) => goesThroughProxy(wayOut, new URL(address))

test.each([
  'https://graph.facebook.com',
  'https://alarms.example.com.evil.example',
  'https://notbank.internal',
  'https://93.184.215.14',
])('%s is called through the proxy', (address) => {
  expect(goes(address)).toBe(true)
})

test.each([
  // Plain http: whoever is on the way could answer for it.
  'http://graph.facebook.com',
  'https://localhost:4704',
  'https://identity.localhost',
  'https://127.0.0.1',
  'https://10.20.30.40',
  'https://169.254.169.254',
  'https://alarms.example.com',
  'https://alarms.example.com.',
  'https://crm.bank.internal',
])('%s is called straight', (address) => {
  expect(goes(address)).toBe(false)
})

test('without a proxy all goes straight', () => {
  expect(goesThroughProxy(wayOutIn({}), new URL('https://graph.facebook.com'))).toBe(false)
})

describe('a setting that cannot be used stops the start, and is not shown', () => {
  test.each([
    ['OUTBOUND_PROXY', 'proxy.example.com:3128'],
    ['OUTBOUND_PROXY', 'socks5://of-tests:only@proxy.example.com'],
    ['OUTBOUND_PROXY', 'http://proxy.example.com/of-tests'],
    ['OUTBOUND_PROXY', 'http://parley:of-tests%@proxy.example.com'],
    ['OUTBOUND_PROXY_EXCEPT', 'https://of-tests.example.com'],
    ['OUTBOUND_PROXY_EXCEPT', '*.of-tests.example.com'],
  ])('%s=%s', (variable, value) => {
    const read = () => wayOutIn({ [variable]: value })
    expect(read).toThrow(variable)
    expect(read).not.toThrow('of-tests')
  })
})
