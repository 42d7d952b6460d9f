import { isRepeat } from '@parley/eventlog'
import type { Person } from '@parley/people'
import type { Collection, Db, Filter } from 'mongodb'
import type { PersonChange, PersonNow } from '../../people/standing.ts'
import { chance, hashOf, isChance } from '../chance.ts'
import { type PersonDocument, PeopleStore } from './people-store.ts'

interface SessionDocument {
  /** SHA-256 of the id in the cookie: whoever reads this database can sign in as nobody. */
  readonly _id: string
  readonly personId: string
  /** See `PersonNow`: the session ends when the person's differs. */
  readonly standing: string
  /** The provider's own id of its session, for its word that it ended; null where it gives none. */
  readonly providerSession: string | null
  readonly endsAt: Date
  readonly idleUntil: Date
}

interface WordDocument {
  /** SHA-256 of the word's id. */
  readonly _id: string
  readonly expiresAt: Date
}

/** Longer than a token of the provider's is believed (identity-client.ts), whatever clocks differ by. */
const WORD_KEPT_SECONDS = 600

export interface SessionLimits {
  /** Without a request or an open stream. */
  readonly idleSeconds: number
  /** However much it is used. */
  readonly seconds: number
}

export interface Session {
  /** As stored: the hash. */
  readonly id: string
  readonly person: Person
}

/** Sessions of signed-in people, the same for all replicas. */
export class SessionStore {
  readonly #sessions: Collection<SessionDocument>
  /** Of the provider, on which sessions ended. */
  readonly #words: Collection<WordDocument>
  readonly #people: PeopleStore
  readonly #limits: SessionLimits
  readonly #now: () => Date
  readonly #lookUps = new Set<Promise<unknown>>()

  static async open(
    db: Db,
    people: PeopleStore,
    limits: SessionLimits,
    now: () => Date,
  ): Promise<SessionStore> {
    const sessions = db.collection<SessionDocument>('sessions')
    const words = db.collection<WordDocument>('provider_words')
    await Promise.all([
      sessions.createIndexes([
        { key: { endsAt: 1 }, expireAfterSeconds: 0 },
        { key: { idleUntil: 1 }, expireAfterSeconds: 0 },
        { key: { providerSession: 1 } },
        { key: { personId: 1 } },
      ]),
      words.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 }),
    ])
    return new SessionStore(sessions, words, people, limits, now)
  }

  private constructor(
    sessions: Collection<SessionDocument>,
    words: Collection<WordDocument>,
    people: PeopleStore,
    limits: SessionLimits,
    now: () => Date,
  ) {
    this.#sessions = sessions
    this.#words = words
    this.#people = people
    this.#limits = limits
    this.#now = now
  }

  /** @returns the id for the cookie, which is written down nowhere */
  async begin({ person, standing }: PersonNow, providerSession: string | null): Promise<string> {
    const id = chance()
    const endsAt = this.#in(this.#limits.seconds)
    await this.#sessions.insertOne({
      _id: hashOf(id),
      personId: person.id,
      standing,
      providerSession,
      endsAt,
      idleUntil: this.#idleUntil(endsAt),
    })
    return id
  }

  /** Undefined for whatever opens nothing: forged, expired, ended, of a person who left or changed. One round trip. */
  async of(cookie: string | undefined): Promise<Session | undefined> {
    if (cookie === undefined || !isChance(cookie)) return undefined
    const lookUp = this.#find(cookie)
    this.#lookUps.add(lookUp)
    try {
      return await lookUp
    } finally {
      this.#lookUps.delete(lookUp)
    }
  }

  /** Everybody who was being recognised at this moment is let in or turned away. */
  async lookedUp(): Promise<void> {
    await Promise.allSettled(this.#lookUps)
  }

  async #find(cookie: string): Promise<Session | undefined> {
    const [session] = await this.#sessions
      .aggregate<SessionDocument & { readonly changes: readonly PersonDocument[] }>([
        { $match: { _id: hashOf(cookie) } },
        {
          $lookup: {
            from: PeopleStore.COLLECTION,
            localField: 'personId',
            foreignField: '_id',
            as: 'changes',
          },
        },
      ])
      .toArray()
    if (session === undefined) return undefined
    const person = this.#personOf(session, session.changes[0])
    if (person === undefined) return undefined
    const { _id: id, endsAt, idleUntil } = session
    // Not each request writes: a sixtieth of the limit is near enough.
    const fresh = this.#idleUntil(endsAt)
    if (fresh.getTime() - idleUntil.getTime() > (this.#limits.idleSeconds * 1_000) / 60) await this.used([id])
    return { id, person }
  }

  /** Which of these sessions are good still. Two queries, however many; a join of each with its person would be as many. */
  async goodOf(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const sessions = await this.#sessions.find({ _id: { $in: [...ids] } }).toArray()
    const changes = await this.#people.changesOf(new Set(sessions.map(({ personId }) => personId)))
    return new Set(
      sessions
        .filter((session) => this.#personOf(session, changes.get(session.personId)) !== undefined)
        .map(({ _id }) => _id),
    )
  }

  /** An open stream uses its session as a request does. */
  async used(ids: readonly string[]): Promise<void> {
    const idleUntil = this.#in(this.#limits.idleSeconds)
    await this.#sessions.updateMany({ _id: { $in: [...ids] } }, { $max: { idleUntil } })
  }

  async endOfCookie(cookie: string | undefined): Promise<void> {
    if (cookie !== undefined && isChance(cookie)) await this.#sessions.deleteOne({ _id: hashOf(cookie) })
  }

  /**
   * With all that the same session of the provider's began: of tabs that came back at one moment each has a session, and the browser the
   * cookie of one. @returns the ids of all that ended
   */
  async endOfBrowser(id: string): Promise<readonly string[]> {
    const found = await this.#sessions.findOne({ _id: id })
    const session = found?.providerSession ?? null
    const others = session === null ? [] : await this.#end({ providerSession: session, _id: { $ne: id } })
    // The last: where the store goes away in between, whoever signs out once more is known still, and ends them all.
    await this.#sessions.deleteOne({ _id: id })
    return [id, ...others.map((other) => other.id)]
  }

  /**
   * Those that began with this session of the provider's; without one, all of the person. Some providers name their session first when it
   * is over: of the person's, those that began without a name may be it, and end too.
   * @param word its id: said again it ends nothing that began since
   */
  async endOfProvider({
    word,
    session,
    personId,
  }: {
    readonly word: string
    readonly session: string | null
    readonly personId: string | undefined
  }): Promise<readonly { readonly id: string; readonly personId: string }[]> {
    const _id = hashOf(word)
    if ((await this.#words.findOne({ _id })) !== null) return []
    const ofPerson =
      personId === undefined ? [] : [session === null ? { personId } : { personId, providerSession: null }]
    const named = [...(session === null ? [] : [{ providerSession: session }]), ...ofPerson]
    const ended = named.length === 0 ? [] : await this.#end({ $or: named })
    // Once they are over: where the store goes away before, the provider says it again.
    await this.#words.insertOne({ _id, expiresAt: this.#in(WORD_KEPT_SECONDS) }).catch((error: unknown) => {
      if (!isRepeat(error)) throw error
    })
    return ended
  }

  async #end(
    which: Filter<SessionDocument>,
  ): Promise<readonly { readonly id: string; readonly personId: string }[]> {
    const found = await this.#sessions.find(which, { projection: { personId: 1 } }).toArray()
    await this.#sessions.deleteMany(which)
    return found.map(({ _id: id, personId }) => ({ id, personId }))
  }

  /** Undefined when the session is over. */
  #personOf(
    { personId, standing, endsAt, idleUntil }: SessionDocument,
    change: PersonChange | undefined,
  ): Person | undefined {
    const current = this.#people.now(personId, change)
    const now = this.#now()
    const isGood =
      current?.isActive === true && current.standing === standing && now < endsAt && now < idleUntil
    return isGood ? current.person : undefined
  }

  #in(seconds: number): Date {
    return new Date(this.#now().getTime() + seconds * 1_000)
  }

  #idleUntil(endsAt: Date): Date {
    const idleUntil = this.#in(this.#limits.idleSeconds)
    return idleUntil < endsAt ? idleUntil : endsAt
  }
}
