import { int32Of, isObject, listOf, objectOf } from '../webhook/json-values.ts'
import type { CallResult } from './answer.ts'
import type { Address } from './graph-request.ts'

/** The body of `POST` (block) or `DELETE` (unblock) `/{phone_number_id}/block_users`. */
export function blockRequest({
  waId,
  userId,
  parentUserId,
}: Address): Readonly<Record<string, unknown>> | undefined {
  const bsuid = userId || parentUserId
  if (waId === '' && bsuid === '') return undefined
  return {
    messaging_product: 'whatsapp',
    block_users: [waId === '' ? { user_id: bsuid } : { user: `+${waId}` }],
  }
}

export type BlockAnswer =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'refused'; readonly code: number }
  | { readonly outcome: 'unknown' }

/** By the list of users, not by the HTTP status: 200 with nobody blocked has been seen. */
export function blockAnswer(wish: 'block' | 'unblock', result: CallResult): BlockAnswer {
  if (result.outcome !== 'answered') return { outcome: 'unknown' }
  const body = objectOf(result.json)
  const users = objectOf(body['block_users'])
  if (listOf(users[wish === 'block' ? 'added_users' : 'removed_users']).length > 0) return { outcome: 'done' }
  const failed = objectOf(listOf(objectOf(listOf(users['failed_users'])[0])['errors'])[0])
  const error = isObject(failed) && failed['code'] !== undefined ? failed : objectOf(body['error'])
  if (error['code'] !== undefined) return { outcome: 'refused', code: int32Of(error['code']) }
  return result.status < 500 ? { outcome: 'refused', code: 0 } : { outcome: 'unknown' }
}
