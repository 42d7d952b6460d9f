import { expect, test } from 'vitest'
import { misspelt, noted } from './misspelt-settings.ts'

test('a variable that differs from one that is asked for by a slip of the fingers is named with it', () => {
  const given = {
    GATEWAY_HTTP_PROT: '1',
    WHATSAPP_CALL_TIMEOUT: '2',
    WHATSAPP_CALL_TIMEOUT_M: '2',
    whatsapp_calls_max: '3',
    WHATSAPP_CALS_MAX: '3',
    HOST: '0.0.0.0',
    HOSTS: 'a',
    GATEWAY_PORT_4701_TCP: 'tcp://10.0.0.1:4701',
    ARCHIVE_HTTP_PORT: '4702',
  }
  const { env, asked } = noted(given)
  for (const name of ['GATEWAY_HTTP_PORT', 'WHATSAPP_CALL_TIMEOUT_MS', 'WHATSAPP_CALLS_MAX', 'HOST'])
    expect(env[name]).toBe(name === 'HOST' ? '0.0.0.0' : undefined)
  expect(misspelt(Object.keys(env), asked)).toEqual([
    { variable: 'GATEWAY_HTTP_PROT', meant: 'GATEWAY_HTTP_PORT' },
    { variable: 'WHATSAPP_CALL_TIMEOUT_M', meant: 'WHATSAPP_CALL_TIMEOUT_MS' },
    { variable: 'whatsapp_calls_max', meant: 'WHATSAPP_CALLS_MAX' },
    { variable: 'WHATSAPP_CALS_MAX', meant: 'WHATSAPP_CALLS_MAX' },
  ])
})

test('what is asked for is misspelt by nobody, however alike two names are', () => {
  const { env, asked } = noted({ ONE_PORT_A: '1', ONE_PORT_B: '2' })
  expect([env['ONE_PORT_A'], env['ONE_PORT_B']]).toEqual(['1', '2'])
  expect(misspelt(Object.keys(env), asked)).toEqual([])
})
