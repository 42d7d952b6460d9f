import { type PagePlace, placeIn } from '@parley/eventlog'
import { HttpRefusal } from '@parley/service'

/** It was made up, or it is of another list. */
export const cursorUnknown = (cause?: unknown): HttpRefusal =>
  new HttpRefusal(400, 'QUERY_INVALID', 'This cannot be asked: see fields.', {
    cause,
    fields: [{ path: 'cursor', message: 'it is none of an earlier answer' }],
  })

/** Undefined: the first page. @throws {HttpRefusal} 400 QUERY_INVALID */
export function placeBehind(cursor: string | undefined): PagePlace | undefined {
  const place = cursor === undefined ? undefined : placeIn(cursor)
  if (cursor === undefined || place !== undefined) return place
  throw cursorUnknown()
}
