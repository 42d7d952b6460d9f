import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { deterministicId } from '@parley/kernel'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Collection, Db } from 'mongodb'
import { isRepeat } from '@parley/eventlog'
import type { z } from 'zod'
import { bodyOf } from './body.ts'
import { HttpRefusal } from './refusal.ts'
import { dueBy } from '../due-by.ts'
import { inTime } from '../in-time.ts'

/** Where the decision stands, and what the route adds. */
export interface DecidedAnswer {
  readonly position: string
  readonly [field: string]: unknown
}

/** What the rules made of a wish. */
export type Outcome =
  | { readonly kind: 'decided'; readonly answer: DecidedAnswer }
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly message: string
      /** What explains it, as the rules name it. */
      readonly fields?: Readonly<Record<string, string>>
    }

export interface Change<Body extends z.ZodType> {
  /** The route's `schema.body`. */
  readonly body: Body
  /** Throws what it answers to whoever may not see what is to be changed (404). Not asked again once the wish may have been said. */
  scope(): void | Promise<void>
  /**
   * Says the wish under this id and waits for what the rules make of it. After a crash, and on another replica, it is called again with
   * the same id: that is the same wish, and the outcome of the first time is its outcome.
   * @param signal aborts when nobody waits any more
   * @param isAgain it may have been said before: its outcome may stand in the log already
   */
  act(body: z.output<Body>, commandId: string, signal: AbortSignal, isAgain: boolean): Promise<Outcome>
}

export interface ChangeTimes {
  /** Then a request is answered 202, and the next one with its key goes on waiting. */
  readonly answeredWithinMs: number
  /** So long an outcome is waited for when nobody asks for it. */
  readonly outcomeWithinMs: number
  /** A process that dies gives up its keys after this. */
  readonly leaseMs: number
}

const TIMES: ChangeTimes = { answeredWithinMs: 5_000, outcomeWithinMs: 60_000, leaseMs: 3_000 }
const KEPT_MS = 24 * 60 * 60 * 1_000
const ASKED_EVERY_MS = 100
const KEY = /^[\x21-\x7e]{1,128}$/

interface Answer {
  readonly status: 200 | 409
  /** JSON. */
  readonly body: string
}

interface KeyDocument {
  /** A digest: who reads the store learns no key, and without it cannot try out bodies. */
  readonly _id: string
  readonly digest: string
  /** The wish may have been said: from here on only its outcome counts. */
  readonly isSaid: boolean
  /** Whoever holds it works on it; it only spares the rules a wish that was said already. */
  readonly leasedUntil: Date
  readonly answer?: Answer
  readonly expiresAt: Date
}

/** One request's work, shared by all of this process that have its key. Undefined: no outcome within `outcomeWithinMs`. */
interface Run {
  readonly digest: string
  readonly answer: Promise<Answer | undefined>
}

/** @throws {HttpRefusal} 400 IDEMPOTENCY_KEY_MISSING */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const key = headers['idempotency-key']
  if (typeof key === 'string' && KEY.test(key)) return key
  throw new HttpRefusal(
    400,
    'IDEMPOTENCY_KEY_MISSING',
    'Send an Idempotency-Key of 1 to 128 visible ASCII characters, a new one for each change.',
  )
}

/**
 * Changes under /api: a person's `Idempotency-Key` makes of any number of requests, at once or after a crash, one wish and one answer.
 * Keys are the person's over all routes, for 24 hours. Statuses: docs/reference/access.md#changes.
 */
export class Changes {
  readonly #keys: Collection<KeyDocument>
  readonly #times: ChangeTimes
  readonly #runs = new Map<string, Run>()

  static async open(db: Db, times: Partial<ChangeTimes> = {}): Promise<Changes> {
    const keys = db.collection<KeyDocument>('idempotency_keys')
    await keys.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    return new Changes(keys, { ...TIMES, ...times })
  }

  private constructor(keys: Collection<KeyDocument>, times: ChangeTimes) {
    this.#keys = keys
    this.#times = times
  }

  /**
   * Answers a request of a route that is declared with `config.isKeyed`: 200 what was decided, 409 what was refused, 202 while nothing is.
   * @throws {HttpRefusal} 400 IDEMPOTENCY_KEY_MISSING, 422 IDEMPOTENCY_KEY_REUSED, what `scope` throws, 400 BODY_INVALID, 401 where the session ended meanwhile
   */
  async answer<Body extends z.ZodType>(
    request: FastifyRequest,
    reply: FastifyReply,
    change: Change<Body>,
  ): Promise<FastifyReply> {
    const { person, routeOptions } = request
    if (person === undefined || routeOptions.config.isKeyed !== true)
      throw new Error(`${routeOptions.url} is not declared as a change of a person's.`)
    const key = idempotencyKeyOf(request)
    const id = digestOf(person.id, key)
    const text = typeof request.body === 'string' ? request.body : ''
    const digest = digestOf(person.id, key, request.method, request.url, text)
    const commandId = deterministicId('change', person.id, key)
    const run = this.#runOf(id, digest, async (isAgain) => {
      if (!isAgain) await change.scope()
      const body = bodyOf(request, change.body)
      // For its turn, or for what may be seen, it may have waited longer than anything that ends a session.
      await request.stillSignedIn()
      return (signal) => change.act(body, commandId, signal, isAgain)
    })
    if (run.digest !== digest) throw idempotencyKeyReused()
    const answer = await inTime(run.answer, this.#times.answeredWithinMs)
    if (answer === 'late' || answer === undefined) return reply.code(202).send({ commandId })
    return reply.code(answer.status).type('application/json; charset=utf-8').send(JSON.parse(answer.body))
  }

  /**
   * For a route that tells itself what came under a key before, since its body is not held in memory: the key is that route's from here on,
   * and no other change's.
   * @throws {HttpRefusal} 400 IDEMPOTENCY_KEY_MISSING, 422 IDEMPOTENCY_KEY_REUSED
   */
  async hold(request: FastifyRequest): Promise<string> {
    const { person, method, url } = request
    if (person === undefined) throw new Error('Keys are those of people.')
    const key = idempotencyKeyOf(request)
    await this.#claim(digestOf(person.id, key), digestOf(person.id, key, method, url))
    return key
  }

  #runOf(id: string, digest: string, prepare: Prepare): Run {
    const under = this.#runs.get(id)
    if (under !== undefined) return under
    const answer = this.#run(id, digest, prepare).finally(() => this.#runs.delete(id))
    // Whoever asked may have been answered 202 by then.
    answer.catch(() => {})
    const run = { digest, answer }
    this.#runs.set(id, run)
    return run
  }

  async #run(id: string, digest: string, prepare: Prepare): Promise<Answer | undefined> {
    const over = AbortSignal.timeout(this.#times.outcomeWithinMs)
    for (;;) {
      const found = await this.#claim(id, digest)
      if (found.kind === 'answered') return found.answer
      if (found.kind === 'mine') return this.#carryOut(id, found.isAgain, prepare, over)
      if (over.aborted) return undefined
      await pause(ASKED_EVERY_MS)
    }
  }

  async #claim(
    _id: string,
    digest: string,
  ): Promise<{ kind: 'answered'; answer: Answer } | { kind: 'mine'; isAgain: boolean } | { kind: 'others' }> {
    const leasedUntil = this.#lease()
    try {
      const expiresAt = new Date(Date.now() + KEPT_MS)
      await this.#keys.insertOne({ _id, digest, isSaid: false, leasedUntil, expiresAt })
      return { kind: 'mine', isAgain: false }
    } catch (error) {
      if (!isRepeat(error)) throw error
    }
    const held = await this.#keys.findOne({ _id })
    if (held === null) return { kind: 'others' }
    if (held.digest !== digest) throw idempotencyKeyReused()
    if (held.answer !== undefined) return { kind: 'answered', answer: held.answer }
    const mine = await this.#keys.findOneAndUpdate(
      { _id, answer: { $exists: false }, ...dueBy('leasedUntil', new Date(), this.#times.leaseMs * 10) },
      { $set: { leasedUntil } },
    )
    return mine === null ? { kind: 'others' } : { kind: 'mine', isAgain: mine.isSaid }
  }

  async #carryOut(
    _id: string,
    isAgain: boolean,
    prepare: Prepare,
    over: AbortSignal,
  ): Promise<Answer | undefined> {
    let act: Act
    try {
      act = await prepare(isAgain)
    } catch (error) {
      // Nothing was said, so the key is free; not so where the wish may have been said before.
      if (isAgain) await this.#release(_id)
      else await this.#keys.deleteOne({ _id, isSaid: false })
      throw error
    }
    await this.#keys.updateOne({ _id }, { $set: { isSaid: true, leasedUntil: this.#lease() } })
    const renewing = setInterval(
      () => void this.#keys.updateOne({ _id }, { $set: { leasedUntil: this.#lease() } }).catch(() => {}),
      this.#times.leaseMs / 3,
    )
    let answer: Answer | undefined
    try {
      const outcome = await inTime(act(over), this.#times.outcomeWithinMs)
      if (outcome === 'late') return undefined
      answer = answerOf(outcome)
      await this.#keys.updateOne({ _id }, { $set: { answer } })
      return answer
    } finally {
      clearInterval(renewing)
      // The next request goes on with it.
      if (answer === undefined) await this.#release(_id)
    }
  }

  async #release(_id: string): Promise<void> {
    await this.#keys.updateOne({ _id }, { $set: { leasedUntil: new Date(0) } }).catch(() => {})
  }

  #lease(): Date {
    return new Date(Date.now() + this.#times.leaseMs)
  }
}

type Act = (signal: AbortSignal) => Promise<Outcome>
/** Refuses what may not be done, or gives what does it. */
type Prepare = (isAgain: boolean) => Promise<Act>

function answerOf(outcome: Outcome): Answer {
  if (outcome.kind === 'decided') return { status: 200, body: JSON.stringify(outcome.answer) }
  const { code, message, fields } = outcome
  return { status: 409, body: JSON.stringify({ code, message, ...(fields && { fields }) }) }
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

export const idempotencyKeyReused = (): HttpRefusal =>
  new HttpRefusal(
    422,
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key was sent with another change. Send a new key for each.',
  )
