import { randomUUID } from 'node:crypto'
import { auditPerson } from '@parley/audit'
import { type Person, isRole, permissionsOf } from '@parley/people'
import type { Doorkeeper, Logger, RecordAct, SignedIn } from '@parley/service'
import type { FastifyRequest } from 'fastify'
import { atMost } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import type { SiteCookies } from './cookies.ts'
import type { CountedActs } from './counted-acts.ts'
import type { Session, SessionStore } from './session-store.ts'

/**
 * Of strangers the audit has one entry for a quarter of an hour; this spares it being asked for each of a flood. Short: what comes
 * when that entry stands no longer has to be told again.
 */
const SAME_REFUSAL_MS = 5_000
const REFUSALS_REMEMBERED = 10_000

export interface DoorkeeperOptions {
  readonly sessions: Pick<SessionStore, 'of'>
  readonly cookies: Pick<SiteCookies, 'session'>
  readonly record: RecordAct
  readonly counted: Pick<CountedActs, 'add'>
  readonly log: Logger
}

/** Knows people by the session in their cookie; who is turned away leaves a trace. */
export function doorkeeper({ sessions, cookies, record, counted, log }: DoorkeeperOptions): Doorkeeper {
  const told = new LRUCache<string, true>({ ...atMost(REFUSALS_REMEMBERED), ttl: SAME_REFUSAL_MS })
  return {
    async signedIn(request) {
      const session = await sessions.of(cookies.session.get(request))
      return session && signedIn(session)
    },
    refused(person, { method, route, code }) {
      const type = 'access_refused'
      const subject = { kind: 'route' as const, id: `${method} ${route}` }
      const fail = (err: unknown) =>
        log.error({ code: 'ACT_NOT_RECORDED', err }, 'a refused access is not on record')
      if (person !== undefined) {
        counted.add(auditPerson(person), { type, subject, code }, randomUUID()).catch(fail)
        return
      }
      const key = `${subject.id} ${code}`
      if (told.has(key)) return
      told.set(key, true)
      record({ type, person: null, subject, fields: { code } }).catch(fail)
    },
  }
}

function signedIn({ id: sessionId, person }: Session): SignedIn {
  return { ...person, permissions: permissionsOf(person.roles), sessionId }
}

/** Of a route that asks for a person: no request comes to its handler without one. */
export function signedInOf({ person }: FastifyRequest): SignedIn {
  if (person === undefined) throw new Error('This route lets in who is not signed in.')
  return person
}

/** As the rules of who sees what take a person. */
export function personOf({ id, login, name, roles, team, vendor }: SignedIn): Person {
  return { id, login, name, roles: roles.filter(isRole), team, vendor }
}
