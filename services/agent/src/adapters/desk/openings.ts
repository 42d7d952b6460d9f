import { auditPerson } from '@parley/audit'
import { atMost } from '@parley/eventlog'
import type { RecordAct, SignedIn } from '@parley/service'
import { LRUCache } from 'lru-cache'

/**
 * The audit has one entry for a quarter of an hour; this spares it being asked for each of what one look at a desk reads. Short: what is
 * opened when that entry stands no longer has to be told again.
 */
const SAME_OPENING_MS = 5_000
const OPENED_REMEMBERED = 20_000

/** Nobody is shown what a conversation holds without a trace: each door of it waits for this. */
export type RecordOpened = (person: SignedIn, conversationId: string) => Promise<void>

export function openings(record: RecordAct, clock: { now(): number } = performance): RecordOpened {
  const opened = new LRUCache<string, true>({
    ...atMost(OPENED_REMEMBERED),
    ttl: SAME_OPENING_MS,
    ttlResolution: 0,
    perf: clock,
  })
  return async (person, id) => {
    const key = `${person.id} ${id}`
    if (opened.has(key)) return
    await record({
      type: 'conversation_opened',
      person: auditPerson(person),
      subject: { kind: 'conversation', id },
    })
    opened.set(key, true)
  }
}
