import type { Person, Role, RosterPerson } from '@parley/people'

/** What operators changed of a person while the company works; it lies on top of people.yaml. */
export interface PersonChange {
  readonly isActive: boolean
  /** Null: as people.yaml says. */
  readonly roles: readonly Role[] | null
  /** Grows with every change. */
  readonly revision: number
}

export const UNCHANGED: PersonChange = { isActive: true, roles: null, revision: 0 }

/** A person as they are now. */
export interface PersonNow {
  readonly person: Person
  readonly isActive: boolean
  /**
   * What a session holds on to: it is good only as long as this word is the same. So one write ends all sessions of a person, those
   * too that are being opened at that moment, and activating somebody again revives none.
   */
  readonly standing: string
}

export function personNow(
  { id, login, name, roles: configured, team, vendor }: RosterPerson,
  change: PersonChange = UNCHANGED,
): PersonNow {
  const roles = change.roles ?? configured
  return {
    person: { id, login, name, roles, team, vendor },
    isActive: change.isActive,
    standing: JSON.stringify([change.revision, change.isActive, roles.toSorted(), team]),
  }
}
