import { type CommandData, conversations } from '@parley/conversation'
import { type Refusal, refuse } from '@parley/kernel'
import { type Decision, sendingRefusal } from './decision.ts'
import { saidByAgent } from './handling.ts'
import { openConversationId } from './state.ts'

/** An agent writes first, by a template, to whom may be written. The conversation is theirs, parked: the answer brings it to them. */
export function beginConversation(
  decision: Decision,
  { agentId, queue, type, team }: CommandData<'BeginConversation'>,
): Refusal | undefined {
  const { contact, conversation } = decision.state
  if (conversation.stage === 'merged') return refuse('CONTACT_MERGED', { intoContactId: conversation.into })
  if (!contact.registered) return refuse('UNKNOWN_CONTACT')
  const open = openConversationId(conversation)
  if (open !== '') return refuse('CONVERSATION_OPEN', { conversationId: open })
  if (type !== 'template') return refuse('TEMPLATE_NEEDED')
  const refusal = sendingRefusal(decision.state, type, decision.at)
  if (refusal !== undefined) return refuse(refusal)

  const { channelAccountId, language, profileFrom, lastMessageAt } = contact
  const conversationId = decision.newConversationId()
  decision.record(
    conversations.event('ConversationOpened', {
      conversationId,
      channelAccountId,
      language,
      begunByAgentId: agentId,
      lastMessageAt: lastMessageAt ?? undefined,
    }),
    [],
    conversationId,
  )
  decision.record(
    {
      type: 'ConversationBegun',
      // More than 0: the pool knows of it.
      data: {
        conversationId,
        agentId,
        team,
        queue: queue || decision.policy.defaultQueue,
        language,
        revision: 1,
      },
    },
    // Whoever shows it before the customer wrote in it has no other word that tells whom it is with.
    profileFrom === '' ? [] : [{ from: profileFrom, name: 'profile' }],
  )
  saidByAgent(decision, type)
  return undefined
}
