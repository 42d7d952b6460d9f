import { type AuditPerson, auditPerson } from '@parley/audit'
import type { Person } from '@parley/people'
import {
  HttpRefusal,
  type Logger,
  type RecordAct,
  asMatched,
  isLoopback,
  isOfThisSite,
} from '@parley/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { returnPath } from '../../people/return-to.ts'
import { chance } from '../chance.ts'
import type { SiteCookies } from './cookies.ts'
import { type CountedActs, failedSignIn } from './counted-acts.ts'
import { signedInOf } from './doorkeeper.ts'
import type { DeskSessions } from '../desk/sessions.ts'
import { type IdentityClient, IdentityUnavailable, SignInInvalid, type Vouched } from './identity-client.ts'
import type { PeopleStore } from './people-store.ts'
import type { SessionStore } from './session-store.ts'
import { type SignInRefusal, refusalPage } from './page.ts'
import { type SignInStore, newSignIn } from './store.ts'

export interface SignInRoutes {
  /** Where browsers find this site. */
  readonly publicUrl: URL
  readonly identity: Pick<IdentityClient, 'authorizationUrl' | 'vouched' | 'loggedOut' | 'signInFailed'>
  readonly people: Pick<PeopleStore, 'bySubject' | 'named'>
  readonly sessions: Pick<SessionStore, 'begin' | 'endOfBrowser' | 'endOfCookie' | 'endOfProvider'>
  readonly signIns: Pick<SignInStore, 'begin' | 'take'>
  readonly counted: Pick<CountedActs, 'add'>
  readonly cookies: SiteCookies
  readonly record: RecordAct
  /** Their conversations go back to their queues at once. */
  readonly desks: Pick<DeskSessions, 'signOut'>
  readonly log: Logger
}

const STATUS: Readonly<Record<SignInRefusal, number>> = {
  SIGN_IN_INVALID: 400,
  PERSON_UNKNOWN: 403,
  PERSON_DEACTIVATED: 403,
  TOO_MANY_SIGN_INS: 429,
  IDENTITY_UNAVAILABLE: 503,
}
const RETRY_AFTER_SECONDS: Partial<Record<SignInRefusal, string>> = {
  TOO_MANY_SIGN_INS: '60',
  IDENTITY_UNAVAILABLE: '5',
}

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Sign-in by the provider of identities, sign-out, the provider's word that a session is over, and who is signed in. */
export function addSignInRoutes(app: FastifyInstance, site: SignInRoutes): void {
  const { publicUrl, identity, people, sessions, signIns, counted, cookies, record, desks, log } = site

  const refuse = ({ headers }: FastifyRequest, reply: FastifyReply, code: SignInRefusal): FastifyReply => {
    void reply.code(STATUS[code])
    const retryAfter = RETRY_AFTER_SECONDS[code]
    if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
    if (headers.accept?.includes('text/html') !== true)
      return reply.send({ code, message: 'Nobody was signed in.' })
    return reply
      .header('content-security-policy', PAGE_POLICY)
      .type('text/html; charset=utf-8')
      .send(refusalPage(code, headers['accept-language']))
  }

  /** What is no sign-in and what is no provider are told apart; anything else is a fault of ours. */
  const codeOf = (error: unknown): SignInRefusal => {
    if (error instanceof SignInInvalid) return error.code
    if (!(error instanceof IdentityUnavailable)) throw error
    log.warn({ code: error.code, err: error.cause }, 'the provider of identities cannot be used')
    return error.code
  }

  /** Nobody is kept signed in because the audit or the pool is away: their desks end all the same, and then the grace runs. */
  const tellSignedOut = async (person: AuditPerson | undefined, sessionId: string): Promise<void> => {
    if (person === undefined) return
    await desks
      .signOut(person.id)
      .catch((err: unknown) =>
        log.error({ code: 'SIGN_OUT_NOT_TOLD', err }, 'the pool learns it by the grace'),
      )
    await record(
      { type: 'signed_out', person, subject: { kind: 'person', id: person.id }, fields: {} },
      sessionId,
    ).catch((err: unknown) => log.error({ code: 'ACT_NOT_RECORDED', err }, 'a sign-out is not on record'))
  }

  app.get('/sign-in', { config: { access: 'public' } }, async (request, reply) => {
    const { returnTo } = request.query as { readonly returnTo?: unknown }
    const path = returnPath(returnTo, asMatched)
    // The provider sends everybody back to the public address, where a cookie of another name for this machine would be missing.
    if (
      isLoopback(publicUrl.hostname) &&
      isLoopback(request.hostname) &&
      request.hostname !== publicUrl.hostname
    )
      return reply.redirect(new URL(`/sign-in?returnTo=${encodeURIComponent(path)}`, publicUrl).href)
    // One is enough for all that begin later.
    const browser = cookies.browser.all(request)[0] ?? chance()
    const signIn = newSignIn(path)
    let authorizationUrl: string
    try {
      authorizationUrl = await identity.authorizationUrl(signIn, cookies.signedOut.get(request) !== undefined)
    } catch (error) {
      return refuse(request, reply, codeOf(error))
    }
    if (!(await signIns.begin(browser, request.ip, signIn)))
      return refuse(request, reply, 'TOO_MANY_SIGN_INS')
    cookies.browser.set(reply, browser)
    return reply.redirect(authorizationUrl)
  })

  app.get('/sign-in/callback', { config: { access: 'public' } }, async (request, reply) => {
    const { state } = request.query as { readonly state?: unknown }
    const signIn = await signIns.take(
      cookies.browser.all(request),
      typeof state === 'string' ? state : undefined,
    )
    const failed = async (code: SignInRefusal, person: Person | null): Promise<FastifyReply> => {
      const cause = signIn?.nonce ?? chance()
      await counted.add(person && auditPerson(person), failedSignIn(person, code), cause)
      return refuse(request, reply, code)
    }
    if (signIn === undefined) return failed('SIGN_IN_INVALID', null)

    let vouched: Vouched
    try {
      vouched = await identity.vouched(request.url, signIn)
    } catch (error) {
      const code = codeOf(error)
      return code === 'SIGN_IN_INVALID' ? failed(code, null) : refuse(request, reply, code)
    }
    const found = await people.bySubject(vouched.issuer, vouched.subject)
    if (found === undefined) return failed('PERSON_UNKNOWN', null)
    if (!found.isActive) return failed('PERSON_DEACTIVATED', found.person)

    await record(
      {
        type: 'signed_in',
        person: auditPerson(found.person),
        subject: { kind: 'person', id: found.person.id },
        fields: {},
      },
      signIn.nonce,
    )
    await sessions.endOfCookie(cookies.session.get(request))
    cookies.session.set(reply, await sessions.begin(found, vouched.session))
    cookies.signedOut.clear(reply)
    return reply.redirect(signIn.returnTo)
  })

  app.post(
    '/sign-out',
    {
      config: { access: 'signed in' },
      // Whoever signs out where the session was over by then leaves the desk as well: the provider, which knows the browser still, would let
      // in the next one who sits there without a word.
      onSend: async (request, reply) => {
        if (reply.statusCode === 401 && isOfThisSite(request)) cookies.signedOut.set(reply, '1')
      },
    },
    async (request, reply) => {
      const person = signedInOf(request)
      const ended = await sessions.endOfBrowser(person.sessionId)
      cookies.session.clear(reply)
      cookies.signedOut.set(reply, '1')
      await Promise.all(ended.map((id) => tellSignedOut(auditPerson(person), id)))
      return reply.code(204).send()
    },
  )

  const providersWord = async <Word>(heard: Promise<Word>): Promise<Word> => {
    try {
      return await heard
    } catch (error) {
      const code = codeOf(error)
      throw new HttpRefusal(STATUS[code], code, 'That is no word of the provider.')
    }
  }

  // https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest
  app.post('/backchannel-logout', { config: { access: 'public', body: 'form' } }, async (request, reply) => {
    const {
      id: word,
      issuer,
      subject,
      session,
    } = await providersWord(identity.loggedOut(fieldOf(request, 'logout_token')))
    const found = subject === '' ? undefined : await people.bySubject(issuer, subject)
    const ended = await sessions.endOfProvider({ word, session, personId: found?.person.id })
    await Promise.all(ended.map(({ id, personId }) => tellSignedOut(people.named(personId), id)))
    return reply.code(200).send()
  })

  // Nobody was signed in, so nobody did it: whose login was tried is what it was done to.
  app.post(
    '/backchannel-sign-in-failed',
    { config: { access: 'public', body: 'form' } },
    async (request, reply) => {
      const { id, issuer, subject } = await providersWord(
        identity.signInFailed(fieldOf(request, 'event_token')),
      )
      const found = subject === '' ? undefined : await people.bySubject(issuer, subject)
      await counted.add(null, failedSignIn(found?.person ?? null, 'LOGIN_OR_PASSWORD_WRONG'), id)
      return reply.code(204).send()
    },
  )
}

function fieldOf({ body }: FastifyRequest, name: string): string {
  return new URLSearchParams(typeof body === 'string' ? body : '').get(name) ?? ''
}
