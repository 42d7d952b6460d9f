import { type Person, type Roster, type Scope, rolesGranting, scopeIncludes, scopeOf } from '@parley/people'
import { type Place, placeOf } from './conversation.ts'

/** One person's sight: whom they are, and what of the conversations they may see. */
export class Sight {
  readonly personId: string
  readonly team: string | null
  readonly scope: Scope
  readonly #people: Roster['people']
  readonly #watchesOverAll: boolean

  constructor(person: Person, { people, teams }: Roster) {
    this.personId = person.id
    this.team = person.team
    this.scope = scopeOf(person, teams)
    this.#people = people
    const supervising = rolesGranting('conversations.supervise', person.roles)
    this.#watchesOverAll = scopeOf({ ...person, roles: supervising }, teams).kind === 'all'
  }

  /** Whose conversations they see because of their team. */
  get teamIds(): readonly string[] {
    const { team } = this
    return team === null
      ? []
      : [...this.#people.values()].flatMap(({ id, team: of }) => (of === team ? [id] : []))
  }

  /** Whatever they see, and whatever was theirs to see, has one of these among its own. */
  get audiences(): ReadonlySet<string> {
    const { scope, team, personId } = this
    return new Set([
      audienceOf.person(personId),
      ...(scope.kind === 'all' ? [audienceOf.all] : []),
      ...(scope.kind === 'part' ? scope.queues.map(audienceOf.queue) : []),
      ...(team === null ? [] : [audienceOf.team(team)]),
    ])
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
    return this.#isOfTeam(agentId)
  }

  /** Whose presence they are told of: of their own team, and of whom they watch over. Who only reads all works with nobody. */
  hearsOf(agentId: string): boolean {
    return this.#watchesOverAll || agentId === this.personId || this.#isOfTeam(agentId)
  }

  #isOfTeam(agentId: string): boolean {
    return this.team !== null && this.#people.get(agentId)?.team === this.team
  }
}

/** Those who see the same because of what they are. Each is a first, cheap question; whether somebody sees a thing `Sight` says. */
export const audienceOf = {
  all: 'all',
  person: (id: string) => `person ${id}`,
  queue: (name: string) => `queue ${name}`,
  team: (id: string) => `team ${id}`,
} as const

/** Of a conversation that stands here: everybody whose `Sight` sees it belongs to one of them. */
export function audienceOfPlace(place: Place, { people }: Pick<Roster, 'people'>): readonly string[] {
  const { held, lastOwner } = placeOf(place, (id) => people.get(id)?.team ?? null)
  return [
    audienceOf.all,
    ...(place.offeredTo === null ? [] : [audienceOf.person(place.offeredTo)]),
    ...(held.by === 'agent' ? [audienceOf.person(held.personId)] : []),
    ...(held.by === 'queue' ? [audienceOf.queue(held.queue)] : []),
    ...(lastOwner === null ? [] : [audienceOf.person(lastOwner.personId)]),
    ...(lastOwner === null || lastOwner.team === null ? [] : [audienceOf.team(lastOwner.team)]),
  ]
}

/** Of whether somebody is there. */
export function audienceOfAgent(agentId: string, { people }: Pick<Roster, 'people'>): readonly string[] {
  const team = people.get(agentId)?.team ?? null
  return [audienceOf.all, audienceOf.person(agentId), ...(team === null ? [] : [audienceOf.team(team)])]
}
