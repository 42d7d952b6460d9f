import { contentOf, conversations } from '@parley/conversation'
import { HttpRefusal } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sightOf } from '../desk-sight.ts'
import { type DeskChanges, addChange, decidedMessage, outcomeOf } from './desk-changes.ts'
import { filled, templateUse } from './templates.ts'

const answer = decidedMessage.extend({ conversationId: z.string() })

/** An agent writes first: to a customer of whom they see a conversation, by an approved template. */
export function addBegin(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.answer'
  addChange(app, desk, 'POST', '/api/contacts/:contactId/conversations', {
    permission,
    summary:
      'Begins a conversation by an approved template. It is parked: the answer comes to whoever began it.',
    body: z.object({ template: z.object(templateUse), queue: z.string().max(80).default('') }),
    answer,
    async scope(request, { contactId = '' }) {
      if (
        (await desk.conversations.ofContact(sightOf(request, desk.roster, permission), contactId)).length ===
        0
      )
        throw new HttpRefusal(404, 'NOT_FOUND', 'There is no such contact.')
    },
    async act({ template, queue }, wish, { contactId = '' }) {
      const message = await filled(desk, contactId, template)
      if ('kind' in message) return message
      const ruling = await wish.toContact(
        contactId,
        conversations.command('BeginConversation', { agentId: wish.personId, queue, type: 'template' }),
        { content: contentOf({ messages: [message] }), until: ['MessageSendRequested'] },
      )
      const { messageId, conversationId } = ruling
      return outcomeOf(ruling, { messageId, conversationId })
    },
  })
}
