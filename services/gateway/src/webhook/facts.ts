import type { ConsentWish } from '@parley/conversation'
import type { MessageBody } from '@parley/proto/content'

/** What the rules must know of a message, whose words they never read. */
export interface FactsOfMessage {
  readonly consent: 'stop' | 'start' | ''
  readonly consentVia: 'keyword' | 'button' | ''
  readonly characters: number
}

export function factsOf(message: MessageBody, consent: ConsentWish | undefined): FactsOfMessage {
  const isHeard = concernsAll(consent)
  return {
    consent: isHeard ? consent.wish : '',
    consentVia: isHeard ? consent.via : '',
    characters: charactersOf(message),
  }
}

/** A wish about all messages, and not about advertising alone. */
export function concernsAll(
  consent: ConsentWish | undefined,
): consent is ConsentWish & { readonly wish: 'stop' | 'start' } {
  return consent !== undefined && consent.wish !== 'stop_marketing'
}

/**
 * How much there is to read in a message: the length of each of its texts. The rules bound by it what they give a robot at once, and
 * that must fit into one record; so what is no text counts as about what it takes there: a number as 8, an element of a list as 2.
 */
export function charactersOf(message: MessageBody): number {
  return sizeOf(message.body?.value)
}

function sizeOf(part: unknown): number {
  if (typeof part === 'string') return part.length
  if (typeof part === 'number') return 8
  if (Array.isArray(part)) return part.reduce<number>((sum, element) => sum + 2 + sizeOf(element), 0)
  if (typeof part !== 'object' || part === null) return 0
  let sum = 0
  for (const value of Object.values(part)) sum += sizeOf(value)
  return sum
}
