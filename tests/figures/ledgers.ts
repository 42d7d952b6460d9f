// Figures reckoned by what the rules themselves have in their state, from one fact to the next: no code of the archive, and none of its recount.
import { conversations } from '@parley/conversation'
import { type RecordedEvent, clocksOf } from '@parley/kernel'
import { type WorkforceEvent, workforces } from '@parley/workforce'
import { conversationDecider } from '../../services/routing/src/conversation/decider.ts'
import type { ContactState } from '../../services/routing/src/conversation/state.ts'
import { workforceDecider } from '../../services/routing/src/workforce/decider.ts'
import type { Work } from '../../services/routing/src/workforce/state.ts'
import type { Told } from '../../services/routing/test/story.ts'

/** By name of what is counted, and by whose it is: `handled ana`. */
type Sums = Map<string, number>
const raising =
  (sums: Sums) =>
  (name: string, key: string, amount = 1): void =>
    void sums.set(`${name} ${key}`, (sums.get(`${name} ${key}`) ?? 0) + amount)

/** What the pool's own state says of waits, handlings and agents' time: second by second, from one fact to the next. */
export function poolLedger(events: readonly Pick<RecordedEvent, 'envelope'>[]): Sums {
  const sums: Sums = new Map()
  const add = raising(sums)
  const owned = new Map<string, { agent: string; with: number; parked: number; wrapUp: number }>()
  const targets = new Map<string, number>()
  const coming = new Set<string>()
  let state = workforceDecider.initialState('main')
  let at = 0
  for (const { envelope } of events) {
    const event = workforces.readEvent(envelope) as WorkforceEvent
    const now = Date.parse(envelope.recordedAt ?? '')
    const seconds = at === 0 ? 0 : (now - at) / 1_000
    at = now
    for (const [id, { status, has, wrapsUp }] of state.agents.entries()) {
      if (status === 'offline') continue
      const works = has.length + wrapsUp.length
      add('signedInSeconds', id, seconds)
      add('workSeconds', id, works * seconds)
      if (works > 0) add('workingSeconds', id, seconds)
      if (status === 'away') continue
      add('thereSeconds', id, seconds)
      if (works > 0) add('occupiedSeconds', id, seconds)
    }
    for (const [id, { stage }] of state.works.entries()) {
      const own = owned.get(id)
      if (own === undefined) continue
      if (stage === 'with_agent') own.with += seconds
      if (stage === 'parked') own.parked += seconds
      if (stage === 'wrap_up') own.wrapUp += seconds
    }
    const id = 'conversationId' in event.data ? event.data.conversationId : ''
    const before = state.works.get(id)
    state = workforceDecider.evolve(state, { ...event, recordedAt: envelope.recordedAt ?? '' } as never)
    const after = state.works.get(id)
    if (id === '') continue
    const enters = waits(after) && (!waits(before) || event.type === 'ConversationRequeued')
    const reason = 'reason' in event.data ? event.data.reason : ''
    const comesBack =
      enters && before?.stage === 'parked' && (reason === 'customer_wrote' || reason === 'snooze_over')
    if (waits(before) && !coming.has(id)) {
      const waited = (now - before.enteredAt) / 1_000
      if (after?.stage === 'with_agent') {
        add('answered', before.queue)
        add('answerSeconds', before.queue, waited)
        add('inTime', before.queue, Number(targets.get(id) === 0 || waited <= targets.get(id)!))
      } else if (event.type === 'ConversationWithdrawn' && event.data.isAbandoned) {
        add('abandoned', before.queue)
        add('abandonSeconds', before.queue, waited)
      }
    }
    if (enters) {
      if (comesBack) coming.add(id)
      else {
        coming.delete(id)
        add('entered', after.queue)
        targets.set(id, state.configuration.queues[after.queue]?.serviceLevelSeconds ?? 0)
      }
    } else if (!waits(after)) coming.delete(id)

    const own = owned.get(id)
    const isOver =
      after === undefined ||
      (enters && !comesBack) ||
      (after.stage === 'with_agent' && after.agentId !== own?.agent)
    if (own !== undefined && isOver) {
      owned.delete(id)
      add('handled', own.agent)
      add('withSeconds', own.agent, own.with)
      add('parkedSeconds', own.agent, own.parked)
      add('wrapUpSeconds', own.agent, own.wrapUp)
      if (event.type === 'ConversationReturnedToRobot') add('toRobot', own.agent)
    }
    if (after?.stage === 'with_agent' && !owned.has(id))
      owned.set(id, { agent: after.agentId, with: 0, parked: 0, wrapUp: 0 })
  }
  return sums
}

const waits = (work: Work | undefined): work is Work => work?.stage === 'waiting' || work?.stage === 'offered'

/** What the conversations' own states say of holds, of how they end, and of who comes back for what. */
export function contactLedger(told: readonly Told[]): Sums {
  const sums: Sums = new Map()
  const add = raising(sums)
  const states = new Map<string, ContactState>()
  const held = new Map<string, { since: number; agent: string }>()
  /** By conversation: whose it was at its end; empty: nobody's. */
  const endedBy = new Map<string, string>()
  const openedAt = new Map<string, number>()
  /** Whose they were that the customer has not come back from. */
  const unreturned = new Map<string, string[]>()
  for (const event of told) {
    const { envelope, type } = event
    if (!conversations.isFolded(type)) continue
    const { streamId: contact } = envelope
    const now = Date.parse(envelope.recordedAt ?? '')
    const before = states.get(contact) ?? conversationDecider.initialState(contact)
    const after = conversationDecider.evolve(before, {
      ...event,
      ...clocksOf(envelope),
      eventId: envelope.eventId,
      correlationId: envelope.correlationId,
    } as never)
    states.set(contact, after)
    const wasHeld = 'isOnHold' in before.conversation && before.conversation.isOnHold
    const isHeld = 'isOnHold' in after.conversation && after.conversation.isOnHold
    if (wasHeld && !isHeld) {
      const { since, agent: who } = held.get(contact)!
      add('holds', who)
      add('holdSeconds', who, (now - since) / 1_000)
    }
    if (isHeld && !wasHeld && 'agentId' in after.conversation)
      held.set(contact, { since: now, agent: after.conversation.agentId })
    switch (event.type) {
      case 'ConversationOpened': {
        const { conversationId, continuesConversationId, begunByAgentId } = event.data
        add('opened', '')
        if (continuesConversationId !== '')
          add('reopenedOfAgent', endedBy.get(continuesConversationId) ?? 'nobody')
        openedAt.set(conversationId, now)
        if (begunByAgentId !== '') break
        for (const own of unreturned.get(contact) ?? []) add('cameBackToAgent', own)
        unreturned.set(contact, [])
        break
      }
      case 'ConversationAssigned':
      case 'ConversationBegun':
        // Whose it is while it ends, the conversation itself forgets.
        endedBy.set(event.data.conversationId || envelope.correlationId, event.data.agentId)
        break
      case 'ConversationClosed': {
        const { conversation } = before
        const isAgents =
          conversation.stage === 'with_agent' ||
          conversation.stage === 'parked' ||
          (conversation.stage === 'ending' && conversation.isAgents)
        const { conversationId } = event.data
        const own = endedBy.get(conversationId) ?? ''
        endedBy.set(conversationId, isAgents ? own : '')
        add('closed', '')
        add('openSeconds', '', (now - openedAt.get(conversationId)!) / 1_000)
        if (!isAgents) break
        add('closedWithAgent', own)
        unreturned.set(contact, [...(unreturned.get(contact) ?? []), own])
        break
      }
      case 'SurveyAsked':
        add('asked', endedBy.get(event.data.conversationId) ?? 'nobody')
        break
      case 'SurveyAnswered':
        add('surveyed', endedBy.get(event.data.conversationId) ?? 'nobody')
        add('score', endedBy.get(event.data.conversationId) ?? 'nobody', event.data.score)
        break
      default:
    }
  }
  return sums
}
