import { sourceOf } from '@parley/service'
import type { Collection, Db } from 'mongodb'
import { chance, hashOf } from '../chance.ts'
import type { Challenge } from './identity-client.ts'

/** A sign-in that began in a browser and has not come back. */
export interface SignIn extends Challenge {
  readonly returnTo: string
}

interface SignInDocument extends SignIn {
  readonly _id: string
  readonly browser: string
  /** Where it began, as a digest. */
  readonly source: string
  readonly expiresAt: Date
}

/** To find the password and a second factor. */
const OPEN_SECONDS = 600

/** Sign-ins under way. Each is good once, in the browser that began it: a stolen or replayed callback finds nothing. */
export class SignInStore {
  readonly #signIns: Collection<SignInDocument>
  readonly #perAddressMax: number
  readonly #now: () => Date

  /** @param perAddressMax sign-ins under way from one address (IPv6: one network of 64 bits), on all replicas */
  static async open(db: Db, perAddressMax: number, now: () => Date): Promise<SignInStore> {
    const signIns = db.collection<SignInDocument>('sign_ins')
    await signIns.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    await signIns.createIndex({ source: 1, expiresAt: 1 })
    return new SignInStore(signIns, perAddressMax, now)
  }

  private constructor(signIns: Collection<SignInDocument>, perAddressMax: number, now: () => Date) {
    this.#signIns = signIns
    this.#perAddressMax = perAddressMax
    this.#now = now
  }

  /**
   * Anybody can ask for this: what it keeps is bounded by address.
   * @param browser what only this browser has
   * @returns false where too many of the address are under way
   */
  async begin(browser: string, address: string, signIn: SignIn): Promise<boolean> {
    const source = hashOf(sourceOf(address))
    // Whoever floods it has nothing written.
    if ((await this.#underWay(source)) >= this.#perAddressMax) return false
    const { state, nonce, verifier, returnTo } = signIn
    const _id = hashOf(state)
    await this.#signIns.insertOne({
      _id,
      browser: hashOf(browser),
      source,
      state,
      nonce,
      verifier,
      returnTo,
      expiresAt: new Date(this.#now().getTime() + OPEN_SECONDS * 1_000),
    })
    // Once more, with its own: whoever asked at the same moment was counted by neither. For the last place both may be turned away.
    if ((await this.#underWay(source)) <= this.#perAddressMax) return true
    await this.#signIns.deleteOne({ _id })
    return false
  }

  #underWay(source: string): Promise<number> {
    return this.#signIns.countDocuments(
      { source, expiresAt: { $gt: this.#now() } },
      { limit: this.#perAddressMax + 1 },
    )
  }

  /**
   * Undefined when it was taken before, began elsewhere, is too old, or never was.
   * @param browsers what this browser has
   */
  async take(browsers: readonly string[], state: string | undefined): Promise<SignIn | undefined> {
    if (browsers.length === 0 || state === undefined) return undefined
    const found = await this.#signIns.findOneAndDelete({
      _id: hashOf(state),
      browser: { $in: browsers.map(hashOf) },
    })
    return found !== null && this.#now() < found.expiresAt ? found : undefined
  }
}

/** @param returnTo where it leads when it is done */
export function newSignIn(returnTo: string): SignIn {
  return { state: chance(), nonce: chance(), verifier: chance(), returnTo }
}
