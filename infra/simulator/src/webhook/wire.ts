import { createHmac } from 'node:crypto'

/**
 * JSON text as Meta puts it on the wire: ASCII only, everything else as `\uXXXX` with lower-case digits.
 * Non-ASCII characters can stand only inside JSON strings, so the text itself can be rewritten.
 */
export const escapeUnicode = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Value of `X-Hub-Signature-256` for exactly these bytes. */
export const signature256 = (appSecret: string, body: Buffer): string =>
  `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`

export const webhookHeaders = (appSecret: string, body: Buffer): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'facebookexternalua',
  accept: '*/*',
  'x-hub-signature-256': signature256(appSecret, body),
})
