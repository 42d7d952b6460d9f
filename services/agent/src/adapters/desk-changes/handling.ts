import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { deterministicId } from '@parley/kernel'
import { workforces } from '@parley/workforce'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type DeskChanges, addConversationChange, nothing, outcomeOf } from './desk-changes.ts'
import { messageText, textBody } from './messages.ts'
import type { HowSaid } from './wishes.ts'
import { watchedOver } from '../desk/sight.ts'

/** Empty names no message, and would have said that nothing is asked. */
const seen = z.string().min(1).max(100).optional()
/** The first time that is none in protobuf, and none of four digits to whoever reads it by ISO 8601; an offset may lead there. */
const END_OF_TIMES = Date.UTC(10_000, 0)
const snoozeUntil = z.iso
  .datetime({ offset: true })
  .refine((until) => !(Date.parse(until) >= END_OF_TIMES), { error: 'no time so late is kept' })
const PARKED = ['ConversationParked'] as const
/** A close may be taken back for so long at most. */
const UNDO_SECONDS_MAX = 60

type Owned = { readonly conversationId: string; readonly agentId: string }

/** What the owner does with a conversation beside writing in it. */
export function addHandling(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.answer'
  /** A change that is one wish to the conversation. */
  const addWish = <Body extends z.ZodType>(
    name: string,
    summary: string,
    body: Body,
    said: (sent: z.output<Body>, owned: Owned) => HowSaid & { readonly command: ConversationCommand },
  ): void =>
    addConversationChange(app, desk, name, {
      permission,
      summary,
      body,
      async act(sent, wish, conversation) {
        const owned = { conversationId: conversation._id, agentId: wish.personId }
        const { command, ...how } = said(sent, owned)
        return outcomeOf(await wish.toConversation(conversation, command, how))
      },
    })

  addWish('hold', 'The customer waits while the owner looks something up.', nothing, (_, owned) => ({
    command: conversations.command('HoldConversation', owned),
  }))
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
  addWish(
    'park',
    'The customer is silent: frees capacity until they write.',
    z.object({ seen }),
    ({ seen: seenMessageId }, owned) => ({
      command: conversations.command('ParkConversation', { ...owned, seenMessageId }),
      until: PARKED,
    }),
  )
  addWish(
    'snooze',
    'Parked until a time, or until the customer writes.',
    z.object({ until: snoozeUntil, seen }),
    ({ until, seen: seenMessageId }, owned) => ({
      command: conversations.command('ParkConversation', {
        ...owned,
        seenMessageId,
        snoozedUntil: new Date(until).toISOString(),
      }),
      until: PARKED,
    }),
  )
  addConversationChange(app, desk, 'close', {
    permission,
    summary:
      'Ends the conversation, at once or after some seconds in which it may be taken back. A supervisor ends what others have, and, at once, what waits.',
    body: z.object({
      reason: z.string().min(1).max(80),
      /** A last word to the customer. */
      text: messageText.optional(),
      undoSeconds: z.int().min(0).max(UNDO_SECONDS_MAX).default(0),
      seen,
    }),
    async act({ reason, text, undoSeconds, seen: seenMessageId }, wish, conversation, request) {
      const { _id: conversationId, agentId, queue } = conversation
      const watched = agentId === wish.personId ? undefined : await watchedOver(desk, request)
      const command = conversations.command('CloseConversation', {
        conversationId,
        agentId: wish.personId,
        bySupervisor: watched !== undefined,
        seenOwnerId: watched?.agentId ?? '',
        reason,
        undoSeconds,
        seenMessageId,
        type: text === undefined ? '' : 'text',
        closeReasons: [...desk.feed.pool.closeReasonsOf(queue ?? '')],
      })
      const ruling = await wish.toConversation(conversation, command, {
        content: contentOf({ messages: text === undefined ? [] : [textBody(text)] }),
        until: ['CloseAnnounced', 'ConversationEnding', 'ConversationClosed'],
      })
      return outcomeOf(ruling)
    },
  })
  addWish('close/undo', 'Takes back a close within its seconds.', nothing, (_, owned) => ({
    command: conversations.command('UndoClose', owned),
  }))
}
