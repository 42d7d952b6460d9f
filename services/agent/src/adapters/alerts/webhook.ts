import { createHmac } from 'node:crypto'
import type { Fetch } from '@parley/outbound'
import { type Resource, Rounds } from '@parley/service'
import type { Alert } from '../../alerts/alert.ts'
import type { AlertStore, Telling, TellingJob } from './store.ts'

export interface AlertWebhookOptions {
  readonly store: Pick<AlertStore, 'claimTelling' | 'told' | 'tellAgain'>
  /** https, or on this machine. */
  readonly url: URL
  readonly secret: Buffer
  readonly fetch: Fetch
  readonly now: () => Date
  /** It was not taken; the next try follows. Once, until one goes well. */
  onRefused(alert: Alert, error: unknown): void
  /** Nobody was told of it, and nobody tries again. */
  onGivenUp(alert: Alert, telling: Telling): void
  readonly everyMs?: number
}

const EVERY_MS = 500
const ANSWERED_WITHIN_MS = 10_000
/** A receiver that takes seconds for each would else hear of a bad hour when it is over. */
const TOLD_AT_ONCE = 4
/** Whoever took it and is not heard of any more has died. */
const LEASE_MS = 30_000
const FIRST_WAIT_MS = 1_000
const WAIT_MAX_MS = 5 * 60_000
/** About two hours. */
const TRIES_MAX = 30

class NotTaken extends Error {
  constructor(status: number) {
    super(`The receiver of alerts answered ${status}.`)
  }
}

/**
 * Tells a receiver outside of alerts: each when it opens and when it ends, in that order, until it was taken (2xx). After a crash the same
 * may come again under the same `webhook-id`. Signed as https://www.standardwebhooks.com says: HMAC-SHA256 over id, time and body.
 */
export class AlertWebhook {
  readonly #options: AlertWebhookOptions
  readonly #rounds: Rounds
  #isRefused = false

  constructor(options: AlertWebhookOptions) {
    this.#options = options
    this.#rounds = new Rounds({
      everyMs: options.everyMs ?? EVERY_MS,
      round: (stopping) => this.#tellAll(stopping),
      // The store is away, which others say louder. What is due stays due.
      onError: () => {},
    })
  }

  get resource(): Resource {
    return { name: 'alert webhook', close: () => this.#rounds.close() }
  }

  /** What one of them lets go of, for the store is away, is due again; the others end what they are at. */
  async #tellAll(stopping: AbortSignal): Promise<void> {
    await Promise.allSettled(Array.from({ length: TOLD_AT_ONCE }, () => this.#tellEach(stopping)))
  }

  async #tellEach(stopping: AbortSignal): Promise<void> {
    const { store, now } = this.#options
    while (!stopping.aborted) {
      const job = await store.claimTelling(now(), LEASE_MS, WAIT_MAX_MS)
      if (job === undefined) return
      await this.#tell(job, stopping)
    }
  }

  async #tell({ alert, telling, tries }: TellingJob, stopping: AbortSignal): Promise<void> {
    const { store, now, onRefused, onGivenUp } = this.#options
    try {
      await this.#send(alert, telling, stopping)
      this.#isRefused = false
    } catch (error) {
      if (!this.#isRefused) onRefused(alert, error)
      this.#isRefused = true
      if (tries < TRIES_MAX) {
        const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), WAIT_MAX_MS)
        await store.tellAgain(alert.id, new Date(now().getTime() + waitMs))
        return
      }
      onGivenUp(alert, telling)
    }
    await store.told(alert.id, telling, now())
  }

  async #send(alert: Alert, telling: Telling, stopping: AbortSignal): Promise<void> {
    const { url, secret, fetch, now } = this.#options
    const id = `${alert.id}.${telling}`
    const timestamp = String(Math.floor(now().getTime() / 1_000))
    const body = JSON.stringify(wordOf(alert, telling))
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
    const { status, body: answer } = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      // Where it is told is a setting: nobody else chooses another place.
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(ANSWERED_WITHIN_MS), stopping]),
    })
    // The status says all: an answer without an end would hold its connection, and fill memory.
    await answer?.cancel()
    if (status < 200 || status > 299) throw new NotTaken(status)
  }
}

/** Never what was said, nor anybody's name or number. */
function wordOf(
  {
    id,
    rule,
    figure,
    over,
    limit,
    isBelow,
    value,
    queue,
    team,
    conversationId,
    since,
    openedAt,
    endedAt,
  }: Alert,
  telling: Telling,
) {
  const timestamp = telling === 'opened' ? openedAt : endedAt
  return {
    type: `alert.${telling}`,
    timestamp,
    data: {
      id,
      rule,
      figure,
      over,
      limit,
      isBelow,
      value,
      queue,
      team,
      conversationId,
      since,
      openedAt,
      endedAt: telling === 'opened' ? null : endedAt,
    },
  }
}
