import { type AuditEntry, type AuditPerson, type AuditSubject, STANDS_FOR_MS } from '@parley/audit'
import { type RecordAct, type Resource, Rounds } from '@parley/service'
import type { Collection, Db } from 'mongodb'
import { updatedOrBegun } from '../updated-or-begun.ts'

/** Of one person, or of nobody who is known, the same act in a quarter of an hour: so many are entries of their own. */
export const RECORDED_MAX = 20
/** Replicas' clocks differ, and a count that grows no more is counted once. */
const OVER_AFTER_MS = 10_000
const TOLD_EVERY_MS = 10_000

/** What failed, with what, and why. */
interface CountedAct {
  readonly type: 'sign_in_failed' | 'access_refused'
  readonly subject: AuditSubject
  readonly code: string
}

interface CountDocument extends CountedAct {
  readonly _id: string
  /** Null: nobody that people.yaml has. */
  readonly personId: string | null
  readonly endsAt: Date
  readonly count: number
}

export interface CountedActsOptions {
  readonly named: (personId: string) => AuditPerson | undefined
  readonly record: RecordAct
  readonly now: () => Date
}

/**
 * What people can fail at as often as they like, as the audit has it: the first of each quarter of an hour one by one, and one entry
 * that says how many more there were. They are counted in the store, over all replicas and restarts, until that entry is on record.
 */
export class CountedActs {
  readonly #counts: Collection<CountDocument>
  readonly #options: CountedActsOptions

  constructor(db: Db, options: CountedActsOptions) {
    this.#counts = db.collection<CountDocument>('counted_acts')
    this.#options = options
  }

  /** @param cause of this attempt alone: told again it is counted again, and is one entry */
  async add(person: AuditPerson | null, act: CountedAct, cause: string): Promise<void> {
    const quarter = Math.floor(this.#options.now().getTime() / STANDS_FOR_MS)
    const personId = person?.id ?? null
    const { type, subject, code } = act
    const id = JSON.stringify([type, personId, subject.kind, subject.id, code, quarter])
    const endsAt = new Date((quarter + 1) * STANDS_FOR_MS)
    const counted = await updatedOrBegun(this.#counts, id, {
      $inc: { count: 1 },
      $setOnInsert: { personId, type, subject, code, endsAt },
    })
    if ((counted?.count ?? 1) > RECORDED_MAX) return
    await this.#options.record(entryOf(act, person), cause)
  }

  /** Tells of the quarters that are over. Whoever dies in it leaves the rest to the next; told twice it is one entry. */
  async tellRest(): Promise<void> {
    const { named, record, now } = this.#options
    const before = new Date(now().getTime() - OVER_AFTER_MS)
    for (const { _id, personId, endsAt, count, ...act } of await this.#counts
      .find({ endsAt: { $lte: before } })
      .toArray()) {
      const person = (personId === null ? undefined : named(personId)) ?? null
      if (count > RECORDED_MAX)
        await record(
          entryOf(act, person, {
            moreCount: String(count - RECORDED_MAX),
            until: endsAt.toISOString(),
          }),
          _id,
        )
      await this.#counts.deleteOne({ _id })
    }
  }

  /** Tells of them as long as the service runs. */
  telling(onError: (error: unknown) => void): Resource {
    const rounds = new Rounds({ everyMs: TOLD_EVERY_MS, round: () => this.tellRest(), onError })
    return { name: 'counted acts', close: () => rounds.close() }
  }
}

function entryOf(
  { type, subject, code }: CountedAct,
  person: AuditPerson | null,
  more: Readonly<Record<string, string>> = {},
): AuditEntry {
  return { type, person, subject, fields: { code, ...more } }
}

/** @param person whom people.yaml has, where it is known who it was */
export function failedSignIn(person: AuditPerson | null, code: string): CountedAct {
  const subject: AuditSubject =
    person === null ? { kind: 'provider', id: 'openid' } : { kind: 'person', id: person.id }
  return { type: 'sign_in_failed', subject, code }
}
