import { type Decision as Decided, type Refusal, type Wish, unreachable, entryOf } from '@parley/kernel'
import type { PoolCommandData, WorkforceCommand, WorkforceEvent } from '@parley/workforce'
import { catchUpWithHours, configurePool, lookAtHours } from './configure.ts'
import { Decision, isoOf } from './decision.ts'
import { endOffer, fillAgent, offerWaiting, requeue } from './dispatch.ts'
import {
  acceptOffer,
  changeLanguage,
  claim,
  declineOffer,
  enqueue,
  estimateOf,
  estimateWait,
  park,
  resume,
  takeOn,
  takeUp,
  unpark,
  withdraw,
} from './handling.ts'
import {
  afterMiss,
  closeSession,
  goOffline,
  loseReplica,
  openSession,
  renewReplica,
  setPresence,
  signOut,
} from './presence.ts'
import { type PoolState, isClosedUntold, isOpen, offerOf, waitsIn } from './state.ts'
import { giveBack, leaveIdle, reassign, takeOver } from './taking-over.ts'
import { type TimerKind, due, nextTime } from './timers.ts'
import { transfer } from './transferring.ts'

export function decide(
  wish: Wish<WorkforceCommand>,
  state: PoolState,
): Decided<PoolState, WorkforceEvent> | Refusal {
  const decision = new Decision(wish, state)
  if (wish.type !== 'Wake') catchUpWithHours(decision)
  decision.beginsOwn()
  const refusal = carryOut(decision) ?? undefined
  if (refusal === undefined) leaveIdle(decision)
  if (decision.hasStated && wish.type !== 'Wake') scheduleEarlier(decision)
  return decision.outcome(refusal)
}

function carryOut(decision: Decision): Refusal | undefined | void {
  const { wish } = decision
  switch (wish.type) {
    case 'ConfigurePool':
      return configurePool(decision, wish.data)
    case 'EnqueueConversation':
      return enqueue(decision, wish.data)
    case 'TakeOnConversation':
      return takeOn(decision, wish.data)
    case 'EstimateWait':
      return estimateWait(decision, wish.data)
    case 'WithdrawConversation':
      return withdraw(decision, wish.data)
    case 'AcceptOffer':
      return acceptOffer(decision, wish.data)
    case 'DeclineOffer':
      return declineOffer(decision, wish.data)
    case 'ClaimConversation':
      return claim(decision, wish.data)
    case 'TransferConversation':
      return transfer(decision, wish.data)
    case 'TakeOverConversation':
      return takeOver(decision, wish.data)
    case 'GiveBackConversation':
      return giveBack(decision, wish.data)
    case 'ReassignConversation':
      return reassign(decision, wish.data)
    case 'ParkConversation':
      return park(decision, wish.data)
    case 'UnparkConversation':
      return unpark(decision, wish.data)
    case 'ChangeLanguage':
      return changeLanguage(decision, wish.data)
    case 'ResumeConversation':
      return resume(decision, wish.data)
    case 'SetPresence':
      return setPresence(decision, wish.data)
    case 'OpenSession':
      return openSession(decision, wish.data)
    case 'CloseSession':
      return closeSession(decision, wish.data)
    case 'RenewReplica':
      return renewReplica(decision, wish.data)
    case 'SignOut':
      return signOut(decision, wish.data)
    case 'Wake':
      return wake(decision, wish.data)
    default:
      return unreachable(wish)
  }
}

/** The pool has one deadline in the log: the earliest of all that it waits for. */
function scheduleEarlier(decision: Decision): void {
  const { wakeAt } = decision.state
  const earliest = nextTime(decision.state)
  if (earliest !== undefined && (wakeAt === null || earliest < wakeAt))
    decision.conclude('WakeScheduled', { dueAt: isoOf(earliest) })
}

/** More than this in one decision would hold up everybody; the rest is due at once. */
const EVENTS_OF_A_WAKE_MAX = 500

function wake(decision: Decision, { dueAt }: PoolCommandData<'Wake'>): void {
  if (dueAt !== undefined && decision.at < Date.parse(dueAt)) return
  if (nextTime(decision.state) === undefined) return
  catchUpWithHours(decision)
  let isDone = true
  for (const { kind, id } of due(decision.state, decision.at)) {
    if (decision.eventCount > EVENTS_OF_A_WAKE_MAX) {
      isDone = false
      break
    }
    lookAt(decision, kind, id)
  }
  const next = nextTime(decision.state, isDone ? decision.at : undefined)
  decision.conclude('WakeScheduled', { dueAt: next === undefined ? undefined : isoOf(next) })
}

/** What a timer was set for may have been settled in another way since: then there is nothing to do. */
function lookAt(decision: Decision, kind: TimerKind, id: string): void {
  const { state, at } = decision
  const work = state.works.get(id)
  switch (kind) {
    case 'offer': {
      const offer = work === undefined ? null : offerOf(work)
      if (offer === null || offer.until > at) return
      endOffer(decision, id, 'timed_out')
      afterMiss(decision, offer.agentId)
      offerWaiting(decision, id)
      return fillAgent(decision, offer.agentId)
    }
    case 'again':
      offerWaiting(decision, id)
      // Something that stood before it may have been theirs again too: after that, this one still has to be looked at.
      for (const { agentId, until } of work?.excluded ?? []) if (until <= at) fillAgent(decision, agentId)
      return
    case 'ring': {
      if (work?.stage !== 'waiting') return
      const rings = entryOf(state.configuration.queues, work.queue)?.rings ?? []
      // Those of a closed one are due until it closed; when the others are its opening says anew.
      const countedTo = isOpen(state, work.queue) ? at : (entryOf(state.hours, work.queue)?.since ?? 0)
      const widened = rings.filter(
        ({ afterSeconds }) => work.ringsFrom + afterSeconds * 1000 <= countedTo,
      ).length
      if (widened <= work.ring) return
      decision.conclude('RingWidened', { conversationId: id, ring: widened })
      return offerWaiting(decision, id)
    }
    case 'overflow': {
      const queue = work === undefined ? undefined : entryOf(state.configuration.queues, work.queue)
      if (work?.stage !== 'waiting' || queue === undefined || queue.overflowQueue === '') return
      const isDue = work.enteredAt + queue.overflowSeconds * 1000 <= at
      if (!isDue && waitsIn(state, work.queue) === work.queue) return
      requeue(decision, id, {
        queue: queue.overflowQueue,
        reason: 'overflow',
        isAtHead: false,
        preferredAgentId: work.preferred?.agentId ?? '',
        since: work.since,
      })
      return offerWaiting(decision, id)
    }
    case 'closed':
      if (work?.stage === 'waiting' && isClosedUntold(state, work))
        decision.conclude('WaitEstimated', estimateOf(decision, id, work))
      return
    case 'wrap_up':
      if (work?.stage !== 'wrap_up' || work.until > at) return
      decision.conclude('WrapUpEnded', { conversationId: id, agentId: work.agentId })
      return fillAgent(decision, work.agentId)
    case 'snooze':
      if (work?.stage !== 'parked' || work.snoozedUntil === null || work.snoozedUntil > at) return
      return takeUp(decision, id, work, 'snooze_over')
    case 'grace': {
      const until = state.agents.get(id)?.graceUntil ?? null
      if (until !== null && until <= at) goOffline(decision, id, 'connection_lost')
      return
    }
    case 'hours': {
      const until = entryOf(state.hours, id)?.until ?? null
      if (until !== null && until <= at) lookAtHours(decision, id)
      return
    }
    case 'replica': {
      const until = entryOf(state.replicas, id)
      if (until !== undefined && until <= at) loseReplica(decision, id)
      return
    }
    default:
      unreachable(kind)
  }
}
