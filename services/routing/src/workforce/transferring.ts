import { COMMAND, type NewEvent, type Refusal, deterministicId, refuse, entryOf } from '@parley/kernel'
import type { PoolCommandData } from '@parley/workforce'
import { type Decision, aboutOf, isoOf } from './decision.ts'
import { endOffer, fillAgent, offerWaiting, requeue, stopsWaiting } from './dispatch.ts'
import { atCapacity, lackedSkill, roomOf } from './matching.ts'
import type { Agent, Work } from './state.ts'

/** By whose it is, or by a supervisor, whoever has it or whether it waits. */
export function transfer(
  decision: Decision,
  command: PoolCommandData<'TransferConversation'>,
): Refusal | undefined {
  const { agentId, conversationId, toAgentId, toQueue, toFlow, toStep } = command
  const { state } = decision
  const work = state.works.get(conversationId)
  if (work === undefined || work.stage === 'wrap_up')
    return refuse('UNKNOWN_CONVERSATION', { conversationId })
  const refusal = mayTransfer(decision, command, work)
  if (refusal !== undefined) return refusal
  if ([toAgentId, toQueue, toFlow].filter((to) => to !== '').length !== 1)
    return refuse('TRANSFER_TO_ONE', { conversationId })
  const note = {
    noteMessageId: deterministicId(decision.wish.commandId, 'note'),
    content: [{ from: COMMAND, name: 'note' }],
  }
  if (toAgentId !== '') return offerTo(decision, command, work, note)

  const owner = ownerOf(work)
  const queue = entryOf(state.configuration.queues, toQueue)
  // A name that is in no configuration is not repeated: it may be anything that somebody typed, and would stand among the facts for ever.
  if (toQueue !== '' && queue === undefined) return refuse('UNKNOWN_QUEUE')
  if (owner === '' && toQueue === work.queue) return refuse('TRANSFER_TO_WHERE_IT_IS', { conversationId })
  if (toFlow !== '') {
    const steps = entryOf(state.configuration.flows, toFlow)
    if (steps === undefined) return refuse('UNKNOWN_FLOW')
    if (toStep !== '' && !steps.includes(toStep)) return refuse('UNKNOWN_STEP', { flow: toFlow })
  }
  const offeredTo = work.stage === 'offered' ? work.offer.agentId : ''
  if (offeredTo !== '') endOffer(decision, conversationId, 'withdrawn')
  else endTransfer(decision, conversationId)
  if (queue === undefined) {
    const now = decision.state.works.get(conversationId)!
    decision.record(
      'ConversationReturnedToRobot',
      {
        ...aboutOf(conversationId, now),
        agentId,
        flow: toFlow,
        step: toStep,
        noteMessageId: note.noteMessageId,
        fromAgentId: owner,
      },
      note.content,
    )
    stopsWaiting(decision, now)
  } else {
    const reason = owner === agentId ? 'transferred' : 'reassigned'
    const waited = owner === '' && { since: work.since, preferredAgentId: work.preferred?.agentId ?? '' }
    requeue(decision, conversationId, { queue: toQueue, reason, isAtHead: false, ...waited }, note)
    offerWaiting(decision, conversationId)
  }
  for (const freed of [owner, offeredTo]) if (freed !== '') fillAgent(decision, freed)
  return undefined
}

const ownerOf = (work: Work): string => ('agentId' in work ? work.agentId : '')

function mayTransfer(
  decision: Decision,
  { agentId, conversationId, bySupervisor }: PoolCommandData<'TransferConversation'>,
  work: Work,
): Refusal | undefined {
  if (ownerOf(work) === agentId) return undefined
  const supervisor = decision.state.agents.get(agentId)
  if (!bySupervisor || supervisor === undefined)
    return refuse('NOT_THE_OWNER', { conversationId, stage: work.stage })
  if (isOfAnotherTeam(decision, supervisor, work)) return refuse('CONVERSATION_NOT_SEEN', { conversationId })
  return undefined
}

/** It stays where it is until they take it; what was offered to another from its queue is theirs to take instead. */
function offerTo(
  decision: Decision,
  { conversationId, toAgentId }: PoolCommandData<'TransferConversation'>,
  work: Work,
  note: { readonly noteMessageId: string; readonly content: NewEvent['content'] },
): Refusal | undefined {
  const { state } = decision
  const owner = ownerOf(work)
  const offeredTo = work.stage === 'offered' ? work.offer.agentId : ''
  const to = state.agents.get(toAgentId)
  if (to === undefined) return refuse('UNKNOWN_AGENT')
  if (toAgentId === owner) return refuse('TRANSFER_TO_WHERE_IT_IS', { conversationId })
  if (work.stage === 'parked') return refuse('CONVERSATION_PARKED', { conversationId })
  if (toAgentId === offeredTo || (work.stage === 'with_agent' && work.transfer !== null))
    return refuse('TRANSFER_PENDING', { conversationId })
  if (to.status !== 'available' || to.graceUntil !== null)
    return refuse('AGENT_NOT_AVAILABLE', { agentId: toAgentId, status: to.status })
  if (roomOf(to) < work.weight) return atCapacity(toAgentId, to)
  const skill = lackedSkill(state, entryOf(state.configuration.profiles, to.profile)!, work)
  if (skill !== undefined) return refuse('SKILL_MISSING', { agentId: toAgentId, skill })
  const offerSeconds = entryOf(state.configuration.queues, work.queue)?.offerSeconds || OFFER_SECONDS
  if (offeredTo !== '') endOffer(decision, conversationId, 'withdrawn')
  const now = decision.state.works.get(conversationId)!
  decision.record(
    'ConversationOffered',
    {
      ...aboutOf(conversationId, now),
      offerId: decision.newId('offer'),
      agentId: toAgentId,
      queue: work.queue,
      language: work.language,
      waitingSince: isoOf(owner === '' ? work.since : decision.at),
      expiresAt: isoOf(decision.at + offerSeconds * 1000),
      fromAgentId: owner,
      noteMessageId: note.noteMessageId,
    },
    note.content,
  )
  stopsWaiting(decision, now)
  if (offeredTo !== '') fillAgent(decision, offeredTo)
  return undefined
}

/** Desks learn a moment later who has it now: what went to another team by then is none of this supervisor's. */
export function isOfAnotherTeam({ state }: Decision, { team }: Agent, work: Work): boolean {
  if (work.stage !== 'with_agent' && work.stage !== 'parked') return false
  const owner = state.agents.get(work.takenFrom || work.agentId)
  return team !== '' && owner !== undefined && owner.team !== '' && owner.team !== team
}

/** Of a transfer out of a queue that offers nothing. */
const OFFER_SECONDS = 20

/** An offer of a transfer that came to nothing because the conversation goes elsewhere. */
export function endTransfer(decision: Decision, id: string): void {
  const work = decision.state.works.get(id)
  if (work?.stage !== 'with_agent' || work.transfer === null) return
  const { agentId } = work.transfer
  endOffer(decision, id, 'withdrawn')
  fillAgent(decision, agentId)
}
