import { createHmac, timingSafeEqual } from 'node:crypto'

/** Without characters that people mix up, so that a password can be typed from the banner. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/**
 * The password of a login of the local stack: derived from the stack's secret, so that none is written down anywhere but in stack.json,
 * and all stay the same over a restart. 14 letters, 69 bits.
 */
export function passwordOf(secret: string, login: string): string {
  const digest = createHmac('sha512', secret).update(`password of ${login}`).digest()
  const letters = Array.from({ length: 14 }, (_, index) => {
    // Four bytes for each letter: what is left over of a division by 31 is then as good as even.
    return LETTERS[digest.readUInt32BE(index * 4) % LETTERS.length]
  })
  return letters.join('')
}

/** Takes as long for a login that nobody has. */
export function isPassword(secret: string, login: string, given: string): boolean {
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest()
  return timingSafeEqual(digest(passwordOf(secret, login)), digest(given))
}
