import { Chain, type Sketch } from '@parley/testkit'
import { type WorkforceEvent, POOL, workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { type PoolParts, PoolView } from './pool-view.ts'
import { recordedOf } from './pool.ts'

type Given = Sketch<WorkforceEvent>
const about = { conversationId: 'c-1', contactId: 'contact-1', queue: 'general' }
const configured: Given = {
  type: 'PoolConfigured',
  data: {
    configuration: {
      queues: [{ name: 'general', closeReasons: ['solved'] }],
      agents: [{ id: 'p03', capacity: 1, queues: ['general'] }],
    },
  },
}
const enqueued: Given = { type: 'ConversationEnqueued', data: { ...about, weight: 1 } }
const offered: Given = {
  type: 'ConversationOffered',
  data: { ...about, offerId: 'o-1', agentId: 'p03', expiresAt: '2026-01-05T12:01:00.000Z' },
}
const assigned: Given = {
  type: 'ConversationAssigned',
  data: { ...about, agentId: 'p03', offerId: 'o-1', how: 'accepted' },
}
const declined: Given = {
  type: 'OfferEnded',
  data: { conversationId: 'c-1', offerId: 'o-1', agentId: 'p03', outcome: 'declined' },
}
const withdrawn: Given = {
  type: 'ConversationWithdrawn',
  data: { conversationId: 'c-1', agentId: 'p03', reason: 'agent' },
}
const nothing: PoolParts = {
  configuration: undefined,
  presences: new Map(),
  hours: new Map(),
  works: new Map(),
}

function after(parts: PoolParts, ...events: readonly Given[]): PoolView {
  const view = new PoolView()
  view.restore(parts)
  const chain = new Chain(workforces, POOL)
  for (const event of events.map((each) => chain.add(each)))
    view.take(event, { at: event.envelope.recordedAt ?? '', ...event.record })
  return view
}

const shown = (view: PoolView) => {
  const { agents, queues } = view.now()
  const [{ load } = { load: -1 }] = agents
  const [queue] = queues
  return [queue?.waitingCount, queue?.offeredCount, queue?.withAgentCount, load]
}

test('what is offered and what they have is load; declined it waits again; what is over is none', () => {
  const taken = [configured, enqueued, offered, assigned] as const
  expect(shown(after(nothing, configured, enqueued))).toEqual([1, 0, 0, 0])
  expect(shown(after(nothing, configured, enqueued, offered))).toEqual([0, 1, 0, 1])
  expect(shown(after(nothing, configured, enqueued, offered, declined))).toEqual([1, 0, 0, 0])
  expect(shown(after(nothing, ...taken))).toEqual([0, 0, 1, 1])
  expect(shown(after(nothing, ...taken, withdrawn))).toEqual([0, 0, 0, 0])
})

test('what thousands ask for between two events is reckoned once, and anew after the next', () => {
  const view = after(nothing, configured)
  const before = view.now()
  expect(view.now()).toBe(before)
  view.restore(nothing)
  expect(view.now()).not.toBe(before)
  const [first, second] = [configured, enqueued].map((event) => new Chain(workforces, POOL).add(event))
  for (const event of [first!, second!]) {
    const asked = view.now()
    view.take(event, { at: '', ...event.record })
    expect(view.now()).not.toBe(asked)
  }
})

test('why somebody is away is known as they said it, until they say something else', () => {
  const view = new PoolView()
  view.restore(nothing)
  const chain = new Chain(workforces, POOL)
  const reasonAfter = (status: string, reason: string) => {
    const event: Given = { type: 'PresenceChanged', data: { agentId: 'p03', status } }
    const content = reason === '' ? [] : [{ name: 'reason', value: Buffer.from(reason) }]
    const said = chain.add(event, { content })
    view.take(said, recordedOf(said))
    return view.now().agents[0]?.reason
  }
  view.take(chain.add(configured), { at: '', partition: 0, offset: 0n })
  expect(reasonAfter('away', 'break')).toBe('break')
  expect(reasonAfter('away', 'training')).toBe('training')
  expect(reasonAfter('available', '')).toBeNull()
})

test('offers are open from the offer to its answer', () => {
  expect(
    after(nothing, configured, enqueued, offered)
      .offersTo('p03')
      .map(({ id }) => id),
  ).toEqual(['o-1'])
  expect(after(nothing, configured, enqueued, offered).offersTo('p01')).toEqual([])
  expect(after(nothing, configured, enqueued, offered, assigned).offersTo('p03')).toEqual([])
})

test('an event that what was restored has seen changes nothing of it', () => {
  const works: PoolParts['works'] = new Map([
    [
      'c-1',
      {
        seenVersion: 4,
        value: {
          stage: 'with_agent',
          queue: 'general',
          weight: 1,
          agentId: 'p03',
          waitingSince: null,
          offer: null,
        },
      },
    ],
  ])
  expect(shown(after({ ...nothing, works }, configured, enqueued, offered, assigned))).toEqual([0, 0, 1, 1])
})

test('why the rules made somebody so is known until they wish something else', () => {
  const changed = (status: string, reasonCode = ''): Given => ({
    type: 'PresenceChanged',
    data: { agentId: 'p03', status, reasonCode },
  })
  const missed = [configured, changed('away', 'missed_offers')] as const
  const [away] = after(nothing, ...missed).now().agents
  expect(away).toMatchObject({ status: 'away', reasonCode: 'missed_offers' })
  const [back] = after(nothing, ...missed, changed('available')).now().agents
  expect(back).toMatchObject({ status: 'available', reasonCode: null })
})
