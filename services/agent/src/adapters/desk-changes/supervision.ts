import { contentOf, conversations } from '@parley/conversation'
import { workforces } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  type DeskChanges,
  addConversationChange,
  decidedMessage,
  nothing,
  outcomeOf,
} from './desk-changes.ts'
import { noteText } from './notes.ts'

/** What supervisors do inside a conversation that somebody else has. Reading along needs nothing: it changes nothing. */
export function addSupervision(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.supervise'
  addConversationChange(app, desk, 'whispers', {
    permission,
    summary: 'A word to the agent who has it. It never reaches the customer.',
    body: z.object({ text: noteText.refine((text) => text.trim() !== '', { error: 'it is empty' }) }),
    answer: decidedMessage,
    async act({ text }, wish, conversation) {
      const ruling = await wish.toConversation(
        conversation,
        conversations.command('AddNote', {
          conversationId: conversation._id,
          agentId: wish.personId,
          isWhisper: true,
        }),
        { content: contentOf({ note: text }) },
      )
      return outcomeOf(ruling, { messageId: ruling.messageId })
    },
  })
  addConversationChange(app, desk, 'take-over', {
    permission,
    summary: 'Makes it the supervisor’s, whoever had it. Answered once it is theirs.',
    body: nothing,
    async act(_, wish, { _id: conversationId }) {
      const command = workforces.command('TakeOverConversation', { agentId: wish.personId, conversationId })
      return outcomeOf(await wish.toPool(command, { until: ['ConversationAssigned'] }))
    },
  })
  addConversationChange(app, desk, 'give-back', {
    permission,
    summary: 'To the agent it was taken from, where they have room; otherwise to the head of its queue.',
    body: nothing,
    async act(_, wish, { _id: conversationId }) {
      const command = workforces.command('GiveBackConversation', { agentId: wish.personId, conversationId })
      return outcomeOf(
        await wish.toPool(command, { until: ['ConversationAssigned', 'ConversationRequeued'] }),
      )
    },
  })
}
