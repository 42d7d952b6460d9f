import { contentOf, conversations } from '@parley/conversation'
import { deterministicId } from '@parley/kernel'
import { workforces } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { messageText, textBody } from './messages.ts'
import { type DeskChanges, addConversationChange, nothing, outcomeOf } from './desk-changes.ts'

const seen = z.string().max(100).optional()
const PARKED = ['ConversationParked'] as const
/** A close may be taken back for so long at most. */
const UNDO_SECONDS_MAX = 60

/** What the owner does with a conversation beside writing in it. */
export function addHandling(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.answer'
  addConversationChange(app, desk, 'hold', {
    permission,
    summary: 'The customer waits while the owner looks something up.',
    body: nothing,
    act: async (_, wish, conversation) =>
      outcomeOf(
        await wish.toConversation(
          conversation,
          conversations.command('HoldConversation', {
            conversationId: conversation._id,
            agentId: wish.personId,
          }),
        ),
      ),
  })
  addConversationChange(app, desk, 'resume', {
    permission,
    summary: 'Ends a hold, a park or a snooze.',
    body: nothing,
    async act(_, wish, conversation) {
      const owned = { conversationId: conversation._id, agentId: wish.personId }
      const held = await wish.toConversation(conversation, conversations.command('EndHold', owned))
      if (held.refusal?.code !== 'CONVERSATION_PARKED') return outcomeOf(held)
      // Whether there is room for it is for the pool to say.
      return outcomeOf(
        await wish.toPool(workforces.command('ResumeConversation', owned), {
          id: deterministicId('resume', wish.id),
          until: ['ConversationAssigned'],
        }),
      )
    },
  })
  addConversationChange(app, desk, 'park', {
    permission,
    summary: 'The customer is silent: frees capacity until they write.',
    body: z.object({ seen }),
    act: async ({ seen: seenMessageId }, wish, conversation) =>
      outcomeOf(
        await wish.toConversation(
          conversation,
          conversations.command('ParkConversation', {
            conversationId: conversation._id,
            agentId: wish.personId,
            seenMessageId,
          }),
          { until: PARKED },
        ),
      ),
  })
  addConversationChange(app, desk, 'snooze', {
    permission,
    summary: 'Parked until a time, or until the customer writes.',
    body: z.object({ until: z.iso.datetime({ offset: true }), seen }),
    act: async ({ until, seen: seenMessageId }, wish, conversation) =>
      outcomeOf(
        await wish.toConversation(
          conversation,
          conversations.command('ParkConversation', {
            conversationId: conversation._id,
            agentId: wish.personId,
            seenMessageId,
            snoozedUntil: new Date(until).toISOString(),
          }),
          { until: PARKED },
        ),
      ),
  })
  addConversationChange(app, desk, 'close', {
    permission,
    summary: 'Ends the conversation, at once or after some seconds in which it may be taken back.',
    body: z.object({
      reason: z.string().min(1).max(80),
      /** A last word to the customer. */
      text: messageText.optional(),
      undoSeconds: z.int().min(0).max(UNDO_SECONDS_MAX).default(0),
      seen,
    }),
    act: async ({ reason, text, undoSeconds, seen: seenMessageId }, wish, conversation) =>
      outcomeOf(
        await wish.toConversation(
          conversation,
          conversations.command('CloseConversation', {
            conversationId: conversation._id,
            agentId: wish.personId,
            reason,
            undoSeconds,
            seenMessageId,
            type: text === undefined ? '' : 'text',
          }),
          {
            content: contentOf({ messages: text === undefined ? [] : [textBody(text)] }),
            until: ['CloseAnnounced', 'ConversationEnding', 'ConversationClosed'],
          },
        ),
      ),
  })
  addConversationChange(app, desk, 'close/undo', {
    permission,
    summary: 'Takes back a close within its seconds.',
    body: nothing,
    act: async (_, wish, conversation) =>
      outcomeOf(
        await wish.toConversation(
          conversation,
          conversations.command('UndoClose', { conversationId: conversation._id, agentId: wish.personId }),
        ),
      ),
  })
}
