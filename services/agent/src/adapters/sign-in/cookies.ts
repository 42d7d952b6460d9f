import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What this site keeps in a browser: never a token, only ids that mean something here alone. */
export interface CookieJar {
  get(request: FastifyRequest): string | undefined
  set(reply: FastifyReply, value: string): void
  clear(reply: FastifyReply): void
}

export interface SiteCookies {
  /** Opens everything that the person may do. */
  readonly session: CookieJar
  /** Which browser a sign-in began in. */
  readonly browser: CookieJar
  /** Somebody signed out here: the provider is to ask the next one for a password, though it may know the browser. */
  readonly signedOut: CookieJar
}

const SIGN_IN_SECONDS = 600
const SIGNED_OUT_SECONDS = 30 * 24 * 60 * 60

/** @param isSecure the site is reached by https: then no other site of the domain, and nobody on the way, can set or read them */
export function siteCookies(isSecure: boolean): SiteCookies {
  const jar = (word: string, maxAge?: number): CookieJar => {
    const name = `${isSecure ? '__Host-' : ''}parley_${word}`
    const write = (reply: FastifyReply, value: string, life: { readonly maxAge?: number }): void =>
      void reply.header(
        'set-cookie',
        stringifySetCookie({
          name,
          value,
          path: '/',
          httpOnly: true,
          sameSite: 'lax',
          secure: isSecure,
          ...life,
        }),
      )
    return {
      get: (request) => parseCookie(request.headers.cookie ?? '')[name],
      set: (reply, value) => write(reply, value, maxAge === undefined ? {} : { maxAge }),
      clear: (reply) => write(reply, '', { maxAge: 0 }),
    }
  }
  return {
    // Without an age: it goes with the browser, and at the latest with the session.
    session: jar('session'),
    browser: jar('sign_in', SIGN_IN_SECONDS),
    signedOut: jar('signed_out', SIGNED_OUT_SECONDS),
  }
}
