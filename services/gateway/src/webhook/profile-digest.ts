import { createHmac, hkdfSync } from 'node:crypto'
import type { CustomerNames } from './canonical.ts'

/**
 * Equal names, equal digests. 16 hexadecimal digits; stands among facts, so it must not give the names away.
 * @param notice the id of the channel's notice that they changed, or empty: names that come back by another notice are news once more
 */
export type ProfileDigest = (names: CustomerNames, notice?: string) => string

/**
 * Keyed, because phone numbers are few enough to try them all: only who has the app secret can tell whether a digest is of a number.
 * With another secret all digests are others, and each contact's names are put on record once more.
 */
export function profileDigestWith(appSecret: string): ProfileDigest {
  const key = Buffer.from(hkdfSync('sha256', appSecret, '', 'parley profile digest', 32))
  return ({ waId, userId, parentUserId, name, username }, notice = '') =>
    createHmac('sha256', key)
      .update(
        JSON.stringify([waId, userId, parentUserId, name, username, ...(notice === '' ? [] : [notice])]),
      )
      .digest('hex')
      .slice(0, 16)
}
