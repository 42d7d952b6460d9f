import { setTimeout as pause } from 'node:timers/promises'
import { THANKS } from '../demo/clerk.ts'
import { type CustomerRecord, playCustomer } from '../demo/customer.ts'
import type { Phones } from './phones.ts'

const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 25
/** More at once are a stack that does not keep up, and then it is known. */
const AT_ONCE_MAX = 2_000

export interface Played {
  readonly records: readonly CustomerRecord[]
  /** Conversations a second, from the first customer to the end of the last. */
  readonly kept: number
}

let numbers = 5_511_900_000_000 + (Math.floor(Date.now() / 1000) % 1_000_000) * 10_000

/**
 * Customers who want a person come at a rate, whether those before them were served or not. Each says three things to the agent, each
 * of them words that nobody else says.
 */
export async function playCustomers(
  phones: Phones,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Played> {
  const startedAt = Date.now()
  const deadlineAt = startedAt + seconds * 1_000 + 2 * PATIENCE_MS
  const options = { patienceMs: PATIENCE_MS, deadlineAt, pollEveryMs: LOOK_EVERY_MS, toAPerson }
  const underWay = new Set<Promise<void>>()
  const records: CustomerRecord[] = []
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const dueMs = startedAt + (index * 1_000) / perSecond - Date.now()
    if (dueMs > 0) await pause(dueMs)
    if (underWay.size >= AT_ONCE_MAX) await Promise.race(underWay)
    numbers += 1
    const playing = playCustomer(phones, String(numbers), options, 'person')
      .then((record) => void records.push(record))
      .finally(() => underWay.delete(playing))
    underWay.add(playing)
  }
  await Promise.all(underWay)
  return { records, kept: records.length / ((Date.now() - startedAt) / 1_000) }
}

const toAPerson = (waId: string): readonly string[] => [
  `Cobraram duas vezes (${waId})`,
  `Foi no dia 12, no mercado (${waId})`,
  `${THANKS} (${waId})`,
]
