import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageWebhook, withAbsentFields } from './envelope.ts'
import { escapeUnicode, signature256, webhookHeaders } from './wire.ts'

const number = { phoneNumberId: '1', wabaId: '2', displayPhoneNumber: '551140028922', name: 'Banco' }

describe('the wire form of a webhook', () => {
  test('umlauts are escaped as Meta documents it', () => {
    expect(escapeUnicode('"äöå"')).toBe(String.raw`"\u00e4\u00f6\u00e5"`)
    expect(escapeUnicode('"👍"')).toBe(String.raw`"\ud83d\udc4d"`)
  })

  test('any JSON value is ASCII on the wire and reads back as itself', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const wire = escapeUnicode(json)
        // oxlint-disable-next-line no-control-regex
        expect(wire).toMatch(/^[\u0000-\u007f]*$/)
        expect(JSON.parse(wire)).toEqual(JSON.parse(json))
      }),
    )
  })

  test('the signature is the known vector', () => {
    expect(signature256("It's a Secret to Everybody", Buffer.from('Hello, World!'))).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    )
  })

  test('the signature is over exactly the bytes that go out', () => {
    const body = messageWebhook(
      number,
      { name: 'Íris', waId: '5511', userId: 'BR.1' },
      '{"text":{"body":"não"}}',
    )
    const headers = webhookHeaders('secret', body)
    expect(headers['x-hub-signature-256']).toBe(
      `sha256=${createHmac('sha256', 'secret').update(body).digest('hex')}`,
    )
    expect(body.toString('latin1')).toContain(String.raw`"body":"n\u00e3o"`)
    expect(headers['user-agent']).toBe('facebookexternalua')
  })
})

describe('an element of messages[]', () => {
  test('keeps its own text and gets what is absent in front', () => {
    const text = '{ "timestamp": 1749416383.50, "type":"text" }'
    expect(withAbsentFields(text, JSON.parse(text) as object as never, { id: 'w', timestamp: '1' })).toBe(
      '{"id":"w", "timestamp": 1749416383.50, "type":"text" }',
    )
  })

  test('with everything given, not a byte changes', () => {
    const text = '{"id":"x","from":null}'
    expect(withAbsentFields(text, JSON.parse(text) as never, { id: 'w', from: '55' })).toBe(text)
  })

  test('an empty element becomes its absent fields', () => {
    expect(withAbsentFields(' {} ', {}, { id: 'w' })).toBe('{"id":"w"}')
  })
})
