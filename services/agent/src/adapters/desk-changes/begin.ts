import { contentOf, conversations } from '@parley/conversation'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addContactChange, decidedMessage, outcomeOf, refused } from './desk-changes.ts'
import { filled, templateUse } from './templates.ts'

const answer = decidedMessage.extend({ conversationId: z.string() })

/** An agent writes first: to a customer of whom they see a conversation, by an approved template. */
export function addBegin(app: FastifyInstance, desk: DeskChanges): void {
  addContactChange(app, desk, 'POST', 'conversations', {
    permission: 'conversations.answer',
    summary:
      'Begins a conversation by an approved template. It is parked: the answer comes to whoever began it.',
    body: z.object({ template: z.object(templateUse), queue: z.string().max(80).default('') }),
    answer,
    async act({ template, queue }, wish, contactId) {
      // The rules of conversations know no queues: a name of somebody's own would stand in the record, and among the figures, for ever.
      if (queue !== '' && !desk.feed.pool.hasQueue(queue)) return refused('UNKNOWN_QUEUE')
      const message = await filled(desk, contactId, template)
      if ('kind' in message) return message
      const ruling = await wish.toContact(
        contactId,
        conversations.command('BeginConversation', {
          agentId: wish.personId,
          queue,
          type: 'template',
          // No pool says it, for it is parked with them before the pool hears of it: lists and figures of the team would lack it.
          team: desk.roster.people.get(wish.personId)?.team ?? '',
        }),
        { content: contentOf({ messages: [message] }), until: ['MessageSendRequested'] },
      )
      const { messageId, conversationId } = ruling
      return outcomeOf(ruling, { messageId, conversationId })
    },
  })
}
