import { Fifo } from '../network/fifo.ts'
import { webhookHeaders } from './wire.ts'

export interface WebhookTarget {
  /** Host that the record of a webhook shows. */
  readonly host: string
  /** The HTTP status of the answer; rejects when there was none in time. */
  post(body: Buffer, headers: Record<string, string>): Promise<number>
}

export interface SentWebhook {
  readonly at: number
  readonly body: Buffer
  readonly headers: Record<string, string>
  readonly attempt: number
  /** HTTP status of the answer, the reason why there was none, or undefined while it is under way. */
  outcome: number | string | undefined
}

export interface DeliveryOptions {
  readonly target: WebhookTarget
  readonly appSecret: string
  readonly concurrency: number
  readonly retryFirstMs: number
  readonly retryLongestMs: number
  readonly retryForMs: number
  readonly random: () => number
  readonly now: () => number
  /** Every attempt that begins, with the customers that it is about. */
  readonly began: (customerKeys: readonly string[], webhook: SentWebhook) => void
}

interface Job {
  readonly body: Buffer
  readonly customerKeys: readonly string[]
  readonly since: number
  readonly headers: Record<string, string>
  attempts: number
  firstTried: () => void
  delivered: () => void
}

interface Lane {
  readonly waiting: Fifo<Job>
  busy: boolean
}

export interface Posted {
  /** The first attempt has ended, well or badly. */
  readonly tried: Promise<void>
  /** The product answered 200; never settles if it does not within the retry period. */
  readonly delivered: Promise<void>
}

/**
 * Webhooks on their way. Those of one lane go out one after the other, each after the answer to the one
 * before; a failed one leaves its lane and is tried again later by itself, so order is then lost, as with Meta.
 */
export const webhookDelivery = (options: DeliveryOptions) => {
  const lanes = new Map<string, Lane>()
  let ready = new Fifo<() => Promise<void>>()
  const retries = new Map<Job, NodeJS.Timeout>()
  let inFlight = 0
  let pending = 0
  let era = 0

  const pump = (): void => {
    while (inFlight < options.concurrency) {
      const next = ready.shift()
      if (next === undefined) return
      inFlight += 1
      void next().finally(() => {
        inFlight -= 1
        pump()
      })
    }
  }

  const attempt = async (job: Job): Promise<void> => {
    const bornIn = era
    job.attempts += 1
    const record: SentWebhook = {
      at: options.now(),
      body: job.body,
      headers: job.headers,
      attempt: job.attempts,
      outcome: undefined,
    }
    options.began(job.customerKeys, record)
    try {
      record.outcome = await options.target.post(job.body, job.headers)
    } catch (error) {
      record.outcome = reasonOf(error)
    }
    job.firstTried()
    if (era !== bornIn) return
    if (record.outcome === 200) {
      pending -= 1
      job.delivered()
      return
    }
    retryLater(job)
  }

  /** Not p-retry's loop: a delivery that waits is off its lane, so that later ones overtake it as they do at Meta. */
  const retryLater = (job: Job): void => {
    const backOff = Math.min(options.retryLongestMs, options.retryFirstMs * 2 ** (job.attempts - 1))
    const wait = backOff * (0.75 + options.random() / 2)
    if (options.now() + wait - job.since > options.retryForMs) {
      pending -= 1
      return
    }
    const timer = setTimeout(() => {
      retries.delete(job)
      ready.push(() => attempt(job))
      pump()
    }, wait)
    retries.set(job, timer)
  }

  const runLane = (name: string, lane: Lane): void => {
    const job = lane.waiting.shift()
    if (job === undefined) {
      lanes.delete(name)
      return
    }
    lane.busy = true
    ready.push(async () => {
      await attempt(job)
      lane.busy = false
      if (lanes.get(name) === lane) runLane(name, lane)
    })
    pump()
  }

  return {
    /** Sends a webhook in turn; with no lane it goes out beside the others. */
    post: (lane: string | undefined, customerKeys: readonly string[], body: Buffer): Posted => {
      const tried = Promise.withResolvers<void>()
      const delivered = Promise.withResolvers<void>()
      const job: Job = {
        body,
        customerKeys,
        since: options.now(),
        headers: {
          host: options.target.host,
          'content-length': String(body.length),
          ...webhookHeaders(options.appSecret, body),
        },
        attempts: 0,
        firstTried: tried.resolve,
        delivered: delivered.resolve,
      }
      pending += 1
      if (lane === undefined) {
        ready.push(() => attempt(job))
        pump()
      } else {
        let queue = lanes.get(lane)
        if (queue === undefined) lanes.set(lane, (queue = { waiting: new Fifo(), busy: false }))
        queue.waiting.push(job)
        if (!queue.busy) runLane(lane, queue)
      }
      return { tried: tried.promise, delivered: delivered.promise }
    },

    /** Webhooks that the product has not answered with 200 yet. */
    pending: (): number => pending,

    /** Forgets what is on its way; attempts that run end unheard. */
    clear: (): void => {
      era += 1
      pending = 0
      lanes.clear()
      ready = new Fifo()
      for (const timer of retries.values()) clearTimeout(timer)
      retries.clear()
    },
  }
}

export type WebhookDelivery = ReturnType<typeof webhookDelivery>

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'UNKNOWN'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
