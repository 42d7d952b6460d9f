export type Parameters = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Graph takes a nested object as an object or as its JSON text (form fields; some clients in JSON too). */
const nested = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

const plainText = new Set(['to', 'recipient', 'biz_opaque_callback_data', 'message_id', 'access_token'])

const decoded = (entries: Iterable<readonly [string, unknown]>): Parameters =>
  Object.fromEntries([...entries].map(([name, value]) => [name, plainText.has(name) ? value : nested(value)]))

/** The parameters of a Graph call, from a JSON or a form-encoded body; undefined if it is neither. */
export const readParameters = (
  contentType: string | undefined,
  body: Buffer | undefined,
): Parameters | undefined => {
  if (body === undefined || body.length === 0) return {}
  const text = body.toString('utf8')
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true && !text.startsWith('{')) {
    return decoded(new URLSearchParams(text))
  }
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? decoded(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
