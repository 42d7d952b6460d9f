import { type AuditPerson, auditPerson } from '@parley/audit'
import {
  type Person,
  type Role,
  type Roster,
  type RosterPerson,
  permissionsOf,
  scopeOf,
} from '@parley/people'
import { isRepeat } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'
import { type PersonChange, type PersonNow, UNCHANGED, personNow } from '../../people/standing.ts'

export interface PersonDocument extends PersonChange {
  readonly _id: string
}

/** Puts a change on record: its revision, and over which roles. */
export type Tell = (revision: number, before: readonly Role[]) => Promise<void>

/** The people of people.yaml with what operators changed since, which every replica reads from the same collection. */
export class PeopleStore {
  readonly #roster: Roster
  readonly #byLogin = new Map<string, RosterPerson>()
  readonly #bySubject = new Map<string, RosterPerson>()
  readonly #changes: Collection<PersonDocument>

  /** @param issuer who vouches for people of whom people.yaml does not say it */
  constructor(db: Db, roster: Roster, issuer: string) {
    this.#changes = db.collection<PersonDocument>(PeopleStore.COLLECTION)
    this.#roster = roster
    for (const person of roster.people.values()) {
      this.#byLogin.set(person.login, person)
      this.#bySubject.set(subjectKey(person.issuer ?? issuer, person.subject), person)
    }
  }

  /** Sessions are read together with it. */
  static readonly COLLECTION = 'people'

  get teams(): Roster['teams'] {
    return this.#roster.teams
  }

  get roster(): Roster {
    return this.#roster
  }

  /** Undefined for an id that people.yaml does not have (any more). */
  now(id: string, change: PersonChange | undefined): PersonNow | undefined {
    const person = this.#roster.people.get(id)
    return person && personNow(person, change)
  }

  /** Whom this provider vouches for; the rest of what it claims (roles, groups) is not asked. */
  async bySubject(issuer: string, subject: string): Promise<PersonNow | undefined> {
    const person = this.#bySubject.get(subjectKey(issuer, subject))
    return person && personNow(person, await this.#changeOf(person.id))
  }

  /** As they are now; undefined: nobody, or somebody who was deactivated. */
  async present(id: string): Promise<Person | undefined> {
    const now = this.now(id, await this.#changeOf(id))
    return now?.isActive === true ? now.person : undefined
  }

  /** One of those who see everything, by people.yaml and still; undefined: there is nobody. */
  async whoSeesAll(): Promise<Person | undefined> {
    const seesAll = (person: Person) =>
      scopeOf(person, this.#roster.teams).kind === 'all' &&
      permissionsOf(person.roles).includes('metrics.read')
    for (const { id } of [...this.#roster.people.values()].filter(seesAll)) {
      const person = await this.present(id)
      if (person !== undefined && seesAll(person)) return person
    }
    return undefined
  }

  /** As the audit names them. */
  named(id: string): AuditPerson | undefined {
    const person = this.#roster.people.get(id)
    return person && auditPerson(person)
  }

  byLogin(login: string): RosterPerson | undefined {
    return this.#byLogin.get(login)
  }

  get logins(): readonly string[] {
    return [...this.#byLogin.keys()]
  }

  /**
   * False when they were so already.
   * @param tell is called before anything is written: what must leave a trace is not done without one. The revision says which of two
   * changes of a person is the later one; somebody else may be faster, and then it is told anew with the next.
   */
  setActive(person: RosterPerson, isActive: boolean, tell: Tell): Promise<boolean> {
    return this.#change(person, tell, (before) => (before.isActive === isActive ? undefined : { isActive }))
  }

  /** False when they had them already. @param tell as above */
  setRoles(person: RosterPerson, roles: readonly Role[], tell: Tell): Promise<boolean> {
    const sorted = roles.toSorted()
    return this.#change(person, tell, (before) => {
      const now = (before.roles ?? person.roles).toSorted()
      return now.join() === sorted.join() ? undefined : { roles: sorted }
    })
  }

  async changesOf(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, PersonChange>> {
    const found = await this.#changes.find({ _id: { $in: [...ids] } }).toArray()
    return new Map(found.map((change) => [change._id, change]))
  }

  async #changeOf(id: string): Promise<PersonChange> {
    return (await this.#changes.findOne({ _id: id })) ?? UNCHANGED
  }

  async #change(
    { id, roles: configured }: RosterPerson,
    tell: Tell,
    wish: (before: PersonChange) => Partial<Pick<PersonChange, 'isActive' | 'roles'>> | undefined,
  ): Promise<boolean> {
    for (;;) {
      const before = await this.#changeOf(id)
      const changes = wish(before)
      if (changes === undefined) return false
      await tell(before.revision + 1, before.roles ?? configured)
      const { isActive, roles, revision } = { ...before, ...changes }
      try {
        // Only over the revision that was read: two operators at once do not undo each other. A missing one is inserted.
        const { modifiedCount, upsertedCount } = await this.#changes.updateOne(
          { _id: id, revision },
          { $set: { isActive, roles, revision: revision + 1 } },
          { upsert: revision === 0 },
        )
        if (modifiedCount + upsertedCount > 0) return true
      } catch (error) {
        if (!isRepeat(error)) throw error
      }
    }
  }
}

function subjectKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject])
}
