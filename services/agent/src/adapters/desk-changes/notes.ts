import { contentOf, conversations } from '@parley/conversation'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addConversationChange, decidedMessage, outcomeOf } from './desk-changes.ts'
import { saysSomething } from './says-something.ts'

export const noteText = z.string().max(4_096)
const MENTIONS_MAX = 20

/** For colleagues: never sent to the customer. */
export function addNotes(app: FastifyInstance, desk: DeskChanges): void {
  const { people } = desk.roster
  const mention = z.string().refine((id) => people.has(id), { error: 'nobody has this id' })
  addConversationChange(app, desk, 'notes', {
    permission: 'conversations.answer',
    summary: 'A note for colleagues. It never reaches the customer.',
    body: z.object({
      text: saysSomething(noteText),
      mentions: z.array(mention).max(MENTIONS_MAX).default([]),
    }),
    answer: decidedMessage,
    async act({ text, mentions }, wish, conversation) {
      const ruling = await wish.toConversation(
        conversation,
        conversations.command('AddNote', {
          conversationId: conversation._id,
          agentId: wish.personId,
          mentionedAgentIds: mentions,
        }),
        { content: contentOf({ note: text }) },
      )
      return outcomeOf(ruling, { messageId: ruling.messageId })
    },
  })
}
