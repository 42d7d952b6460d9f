import { randomUUID } from 'node:crypto'
import type { EntryType } from '@parley/audit'
import { didYouMean } from '@parley/authoring'
import { ROLES, type Role, type RosterPerson, isRole, permissionsOf } from '@parley/people'
import {
  ActivatePersonResponse,
  DeactivatePersonResponse,
  PeopleServiceService,
  SetRolesResponse,
} from '@parley/proto/people'
import {
  type GrpcCallContext,
  GrpcError,
  type GrpcService,
  type RecordAct,
  grpcError,
  grpcService,
  isPartAway,
  status,
} from '@parley/service'
import type { PoolView } from '../../workforce/pool-view.ts'
import type { DeskSessions } from '../desk/sessions.ts'
import type { PeopleStore } from './people-store.ts'
import type { Replicas } from './replicas.ts'

/** Longer than a replica that says nothing counts as living. */
const ACTED_WITHIN_MS = 10_000

/** What operators change of people: written once, in force everywhere when it answers. */
export function peopleGrpc(
  people: Pick<PeopleStore, 'byLogin' | 'logins' | 'present' | 'setActive' | 'setRoles'>,
  replicas: Pick<Replicas, 'actedOnChange'>,
  record: RecordAct,
  desks: Pick<DeskSessions, 'signOut' | 'comeBack'>,
  pool: Pick<PoolView, 'has' | 'now' | 'statusOf'>,
): GrpcService {
  const personOf = (login: string): RosterPerson => {
    const person = people.byLogin(login)
    if (person !== undefined) return person
    throw grpcError(
      status.NOT_FOUND,
      'PERSON_UNKNOWN',
      `There is nobody with the login "${login}" in people.yaml${didYouMean(login, people.logins)}`,
    )
  }
  /**
   * Who may answer nobody any more has nothing from now on. Said as soon as it is written, so that customers wait no longer than they must,
   * and again once it is in force: wishes of theirs were under way until then, and whoever became available by one would have been given
   * conversations that nobody took from them again.
   */
  const signOutIfGone = async (id: string): Promise<boolean> => {
    const now = await people.present(id)
    if (now !== undefined && permissionsOf(now.roles).includes('conversations.answer')) return false
    await desks.signOut(id, { isForGood: true })
    return true
  }
  /** Tells of it, changes it, and answers when it is in force. @param change gives whether anything had to be changed */
  const inForce = async (
    type: EntryType,
    { id }: RosterPerson,
    { caller, operator }: Pick<GrpcCallContext, 'caller' | 'operator'>,
    change: (
      tell: (revision: number, facts?: Readonly<Record<string, string>>) => Promise<void>,
    ) => Promise<boolean>,
  ): Promise<{ readonly isChanged: boolean }> => {
    const cause = randomUUID()
    const tell = (revision: number, facts: Readonly<Record<string, string>> = {}) =>
      record(
        {
          type,
          person: null,
          subject: { kind: 'person', id },
          fields: { ...facts, caller, revision: String(revision) },
          words: operator === undefined ? {} : { operator },
        },
        `${cause} ${revision}`,
      )
    try {
      const isChanged = await change(tell)
      await signOutIfGone(id)
      // Also when it was so already: the one who wrote it may have died before it waited.
      const waitedFor = await replicas.actedOnChange(ACTED_WITHIN_MS)
      if (waitedFor.length === 0) {
        const isGone = await signOutIfGone(id)
        // Of whoever is not offline the pool knows that they are back.
        if (!isGone && pool.statusOf(id) === 'offline') await desks.comeBack(id)
        return { isChanged }
      }
      throw grpcError(
        status.UNAVAILABLE,
        'REPLICAS_NOT_HEARD',
        `It is written, and these replicas did not say within ${ACTED_WITHIN_MS / 1_000} s that they acted on it: ${waitedFor.join(', ')}. Ask again; if that goes on, stop them.`,
      )
    } catch (error) {
      if (error instanceof GrpcError || !isPartAway(error)) throw error
      throw grpcError(
        status.UNAVAILABLE,
        'UNAVAILABLE',
        'MongoDB or the log does not answer. Ask again shortly: what is done already is not done twice.',
      )
    }
  }

  return grpcService(PeopleServiceService, {
    async deactivatePerson({ login }, _, by) {
      const person = personOf(login)
      const changed = await inForce('person_deactivated', person, by, (tell) =>
        people.setActive(person, false, (revision) => tell(revision)),
      )
      return DeactivatePersonResponse.fromPartial(changed)
    },
    async activatePerson({ login }, _, by) {
      const person = personOf(login)
      const changed = await inForce('person_activated', person, by, (tell) =>
        people.setActive(person, true, (revision) => tell(revision)),
      )
      return ActivatePersonResponse.fromPartial(changed)
    },
    async setRoles({ login, roles: words }, _, by) {
      const person = personOf(login)
      const roles = rolesOf(words)
      const changed = await inForce('roles_changed', person, by, (tell) =>
        people.setRoles(person, roles, (revision, before) =>
          tell(revision, { rolesBefore: before.toSorted().join(','), roles: roles.toSorted().join(',') }),
        ),
      )
      const isAgent = pool.now().agents.some(({ id }) => id === person.id)
      const withoutPlace = roles.filter(
        (role) => (role === 'agent' && !isAgent) || (role === 'supervisor' && !pool.has(person.id)),
      )
      return SetRolesResponse.fromPartial({ ...changed, withoutPlace })
    },
  })
}

function rolesOf(words: readonly string[]): readonly Role[] {
  if (words.length === 0)
    throw grpcError(
      status.INVALID_ARGUMENT,
      'ROLES_INVALID',
      `Name at least one role of ${ROLES.join(', ')}.`,
    )
  return [...new Set(words)].map((word) => {
    if (isRole(word)) return word
    throw grpcError(
      status.INVALID_ARGUMENT,
      'ROLES_INVALID',
      `There is no role "${word}"${didYouMean(word, ROLES)} The roles are ${ROLES.join(', ')}.`,
    )
  })
}
