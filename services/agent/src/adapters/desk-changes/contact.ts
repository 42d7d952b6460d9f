import { LANGUAGES, conversations } from '@parley/conversation'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addContactChange, outcomeOf, refused } from './desk-changes.ts'

/** What the company decides about a customer of whom the person sees a conversation. */
export function addContactChanges(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.answer' as const
  addContactChange(app, desk, 'PUT', 'language', {
    permission,
    summary: 'The language that the customer is written in from now on.',
    body: z.object({ language: z.enum(LANGUAGES) }),
    act: async ({ language }, wish, contactId) =>
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
    addContactChange(app, desk, 'POST', what, {
      permission,
      summary,
      body: z.object({ reason: z.string().trim().max(200).default('') }),
      async act({ reason }, wish, contactId) {
        const refusal = await desk.channel[what](contactId, reason, wish.personId)
        if (refusal !== undefined) return refused('BLOCK_REFUSED', { code: refusal })
        return { kind: 'decided', answer: { position: await desk.feed.readPosition() } }
      },
    })
}
