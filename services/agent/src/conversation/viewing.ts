import { type Person, type Roster, type Scope, scopeIncludes, scopeOf } from '@parley/people'
import { type Place, placeOf } from './conversation.ts'

/** One person's sight: whom they are, and what of the conversations they may see. */
export class Sight {
  readonly personId: string
  readonly team: string | null
  readonly scope: Scope
  /** Whose conversations they see because of their team. */
  readonly teamIds: readonly string[]
  readonly #people: Roster['people']

  constructor(person: Person, { people, teams }: Roster) {
    this.personId = person.id
    this.team = person.team
    this.scope = scopeOf(person, teams)
    this.#people = people
    const { team } = person
    this.teamIds =
      team === null ? [] : [...people.values()].flatMap(({ id, team: of }) => (of === team ? [id] : []))
  }

  /** Their own, what is offered to them, and what the scope includes. */
  sees(place: Place): boolean {
    if (this.scope.kind === 'none') return false
    if (place.offeredTo === this.personId) return true
    return scopeIncludes(
      this.scope,
      placeOf(place, (id) => this.#people.get(id)?.team ?? null),
    )
  }

  servesQueue(queue: string): boolean {
    return this.scope.kind === 'all' || (this.scope.kind === 'part' && this.scope.queues.includes(queue))
  }

  /** Supervisors see the agents of their team, whoever sees all sees all agents; everybody their own team. */
  seesAgent(agentId: string): boolean {
    if (this.scope.kind === 'all' || agentId === this.personId) return true
    return this.team !== null && this.#people.get(agentId)?.team === this.team
  }
}
