/**
 * One line, several spellings: three countries changed how a mobile number is written, and WhatsApp keeps an account's number as it was
 * when the account was made. So the same customer comes under either spelling, by webhook, receipt or export.
 */
interface Spelling {
  /** What the dialled form of today looks like. */
  readonly long: RegExp
  /** The same line, with the digit left out. */
  readonly short: RegExp
  readonly prefix: string
}

/**
 * Brazil: the ninth digit of mobile numbers, since 2012–2016 (Anatel, Resolução 553/2010). Subscriber numbers that begin with 2 to 5 and
 * have eight digits are landlines and get none. Argentina: the 9 of mobile numbers, when called from abroad (ITU, national numbering plan +54).
 * Mexico: the 1 of mobile numbers, when called from abroad, until 2019 (IFT): the short form is today's, the long one lives on in WhatsApp.
 */
const SPELLINGS: readonly Spelling[] = [
  { long: /^(55[1-9]\d)9([016-9]\d{7})$/, short: /^(55[1-9]\d)([016-9]\d{7})$/, prefix: '9' },
  { long: /^(54)9([1-9]\d{9})$/, short: /^(54)([1-9]\d{9})$/, prefix: '9' },
  { long: /^(52)1([2-9]\d{9})$/, short: /^(52)([2-9]\d{9})$/, prefix: '1' },
]

/** All ways to write this number (digits only); the first is the one that stands for all of them. */
export function spellingsOf(waId: string): readonly [string, ...string[]] {
  for (const { long, short, prefix } of SPELLINGS) {
    const [, before, rest] = long.exec(waId) ?? short.exec(waId) ?? []
    if (before !== undefined && rest !== undefined) return [`${before}${prefix}${rest}`, `${before}${rest}`]
  }
  return [waId]
}

export function canonicalNumber(waId: string): string {
  return spellingsOf(waId)[0]
}
