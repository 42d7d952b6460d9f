import { createHash } from 'node:crypto'

/** The same for documents with the same content, whatever the order of their fields. */
export function digestOf(documents: readonly object[]): string {
  const hash = createHash('sha256')
  for (const document of documents) hash.update(`${canonical(document)}\n`)
  return hash.digest('hex')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )
}
