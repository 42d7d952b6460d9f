import { unreachable } from '@parley/kernel'
import type { Person, Role, Team } from './person.ts'

/** What a role allows, by the names that `/api/me`, `x-access` and the table of access use. */
export const PERMISSIONS = [
  'conversations.read',
  'conversations.answer',
  'conversations.assign',
  'conversations.supervise',
  'conversations.export',
  'metrics.read',
  'audit.read',
] as const
export type Permission = (typeof PERMISSIONS)[number]

const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  agent: ['conversations.read', 'conversations.answer', 'conversations.assign'],
  supervisor: [
    'conversations.read',
    'conversations.answer',
    'conversations.assign',
    'conversations.supervise',
    'conversations.export',
    'metrics.read',
  ],
  auditor: ['conversations.read', 'conversations.export', 'metrics.read', 'audit.read'],
  administrator: ['conversations.read', 'metrics.read'],
}

/** Those of a person's roles that give a right. It counts where these reach: an agent who is auditor as well reads everything and answers in their own team. */
export function rolesGranting(permission: Permission, roles: readonly Role[]): readonly Role[] {
  return roles.filter((role) => GRANTED[role].includes(permission))
}

/** In the order of `PERMISSIONS`, each once. */
export function permissionsOf(roles: readonly Role[]): readonly Permission[] {
  return PERMISSIONS.filter((permission) => roles.some((role) => GRANTED[role].includes(permission)))
}

/**
 * The conversations that a person may see. Whatever lists, counts or searches takes one; of what is read by its id the place is asked
 * first. What lies outside answers like what does not exist.
 */
export type Scope =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'part'
      /** What this person owns or owned last. */
      readonly personId: string
      /** What the team's agents own or owned last; null: no team's. */
      readonly team: string | null
      /** What waits, or is offered, in one of these. */
      readonly queues: readonly string[]
    }
  | { readonly kind: 'none' }

/** Who has a conversation, as far as it decides who may see it. */
export interface ConversationPlace {
  readonly held:
    | { readonly by: 'robot' | 'nobody' }
    | { readonly by: 'queue'; readonly queue: string }
    | { readonly by: 'agent'; readonly personId: string }
  /** The agent who owns it or owned it last, with their team of today: of several teams the last. Null when no agent ever did. */
  readonly lastOwner: { readonly personId: string; readonly team: string | null } | null
}

/** @param teams as people.yaml has them, by id */
export function scopeOf(person: Person, teams: ReadonlyMap<string, Pick<Team, 'queues'>>): Scope {
  const { roles, team } = person
  if (!permissionsOf(roles).includes('conversations.read')) return { kind: 'none' }
  if (roles.includes('auditor') || roles.includes('administrator')) return { kind: 'all' }
  if (roles.includes('supervisor') && team === null) return { kind: 'all' }
  return {
    kind: 'part',
    personId: person.id,
    team,
    queues: team === null ? [] : (teams.get(team)?.queues ?? []),
  }
}

export function scopeIncludes(scope: Scope, { held, lastOwner }: ConversationPlace): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'part':
      if (held.by === 'agent' && held.personId === scope.personId) return true
      if (held.by === 'queue' && scope.queues.includes(held.queue)) return true
      if (lastOwner === null) return false
      return (
        lastOwner.personId === scope.personId || (lastOwner.team !== null && lastOwner.team === scope.team)
      )
    default:
      return unreachable(scope)
  }
}

export type Action = 'read' | 'answer' | 'assign' | 'supervise' | 'export'

const NEEDED: Readonly<Record<Action, Permission>> = {
  read: 'conversations.read',
  answer: 'conversations.answer',
  assign: 'conversations.assign',
  supervise: 'conversations.supervise',
  export: 'conversations.export',
}

/**
 * `not_allowed`: the role does not suffice, whatever the conversation (403). `not_seen`: it is outside the scope of the roles that allow
 * it, and answers like what does not exist (404).
 */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: 'not_allowed' | 'not_seen' }

/**
 * May this person do this to that conversation? Whether the conversation's state takes it (who owns it, the reply window) is for the
 * rules to say.
 */
export function judge(
  person: Person,
  action: Action,
  place: ConversationPlace,
  teams: ReadonlyMap<string, Pick<Team, 'queues'>>,
): Verdict {
  const needed = NEEDED[action]
  if (!permissionsOf(person.roles).includes(needed)) return { allowed: false, reason: 'not_allowed' }
  const granting = rolesGranting(needed, person.roles)
  if (scopeIncludes(scopeOf({ ...person, roles: granting }, teams), place)) return { allowed: true }
  return { allowed: false, reason: 'not_seen' }
}
