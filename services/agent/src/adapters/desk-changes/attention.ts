import { HttpRefusal } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { atMost } from '@parley/eventlog'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { NOT_SEEN, isOfUnseen, upToDate } from '../desk/sight.ts'
import { type DeskChanges, addConversationNote } from './desk-changes.ts'

/** More than can be sent at once: what is too long is kept until it is cut. Two of them fit a body, whatever their letters take in it. */
export const DRAFT_CHARACTERS_MAX = 20_000
const draft = z.string().max(DRAFT_CHARACTERS_MAX)
/** The customer sees it for 25 s, and it costs the number a call. */
const TYPING_SHOWN_MS = 20_000
const CONVERSATIONS_MAX = 10_000

/** What one does with a conversation before one says something: reading, writing a draft, typing. */
export function addAttention(app: FastifyInstance, desk: DeskChanges): void {
  const { conversations, desks, feed, channel, signs } = desk
  addConversationNote(app, desk, 'PUT', 'draft', {
    summary:
      'Keeps what the person is writing, for all their desks. Empty: nothing any more. With `desk`, refused where another desk has written something else than `before`.',
    body: z.object({
      text: draft,
      desk: z.string().min(1).max(80).optional(),
      before: draft.optional(),
    }),
    async act(sent, personId, { _id }) {
      if (!(await desks.setDraft(_id, personId, sent)))
        throw new HttpRefusal(409, 'DRAFT_CHANGED', 'Something else was written at another desk meanwhile.')
    },
  })
  addConversationNote(app, desk, 'POST', 'read', {
    summary: 'The owner has read up to this message.',
    body: z.object({ upTo: z.string().max(100) }),
    async act({ upTo }, personId, { _id, agentId }, request) {
      const look = async () => (await conversations.messagesById([upTo]))[0]
      const message = (await look()) ?? (await upToDate(feed, look))
      if (message?.conversationId !== _id)
        throw new HttpRefusal(400, 'BODY_INVALID', 'The body is not what this route takes.', {
          fields: [{ path: 'upTo', message: 'no message of this conversation has this id' }],
          ...((await isOfUnseen(desk, request, _id, [message])) && { onRecordAs: NOT_SEEN }),
        })
      if (agentId !== personId) return
      await desks.setRead(_id, message.begunAt)
      await signs.read(_id, personId)
    },
  })
  const shown = new LRUCache<string, true>({ ...atMost(CONVERSATIONS_MAX), ttl: TYPING_SHOWN_MS })
  addConversationNote(app, desk, 'POST', 'typing', {
    summary:
      'Somebody is typing: colleagues who have it open are told; of an owner who writes no note, the customer is shown it, and that their message was read.',
    body: z.object({ isNote: z.boolean().default(false) }),
    async act({ isNote }, personId, { _id, agentId, contact, stage }) {
      await signs.typed(_id, personId)
      if (isNote || agentId !== personId || stage.name !== 'with_agent') return
      const { messages } = await conversations.messages(_id, undefined)
      const heard = messages.findLast(
        ({ author, providerMessageId }) => author.kind === 'customer' && providerMessageId !== '',
      )
      const sign = `${_id} ${heard?.providerMessageId}`
      if (heard === undefined || shown.has(sign)) return
      shown.set(sign, true)
      await channel.showTyping(contact.id, heard.providerMessageId)
    },
  })
}
