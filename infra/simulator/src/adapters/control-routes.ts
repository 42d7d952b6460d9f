import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readFaults } from '../faults/faults.ts'
import type { WhatsAppNetwork } from '../network/network.ts'
import type { BusinessNumber } from '../network/numbers.ts'

const problem = (reply: FastifyReply, code: string, what: string, fix: string): FastifyReply =>
  reply.code(400).send({ error: { code, message: what, fix } })

const textOf = (request: FastifyRequest): string =>
  (request.body as Buffer | undefined)?.toString('utf8') ?? ''
const jsonOf = (request: FastifyRequest): unknown => {
  const text = textOf(request)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Attempts with these outcomes found nobody to connect to: nothing went out. */
const neverConnected = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'])

const windowSchema = z.strictObject({
  closed: z.boolean(),
  shows: z.enum(['answer', 'status']).default('answer'),
})
const blockSchema = z.strictObject({ blocked: z.boolean() })

/** No page of another site may look or steer: there is no session that would tell it from a test. */
const look = { config: { access: 'public', origin: 'own' } } as const
const steer = { config: { access: 'public', origin: 'own', body: 'raw' } } as const

/** What tests steer the simulator with. `/_sim/…` paths are an interface: see README.md. */
export const controlRoutes = (
  server: FastifyInstance,
  network: WhatsAppNetwork,
  numbers: ReadonlyMap<string, BusinessNumber>,
): void => {
  const first = [...numbers.values()][0]

  const numberOf = (request: FastifyRequest): BusinessNumber | undefined => {
    const { phoneNumberId } = request.query as { phoneNumberId?: string }
    return phoneNumberId === undefined ? first : numbers.get(phoneNumberId)
  }
  const customerOf = (request: FastifyRequest): string => (request.params as { waId: string }).waId
  const askedFor = (request: FastifyRequest): string | undefined => {
    const { waId } = request.query as { waId?: string }
    // A plus sign that was not escaped arrives as a space.
    return waId === undefined || waId === '' ? undefined : waId.trim()
  }
  const noNumber = (reply: FastifyReply): FastifyReply =>
    problem(
      reply,
      'UNKNOWN_NUMBER',
      'phoneNumberId names no number here.',
      'Leave it out, or use one of GET /_sim/state.',
    )

  server.post('/_sim/customers/:waId/messages', steer, (request, reply) => {
    const number = numberOf(request)
    if (number === undefined) return noNumber(reply)
    const { name } = request.query as { name?: string }
    const outcome = network.customers.writes(number, customerOf(request), textOf(request), name)
    return 'problem' in outcome
      ? problem(
          reply,
          'INVALID_MESSAGE',
          outcome.problem,
          'See docs/reference/whatsapp.md for the elements of messages[].',
        )
      : reply.send(outcome)
  })

  server.post('/_sim/customers/:waId/echoes', steer, (request, reply) => {
    const number = numberOf(request)
    if (number === undefined) return noNumber(reply)
    const outcome = network.customers.businessWritesInApp(number, customerOf(request), textOf(request))
    return 'problem' in outcome
      ? problem(
          reply,
          'INVALID_MESSAGE',
          outcome.problem,
          'See docs/reference/whatsapp.md for the elements of message_echoes[].',
        )
      : reply.send(outcome)
  })

  server.post('/_sim/customers/:waId/window', steer, (request, reply) => {
    const number = numberOf(request)
    if (number === undefined) return noNumber(reply)
    const parsed = windowSchema.safeParse(jsonOf(request))
    if (!parsed.success) {
      return problem(
        reply,
        'INVALID_WINDOW',
        z.prettifyError(parsed.error),
        'Send {"closed":true} or {"closed":false}.',
      )
    }
    network.setWindow(number, customerOf(request), parsed.data.closed ? parsed.data.shows : 'no')
    return reply.send(parsed.data)
  })

  server.post('/_sim/customers/:waId/block', steer, (request, reply) => {
    const number = numberOf(request)
    if (number === undefined) return noNumber(reply)
    const parsed = blockSchema.safeParse(jsonOf(request))
    if (!parsed.success) {
      return problem(
        reply,
        'INVALID_BLOCK',
        z.prettifyError(parsed.error),
        'Send {"blocked":true} or {"blocked":false}.',
      )
    }
    network.customerBlocks(number, customerOf(request), parsed.data.blocked)
    return reply.send(parsed.data)
  })

  server.get('/_sim/sent', look, (request, reply) => {
    const { from } = request.query as { from?: string }
    if (from === undefined) return reply.send({ sent: network.sentTo(askedFor(request)) })
    if (!/^\d{1,16}$/.test(from))
      return problem(
        reply,
        'INVALID_FROM',
        'from is no whole number.',
        'Send the `next` of an earlier answer, or 0.',
      )
    const { records, next } = network.sentFrom(Number(from))
    return reply.send({ sent: records, next })
  })

  server.get('/_sim/webhooks', look, (request, reply) =>
    reply.send({
      webhooks: network
        .webhooksAbout(askedFor(request))
        .filter(({ outcome }) => typeof outcome !== 'string' || !neverConnected.has(outcome))
        .map(({ body, headers, at, attempt, outcome }) => ({
          bodyBase64: body.toString('base64'),
          headers,
          at: new Date(at).toISOString(),
          attempt,
          outcome: outcome ?? 'under way',
        })),
    }),
  )

  server.post('/_sim/faults', steer, (request, reply) => {
    const read = readFaults(jsonOf(request))
    return 'problems' in read
      ? problem(
          reply,
          'INVALID_FAULTS',
          read.problems.join('; '),
          'Rates are numbers from 0 to 1; {} clears all faults.',
        )
      : reply.send({ faults: network.setFaults(read.faults) })
  })

  server.post('/_sim/reset', steer, (_, reply) => {
    network.reset()
    return reply.send({ reset: true })
  })

  server.get('/_sim/state', look, (_, reply) =>
    reply.send({
      ...network.state(),
      numbers: [...numbers.values()],
    }),
  )
}
