import {
  type AuditCommand,
  type AuditEvent,
  type EntryFacts,
  STANDS_FOR_MS,
  audits,
  coalescing,
  isEntryType,
} from '@parley/audit'
import { type Decider, refuse } from '@parley/kernel'

/** What the rules remember of one person's acts, or of one kind of act that nobody did. */
export interface AuditState {
  /** Entries that stand for the same act again, oldest first; at most a quarter of an hour old, and at most STANDING_MAX. */
  readonly standing: readonly Standing[]
  /** Of the configuration as it was recorded last: every start of a service tells of it. */
  readonly digest: string
}

export interface Standing {
  readonly key: string
  readonly since: string
}

/** More things than this are opened in a quarter of an hour by programs, not by people; what is forgotten is recorded once more. */
export const STANDING_MAX = 1_000

/** The rules of the audit: nothing is turned down that can be read, and what stands already is not said again. */
export const auditDecider: Decider<AuditState, AuditCommand, AuditEvent> = {
  family: audits,
  version: 2,
  commandsRemembered: 64,
  initialState: () => ({ standing: [], digest: '' }),
  decide({ data, recordedAt }, state) {
    if (!isEntryType(data.type)) return refuse('UNKNOWN_ENTRY_TYPE', { type: data.type })
    return {
      events: isSaid(state, data, recordedAt) ? [] : [{ type: 'EntryRecorded', data, content: 'all' }],
    }
  },
  evolve(state, { data, recordedAt }) {
    const same = isEntryType(data.type) ? coalescing({ ...data, type: data.type }) : undefined
    return {
      digest: digestIn(data) ?? state.digest,
      standing:
        same === undefined
          ? state.standing
          : [...stillStanding(state, recordedAt), { key: same, since: recordedAt }].slice(-STANDING_MAX),
    }
  },
}

function isSaid(state: AuditState, data: EntryFacts, at: string): boolean {
  if (!isEntryType(data.type)) return false
  const digest = digestIn(data)
  if (digest !== undefined) return digest === state.digest
  const same = coalescing({ ...data, type: data.type })
  if (same === undefined) return false
  return stillStanding(state, at).some(({ key }) => key === same)
}

function stillStanding({ standing }: AuditState, at: string): readonly Standing[] {
  const from = Date.parse(at) - STANDS_FOR_MS
  return standing.filter(({ since }) => Date.parse(since) > from)
}

/** A person who changes a configuration did so each time; a service that starts only says what it found. */
function digestIn({ type, personId, fields }: EntryFacts): string | undefined {
  if (type !== 'configuration_changed' || personId !== '') return undefined
  return fields.find(({ name }) => name === 'digest')?.value
}
