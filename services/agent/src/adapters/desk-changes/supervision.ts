import { contentOf, conversations } from '@parley/conversation'
import { deterministicId } from '@parley/kernel'
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
import { NOT_SEEN, noConversation, sightOf } from '../desk/sight.ts'
import { saysSomething } from './says-something.ts'
import { noteText } from './notes.ts'
import { Wish } from './wishes.ts'

const REASSIGNED = ['ConversationRequeued'] as const
const REASSIGNED_MAX = 100
const reassigned = z.object({
  conversationIds: z.array(z.string().min(1).max(100)).min(1).max(REASSIGNED_MAX),
  queue: z.string().min(1).max(80),
})

/** What supervisors do inside a conversation that somebody else has. Reading along needs nothing: it changes nothing. */
export function addSupervision(app: FastifyInstance, desk: DeskChanges): void {
  const permission = 'conversations.supervise'
  addConversationChange(app, desk, 'whispers', {
    permission,
    summary: 'A word to the agent who has it. It never reaches the customer.',
    body: z.object({ text: saysSomething(noteText) }),
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
      const command = workforces.command('TakeOverConversation', {
        agentId: wish.personId,
        conversationId,
        bySupervisor: true,
      })
      const ruling = await wish.toPool(command, { until: ['ConversationAssigned'] })
      if (ruling.refusal?.code === 'CONVERSATION_NOT_SEEN') throw noConversation(true)
      return outcomeOf(ruling)
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

  app.post(
    '/api/reassignments',
    {
      config: { access: { permission }, isKeyed: true },
      schema: {
        summary: 'Moves waiting conversations to another queue; they keep the time that they waited.',
        body: reassigned,
        response: { 200: z.looseObject({ position: z.string() }) },
      },
    },
    (request, reply) =>
      desk.changes.answer(request, reply, {
        body: reassigned,
        scope: async () => {},
        async act({ conversationIds, queue }, commandId, signal, isAgain) {
          const sight = sightOf(request, desk.roster, permission)
          const position = await desk.feed.readPosition()
          const found = await desk.conversations.conversations(conversationIds)
          const said = await Promise.all(
            found.map(async (conversation) => {
              const { _id: conversationId } = conversation
              const wish = new Wish(desk.wishes, sight.personId, deterministicId(commandId, conversationId), {
                signal,
                isAgain,
              })
              const command = workforces.command('ReassignConversation', {
                agentId: sight.personId,
                conversationId,
                toQueue: queue,
                bySupervisor: true,
              })
              // By what was said before a crash it may have moved out of sight: a lost answer must not look like a refusal.
              const ruling = sight.sees(conversation)
                ? await wish.toPool(command, { until: REASSIGNED })
                : await wish.knownToPool(REASSIGNED)
              return { conversationId, ruling }
            }),
          )
          const rulings = said.flatMap(({ conversationId, ruling }) =>
            ruling === undefined ? [] : [{ conversationId, ruling }],
          )
          // Answered as what there is not, and on record as a path that names it.
          if (rulings.length < found.length) request.leaveTrace(NOT_SEEN)
          const known = new Set(rulings.map(({ conversationId }) => conversationId))
          return {
            kind: 'decided',
            answer: {
              position: rulings.at(-1)?.ruling.position ?? position,
              moved: rulings.flatMap(({ conversationId, ruling }) =>
                ruling.refusal === null ? [conversationId] : [],
              ),
              refused: [
                ...conversationIds.flatMap((id) => (known.has(id) ? [] : [{ id, code: 'NOT_FOUND' }])),
                ...rulings.flatMap(({ conversationId: id, ruling }) =>
                  ruling.refusal === null ? [] : [{ id, code: ruling.refusal.code }],
                ),
              ],
            },
          }
        },
      }),
  )
}
