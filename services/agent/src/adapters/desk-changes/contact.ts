import { LANGUAGES, conversations } from '@parley/conversation'
import { HttpRefusal } from '@parley/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { sightOf } from '../desk-sight.ts'
import { type DeskChanges, addChange, outcomeOf, refused } from './desk-changes.ts'

/** What the company decides about a customer of whom the person sees a conversation. */
export function addContactChanges(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.answer' as const
  const scope = async (request: FastifyRequest, { contactId = '' }: { contactId?: string }) => {
    if (
      (await desk.conversations.ofContact(sightOf(request, desk.roster, permission), contactId)).length === 0
    )
      throw new HttpRefusal(404, 'NOT_FOUND', 'There is no such contact.')
  }
  addChange(app, desk, 'PUT', '/api/contacts/:contactId/language', {
    permission,
    summary: 'The language that the customer is written in from now on.',
    body: z.object({ language: z.enum(LANGUAGES) }),
    scope,
    act: async ({ language }, wish, { contactId = '' }) =>
      outcomeOf(
        await wish.toContact(contactId, conversations.command('ChooseContactLanguage', { language }), {
          until: ['ContactLanguageChosen'],
        }),
      ),
  })
  for (const [what, summary] of [
    ['block', 'Blocks the customer on the channel: their conversation closes, and nothing reaches them.'],
    ['unblock', 'Takes a block back.'],
  ] as const)
    addChange(app, desk, 'POST', `/api/contacts/:contactId/${what}`, {
      permission,
      summary,
      body: z.object({ reason: z.string().trim().max(200).default('') }),
      scope,
      async act({ reason }, wish, { contactId = '' }) {
        const refusal = await desk.channel[what](contactId, reason, wish.personId)
        if (refusal !== undefined) return refused('BLOCK_REFUSED', { code: refusal })
        return { kind: 'decided', answer: { position: await desk.feed.readPosition() } }
      },
    })
}
