import { type AuditPerson, auditPerson } from '@parley/audit'
import { type Permission, type Role, type Roster, isRole, permissionsOf, scopeOf } from '@parley/people'
import type { Permits } from '@parley/service'
import type { AuditStore } from './audit-store.ts'

/** What a person needs to have a method called for them. Whoever is not here has nothing done for people. */
const NEEDED: ReadonlyMap<string, Permission> = new Map([
  ['/parley.audit.v1.AuditService/ListEntries', 'audit.read'],
  ['/parley.archive.v1.ArchiveService/GetTranscript', 'conversations.read'],
  ['/parley.archive.v1.ArchiveService/ListConversations', 'conversations.read'],
  ['/parley.archive.v1.ArchiveService/IssueTranscriptLink', 'conversations.export'],
  ['/parley.archive.v1.ArchiveService/RevokeTranscriptLink', 'conversations.export'],
])

/**
 * The archive asks once more whether a person may: a console that was taken over must not be enough. It knows people from people.yaml,
 * and what operators changed of them from the audit, which it keeps itself: no other service is asked.
 */
export function personPermits({ people, teams }: Roster, audit: Pick<AuditStore, 'changesOf'>): Permits {
  return async (personId, path) => {
    const needed = NEEDED.get(path)
    const person = people.get(personId)
    if (needed === undefined || person === undefined) return false
    const { isActive = true, roles } = await audit.changesOf(personId)
    const now = { ...person, roles: rolesOf(roles ?? person.roles) }
    if (!isActive || !permissionsOf(now.roles).includes(needed)) return false
    // It does not know yet who has a conversation, or had it: until then only those who see all of them are shown any.
    return needed === 'audit.read' || scopeOf(now, teams).kind === 'all'
  }
}

/** As the audit names them; null for an id of nobody. */
export function auditPersonOf({ people }: Roster, id: string): AuditPerson | null {
  const person = people.get(id)
  return person === undefined ? null : auditPerson(person)
}

const rolesOf = (words: readonly string[]): readonly Role[] => words.filter(isRole)
