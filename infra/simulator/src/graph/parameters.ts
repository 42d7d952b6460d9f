export type Parameters = Readonly<Record<string, unknown>>

/** The objects of a list; whatever else stands in it is an object without anything. */
export const objectsIn = (list: readonly unknown[]): readonly Parameters[] =>
  list.map((value) => (isObject(value) ? value : {}))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const DEPTH_MAX = 64

/** As JSON.parse, but what is nested deeper than anything that the API has is no JSON: what walks it later does so by recursion. */
export const parseJson = (text: string): unknown => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++
    } else if (character === '[' || character === '{') {
      if (++depth > DEPTH_MAX) throw new SyntaxError(`It is nested deeper than ${DEPTH_MAX} levels.`)
    } else if (character === ']' || character === '}') depth--
  }
  return JSON.parse(text) as unknown
}

/** Graph takes a nested object as an object or as its JSON text (form fields; some clients in JSON too). */
const nested = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return parseJson(value)
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
    const value = parseJson(text)
    return isObject(value) ? decoded(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
