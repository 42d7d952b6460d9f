import { type AuditPerson, auditPerson } from '@parley/audit'
import {
  type Action,
  type Permission,
  type Role,
  type Roster,
  type RosterPerson,
  type Scope,
  isRole,
  judge,
  permissionsOf,
  scopeOf,
} from '@parley/people'
import type { Permits } from '@parley/service'
import { type Conversation, placeOf } from '../transcript/fold-conversation.ts'
import type { AuditStore } from './audit-store.ts'

/** What a person needs to have a method called for them. Whoever is not here has nothing done for people. */
const NEEDED: ReadonlyMap<string, Permission> = new Map([
  ['/parley.audit.v1.AuditService/ListEntries', 'audit.read'],
  // Without `metrics.read` one's own alone: `readsFigures`.
  ['/parley.metrics.v1.MetricsService/ReadFigure', 'conversations.read'],
  ['/parley.search.v1.SearchService/SearchConversations', 'conversations.read'],
  ['/parley.archive.v1.ArchiveService/GetTranscript', 'conversations.read'],
  ['/parley.archive.v1.ArchiveService/ListConversations', 'conversations.read'],
  ['/parley.archive.v1.ArchiveService/IssueTranscriptLink', 'conversations.export'],
  ['/parley.archive.v1.ArchiveService/RevokeTranscriptLink', 'conversations.export'],
])

type Placed = Pick<Conversation, 'held' | 'lastAgentId'>

/** The person for whom a service calls; undefined where it calls for itself, and may what its key allows. */
type PersonId = string | undefined

/**
 * The archive asks once more whether a person may: a console that was taken over must not be enough. It knows people from people.yaml,
 * and what operators changed of them from the audit, which it keeps itself: no other service is asked.
 */
export interface ArchivePeople {
  readonly permits: Permits
  /** As the audit names them; null for an id of nobody. */
  named(id: string): AuditPerson | null
  /** Which conversations are read for them. */
  scopeOf(id: PersonId): Promise<Scope>
  may(id: PersonId, action: Action, conversation: Placed): Promise<boolean>
  /** Whether they read figures of their scope; else of their own work alone. */
  readsFigures(id: PersonId): Promise<boolean>
  /** Whether they get the bytes of records that hold what is masked or was deleted: auditors do. */
  readsConcealed(id: PersonId): Promise<boolean>
}

/** A change of a person is in force within a second. */
const KNOWN_FOR_MS = 100

export function archivePeople(
  { people, teams }: Roster,
  audit: Pick<AuditStore, 'changesOf'>,
): ArchivePeople {
  const asked = new Map<string, ReturnType<typeof audit.changesOf>>()
  /** One request asks several times who calls: the store is asked once. What it says is forgotten before a change could be missed. */
  const changesOf = (id: string): ReturnType<typeof audit.changesOf> => {
    const known = asked.get(id)
    if (known !== undefined) return known
    const changes = audit.changesOf(id)
    asked.set(id, changes)
    setTimeout(() => asked.delete(id), KNOWN_FOR_MS).unref()
    return changes
  }
  /** Undefined: nobody, or somebody who was deactivated. */
  const present = async (id: string): Promise<RosterPerson | undefined> => {
    const person = people.get(id)
    if (person === undefined) return undefined
    const { isActive = true, roles } = await changesOf(id)
    return isActive ? { ...person, roles: rolesOf(roles ?? person.roles) } : undefined
  }
  const has = async (id: string, permission: Permission): Promise<boolean> =>
    permissionsOf((await present(id))?.roles ?? []).includes(permission)
  return {
    async permits(id, path) {
      const needed = NEEDED.get(path)
      return needed !== undefined && (await has(id, needed))
    },
    named(id) {
      const person = people.get(id)
      return person === undefined ? null : auditPerson(person)
    },
    async scopeOf(id) {
      if (id === undefined) return { kind: 'all' }
      const person = await present(id)
      return person === undefined ? { kind: 'none' } : scopeOf(person, teams)
    },
    async may(id, action, conversation) {
      if (id === undefined) return true
      const person = await present(id)
      return person !== undefined && judge(person, action, placeOf(conversation, people), teams).allowed
    },
    readsFigures: async (id) => id === undefined || (await has(id, 'metrics.read')),
    readsConcealed: async (id) => id === undefined || (await has(id, 'audit.read')),
  }
}

const rolesOf = (words: readonly string[]): readonly Role[] => words.filter(isRole)
