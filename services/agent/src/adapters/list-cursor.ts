import { type PagePlace, placeIn } from '@parley/eventlog'
import { HttpRefusal } from '@parley/service'

/** Undefined: the first page. @throws {HttpRefusal} 400 QUERY_INVALID */
export function placeBehind(cursor: string | undefined): PagePlace | undefined {
  const place = cursor === undefined ? undefined : placeIn(cursor)
  if (cursor === undefined || place !== undefined) return place
  throw new HttpRefusal(400, 'QUERY_INVALID', 'This cannot be asked: see fields.', {
    fields: [{ path: 'cursor', message: 'it is none of an earlier answer' }],
  })
}
