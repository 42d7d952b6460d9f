import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filledAddress, isPrivateAndUnlisted, mistakeInAddress } from './address.ts'

const TEMPLATES = [
  'https://cards.example.com/v1/{{a}}/x{{b}}?q={{c}}',
  'https://cards.example.com?q={{a}}&r={{b}}{{c}}',
  'https://cards.example.com:8443/{{a}}{{b}}/{{c}}',
  'https://cards.example.com#{{a}}{{b}}{{c}}',
  '{{env.FLOW_CARDS}}/{{a}}/{{b}}{{c}}',
]
const nasty = fc.oneof(
  fc.constantFrom(
    '.',
    '..',
    '%2e',
    '/',
    '//',
    '\\',
    '@',
    ':',
    '#',
    '?',
    '.evil.example',
    '@evil.example',
    '\t',
    '\r\n',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const fill = (
  template: string,
  values: Readonly<Record<string, string>>,
  privateHosts: readonly string[] = [],
) => filledAddress(template, privateHosts, (name) => values[name] ?? '')

describe('the address of a call', () => {
  test('whatever a customer answers, it is the server and the path of the template, or none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEMPLATES), nasty, nasty, nasty, (template, a, b, c) => {
        const values = { a, b, c, 'env.FLOW_CARDS': 'https://cards.example.com/v1' }
        const filled = fill(template, values)
        const isDotted = [a, b, c, b + c, a + b].some((value) => /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(value))
        expect(filled !== undefined || isDotted).toBe(true)
        fc.pre(filled !== undefined)
        const url = new URL(filled)
        const plain = new URL(fill(template, { ...values, a: 'a', b: 'b', c: 'c' })!)
        expect(url.origin).toBe(plain.origin)
        expect(url.username + url.password).toBe('')
        expect(url.pathname.split('/').length).toBe(plain.pathname.split('/').length)
        expect([...url.searchParams.keys()]).toEqual([...plain.searchParams.keys()])
      }),
      runs(2000),
    )
  })
  test.each([
    ['https://cards.example.com{{a}}/x', '.evil.example'],
    ['https://cards.example.com{{a}}', ':80@evil.example/'],
    ['{{env.FLOW_CARDS}}{{a}}', '.evil.example'],
    ['{{a}}', 'https://evil.example'],
  ])('%s with %s is none: a customer must not choose who gets the secret', (template, a) => {
    expect(mistakeInAddress(template, [], {})).toMatch(/^begins with/)
    expect(fill(template, { a, 'env.FLOW_CARDS': 'https://cards.example.com' })).toBeUndefined()
  })
  test.each(['..', '.', '../admin', '/../..', '..\\..'])(
    'the answer "%s" does not climb out of the path, nor at a server that decodes the path before it reads it',
    (a) => {
      expect(fill('https://cards.example.com/v1/{{a}}/x', { a })).toBeUndefined()
      expect(fill('https://cards.example.com/v1/x?q={{a}}', { a })).toBe(
        `https://cards.example.com/v1/x?q=${encodeURIComponent(a)}`,
      )
    },
  )
  test('a slash or a dot in an answer is no step up', () => {
    expect(fill('https://cards.example.com/v1/{{a}}', { a: '20/11/2026 ...' })).toBe(
      'https://cards.example.com/v1/20%2F11%2F2026%20...',
    )
  })
  test('a name of the environment later in the address is encoded like any other', () => {
    expect(fill('https://cards.example.com/x?key={{env.FLOW_KEY}}', { 'env.FLOW_KEY': 'a&b=c' })).toBe(
      'https://cards.example.com/x?key=a%26b%3Dc',
    )
  })
  test('a private server is refused when the call is made too', () => {
    const values = { 'env.FLOW_CARDS': 'http://169.254.169.254/latest', a: 'x', b: '', c: '' }
    expect(fill('{{env.FLOW_CARDS}}/{{a}}', values)).toBeUndefined()
    expect(fill('{{env.FLOW_CARDS}}/{{a}}', values, ['169.254.169.254'])).toBe(
      'http://169.254.169.254/latest/x',
    )
  })
})

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.8.8.8',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::10.0.0.1',
  '::a00:1',
  '100:0:0:1::1',
  '4000::1',
  'fec0::1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'fc00::1',
  'fe80::1',
  'ff02::1',
])('%s is private', (address) => {
  expect(isPrivateAndUnlisted(address, [])).toBe(true)
})

test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', 'cards.example.com'])('%s is not', (address) => {
  expect(isPrivateAndUnlisted(address, [])).toBe(false)
})
