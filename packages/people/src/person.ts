import { oneOf } from '@parley/kernel'

export const ROLES = ['agent', 'supervisor', 'auditor', 'administrator'] as const
export type Role = (typeof ROLES)[number]

export const isRole = oneOf(ROLES)

/** Somebody who works at the desk, at the wallboard or with the record. */
export interface Person {
  /** Opaque and for ever: owners, authors and the audit carry it, so it is neither a name nor a number of theirs. */
  readonly id: string
  readonly login: string
  readonly name: string
  readonly roles: readonly Role[]
  /** Null: of no team. A supervisor of no team is the supervisor of all. */
  readonly team: string | null
  /** The other company that employs them, as `company.yaml` names it among the processors; null for the company's own. */
  readonly vendor: string | null
}

/** As customers are told it. */
export function firstNameOf(person: Pick<Person, 'name'> | undefined): string | undefined {
  return person?.name.split(' ')[0]
}

export interface Team {
  readonly id: string
  readonly name: string
  readonly vendor: string | null
  /** Whose waiting conversations the team answers. */
  readonly queues: readonly string[]
}
