import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { didYouMean } from '@parley/authoring'
import { ROLES, type Role, type RosterPerson, isRole } from '@parley/people'
import {
  ActivatePersonResponse,
  DeactivatePersonResponse,
  PeopleServiceService,
  SetRolesResponse,
} from '@parley/proto/people'
import { type GrpcService, grpcError, grpcService, status } from '@parley/service'
import type { ActType, RecordAct } from '../people/audit.ts'
import type { PeopleStore } from './people-store.ts'

/** Each replica looks twice a second for sessions that are over (session-watch.ts), and has what it found written to the sockets by then. */
const IN_FORCE_AFTER_MS = 1_000

/** What operators change of people: written once, in force everywhere when it answers. */
export function peopleGrpc(people: PeopleStore, record: RecordAct): GrpcService {
  const personOf = (login: string): RosterPerson => {
    const person = people.byLogin(login)
    if (person !== undefined) return person
    throw grpcError(
      status.NOT_FOUND,
      'PERSON_UNKNOWN',
      `There is nobody with the login "${login}" in people.yaml${didYouMean(login, people.logins)}`,
    )
  }
  const inForce = async (
    { id }: RosterPerson,
    type: ActType,
    fields: Readonly<Record<string, string>>,
    isChanged: boolean,
  ): Promise<{ readonly isChanged: boolean }> => {
    if (isChanged) await record({ type, person: null, subject: { kind: 'person', id }, fields }, randomUUID())
    // Also when it was so already: the one who wrote it may have died before it waited.
    await pause(IN_FORCE_AFTER_MS)
    return { isChanged }
  }

  return grpcService(PeopleServiceService, {
    async deactivatePerson({ login }) {
      const person = personOf(login)
      const isChanged = await people.setActive(person, false)
      return DeactivatePersonResponse.fromPartial(await inForce(person, 'person_deactivated', {}, isChanged))
    },
    async activatePerson({ login }) {
      const person = personOf(login)
      const isChanged = await people.setActive(person, true)
      return ActivatePersonResponse.fromPartial(await inForce(person, 'person_activated', {}, isChanged))
    },
    async setRoles({ login, roles: words }) {
      const person = personOf(login)
      const roles = rolesOf(words)
      const isChanged = await people.setRoles(person, roles)
      return SetRolesResponse.fromPartial(
        await inForce(person, 'roles_changed', { roles: roles.join(',') }, isChanged),
      )
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
