import { type RecordedEntry, audits, entryOf } from '@parley/audit'
import {
  type PagePlace,
  type ProjectedDocument,
  defineProjection,
  indexesBy,
  newestFirst,
} from '@parley/eventlog'
import type { Roster } from '@parley/people'
import type { Collection, Filter } from 'mongodb'

type EntryDocument = ProjectedDocument &
  Omit<RecordedEntry, 'id' | 'fields'> & {
    /** In a list: a name may be any text, and a field's name may not. */
    readonly fields: readonly { readonly name: string; readonly value: string }[]
    /** Of what operators change: of two changes the later one, whatever the clocks of the replicas said. 0 for all else. */
    readonly revision: number
  }

export interface AuditModel {
  readonly collection: Collection<EntryDocument>
}

const INDEXED = ['person.id', 'person.login', 'type', 'subject.id']

/** Entries may wait so long for each other; who asks for them sees them within two seconds. */
const GATHER_MS = 200

/** The audit as auditors read it: a document for each entry, which nothing changes any more. */
export const auditEntries = defineProjection({
  name: 'audit',
  family: audits,
  types: ['EntryRecorded'],
  gatherMs: GATHER_MS,
  async open(db, version) {
    const collection = db.collection<EntryDocument>(`audit_entries_v${version}`)
    await collection.createIndexes([
      ...indexesBy('at', INDEXED),
      { key: { 'subject.id': 1, type: 1, at: 1, _id: 1 } },
    ])
    return {
      collection,
      documents: [
        {
          collection,
          route: ({ envelope }) => [envelope.eventId],
          fold(_, event) {
            const { id: _id, fields, ...entry } = entryOf(event)
            return {
              ...entry,
              fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
              revision: Number(fields['revision'] ?? 0) || 0,
            }
          },
        },
      ],
    }
  },
})

export interface EntryFilter {
  /** Id or login of who did it. */
  readonly person?: string
  /** To what it was done: its id, or a person's login. */
  readonly subject?: string
  readonly type?: string
  /** ISO 8601 UTC, milliseconds. Inclusive. */
  readonly from?: string
  /** Exclusive. */
  readonly to?: string
}

export interface EntryPage {
  readonly entries: readonly RecordedEntry[]
  readonly next: PagePlace | undefined
}

export interface AuditStore {
  /** Newest first. */
  list(filter: EntryFilter, size: number, after?: PagePlace): Promise<EntryPage>
  /** What operators changed of a person since people.yaml was written. Absent: nothing. */
  changesOf(personId: string): Promise<{ readonly isActive?: boolean; readonly roles?: readonly string[] }>
}

const STANDING = ['person_deactivated', 'person_activated']

/**
 * @param current The version that is read now: another one after a switch.
 * @param people To whom something was done stands in an entry by id alone: their logins are those of now.
 */
export function auditStore(current: () => AuditModel, people: Roster['people'], now: () => Date): AuditStore {
  const ids = new Map([...people.values()].map(({ login, id }) => [login, id]))
  const newestAbout = (personId: string, types: readonly string[]) =>
    current().collection.findOne(
      { 'subject.id': personId, 'subject.kind': 'person', type: { $in: [...types] } },
      { sort: { revision: -1, at: -1, _id: -1 } },
    )
  return {
    async changesOf(personId) {
      const [standing, roles] = await Promise.all([
        newestAbout(personId, STANDING),
        newestAbout(personId, ['roles_changed']),
      ])
      const words = roles?.fields.find(({ name }) => name === 'roles')?.value
      return {
        ...(standing !== null && { isActive: standing.type === 'person_activated' }),
        ...(words !== undefined && { roles: words.split(',') }),
      }
    },
    async list({ person, subject, type, from, to }, size, after) {
      const by: readonly Filter<EntryDocument>[] =
        person === undefined ? [] : [{ 'person.id': person }, { 'person.login': person }]
      const about: readonly Filter<EntryDocument>[] =
        subject === undefined
          ? []
          : [
              { 'subject.id': subject },
              { 'subject.id': ids.get(subject) ?? subject, 'subject.kind': 'person' },
            ]
      const { found, next } = await newestFirst(current().collection, {
        by: 'at',
        indexed: INDEXED,
        where: [
          ...(type === undefined ? [] : [{ type }]),
          ...[by, about].flatMap((either) => (either.length === 0 ? [] : [{ $or: either }])),
        ],
        size,
        after,
        from,
        to,
        now: now(),
      })
      const entries = found.map(({ _id: id, at, person, type, subject, fields }) => ({
        id,
        at,
        person,
        type,
        subject,
        fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
      }))
      return { entries, next }
    },
  }
}
