import { contentOf } from '@parley/conversation'
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
import { noConversation, watchedOver } from '../desk/sight.ts'
import { noteText } from './notes.ts'

const name = z.string().min(1).max(80)
const to = z.union([
  z.strictObject({ agentId: name }),
  z.strictObject({ queue: name }),
  z.strictObject({ flow: name, step: name.optional() }),
])

/** To others, and from a queue to oneself. */
export function addTransfer(app: FastifyInstance, desk: DeskChanges): void {
  addConversationChange(app, desk, 'transfer', {
    permission: 'conversations.assign',
    summary:
      'Hands it to an agent (who is offered it), a queue or the robot, with a note for whoever gets it. Supervisors hand over what others have, and what waits.',
    body: z.object({ to, note: noteText }),
    answer: decidedMessage,
    async act({ to: whom, note }, wish, conversation, request) {
      const isOthers = conversation.agentId !== wish.personId
      const command = workforces.command('TransferConversation', {
        agentId: wish.personId,
        conversationId: conversation._id,
        bySupervisor: isOthers && (await watchedOver(desk, request)) !== undefined,
        ...('agentId' in whom && { toAgentId: whom.agentId }),
        ...('queue' in whom && { toQueue: whom.queue }),
        ...('flow' in whom && { toFlow: whom.flow, toStep: whom.step }),
      })
      const ruling = await wish.toPool(command, {
        content: contentOf({ note }),
        until: ['ConversationOffered', 'ConversationRequeued', 'ConversationReturnedToRobot'],
      })
      if (ruling.refusal?.code === 'CONVERSATION_NOT_SEEN') throw noConversation(true)
      return outcomeOf(ruling, { messageId: deterministicId(wish.id, 'note') })
    },
  })
  addConversationChange(app, desk, 'claim', {
    permission: 'conversations.assign',
    summary: 'Takes a waiting one, where its queue allows. Answered once the conversation is theirs.',
    body: nothing,
    async act(_, wish, { _id: conversationId }) {
      const command = workforces.command('ClaimConversation', { agentId: wish.personId, conversationId })
      return outcomeOf(await wish.toPool(command, { until: ['ConversationAssigned'] }))
    },
  })
}
