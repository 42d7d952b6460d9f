import { randomInt } from 'node:crypto'
import { type DeclaredRoute, HttpRefusal, createHttpServer, ownHosts } from '@parley/service/http'
import pRetry from 'p-retry'
import { controlRoutes } from './adapters/control-routes.ts'
import { graphRoutes, withoutVersion } from './adapters/graph/graph-routes.ts'
import { openJournal } from './adapters/journal.ts'
import { mediaStore } from './adapters/media-store.ts'
import { phoneRoutes } from './adapters/phone-routes.ts'
import { phoneHub } from './adapters/phones.ts'
import { httpWebhookTarget } from './adapters/webhook-target.ts'
import { chatBook, type ChatFact } from './customer/chats.ts'
import { metaPairRate } from './graph/limits.ts'
import { graphError, graphErrorBody } from './graph/errors.ts'
import { exampleTemplates, templateBook, type MessageTemplate } from './graph/templates.ts'
import { whatsAppNetwork } from './network/network.ts'
import type { BusinessNumber } from './network/numbers.ts'
import { webhookDelivery } from './webhook/delivery.ts'

export interface SimulatorOptions {
  /** Where webhooks go. */
  readonly webhookUrl: string
  readonly numbers: readonly BusinessNumber[]
  readonly appSecret: string
  readonly verifyToken: string
  readonly accessToken: string
  readonly host?: string
  /** The names that it answers to, without ports. Default: those of this machine. */
  readonly hosts?: readonly string[]
  /** 0 (the default) takes a free port. */
  readonly port?: number
  /** Base of media URLs, where clients reach the simulator by another name than host and port. */
  readonly publicUrl?: string
  /** Keeps customers and chats over a restart. */
  readonly dataFile?: string
  readonly templates?: readonly MessageTemplate[]
  /** Sends that a number takes per second; 0 for no limit. 1,000 is Meta's upgraded tier. */
  readonly messagesPerSecond?: number
  /** Meta's limit of one message in six seconds to one customer, burst 45. Off by default. */
  readonly pairRateLimit?: boolean
  readonly webhookTimeoutMs?: number
  readonly retryFirstMs?: number
  readonly retryLongestMs?: number
  /** Seeds the small delays of statuses and the jitter of retries. */
  readonly seed?: number
  readonly now?: () => number
  readonly log?: (level: 'info' | 'warn', message: string, fields?: Readonly<Record<string, unknown>>) => void
}

export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:4703`: phone page, Graph API and control API. */
  readonly url: string
  readonly port: number
  readonly routes: readonly DeclaredRoute[]
  close(): Promise<void>
}

const sevenDaysMs = 7 * 24 * 60 * 60 * 1000
const verifyAttemptsMax = 10
const webhooksInFlightMax = 64

/** mulberry32: small, fast and the same on every machine. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Starts the simulator; this is its only wiring. */
export const startSimulator = async (options: SimulatorOptions): Promise<Simulator> => {
  const now = options.now ?? (() => Math.floor(performance.timeOrigin + performance.now()))
  const random = seededRandom(options.seed ?? 1)
  const log = options.log ?? (() => undefined)
  const host = options.host ?? '127.0.0.1'
  const numbers = new Map(options.numbers.map((number) => [number.phoneNumberId, number]))
  const [firstNumber] = options.numbers
  if (firstNumber === undefined) throw new Error('NO_NUMBERS: the simulator needs at least one number.')

  const target = httpWebhookTarget(
    options.webhookUrl,
    webhooksInFlightMax,
    options.webhookTimeoutMs ?? 10_000,
  )
  const hub = phoneHub()
  const media = mediaStore(now)
  const templates = templateBook([...exampleTemplates, ...(options.templates ?? [])])
  const chats = chatBook(firstNumber.wabaId, hub.show)
  const journal =
    options.dataFile === undefined
      ? undefined
      : openJournal(options.dataFile, chats.apply, ({ message }) =>
          log('warn', 'chats are kept no longer: their file cannot be written', { reason: message }),
        )
  const record = (fact: ChatFact): void => {
    if (fact.kind === 'known' && chats.isOldNews(fact)) return
    journal?.append(fact)
    chats.apply(fact)
  }

  const network = whatsAppNetwork({
    numbers,
    chats,
    record,
    templates,
    phones: hub,
    hasMedia: (id) => media.get(id) !== undefined,
    throughput: limitOf(options.messagesPerSecond ?? 1000),
    pairRate: options.pairRateLimit === true ? metaPairRate : undefined,
    webhooksKeptMax: 50_000,
    sentKeptMax: 100_000,
    random,
    now,
    delivery: (began) =>
      webhookDelivery({
        target,
        appSecret: options.appSecret,
        concurrency: webhooksInFlightMax,
        retryFirstMs: options.retryFirstMs ?? 500,
        retryLongestMs: options.retryLongestMs ?? 60_000,
        retryForMs: sevenDaysMs,
        random,
        now,
        began,
      }),
  })

  const server = createHttpServer({
    hosts: options.hosts ?? ownHosts,
    routedPath: withoutVersion,
    notFound: (reply) =>
      reply.code(404).send(graphErrorBody(graphError(2500, `Unknown path components: ${reply.request.url}`))),
    fastify: {
      forceCloseConnections: true,
      bodyLimit: 4 * 1024 * 1024,
      routerOptions: {
        ignoreTrailingSlash: true,
        ignoreDuplicateSlashes: true,
        // A parameter that comes twice is a text all the same.
        querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)),
      },
    },
  })
  server.get('/healthz', { config: { access: 'probe' } }, (_, reply) =>
    reply.send({ status: 'ok', service: 'simulator' }),
  )

  let url = ''
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    scope.setErrorHandler((error, _, reply) => {
      if (error instanceof HttpRefusal) throw error
      const statusCode = (error as { statusCode?: number }).statusCode ?? 500
      log('warn', 'a call failed', { statusCode, name: (error as Error).name })
      return reply
        .code(statusCode)
        .send(graphErrorBody(graphError(statusCode < 500 ? 100 : 1, (error as Error).message)))
    })
    graphRoutes(scope, {
      network,
      numbers,
      chats,
      templates,
      media,
      accessToken: options.accessToken,
      webhookUrl: options.webhookUrl,
      publicUrl: () => options.publicUrl ?? url,
    })
    controlRoutes(scope, network, numbers)
    phoneRoutes(scope, { network, numbers, chats, record, hub, media })
  })

  await server.listen({ host, port: options.port ?? 0 })
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  network.customers.redeliver()

  const closing = new AbortController()
  const verifying = verifyWebhook()

  const close = async (): Promise<void> => {
    closing.abort()
    network.close()
    await server.close()
    await target.close()
    await verifying
    await journal?.close()
  }
  return { url, port, routes: server.declaredRoutes, close, [Symbol.asyncDispose]: close }

  /** What Meta does when a callback URL is set. The product may start later than we do, so it is tried again. */
  async function verifyWebhook(): Promise<void> {
    await pRetry(
      async (attempt) => {
        if (!(await target.verify(options.verifyToken, String(randomInt(10 ** 9, 10 ** 10)))))
          throw new Error('the webhook did not answer with the challenge')
        log('info', 'the webhook is verified', { attempt })
      },
      {
        retries: verifyAttemptsMax - 1,
        minTimeout: 500,
        maxTimeout: 10_000,
        signal: closing.signal,
        unref: true,
        onFailedAttempt: ({ error, attemptNumber }) =>
          log('warn', 'the webhook is not verified yet', { attempt: attemptNumber, reason: error.message }),
      },
    ).catch(() => undefined)
  }
}

const limitOf = (perSecond: number) => (perSecond <= 0 ? undefined : { perSecond, burst: perSecond })
