import type { Role, RosterPerson } from '@parley/people'

/** A person of a roster, of our own, whose id is all that they are called. */
export const somebody = (id: string, team: string | null, ...roles: readonly Role[]): RosterPerson => ({
  id,
  login: id,
  name: id,
  roles,
  team,
  vendor: null,
  issuer: null,
  subject: id,
})
