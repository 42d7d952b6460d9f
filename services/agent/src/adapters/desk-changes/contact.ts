import { setTimeout as pause } from 'node:timers/promises'
import { LANGUAGES, conversations } from '@parley/conversation'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addContactChange, outcomeOf, refused } from './desk-changes.ts'

/** Few are blocked: asking costs less than to hear from the gateway which wish it said. */
const ASKED_EVERY_MS = 50
const READ_WITHIN_MS = 2_000

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
        await untilRead(desk, contactId, what === 'block')
        return { kind: 'decided', answer: { position: await desk.feed.readPosition() } }
      },
    })
}

/** The gateway's wish is in the log by now, and the rules decide it in their turn: the card is read again behind the answer, and says what was done. */
async function untilRead(
  { conversations: store }: Pick<DeskChanges, 'conversations'>,
  contactId: string,
  isBlocked: boolean,
): Promise<void> {
  for (
    const until = performance.now() + READ_WITHIN_MS;
    performance.now() < until;
    await pause(ASKED_EVERY_MS)
  )
    if (((await store.contact(contactId)).blockedAt !== null) === isBlocked) return
}
