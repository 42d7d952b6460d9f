import { createSecretKey } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readWebhook } from '../webhook/read.ts'
import type { Intake } from '../webhook/intake.ts'
import { challengeOf, signatureCheck } from '../webhook/signature.ts'
import {
  type BodyBudget,
  type BodyProblem,
  BodyRefused,
  WEBHOOK_BYTES_MAX,
  WebhookBodies,
} from './webhook-bodies.ts'

export interface WebhookSettings {
  readonly appSecrets: readonly string[]
  readonly verifyTokens: readonly string[]
  readonly knownAccounts: { has(accountId: string): boolean }
  readonly budget: BodyBudget
  readonly now: () => number
  readonly traceparent: () => string
  /** Codes and counts only. */
  readonly noticed: (code: string, count: number) => void
}

/** Status and message: what is wrong, and what to do. */
const PROBLEMS = {
  WEBHOOK_NOT_VERIFIED: [
    403,
    'This is not a verification with the right token: give Meta the callback URL together with the value of WHATSAPP_VERIFY_TOKEN.',
  ],
  SIGNATURE_INVALID: [
    401,
    'X-Hub-Signature-256 is missing or is not the HMAC-SHA256 of these bytes. Check that WHATSAPP_APP_SECRET is the secret of the app that sends, and that no proxy changes the body.',
  ],
  BODY_TOO_LARGE: [413, `The body is larger than ${WEBHOOK_BYTES_MAX} bytes; WhatsApp sends at most 3 MB.`],
  NOT_A_JSON_OBJECT: [400, 'The body is not a JSON object: send the webhook as WhatsApp does.'],
  BODY_UNREADABLE: [400, 'The body could not be read to its end: send it again.'],
  BODY_TOO_SLOW: [408, 'The body came too slowly: send it again.'],
  BODIES_OVER_BUDGET: [
    503,
    'Too many bodies are being read: send it again. Where this comes from honest load, raise WEBHOOK_BODIES_BYTES_MAX.',
  ],
  NOT_STORED_IN_TIME: [
    503,
    'The log did not acknowledge the webhook in time: send it again. What was stored already is taken only once.',
  ],
} as const

type Problem = keyof typeof PROBLEMS

function refuse(reply: FastifyReply, code: Problem): FastifyReply {
  const [statusCode, message] = PROBLEMS[code]
  if (statusCode === 503) void reply.header('retry-after', '5')
  return reply.code(statusCode).send({ code, message })
}

function declaredBytes(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length'] ?? NaN)
}

function problemOf(headers: IncomingHttpHeaders): BodyProblem | undefined {
  if (signatureCheck(headers['x-hub-signature-256'], []) === undefined) return 'SIGNATURE_INVALID'
  return declaredBytes(headers) > WEBHOOK_BYTES_MAX ? 'BODY_TOO_LARGE' : undefined
}

/** WhatsApp's two calls. Registered in a scope of its own: nothing parses the body before its bytes are checked. */
export function webhookRoutes(
  app: FastifyInstance,
  intake: Pick<Intake, 'accept'>,
  settings: WebhookSettings,
): void {
  const secrets = settings.appSecrets.map((secret) => createSecretKey(secret, 'utf8'))
  const bodies = new WebhookBodies(settings.budget)
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The signature is over bytes, so bytes they stay, whatever type they are said to be; an empty type would be refused.
    scope.addHook('onRequest', ({ raw, method, headers }, _reply, done) => {
      raw.headers['content-type'] = 'application/octet-stream'
      // Before a client that asks first is told to send its body.
      const problem = method === 'POST' ? problemOf(headers) : undefined
      done(problem === undefined ? undefined : new BodyRefused(problem))
    })
    scope.addContentTypeParser('*', async ({ headers }: FastifyRequest, payload: IncomingMessage) => {
      const check = signatureCheck(headers['x-hub-signature-256'], secrets)
      if (check === undefined) throw new BodyRefused('SIGNATURE_INVALID')
      return bodies.read(payload, declaredBytes(headers), check)
    })
    scope.setErrorHandler((error, _request, reply) => {
      if (!(error instanceof BodyRefused)) throw error
      if (error.isCut) void reply.header('connection', 'close')
      return refuse(reply, error.problem)
    })

    scope.get<{ Querystring: Record<string, unknown> }>(
      '/webhook',
      { config: { access: 'capability' } },
      async (request, reply) => {
        const challenge = challengeOf(request.query, settings.verifyTokens)
        if (challenge === undefined) return refuse(reply, 'WEBHOOK_NOT_VERIFIED')
        return reply.code(200).type('text/plain; charset=utf-8').send(challenge)
      },
    )

    scope.post<{ Body: Buffer }>(
      '/webhook',
      { config: { access: 'webhook', body: 'raw' } },
      async ({ body }, reply) => {
        const webhook = readWebhook(body, {
          receivedAt: settings.now(),
          knownAccounts: settings.knownAccounts,
        })
        if (!webhook.readable) return refuse(reply, 'NOT_A_JSON_OBJECT')
        for (const [code, parts] of Map.groupBy(webhook.oddParts, (part) => part.code))
          settings.noticed(code, parts.length)
        if (!(await intake.accept(webhook, settings.traceparent())))
          return refuse(reply, 'NOT_STORED_IN_TIME')
        return reply.code(200).send({ status: 'stored' })
      },
    )
  })
}
