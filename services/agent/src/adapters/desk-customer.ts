import { bodyOf } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskRoutes, rowsFor } from './desk-routes.ts'
import { rowShape } from './desk-shapes.ts'
import { seen, sightOf } from './desk-sight.ts'

const searched = z.object({ text: z.string().trim().min(2).max(100) })
const card = z.object({
  number: z.string().nullable(),
  username: z.string().nullable(),
  earlier: z.array(rowShape),
})

/** What is known of a customer beyond one conversation: who they are by name, number or words, and what came before. */
export function addDeskCustomer(
  app: FastifyInstance,
  { conversations, desks, roster }: Pick<DeskRoutes, 'conversations' | 'desks' | 'roster'>,
): void {
  const access = { permission: 'conversations.read' } as const
  const rows = rowsFor({ conversations, desks, roster })

  // By POST, so that no name and no number stands in an address.
  app.post(
    '/api/search',
    {
      config: { access, isKeyed: false },
      schema: {
        summary:
          "Conversations by the customer's name or number, or by words of those that are or were the person's own; 50 at most, newest activity first.",
        body: searched,
        response: { 200: z.object({ conversations: z.array(rowShape) }) },
      },
    },
    async (request, reply) => {
      const { text } = bodyOf(request, searched)
      const sight = sightOf(request, roster)
      return reply.send({
        conversations: await rows(await conversations.search(sight, text), sight.personId),
      })
    },
  )

  app.get<{ Params: { id: string } }>(
    '/api/conversations/:id/customer',
    {
      config: { access },
      schema: {
        summary: 'Whom a conversation is with: by what they are reached, and what came before.',
        response: { 200: card },
      },
    },
    async (request, reply) => {
      const sight = sightOf(request, roster)
      const [found] = await conversations.conversations([request.params.id])
      const { _id: id, number, username, contact } = seen(found, sight)
      const others = await conversations.ofContact(sight, contact.id)
      return reply.send({
        number: number || null,
        username: username || null,
        earlier: await rows(
          others.filter(({ _id }) => _id !== id),
          sight.personId,
        ),
      })
    },
  )
}
