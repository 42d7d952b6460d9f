import type { IncomingMessage } from 'node:http'
import type { SignatureCheck } from '../webhook/signature.ts'

export const WEBHOOK_BYTES_MAX = 3 * 1024 * 1024

export type BodyProblem =
  | 'SIGNATURE_INVALID'
  | 'BODY_TOO_LARGE'
  | 'BODY_UNREADABLE'
  | 'BODY_TOO_SLOW'
  | 'BODIES_OVER_BUDGET'

export class BodyRefused extends Error {
  readonly problem: BodyProblem
  /** In the middle: what still comes of it would hold the connection for nothing. */
  readonly isCut: boolean

  constructor(problem: BodyProblem, isCut = false) {
    super(problem)
    this.problem = problem
    this.isCut = isCut
  }
}

export interface BodyBudget {
  /** Of all bodies that are being read. */
  readonly bytesMax: number
  /** A body no longer than this is read within a share of its own, so that large forgeries cannot keep it out. */
  readonly smallBytesMax: number
  readonly smallShareBytes: number
  /** A body without a new byte for this long is cut. */
  readonly stillMs: number
  /**
   * Where small ones have no room, the one that began first is cut for another one once it is older than this, however it trickles:
   * what is signed and small comes in milliseconds, and slow forgeries would else keep it out. Younger ones are left to end, or nobody would.
   * Large ones are left alone: of them the newcomer is told to come again, for a true one on a slow line takes longer than any forgery need.
   */
  readonly graceWhereFullMs: number
}

/** A chunk costs more than its bytes: a body of many tiny ones would else hold a hundred times what it is counted for. */
const CHUNK_BYTES = 256

/** Reads signed bodies within a budget of memory for all of them: who sends them is known only at their last byte. */
export class WebhookBodies {
  readonly #budget: BodyBudget
  readonly #small: Share
  readonly #large: Share

  constructor(budget: BodyBudget) {
    this.#budget = budget
    this.#small = new Share(budget.smallShareBytes, budget.graceWhereFullMs)
    this.#large = new Share(budget.bytesMax - budget.smallShareBytes, Infinity)
  }

  /**
   * The body, once it has arrived and its signature is right.
   * @param declaredBytes its Content-Length, or NaN where it has none
   * @throws {BodyRefused}
   */
  read(source: IncomingMessage, declaredBytes: number, check: SignatureCheck): Promise<Buffer> {
    if (declaredBytes > WEBHOOK_BYTES_MAX) throw new BodyRefused('BODY_TOO_LARGE')
    const { smallBytesMax, stillMs } = this.#budget
    const shares = { small: this.#small, large: this.#large, smallBytesMax }
    return new Reading(source, shares, declaredBytes > smallBytesMax, check, stillMs).body
  }
}

interface Shares {
  readonly small: Share
  readonly large: Share
  readonly smallBytesMax: number
}

/** What readings of one size may hold together. */
class Share {
  readonly #bytesMax: number
  readonly #graceMs: number
  #held = 0
  /** When each had its first byte; the first of them began first. */
  readonly #begunAt = new Map<Reading, number>()

  constructor(bytesMax: number, graceMs: number) {
    this.#bytesMax = bytesMax
    this.#graceMs = graceMs
  }

  /** False where there is no room. */
  take(reading: Reading, bytes: number): boolean {
    const now = performance.now()
    if (!this.#begunAt.has(reading)) this.#begunAt.set(reading, now)
    while (this.#held + bytes > this.#bytesMax) {
      const [eldest, begunAt] = this.#begunAt.entries().next().value ?? [reading, now]
      if (eldest === reading || now - begunAt < this.#graceMs) return false
      eldest.fail('BODIES_OVER_BUDGET', true)
    }
    this.#held += bytes
    return true
  }

  give(reading: Reading, bytes: number): void {
    this.#begunAt.delete(reading)
    this.#held -= bytes
  }
}

/** One body while it arrives: `reading` until it is `read` or `refused`. */
class Reading {
  readonly body: Promise<Buffer>
  readonly #source: IncomingMessage
  readonly #shares: Shares
  readonly #check: SignatureCheck
  readonly #timer: NodeJS.Timeout
  readonly #concluded: {
    readonly resolve: (body: Buffer) => void
    readonly reject: (error: BodyRefused) => void
  }
  #share: Share
  #chunks: Buffer[] = []
  #bytes = 0
  #held = 0

  /** @param isLarge as it says itself; one that says nothing, chunked, is small for as long as it is */
  constructor(
    source: IncomingMessage,
    shares: Shares,
    isLarge: boolean,
    check: SignatureCheck,
    stillMs: number,
  ) {
    const { promise, ...concluded } = Promise.withResolvers<Buffer>()
    this.body = promise
    this.#concluded = concluded
    this.#source = source
    this.#shares = shares
    this.#share = isLarge ? shares.large : shares.small
    this.#check = check
    this.#timer = setTimeout(() => this.fail('BODY_TOO_SLOW', true), stillMs)
    source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onGone).on('error', this.#onGone)
  }

  fail(problem: BodyProblem, isCut = false): void {
    this.#end()
    // The rest is let through unread.
    this.#source.resume()
    this.#concluded.reject(new BodyRefused(problem, isCut))
  }

  #onData = (chunk: Buffer): void => {
    this.#timer.refresh()
    this.#bytes += chunk.length
    if (this.#bytes > WEBHOOK_BYTES_MAX) return this.fail('BODY_TOO_LARGE')
    const cost = chunk.length + CHUNK_BYTES
    if (!this.#takes(cost)) return this.fail('BODIES_OVER_BUDGET')
    this.#held += cost
    this.#chunks.push(chunk)
    this.#check.update(chunk)
  }

  #takes(cost: number): boolean {
    const { small, large, smallBytesMax } = this.#shares
    if (this.#share === large || this.#bytes <= smallBytesMax) return this.#share.take(this, cost)
    small.give(this, this.#held)
    this.#share = large
    if (large.take(this, this.#held + cost)) return true
    this.#held = 0
    return false
  }

  #onEnd = (): void => {
    if (!this.#check.isSigned()) return this.fail('SIGNATURE_INVALID')
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#end()
    this.#concluded.resolve(body)
  }

  #onGone = (): void => this.fail('BODY_UNREADABLE')

  #end(): void {
    clearTimeout(this.#timer)
    const source = this.#source
    source
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onGone)
      .off('error', this.#onGone)
    this.#share.give(this, this.#held)
    this.#chunks = []
  }
}
