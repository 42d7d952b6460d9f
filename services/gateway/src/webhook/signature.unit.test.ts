import { type KeyObject, createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { challengeOf, signatureCheck } from './signature.ts'

const SECRET = createSecretKey("It's a Secret to Everybody", 'utf8')
const ANOTHER = createSecretKey('another', 'utf8')
const BODY = Buffer.from('Hello, World!')
const VECTOR = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'

/** Of a body that arrives byte by byte. */
function isSigned(
  body: Uint8Array,
  header: string | readonly string[] | undefined,
  secrets: readonly KeyObject[],
): boolean {
  const check = signatureCheck(header, secrets)
  for (let at = 0; at < body.length; at++) check?.update(body.subarray(at, at + 1))
  return check?.isSigned() ?? false
}

test("Meta's published vector is signed", () => {
  expect(isSigned(BODY, `sha256=${VECTOR}`, [SECRET])).toBe(true)
})

test('any of several secrets may have signed', () => {
  expect(isSigned(BODY, `sha256=${VECTOR}`, [ANOTHER, SECRET])).toBe(true)
})

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['two headers', [`sha256=${VECTOR}`, `sha256=${VECTOR}`]],
  ['no prefix', VECTOR],
  ['another algorithm', `sha1=${VECTOR}`],
  ['a digit too few', `sha256=${VECTOR.slice(1)}`],
  ['a digit too many', `sha256=${VECTOR}0`],
  ['no hex', `sha256=${'z'.repeat(64)}`],
])('with %s no body need be read', (_, header) => {
  expect(signatureCheck(header, [SECRET])).toBeUndefined()
})

test('one byte or digit changed, or another secret, is not signed', () => {
  expect(isSigned(BODY, `sha256=${VECTOR.replace('7', '8')}`, [SECRET])).toBe(false)
  expect(isSigned(Buffer.from('Hello, World?'), `sha256=${VECTOR}`, [SECRET])).toBe(false)
  expect(isSigned(BODY, `sha256=${VECTOR}`, [ANOTHER])).toBe(false)
  expect(isSigned(BODY, `sha256=${VECTOR}`, [])).toBe(false)
})

const asked = { 'hub.mode': 'subscribe', 'hub.verify_token': 'T', 'hub.challenge': '1158201444' }

test('a verification with the right token gets its challenge back verbatim', () => {
  expect(challengeOf(asked, ['T'])).toBe('1158201444')
  expect(challengeOf({ ...asked, 'hub.challenge': ' <b>007</b> ' }, ['T'])).toBe(' <b>007</b> ')
})

test.each([
  ['another token', { ...asked, 'hub.verify_token': 'U' }],
  ['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
  ['another mode', { ...asked, 'hub.mode': 'unsubscribe' }],
  ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'T' }],
  ['two tokens', { ...asked, 'hub.verify_token': ['T', 'T'] }],
  ['nothing', {}],
])('a verification with %s gets none', (_, query) => {
  expect(challengeOf(query, ['T'])).toBeUndefined()
})
