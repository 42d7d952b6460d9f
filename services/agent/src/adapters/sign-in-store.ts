import { createHash, randomBytes } from 'node:crypto'
import type { Collection, Db } from 'mongodb'
import type { Challenge } from './identity-client.ts'

/** A sign-in that began in a browser and has not come back. */
export interface SignIn extends Challenge {
  readonly returnTo: string
}

interface SignInDocument extends SignIn {
  readonly _id: string
  readonly browser: string
  readonly expiresAt: Date
}

/** To find the password and a second factor. */
const OPEN_SECONDS = 600

/** Sign-ins under way. Each is good once, in the browser that began it: a stolen or replayed callback finds nothing. */
export class SignInStore {
  readonly #signIns: Collection<SignInDocument>
  readonly #now: () => Date

  static async open(db: Db, now: () => Date): Promise<SignInStore> {
    const signIns = db.collection<SignInDocument>('sign_ins')
    await signIns.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    return new SignInStore(signIns, now)
  }

  private constructor(signIns: Collection<SignInDocument>, now: () => Date) {
    this.#signIns = signIns
    this.#now = now
  }

  /** @param browser what only this browser has */
  async begin(browser: string, returnTo: string): Promise<SignIn> {
    const [state, nonce, verifier] = [chance(), chance(), chance()]
    await this.#signIns.insertOne({
      _id: hashOf(state),
      browser: hashOf(browser),
      state,
      nonce,
      verifier,
      returnTo,
      expiresAt: new Date(this.#now().getTime() + OPEN_SECONDS * 1_000),
    })
    return { state, nonce, verifier, returnTo }
  }

  /** Undefined when it was taken before, began elsewhere, is too old, or never was. */
  async take(browser: string | undefined, state: string | undefined): Promise<SignIn | undefined> {
    if (browser === undefined || state === undefined) return undefined
    const found = await this.#signIns.findOneAndDelete({ _id: hashOf(state), browser: hashOf(browser) })
    return found !== null && this.#now() < found.expiresAt ? found : undefined
  }
}

/** 256 bits: also enough for PKCE's verifier (RFC 7636, 4.1). */
export function chance(): string {
  return randomBytes(32).toString('base64url')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
