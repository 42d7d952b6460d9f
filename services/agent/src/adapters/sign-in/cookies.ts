import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isChance } from '../chance.ts'

/** What this site keeps in a browser: never a token, only ids that mean something here alone. */
export interface CookieJar {
  get(request: FastifyRequest): string | undefined
  set(reply: FastifyReply, value: string): void
  clear(reply: FastifyReply): void
}

/**
 * What only this browser has. Tabs that a browser opens again begin at one moment, before any of them has an answer: each answer sets a
 * cookie of its own name, so that the last does not make callbacks of the others look like another browser's.
 */
export interface BrowserCookies {
  all(request: FastifyRequest): readonly string[]
  set(reply: FastifyReply, value: string): void
}

export interface SiteCookies {
  /** Opens everything that the person may do. */
  readonly session: CookieJar
  /** Which browser a sign-in began in. */
  readonly browser: BrowserCookies
  /** Somebody signed out here: the provider is to ask the next one for a password, though it may know the browser. */
  readonly signedOut: CookieJar
}

const SIGN_IN_SECONDS = 600
const SIGNED_OUT_SECONDS = 30 * 24 * 60 * 60

/** @param isSecure the site is reached by https: then no other site of the domain, and nobody on the way, can set or read them */
export function siteCookies(isSecure: boolean): SiteCookies {
  const nameOf = (word: string): string => `${isSecure ? '__Host-' : ''}parley_${word}`
  const write = (reply: FastifyReply, name: string, value: string, maxAge: number | undefined): void =>
    void reply.header(
      'set-cookie',
      stringifySetCookie({
        name,
        value,
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: isSecure,
        ...(maxAge === undefined ? {} : { maxAge }),
      }),
    )
  const jar = (word: string, maxAge?: number): CookieJar => {
    const name = nameOf(word)
    return {
      get: (request) => cookiesOf(request)[name],
      set: (reply, value) => write(reply, name, value, maxAge),
      clear: (reply) => write(reply, name, '', 0),
    }
  }
  const ofBrowser = `${nameOf('sign_in')}_`
  return {
    // Without an age: it goes with the browser, and at the latest with the session.
    session: jar('session'),
    browser: {
      // What somebody else planted under such a name is none.
      all: (request) =>
        Object.entries(cookiesOf(request)).flatMap(([name, value = '']) =>
          name.startsWith(ofBrowser) && isChance(value) ? [value] : [],
        ),
      set: (reply, value) => write(reply, `${ofBrowser}${value.slice(0, 8)}`, value, SIGN_IN_SECONDS),
    },
    signedOut: jar('signed_out', SIGNED_OUT_SECONDS),
  }
}

const cookiesOf = ({ headers }: FastifyRequest) => parseCookie(headers.cookie ?? '')
