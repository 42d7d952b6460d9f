import { HttpRefusal } from '@parley/service'
import { z } from 'zod'
import type { PagePlace } from '@parley/eventlog'

/** Opaque to whoever pages. */
export const cursorOf = ({ at, id }: PagePlace): string =>
  Buffer.from(JSON.stringify([at, id])).toString('base64url')

const placeSchema = z.tuple([z.iso.datetime(), z.string().max(100)])

/** @throws {HttpRefusal} 400 QUERY_INVALID */
export function placeIn(cursor: string): PagePlace {
  try {
    const [at, id] = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { at, id }
  } catch {
    throw new HttpRefusal(400, 'QUERY_INVALID', 'This cannot be asked: see fields.', {
      fields: [{ path: 'cursor', message: 'it is none of an earlier answer' }],
    })
  }
}
