import {
  type ConversationCommand,
  type ConversationEvent,
  contentOf,
  conversations,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { type Actor, type NewCommand, causedBy, clocksOf, unreachable } from '@parley/kernel'
import type { MessageBody } from '@parley/proto/content'
import {
  type CONVERSATION_HEARS,
  POOL,
  type POOL_HEARS,
  TO_CONVERSATION,
  TO_POOL,
  type WorkforceCommand,
  type WorkforceEvent,
  workforces,
} from '@parley/workforce'

const RULES: Actor = { kind: 'system', id: 'workforce' }

type Heard<Event extends { readonly type: string }, Types extends readonly string[]> = Extract<
  Event,
  { readonly type: Types[number] }
>

/** The pool's counterpart of what a conversation decided. Of a conversation that was never with people it hears nothing. */
export function poolWishes(
  event: Heard<ReadEvent<ConversationEvent>, typeof POOL_HEARS>,
): readonly NewCommand<WorkforceCommand>[] {
  const { streamId: contactId, streamVersion: contactVersion, correlationId, actor } = event.envelope
  const wish = (command: WorkforceCommand): readonly NewCommand<WorkforceCommand>[] => [
    causedBy(event, TO_POOL, {
      ...command,
      streamId: POOL,
      correlationId,
      occurredAt: clocksOf(event.envelope).occurredAt,
      actor: actor?.kind === 'agent' ? { kind: 'agent', id: actor.id } : RULES,
    }),
  ]
  const withdraw = (
    conversationId: string,
    reason: string,
    heard: { revision: number } | { hadAgent: boolean; heardRevision: number },
  ) => wish(workforces.command('WithdrawConversation', { conversationId, reason, ...heard }))
  switch (event.type) {
    case 'HandoverRequested': {
      const { queue, language, lastAgentId, revision, reason, waitSoFar } = event.data
      return wish(
        workforces.command('EnqueueConversation', {
          conversationId: correlationId,
          contactId,
          queue,
          language,
          lastAgentId,
          revision,
          contactVersion,
          isReopened: reason === 'reopened' || reason === 'merged',
          waitingSince: waitSoFar?.since,
          isAtHead: waitSoFar?.isAtHead ?? false,
        }),
      )
    }
    case 'ConversationBegun': {
      const { conversationId, agentId, queue, language, revision } = event.data
      return wish(
        workforces.command('TakeOnConversation', {
          conversationId,
          contactId,
          queue,
          language,
          agentId,
          revision,
        }),
      )
    }
    // What the customer chose with the robot comes with the hand-over.
    case 'ContactLanguageChosen': {
      const { language, chosenBy } = event.data
      return chosenBy !== 'customer'
        ? wish(
            workforces.command('ChangeLanguage', {
              conversationId: correlationId,
              language,
              contactVersion,
            }),
          )
        : []
    }
    case 'WaitAsked':
      return wish(workforces.command('EstimateWait', { conversationId: event.data.conversationId }))
    case 'ConversationParked': {
      const { conversationId, agentId, revision, snoozedUntil } = event.data
      return wish(workforces.command('ParkConversation', { conversationId, agentId, revision, snoozedUntil }))
    }
    case 'UnparkRequested': {
      const { conversationId, revision } = event.data
      return wish(workforces.command('UnparkConversation', { conversationId, revision }))
    }
    case 'ConversationEnding':
    case 'ConversationClosed': {
      const { reason, revision, hadAgent } = event.data
      return revision === 0 ? [] : withdraw(correlationId, reason, { hadAgent, heardRevision: revision })
    }
    case 'PoolContradicted':
      return withdraw(event.data.conversationId, 'not_with_people', { revision: event.data.revision })
    default:
      return unreachable(event)
  }
}

/** How the customer is told who took over: a message in each language, in the order of LANGUAGES; none: they are not told. */
export type Introduction = (agentId: string, queue: string) => readonly MessageBody[]

/** The conversation's counterpart of what the pool decided. */
export function conversationWishes(
  event: Heard<ReadEvent<WorkforceEvent>, typeof CONVERSATION_HEARS>,
  introductionOf: Introduction = () => [],
): readonly NewCommand<ConversationCommand>[] {
  const { actor, content } = event.envelope
  const { contactId, conversationId, revision } = event.data
  const wish = (
    command: ConversationCommand,
    words = content,
  ): readonly NewCommand<ConversationCommand>[] => [
    causedBy(event, TO_CONVERSATION, {
      ...command,
      streamId: contactId,
      correlationId: conversationId,
      occurredAt: clocksOf(event.envelope).occurredAt,
      actor: (actor as Actor | undefined) ?? RULES,
      content: words,
    }),
  ]
  switch (event.type) {
    case 'ConversationTakenOn':
      return wish(conversations.command('RecordTakenOn', { conversationId, revision }))
    case 'ConversationEnqueued':
    case 'WaitEstimated': {
      const { queue, position, expectedWaitSeconds, opensAt } = event.data
      return wish(
        conversations.command('RecordQueued', {
          conversationId,
          queue,
          position,
          expectedWaitSeconds,
          opensAt,
          revision,
        }),
      )
    }
    case 'ConversationOffered': {
      const { offerId, agentId, expiresAt, fromAgentId, noteMessageId } = event.data
      return wish(
        conversations.command('RecordOffer', {
          conversationId,
          offerId,
          agentId,
          expiresAt,
          revision,
          fromAgentId,
          noteMessageId,
        }),
      )
    }
    case 'OfferEnded': {
      const { offerId, agentId, outcome } = event.data
      return wish(
        conversations.command('RecordOfferEnded', { conversationId, offerId, agentId, outcome, revision }),
      )
    }
    case 'ConversationAssigned': {
      const { agentId, how, offerId, queue, team, closeReasons, asksSurvey } = event.data
      const messages = introductionOf(agentId, queue)
      return wish(
        conversations.command('AssignConversation', {
          conversationId,
          agentId,
          how,
          offerId,
          queue,
          team,
          revision,
          closeReasons,
          asksSurvey,
          introduces: messages.length > 0,
        }),
        contentOf({ messages }),
      )
    }
    case 'ConversationRequeued': {
      const { queue, reason, fromAgentId, noteMessageId, position, expectedWaitSeconds, opensAt } = event.data
      const { waitingSince, isAtHead } = event.data
      return wish(
        conversations.command('RequeueConversation', {
          conversationId,
          queue,
          reason,
          revision,
          fromAgentId,
          noteMessageId,
          position,
          expectedWaitSeconds,
          opensAt,
          waitingSince,
          isAtHead,
        }),
      )
    }
    case 'ConversationReturnedToRobot': {
      const { agentId, flow, step, noteMessageId } = event.data
      return wish(
        conversations.command('ReturnConversationToRobot', {
          conversationId,
          agentId,
          flow,
          step,
          revision,
          noteMessageId,
        }),
      )
    }
    default:
      return unreachable(event)
  }
}
