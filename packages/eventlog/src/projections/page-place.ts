/** Behind which document a page begins: its time, ISO 8601 UTC, and its id. */
export interface PagePlace {
  readonly at: string
  readonly id: string
}

/** Opaque to whoever pages. */
export const cursorOf = ({ at, id }: PagePlace): string =>
  Buffer.from(JSON.stringify([at, id])).toString('base64url')

/** Undefined: none of `cursorOf`. A time in any other form stands elsewhere among texts than among times, and there are some before which nothing can be reckoned. */
export function placeIn(cursor: string): PagePlace | undefined {
  try {
    const [at, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (typeof at === 'string' && typeof id === 'string' && isTime(at)) return { at, id }
  } catch {
    // Not ours.
  }
  return undefined
}

const isTime = (at: string): boolean => /^\d{4}-/.test(at) && new Date(at).toISOString() === at
