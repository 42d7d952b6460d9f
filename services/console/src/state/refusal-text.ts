import type { Refused } from '../api/client.ts'
import type { Texts } from '../texts/index.ts'

/** @param personId whoever reads it: a refusal that speaks of somebody names them, and of oneself it is said otherwise than of a colleague */
export function refusalText(
  { refusals, ownRefusals, refused }: Pick<Texts, 'refusals' | 'ownRefusals' | 'refused'>,
  { code, fields, message }: Pick<Refused, 'code' | 'fields' | 'message'>,
  personId?: string,
): string {
  if (personId !== undefined && agentIn(fields) === personId && Object.hasOwn(ownRefusals, code))
    return ownRefusals[code] ?? message
  return Object.hasOwn(refusals, code) ? (refusals[code] ?? message) : `${refused(code)} ${message}`
}

const agentIn = (fields: unknown): unknown =>
  typeof fields === 'object' && fields !== null && 'agentId' in fields ? fields.agentId : undefined
