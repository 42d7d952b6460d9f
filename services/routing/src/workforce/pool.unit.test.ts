import { scenario } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { array, assert, boolean, nat, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BEGIN, Pool, agent, eventsOf, pool, queue, supervisor, wrongWith } from '../../test/pool.ts'
import { workforceDecider } from './decider.ts'

const two = pool(
  [queue('general'), queue('cards', { autoAccepts: true })],
  [agent('ana', { queues: ['general', 'cards'] }), agent('bia', { queues: ['general', 'cards'] })],
)
const iso = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString()

/** Of a decision, `type` of each event and who it is about. */
function refusedWith(events: readonly { readonly type: string; readonly data: unknown }[]) {
  const [only] = events as readonly {
    type: string
    data: { code: string; fields: { name: string; value: string }[] }
  }[]
  expect(only?.type).toBe('CommandRefused')
  return only!.data.code
}

test('a queue may be called as what every object has: it is a queue like others', () => {
  const at = new Pool(pool([queue('constructor')], [agent('ana', { queues: ['constructor'] })]))
  at.comes('ana')
  at.when('EnqueueConversation', {
    conversationId: 'c1',
    contactId: 'x',
    queue: 'constructor',
    language: 'pt',
  })
  expect(at.where('c1')).toBe('offered to ana')
})

test('a decision is pure, survives JSON and depends on no words', () => {
  const at = scenario(workforceDecider, { streamId: 'main' })
    .when({ type: 'ConfigurePool', data: { configuration: two } })
    .thenEvents('PoolConfigured')
    .when({
      type: 'EnqueueConversation',
      data: { conversationId: 'c1', contactId: 'x', queue: 'general', language: 'pt' },
    })
    .thenEvents({
      type: 'ConversationEnqueued',
      data: { position: 1, revision: 1 },
      envelope: { correlationId: 'c1' },
    })
    .when(
      { type: 'SetPresence', data: { agentId: 'ana', status: 'available' } },
      { content: [{ name: 'reason', value: Buffer.from('back') }] },
    )
    .thenEvents(
      { type: 'PresenceChanged', data: { agentId: 'ana', status: 'available' } },
      {
        type: 'ConversationOffered',
        data: { conversationId: 'c1', agentId: 'ana', revision: 2 },
        envelope: { actor: { kind: 'system', id: 'rules' } },
      },
      { type: 'WakeScheduled', data: { dueAt: '2026-01-05T12:00:20.000Z' } },
    )
  expect(at.history).toHaveLength(5)
})

describe('offers', () => {
  test('for an hour each offer answers how it ended, however many came since', () => {
    const at = new Pool(pool([queue('general', { offerSeconds: 5 })], [agent('ana'), agent('bia')]))
    at.comes('ana')
    at.arrives('c0')
    const { offerId } = at.offer('c0')
    at.when('DeclineOffer', { agentId: 'ana', offerId })
    for (let index = 1; index <= 100; index += 1) {
      at.later(30)
      at.arrives(`c${index}`)
      at.accepts(`c${index}`)
      at.when('WithdrawConversation', { conversationId: `c${index}`, reason: 'closed' })
    }
    expect(at.when('AcceptOffer', { agentId: 'ana', offerId })).toMatchObject([
      { type: 'CommandRefused', data: { code: 'OFFER_ENDED' } },
    ])
  })

  test.each<[string, (at: Pool) => void]>([
    ['signs out', (at) => at.when('SignOut', { agentId: 'ana' })],
    ['goes offline', (at) => at.when('SetPresence', { agentId: 'ana', status: 'offline' })],
    [
      'loses the last desk',
      (at) => {
        at.when('OpenSession', { agentId: 'ana', sessionId: 'one', replicaId: 'r' })
        at.when('CloseSession', { agentId: 'ana', sessionId: 'one' })
        at.later(61)
      },
    ],
  ])('whoever was to get a transfer of an agent who %s gets what waits instead', (_, leaves) => {
    const at = new Pool(
      pool(
        [queue('general', { offerSeconds: 600 }), queue('branches', { offerSeconds: 600 })],
        [agent('ana', { queues: ['branches'], capacity: 1 }), agent('bia', { capacity: 1 })],
      ),
    )
    at.comes('ana')
    at.arrives('passed on', { queue: 'branches' })
    at.accepts('passed on')
    at.comes('bia')
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'passed on', toAgentId: 'bia' })
    at.arrives('waits')
    expect(at.where('waits')).toBe('waiting in general')
    leaves(at)
    expect(at.where('waits')).toBe('offered to bia')
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('whoever had what comes anew elsewhere gets what waits', () => {
    const at = new Pool(
      pool(
        [queue('general'), queue('branches')],
        [agent('ana', { capacity: 1 }), agent('bia', { queues: ['branches'], capacity: 1 })],
      ),
    )
    at.comes('ana', 'bia')
    at.arrives('had')
    at.accepts('had')
    at.arrives('waits')
    at.arrives('had', { queue: 'branches', revision: at.work('had')!.revision })
    expect([at.where('had'), at.where('waits')]).toEqual(['offered to bia', 'offered to ana'])
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('a conversation goes to the longest idle of the least busy', () => {
    const at = new Pool(two)
    at.comes('ana')
    at.later(1)
    at.comes('bia')
    at.arrives('c1')
    at.arrives('c2')
    at.arrives('c3')
    expect(['c1', 'c2', 'c3'].map((id) => at.where(id))).toEqual([
      'offered to ana',
      'offered to bia',
      'offered to ana',
    ])
  })

  test('what is wished of the agent counts before how long they were idle', () => {
    const at = new Pool(
      pool(
        [queue('general', { wishedSkills: [{ name: 'loans', level: 2 }] })],
        [
          agent('ana'),
          agent('bia', { skills: [{ name: 'loans', level: 1 }] }),
          agent('caio', { skills: [{ name: 'loans', level: 3 }], capacity: 1 }),
        ],
      ),
    )
    at.comes('ana', 'bia', 'caio')
    for (const id of ['c1', 'c2', 'c3']) at.arrives(id)
    expect(['c1', 'c2', 'c3'].map((id) => at.where(id))).toEqual([
      'offered to caio',
      'offered to bia',
      'offered to bia',
    ])
  })

  test('who waited under another name comes where they would have come, and whom somebody had before all of these', () => {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 1 })]))
    at.arrives('early')
    at.later(60)
    at.arrives('late')
    const [merged] = eventsOf(at.arrives('merged', { waitingSince: iso(30) }), 'ConversationEnqueued')
    expect(merged).toMatchObject({ waitingSince: iso(30), position: 2 })
    const [served] = eventsOf(at.arrives('served', { isAtHead: true }), 'ConversationEnqueued')
    expect(served).toMatchObject({ position: 1 })
    // A clock that is ahead puts nobody behind who comes later.
    at.arrives('ahead', { waitingSince: iso(600) })
    at.later(1)
    at.arrives('last')
    const order: string[] = []
    at.comes('ana')
    for (let index = 0; index < 6; index += 1) {
      const [id] = at.agent('ana').offered
      order.push(id!)
      at.when('WithdrawConversation', { conversationId: id!, reason: 'closed' })
    }
    expect(order).toEqual(['served', 'early', 'merged', 'late', 'ahead', 'last'])
  })

  test('minutes of priority count as minutes of waiting', () => {
    const at = new Pool(
      pool(
        [queue('general'), queue('urgent', { priorityMinutes: 2 })],
        [agent('ana', { queues: ['general', 'urgent'], capacity: 1 })],
      ),
    )
    at.arrives('early')
    at.later(60)
    at.arrives('urgent', { queue: 'urgent' })
    at.later(90)
    at.arrives('late urgent', { queue: 'urgent' })
    const order: string[] = []
    at.comes('ana')
    for (let index = 0; index < 3; index += 1) {
      const [id] = at.agent('ana').offered
      order.push(id!)
      at.when('WithdrawConversation', { conversationId: id!, reason: 'closed' })
    }
    expect(order).toEqual(['urgent', 'early', 'late urgent'])
  })

  test('the customer’s last agent comes first when free, and no longer once the limit of waiting is over', () => {
    const at = new Pool(two)
    at.comes('ana', 'bia')
    at.arrives('c1', { lastAgentId: 'bia' })
    expect(at.where('c1')).toBe('offered to bia')
    const alone = new Pool(pool([queue('general')], [agent('ana', { capacity: 1 })], { stickySeconds: 60 }))
    alone.arrives('first')
    alone.arrives('theirs', { lastAgentId: 'ana' })
    alone.later(30)
    alone.comes('ana')
    expect(alone.where('theirs')).toBe('offered to ana')
    alone.when('SignOut', { agentId: 'ana' })
    alone.later(31)
    alone.comes('ana')
    expect(alone.where('first')).toBe('offered to ana')
  })

  test('the language of the customer and required skills are asked for, by their level', () => {
    const at = new Pool(
      pool(
        [queue('cards', { requiredSkills: [{ name: 'cards', level: 2 }] })],
        [
          agent('ana', { queues: ['cards'], languages: ['pt'], skills: [{ name: 'cards', level: 1 }] }),
          agent('bia', { queues: ['cards'], languages: ['bn'], skills: [{ name: 'cards', level: 2 }] }),
        ],
      ),
    )
    at.comes('ana', 'bia')
    at.arrives('c1', { queue: 'cards', language: 'pt' })
    at.arrives('c2', { queue: 'cards', language: 'bn' })
    at.arrives('c3', { queue: 'cards', language: 'bn', skills: [{ name: 'loans', level: 1 }] })
    expect(['c1', 'c2', 'c3'].map((id) => at.where(id))).toEqual([
      'waiting in cards',
      'offered to bia',
      'waiting in cards',
    ])
  })

  test('rings ask for less the longer somebody waits', () => {
    const at = new Pool(
      pool(
        [
          queue('cards', {
            requiredSkills: [{ name: 'cards', level: 2 }],
            rings: [{ afterSeconds: 30, withoutSkills: ['cards'] }],
          }),
        ],
        [agent('ana', { queues: ['cards'] })],
      ),
    )
    at.comes('ana')
    at.arrives('c1', { queue: 'cards' })
    at.later(29)
    expect(at.where('c1')).toBe('waiting in cards')
    at.later(2)
    expect(at.where('c1')).toBe('offered to ana')
  })

  test.each([
    ['a ring', { rings: [{ afterSeconds: 10, withoutSkills: ['cards'] }] }, 'offered to bia'],
    ['an overflow', { overflowQueue: 'general', overflowSeconds: 10 }, 'offered to bia'],
  ])('%s that becomes due while an offer stands is not lost with it when nobody answers', (_, how, then) => {
    const asks = { requiredSkills: [{ name: 'cards', level: 1 }], ...how }
    const skilled = agent('ana', { queues: ['cards'], skills: [{ name: 'cards', level: 1 }] })
    const at = new Pool(
      pool(
        [queue('cards', asks), queue('general')],
        [skilled, agent('bia', { queues: ['cards', 'general'] })],
        { offerAgainSeconds: 600 },
      ),
    )
    at.comes('ana', 'bia')
    at.arrives('c1', { queue: 'cards' })
    at.later(19)
    expect(at.where('c1')).toBe('offered to ana')
    at.later(2)
    expect(at.where('c1')).toBe(then)
  })

  test('the language that an agent finds out is the skill from then on: of what waits, of what is offered and of what is handed on', () => {
    const speaks = (...languages: readonly string[]) => ({ languages: [...languages] })
    const people = [agent('ana', speaks('pt')), agent('bia', speaks('bn')), agent('caio', speaks('pt', 'en'))]
    const at = new Pool(pool([queue('general')], people))
    let contactVersion = 0
    const changes = (conversationId: string, language: string) =>
      at.when(
        'ChangeLanguage',
        { conversationId, language, contactVersion: (contactVersion += 1) },
        { kind: 'agent', id: 'vera' },
      )
    at.comes('bia')
    at.arrives('waits')
    expect(at.where('waits')).toBe('waiting in general')
    changes('waits', 'bn')
    expect(at.where('waits')).toBe('offered to bia')
    changes('waits', 'pt')
    expect(at.where('waits')).toBe('waiting in general')
    at.comes('ana')
    expect(at.where('waits')).toBe('offered to ana')
    at.accepts('waits')

    at.comes('caio')
    const hands = { agentId: 'ana', conversationId: 'waits' }
    at.when('TransferConversation', { ...hands, toAgentId: 'caio' })
    expect(at.where('waits')).toBe('with ana, offered to caio')
    changes('waits', 'bn')
    expect(at.where('waits')).toBe('with ana')
    expect(refusedWith(at.when('TransferConversation', { ...hands, toAgentId: 'caio' }))).toBe(
      'SKILL_MISSING',
    )
    at.when('TransferConversation', { ...hands, toQueue: 'general' })
    expect(at.where('waits')).toBe('offered to bia')
    const late = at.when('ChangeLanguage', { conversationId: 'waits', language: 'pt', contactVersion: 2 })
    expect([...late, ...changes('gone', 'bn')].map(({ type }) => type)).toEqual(['NothingChanged'])
    expect(at.where('waits')).toBe('offered to bia')
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('what a configuration lets people take is shared out among them, the least busy first', () => {
    const people = ['ana', 'bia', 'caio'].map((id) => agent(id, { capacity: 3 }))
    const others = people.map((one) => ({ ...one, queues: ['other'] }))
    const queues = [queue('general'), queue('other')]
    const at = new Pool(pool(queues, [...others, agent('davi')]))
    at.comes('ana', 'bia', 'caio')
    for (const id of ['c1', 'c2', 'c3']) at.arrives(id)
    at.when('ConfigurePool', { configuration: pool(queues, [...people, agent('davi')]) })
    expect(['c1', 'c2', 'c3'].map((id) => at.where(id)).toSorted()).toEqual([
      'offered to ana',
      'offered to bia',
      'offered to caio',
    ])
  })

  test('who was taken out of the agents and comes back is still rather given what waits for them', () => {
    const [ana, bia] = [agent('ana'), agent('bia')]
    const at = new Pool(pool([queue('general')], [ana, bia]))
    at.arrives('c1', { lastAgentId: 'bia' })
    at.when('ConfigurePool', { configuration: pool([queue('general')], [ana]) })
    at.when('ConfigurePool', { configuration: pool([queue('general')], [ana, bia]) })
    expect(wrongWith(at.state, at.at)).toEqual([])
    at.arrives('c2')
    at.comes('bia')
    expect(at.where('c1')).toBe('offered to bia')
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('with no time for last agents whoever is idle longest comes first, but for a customer who goes on with one', () => {
    const two = [agent('ana'), agent('bia')]
    const at = new Pool(pool([queue('general')], two, { stickySeconds: 0 }))
    at.comes('ana')
    at.later(10)
    at.comes('bia')
    at.arrives('c1', { lastAgentId: 'bia' })
    expect(at.where('c1')).toBe('offered to ana')
    at.accepts('c1')
    at.when('WithdrawConversation', { conversationId: 'c1', reason: 'closed' })
    at.arrives('c2', { lastAgentId: 'ana', isReopened: true })
    expect(at.where('c2')).toBe('offered to ana')
  })

  test('what its agent had closed when they left was not abandoned, though it waits by then', () => {
    const at = new Pool(pool([queue('general')], [agent('ana')]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('SignOut', { agentId: 'ana' })
    expect(at.where('c1')).toBe('waiting in general')
    const ended = at.when('WithdrawConversation', { conversationId: 'c1', reason: 'solved', hadAgent: true })
    expect(eventsOf(ended, 'ConversationWithdrawn')).toMatchObject([{ isAbandoned: false }])
    at.arrives('c2')
    const left = at.when('WithdrawConversation', { conversationId: 'c2', reason: 'left' })
    expect(eventsOf(left, 'ConversationWithdrawn')).toMatchObject([{ isAbandoned: true }])
  })

  test('what nobody took for so long overflows to another queue, and has waited all that time', () => {
    const at = new Pool(
      pool(
        [queue('cards', { overflowQueue: 'general', overflowSeconds: 60 }), queue('general')],
        [agent('ana', { capacity: 1 })],
      ),
    )
    at.arrives('c1', { queue: 'cards' })
    at.later(30)
    at.arrives('c2')
    expect(eventsOf(at.later(31), 'ConversationRequeued')).toMatchObject([
      { reason: 'overflow', queue: 'general', waitingSince: iso(0), position: 1 },
    ])
    at.comes('ana')
    expect(at.where('c1')).toBe('offered to ana')
  })

  test('an auto-accept queue gives instead of offering', () => {
    const at = new Pool(two)
    at.comes('ana')
    expect(eventsOf(at.arrives('c1', { queue: 'cards' }), 'ConversationAssigned')).toMatchObject([
      { agentId: 'ana', how: 'auto', fromAgentId: '' },
    ])
  })

  test('freed capacity is used within the decision that frees it', () => {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 1 })]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    expect(at.where('c2')).toBe('waiting in general')
    expect(
      eventsOf(
        at.when('WithdrawConversation', { conversationId: 'c1', reason: 'solved' }),
        'ConversationOffered',
      ),
    ).toMatchObject([{ conversationId: 'c2', agentId: 'ana' }])
  })

  test('one that needs more room is not overtaken for ever, and holds nobody up once it is gone', () => {
    const at = new Pool(
      pool(
        [queue('heavy', { weight: 2 }), queue('general')],
        [agent('ana', { queues: ['heavy', 'general'] })],
      ),
    )
    at.comes('ana')
    at.arrives('c1')
    at.arrives('heavy', { queue: 'heavy' })
    at.arrives('c2')
    expect(at.where('c2')).toBe('waiting in general')
    at.when('WithdrawConversation', { conversationId: 'heavy', reason: 'opted_out' })
    expect(at.where('c2')).toBe('offered to ana')
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('who declines is asked again only after a while, others at once', () => {
    const at = new Pool(two)
    at.comes('ana', 'bia')
    at.arrives('c1')
    const first = at.offer('c1')
    at.when('DeclineOffer', first)
    const second = at.offer('c1')
    expect(second.agentId).not.toBe(first.agentId)
    at.when('DeclineOffer', second)
    expect(at.where('c1')).toBe('waiting in general')
    at.later(31)
    expect(at.where('c1')).toMatch(/^offered/)
  })

  test('two offers missed in a row: away, and told why; what was missed goes to somebody else', () => {
    const at = new Pool(two)
    at.comes('ana')
    at.arrives('c1')
    at.later(21)
    expect(at.agent('ana').misses).toBe(1)
    at.later(30)
    expect(at.where('c1')).toBe('offered to ana')
    expect(eventsOf(at.later(21), 'PresenceChanged')).toMatchObject([
      { agentId: 'ana', status: 'away', reasonCode: 'missed_offers' },
    ])
    at.comes('bia')
    expect(at.where('c1')).toBe('offered to bia')
  })

  test('an offer that ended says how, to the one it was made to; to anybody else it is none', () => {
    const at = new Pool(two)
    at.comes('ana')
    at.arrives('c1')
    const offer = at.offer('c1')
    expect(refusedWith(at.when('AcceptOffer', { ...offer, agentId: 'bia' }))).toBe('UNKNOWN_OFFER')
    at.accepts('c1')
    expect(refusedWith(at.when('AcceptOffer', offer))).toBe('OFFER_ENDED')
    expect(at.agent('ana').ended).toMatchObject([{ id: offer.offerId, outcome: 'accepted' }])
  })
})

describe('presence', () => {
  test('another reason for the same presence is said, the same presence without one is not', () => {
    const at = new Pool(two)
    at.comes('ana')
    const away = (hasReason: boolean) => at.when('SetPresence', { agentId: 'ana', status: 'away', hasReason })
    expect(eventsOf(away(true), 'PresenceChanged')).toHaveLength(1)
    expect(away(false)).toEqual([])
    expect(eventsOf(away(true), 'PresenceChanged')).toMatchObject([{ agentId: 'ana', status: 'away' }])
  })

  test('several desks are one presence; without any the grace runs, then all goes back to the head', () => {
    const at = new Pool(two)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab 1', replicaId: 'r1' })
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab 2', replicaId: 'r1' })
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab 1' })
    at.later(90)
    expect(at.where('c1')).toBe('with ana')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab 2' })
    at.later(59)
    expect(at.where('c1')).toBe('with ana')
    expect(eventsOf(at.later(2), 'ConversationRequeued')).toMatchObject([
      { conversationId: 'c1', reason: 'connection_lost', isAtHead: true, position: 1, fromAgentId: 'ana' },
    ])
  })

  test('who lost the last desk and misses two offers for it is away, and their grace goes on: nobody waits for somebody who is gone', () => {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 3 })]))
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    at.arrives('c3')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab' })
    at.later(21)
    expect(at.agent('ana')).toMatchObject({ status: 'away', sessions: [] })
    at.later(38)
    expect(at.where('c1')).toBe('with ana')
    at.later(2)
    expect([at.where('c1'), at.agent('ana').status]).toEqual(['waiting in general', 'offline'])
  })

  test('whoever is back within the grace keeps everything, and nothing new is offered meanwhile', () => {
    const at = new Pool(two)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab' })
    at.arrives('c2')
    expect(at.where('c2')).toBe('waiting in general')
    at.later(30)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab again', replicaId: 'r2' })
    expect([at.where('c1'), at.where('c2')]).toEqual(['with ana', 'offered to ana'])
    at.later(15)
    expect(at.agent('ana').status).toBe('available')
  })

  test.each([
    ['in the moment in which the grace ends, before it is looked at, keeps everything', 0, 'with ana'],
    ['after it was looked at, has nothing any more', 1, 'offered to ana'],
  ])('whoever is back %s', (_, secondsLate, where) => {
    const at = new Pool(two)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab' })
    const endsAt = at.agent('ana').graceUntil!
    if (secondsLate === 0) at.at = endsAt
    else at.later((endsAt - at.at) / 1000 + secondsLate)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'again', replicaId: 'r1' })
    if (secondsLate > 0) at.comes('ana')
    at.later(5)
    expect(at.where('c1')).toBe(where)
  })

  test('nothing is offered, handed over or given to a desk that nobody looks at; what was offered before stands its time, and is there again for who comes back', () => {
    const at = new Pool(two)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana', 'bia')
    at.when('SetPresence', { agentId: 'bia', status: 'busy' })
    at.arrives('before')
    expect(at.where('before')).toBe('offered to ana')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab' })
    at.arrives('given', { queue: 'cards' })
    expect(at.where('before')).toBe('offered to ana')
    expect(at.where('given')).toBe('waiting in cards')
    // Missed while nobody was there: it does not come back to them, whoever else there is.
    at.later(21)
    expect(at.where('before')).toBe('waiting in general')
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    expect(at.where('given')).toBe('with ana')
  })

  test('a wish to be available counts as a desk: without any other it is offered work, and the grace ends', () => {
    const at = new Pool(two)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab' })
    at.arrives('c1')
    expect(at.where('c1')).toBe('waiting in general')
    at.comes('ana')
    expect(at.where('c1')).toBe('offered to ana')
    expect(at.agent('ana').graceUntil).toBeNull()
  })

  test('a process that dies takes its desks with it', () => {
    const at = new Pool(two)
    at.when('RenewReplica', { replicaId: 'r1', aliveSeconds: 30 })
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana')
    at.later(20)
    at.when('RenewReplica', { replicaId: 'r1', aliveSeconds: 30 })
    at.later(20)
    expect(at.agent('ana').graceUntil).toBeNull()
    at.later(11)
    expect(at.agent('ana').sessions).toEqual([])
    at.later(300)
    expect(at.agent('ana').status).toBe('offline')
  })

  test('an outage of minutes takes nobody what they have: who comes back goes on, who does not has the longer grace', () => {
    const at = new Pool(two)
    at.when('RenewReplica', { replicaId: 'r1', aliveSeconds: 30 })
    at.when('OpenSession', { agentId: 'ana', sessionId: 'tab', replicaId: 'r1' })
    at.when('OpenSession', { agentId: 'bia', sessionId: 'tab', replicaId: 'r1' })
    at.comes('ana', 'bia')
    at.arrives('c1')
    at.accepts('c1')
    const owner = at.where('c1')
    at.when('CloseSession', { agentId: 'ana', sessionId: 'tab', isOutage: true })
    at.later(31)
    at.arrives('c2')
    expect(at.where('c2')).toBe('waiting in general')
    at.later(200)
    expect(at.where('c1')).toBe(owner)
    at.when('OpenSession', { agentId: 'ana', sessionId: 'again', replicaId: 'r2' })
    expect([at.agent('ana').status, at.where('c2')]).toEqual(['available', 'offered to ana'])
    at.later(101)
    expect(at.agent('bia').status).toBe('offline')
  })

  test('signing out returns everything at once; finishing keeps and gets nothing new', () => {
    const at = new Pool(two)
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    at.when('SetPresence', { agentId: 'ana', status: 'finishing' })
    expect([at.where('c1'), at.where('c2')]).toEqual(['with ana', 'waiting in general'])
    at.comes('bia')
    at.when('SignOut', { agentId: 'ana' })
    expect([at.where('c1'), at.where('c2')]).toEqual(['offered to bia', 'offered to bia'])
  })
})

describe('several that come to wait in one moment', () => {
  /** bia has, or is offered, what came first and, behind it, what goes before it by its priority. */
  const inOtherOrder = (isTaken: boolean): Pool => {
    const at = new Pool(two)
    at.comes('bia')
    at.arrives('first')
    if (isTaken) at.accepts('first')
    at.arrives('sooner', { priorityMinutes: 5 })
    if (isTaken) at.accepts('sooner')
    at.comes('ana')
    return at
  }

  test.each<[string, boolean, (at: Pool) => void]>([
    ['what somebody has who signs out', true, (at) => at.when('SignOut', { agentId: 'bia' })],
    [
      'what somebody is offered who gets busy',
      false,
      (at) => at.when('SetPresence', { agentId: 'bia', status: 'busy' }),
    ],
    ['what somebody is offered who goes home', false, (at) => at.when('SignOut', { agentId: 'bia' })],
  ])('all go to whoever has room for all: %s', (_, isTaken, leaves) => {
    const at = inOtherOrder(isTaken)
    leaves(at)
    expect(wrongWith(at.state, at.at)).toEqual([])
    expect([at.where('first'), at.where('sooner')]).toEqual(['offered to ana', 'offered to ana'])
  })
})

test('what is rather one agent’s holds up nothing that comes to wait with it and goes before it', () => {
  const at = new Pool(pool([queue('general')], [agent('ana'), supervisor('vera')]))
  at.comes('ana')
  at.arrives('hers')
  at.accepts('hers')
  at.when('SetPresence', { agentId: 'ana', status: 'busy' })
  at.arrives('sooner', { priorityMinutes: 5 })
  for (const conversationId of ['hers', 'sooner'])
    at.when('TakeOverConversation', { agentId: 'vera', conversationId, bySupervisor: true })
  at.comes('ana')
  at.when('SignOut', { agentId: 'vera' })
  expect([at.where('hers'), at.where('sooner')]).toEqual(['offered to ana', 'offered to ana'])
})

describe('who does not come back', () => {
  const parkedBy = (at: Pool, agentId: string, ...ids: readonly string[]): void => {
    for (const id of ids) {
      at.arrives(id)
      at.accepts(id)
      at.when('ParkConversation', { conversationId: id, agentId, revision: at.work(id)!.revision })
    }
  }

  test.each([['available'], ['offline']])(
    'has nothing parked: it goes on to others, from %s too',
    (status) => {
      const at = new Pool(two)
      at.comes('ana')
      parkedBy(at, 'ana', 'c1', 'c2')
      at.when('SetPresence', { agentId: 'ana', status })
      at.comes('bia')
      // Who comes back tomorrow keeps what they parked.
      at.when('SignOut', { agentId: 'ana' })
      expect([at.where('c1'), at.where('c2')]).toEqual(['parked by ana', 'parked by ana'])
      const events = at.when('SignOut', { agentId: 'ana', isForGood: true })
      expect(
        eventsOf(events, 'ConversationRequeued').toSorted((one, other) =>
          one.conversationId < other.conversationId ? -1 : 1,
        ),
      ).toMatchObject(
        ['c1', 'c2'].map((conversationId) => ({
          conversationId,
          reason: 'signed_out',
          isAtHead: true,
          fromAgentId: 'ana',
          preferredAgentId: '',
        })),
      )
      expect([at.where('c1'), at.where('c2')]).toEqual(['offered to bia', 'offered to bia'])
      expect(at.when('SignOut', { agentId: 'ana', isForGood: true })).toEqual([])
    },
  )

  test.each([
    ['before the pool hears that they left', true],
    ['while they were leaving, offline', false],
  ])(
    'has nothing parked that they began %s: nobody would look at it until its customer writes',
    (_, isThere) => {
      const at = new Pool(two)
      at.comes('bia')
      if (isThere) at.comes('ana')
      const begins = (conversationId: string) =>
        at.when('TakeOnConversation', {
          conversationId,
          contactId: `contact of ${conversationId}`,
          queue: 'general',
          language: 'pt',
          agentId: 'ana',
          revision: 1,
        })
      begins('c1')
      expect(at.where('c1')).toBe('parked by ana')
      at.when('SignOut', { agentId: 'ana', isForGood: true })
      begins('c2')
      expect([at.where('c1'), at.where('c2')]).toEqual(['offered to bia', 'offered to bia'])
      // May they answer again, what they begin is theirs again.
      at.when('OpenSession', { agentId: 'ana', sessionId: 'back', replicaId: 'r1' })
      begins('c3')
      expect(at.where('c3')).toBe('parked by ana')
      // Also without a desk: of who is active again the pool hears of one that was there.
      at.when('CloseSession', { agentId: 'ana', sessionId: 'back' })
      begins('c4')
      expect(at.where('c4')).toBe('parked by ana')
      const { bytes, again } = at.decidedAnew()
      expect(again).toEqual(bytes)
    },
  )

  test('of several that go back to the head at once only one is told that it is next', () => {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 3 })]))
    at.comes('ana')
    for (const id of ['c1', 'c2', 'c3']) {
      at.arrives(id)
      at.accepts(id)
    }
    at.arrives('c4')
    const gone = at.when('SetPresence', { agentId: 'ana', status: 'offline' })
    expect(eventsOf(gone, 'ConversationRequeued').map(({ position }) => position)).toEqual([1, 2, 3])
  })

  test('what a supervisor took over and parked goes back to whose it was', () => {
    const at = new Pool(
      pool([queue('general')], [agent('ana', { capacity: 1 }), agent('bia'), supervisor('vera')]),
    )
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('TakeOverConversation', { agentId: 'vera', conversationId: 'c1', bySupervisor: true })
    at.when('ParkConversation', { conversationId: 'c1', agentId: 'vera', revision: at.work('c1')!.revision })
    at.comes('bia')
    at.when('SignOut', { agentId: 'vera', isForGood: true })
    expect(at.where('c1')).toBe('offered to ana')
  })
})

describe('claims, transfers, parking', () => {
  const mixed = pool(
    [queue('general'), queue('cards', { isClaimable: false, requiredSkills: [{ name: 'cards', level: 1 }] })],
    [
      agent('ana'),
      agent('bia', { queues: ['general', 'cards'], skills: [{ name: 'cards', level: 2 }], capacity: 1 }),
      agent('caio'),
    ],
  )

  test('what waits may be taken by whoever is busy or finishing and has room, where the queue allows it', () => {
    const at = new Pool(mixed)
    at.arrives('c1')
    at.arrives('c2', { queue: 'cards' })
    at.when('SetPresence', { agentId: 'ana', status: 'busy' })
    expect(refusedWith(at.when('ClaimConversation', { agentId: 'ana', conversationId: 'c2' }))).toBe(
      'QUEUE_NOT_CLAIMABLE',
    )
    expect(refusedWith(at.when('ClaimConversation', { agentId: 'caio', conversationId: 'c1' }))).toBe(
      'AGENT_NOT_AVAILABLE',
    )
    at.when('ClaimConversation', { agentId: 'ana', conversationId: 'c1' })
    expect(at.where('c1')).toBe('with ana')
    expect(refusedWith(at.when('ClaimConversation', { agentId: 'ana', conversationId: 'c1' }))).toBe(
      'NOT_WAITING',
    )
  })

  test('nothing is taken past what one has room for: what is offered, and what a transfer has a place kept for, takes room as well', () => {
    const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    expect(at.where('c2')).toBe('offered to ana')
    at.arrives('c3')
    const claims = (agentId: string) => at.when('ClaimConversation', { agentId, conversationId: 'c3' })
    expect(refusedWith(claims('ana'))).toBe('AGENT_AT_CAPACITY')
    expect(at.where('c3')).toBe('waiting in general')
    at.accepts('c2')
    expect(refusedWith(claims('ana'))).toBe('AGENT_AT_CAPACITY')
    // bia has one, and a place kept for another.
    at.when('SetPresence', { agentId: 'bia', status: 'busy' })
    claims('bia')
    at.arrives('c4')
    at.comes('bia')
    at.when('DeclineOffer', at.offer('c4'))
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toAgentId: 'bia' })
    expect(refusedWith(at.when('ClaimConversation', { agentId: 'bia', conversationId: 'c4' }))).toBe(
      'AGENT_AT_CAPACITY',
    )
  })

  test('what is handed to somebody who signs out meanwhile stays where it is, and its note is on record once', () => {
    const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.comes('bia')
    const handed = at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toAgentId: 'bia' })
    expect(eventsOf(handed, 'ConversationOffered').map(({ noteMessageId }) => noteMessageId !== '')).toEqual([
      true,
    ])
    const { offerId } = at.offer('c1')
    const left = at.when('SignOut', { agentId: 'bia' })
    expect(eventsOf(left, 'OfferEnded')).toMatchObject([
      { offerId, agentId: 'bia', fromAgentId: 'ana', outcome: 'withdrawn' },
    ])
    expect(eventsOf(left, 'ConversationRequeued')).toEqual([])
    expect(at.where('c1')).toBe('with ana')
    // Whoever accepts a moment later learns how it ended.
    expect(refusedWith(at.when('AcceptOffer', { agentId: 'bia', offerId }))).toBe('OFFER_ENDED')
  })

  test('a transfer that is taken in the moment in which its owner goes is whoever’s came first', () => {
    for (const goesFirst of [true, false]) {
      const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
      at.comes('ana')
      at.arrives('c1')
      at.accepts('c1')
      at.comes('bia')
      at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toAgentId: 'bia' })
      const offer = at.offer('c1')
      const acts = [
        () => at.when('SignOut', { agentId: 'ana' }),
        () => at.when('AcceptOffer', offer),
      ] as const
      for (const act of goesFirst ? acts : acts.toReversed()) act()
      expect(at.where('c1')).toBe(goesFirst ? 'offered to bia' : 'with bia')
      expect(wrongWith(at.state, at.at)).toEqual([])
    }
  })

  test('a transfer stays where it was until it is taken, and keeps a place for it', () => {
    const at = new Pool(mixed)
    at.when('SetPresence', { agentId: 'ana', status: 'busy' })
    at.comes('bia')
    at.arrives('c1')
    at.when('SetPresence', { agentId: 'bia', status: 'finishing' })
    at.when('ClaimConversation', { agentId: 'ana', conversationId: 'c1' })
    const to = (toAgentId: string) => ({ agentId: 'ana', conversationId: 'c1', toAgentId })
    expect(refusedWith(at.when('TransferConversation', to('bia')))).toBe('AGENT_NOT_AVAILABLE')
    at.comes('bia')
    const [offered] = eventsOf(at.when('TransferConversation', to('bia')), 'ConversationOffered')
    expect(offered).toMatchObject({ agentId: 'bia', fromAgentId: 'ana' })
    expect(at.where('c1')).toBe('with ana, offered to bia')
    at.arrives('c2')
    expect(at.where('c2')).toBe('waiting in general')
    expect(refusedWith(at.when('TransferConversation', to('caio')))).toBe('TRANSFER_PENDING')
    expect(eventsOf(at.when('DeclineOffer', at.offer('c1')), 'OfferEnded')).toMatchObject([
      { fromAgentId: 'ana', outcome: 'declined' },
    ])
    expect([at.where('c1'), at.where('c2')]).toEqual(['with ana', 'offered to bia'])
  })

  test('a transfer that is taken frees the one who gave it', () => {
    const at = new Pool(
      pool([queue('general')], [agent('ana', { capacity: 1 }), agent('bia', { capacity: 1 })]),
    )
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.comes('bia')
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toAgentId: 'bia' })
    at.arrives('c2')
    at.accepts('c1')
    expect([at.where('c1'), at.where('c2')]).toEqual(['with bia', 'offered to ana'])
  })

  test('what an agent gives to a queue goes to another one, and comes back only after a while', () => {
    const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    const gives = (agentId: string) =>
      at.when('TransferConversation', { agentId, conversationId: 'c1', toQueue: 'general' })
    gives('ana')
    expect(at.where('c1')).toBe('waiting in general')
    at.comes('bia')
    expect(at.where('c1')).toBe('offered to bia')
    at.accepts('c1')
    gives('bia')
    expect(at.where('c1')).toBe('waiting in general')
    at.later(31)
    expect(at.where('c1')).toMatch('offered to ')
  })

  test('to a queue it waits there, to the robot it leaves the pool', () => {
    const at = new Pool(mixed)
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toQueue: 'cards' })
    expect(at.where('c1')).toBe('waiting in cards')
    at.arrives('c2')
    at.accepts('c2')
    const toRobot = { agentId: 'ana', conversationId: 'c2', toFlow: 'menu' }
    expect(refusedWith(at.when('TransferConversation', { ...toRobot, toFlow: 'gone' }))).toBe('UNKNOWN_FLOW')
    expect(refusedWith(at.when('TransferConversation', { ...toRobot, toStep: 'gone' }))).toBe('UNKNOWN_STEP')
    // Nothing of what was typed for a name stands among the facts.
    const typed = 'Maria Silva 5511912345678'
    for (const to of [
      { toQueue: typed },
      { toFlow: typed },
      { toFlow: 'menu', toStep: typed },
      { toAgentId: typed },
    ]) {
      const events = at.when('TransferConversation', { agentId: 'ana', conversationId: 'c2', ...to })
      expect(refusedWith(events)).toMatch('UNKNOWN_')
      expect(JSON.stringify(events)).not.toContain('Maria')
    }
    expect(
      eventsOf(
        at.when('TransferConversation', { ...toRobot, toStep: 'cards' }),
        'ConversationReturnedToRobot',
      ),
    ).toMatchObject([{ flow: 'menu', step: 'cards', agentId: 'ana' }])
    expect([at.where('c2'), at.agent('ana').load]).toEqual(['nowhere', 0])
  })

  test('what an agent began takes no room until the customer answers, and then comes to that agent', () => {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 1 }), agent('bia')]))
    at.comes('ana', 'bia')
    const begun = {
      conversationId: 'c1',
      contactId: 'k1',
      queue: 'general',
      language: 'pt',
      agentId: 'ana',
      revision: 1,
    }
    expect(eventsOf(at.when('TakeOnConversation', begun), 'ConversationTakenOn')).toMatchObject([
      { agentId: 'ana', revision: 2 },
    ])
    expect(at.when('TakeOnConversation', begun)).toEqual([])
    expect([at.where('c1'), at.agent('ana').load]).toEqual(['parked by ana', 0])
    at.when('UnparkConversation', { conversationId: 'c1', revision: 1 })
    expect(at.where('c1')).toBe('with ana')
  })

  test('what is parked frees capacity and comes back to its agent, or to the head when they are gone', () => {
    const at = new Pool(
      pool([queue('general')], [agent('ana', { capacity: 1 }), agent('bia', { capacity: 1 })]),
    )
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    const park = () =>
      at.when('ParkConversation', { conversationId: 'c1', agentId: 'ana', revision: at.work('c1')!.revision })
    park()
    expect([at.where('c1'), at.agent('ana').load]).toEqual(['parked by ana', 0])
    const back = () =>
      at.when('UnparkConversation', { conversationId: 'c1', revision: at.work('c1')!.revision })
    expect(eventsOf(back(), 'ConversationAssigned')).toMatchObject([{ agentId: 'ana', how: 'resumed' }])
    park()
    at.arrives('c2')
    at.accepts('c2')
    at.arrives('c3')
    back()
    expect(at.where('c1')).toBe('waiting in general')
    at.when('WithdrawConversation', { conversationId: 'c2', reason: 'solved' })
    expect([at.where('c1'), at.where('c3')]).toEqual(['offered to ana', 'waiting in general'])
  })

  test('what an older park says changes nothing', () => {
    const at = new Pool(mixed)
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    const revision = at.work('c1')!.revision
    at.when('ParkConversation', { conversationId: 'c1', agentId: 'ana', revision })
    at.when('ResumeConversation', { conversationId: 'c1', agentId: 'ana' })
    at.when('ParkConversation', { conversationId: 'c1', agentId: 'ana', revision })
    expect(at.where('c1')).toBe('with ana')
  })

  test('what contradicts an earlier stay with people comes too late for the next one', () => {
    const at = new Pool(mixed)
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toFlow: 'menu' })
    at.arrives('c1', { revision: 7 })
    const contradicts = (revision: number) =>
      at.when('WithdrawConversation', { conversationId: 'c1', reason: 'not_with_people', revision })
    contradicts(5)
    expect(at.where('c1')).toBe('offered to ana')
    contradicts(at.work('c1')!.revision)
    expect(at.where('c1')).toBe('nowhere')
  })

  test('a snooze ends by itself', () => {
    const at = new Pool(mixed)
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('ParkConversation', {
      conversationId: 'c1',
      agentId: 'ana',
      revision: 9,
      snoozedUntil: iso(3600),
    })
    at.later(3599)
    expect(at.where('c1')).toBe('parked by ana')
    at.later(2)
    expect(at.where('c1')).toBe('with ana')
  })

  test.each<[string, (at: Pool) => void]>([
    ['is finishing', (at) => void at.when('SetPresence', { agentId: 'ana', status: 'finishing' })],
    ['signs out', (at) => void at.when('SignOut', { agentId: 'ana' })],
    ['has lost the last desk', (at) => void at.when('CloseSession', { agentId: 'ana', sessionId: 'desk' })],
    ['has no room', (at) => void ['c2', 'c3'].map((id) => [at.arrives(id), at.accepts(id)])],
  ])(
    'a snooze that ends as its owner %s goes to the head of its queue, and nobody waits for them',
    (_, ends) => {
      const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
      at.comes('ana')
      at.when('OpenSession', { agentId: 'ana', sessionId: 'desk', replicaId: 'one' })
      at.arrives('c1')
      at.accepts('c1')
      at.when('ParkConversation', {
        conversationId: 'c1',
        agentId: 'ana',
        revision: 9,
        snoozedUntil: iso(30),
      })
      ends(at)
      at.arrives('waits')
      at.later(31)
      expect(at.where('c1')).toBe('waiting in general')
      expect(at.work('c1')).toMatchObject({ preferred: { agentId: 'ana' } })
      at.comes('bia')
      expect([at.where('c1'), at.work('c1')!.rank < at.work('waits')!.rank]).toEqual(['offered to bia', true])
    },
  )

  test('a snooze is until a moment: the hour that clocks skip or show twice in between makes it no shorter and no longer', () => {
    // New York's clocks go on an hour at 2026-03-08T07:00Z, so its offsets change while it sleeps.
    const zone = {
      name: 'America/New_York',
      offsets: [
        { from: '2026-01-01T00:00:00.000Z', minutes: -300 },
        { from: '2026-03-08T07:00:00.000Z', minutes: -240 },
      ],
    }
    const at = new Pool(
      pool([queue('general', { zone: zone.name })], [agent('ana')], { zones: [zone], graceSeconds: 60 }),
    )
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    const until = Date.parse('2026-03-08T07:30:00.000Z')
    at.when('ParkConversation', {
      conversationId: 'c1',
      agentId: 'ana',
      revision: 9,
      snoozedUntil: new Date(until).toISOString(),
    })
    at.later((until - at.at) / 1000 - 1)
    expect(at.where('c1')).toBe('parked by ana')
    at.later(1)
    expect(at.where('c1')).toBe('with ana')
  })

  test('wrapping up takes room for its seconds', () => {
    const at = new Pool(pool([queue('general', { wrapUpSeconds: 30 })], [agent('ana', { capacity: 1 })]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.arrives('c2')
    at.when('WithdrawConversation', { conversationId: 'c1', reason: 'solved' })
    expect([at.where('c1'), at.where('c2')]).toEqual(['wrapped up by ana', 'waiting in general'])
    at.later(31)
    expect([at.where('c1'), at.where('c2')]).toEqual(['nowhere', 'offered to ana'])
  })

  test('nothing is wrapped up of what goes on under another name', () => {
    const at = new Pool(pool([queue('general', { wrapUpSeconds: 30 })], [agent('ana', { capacity: 1 })]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('WithdrawConversation', {
      conversationId: 'c1',
      reason: 'merged',
      hadAgent: true,
      heardRevision: 9,
    })
    expect(at.where('c1')).toBe('nowhere')
    at.arrives('c2', { lastAgentId: 'ana', isReopened: true })
    expect(at.where('c2')).toBe('offered to ana')
  })

  test('who leaves while waiting has abandoned; whoever was served has not', () => {
    const at = new Pool(mixed)
    at.arrives('c1')
    expect(
      eventsOf(
        at.when('WithdrawConversation', { conversationId: 'c1', reason: 'opted_out' }),
        'ConversationWithdrawn',
      ),
    ).toMatchObject([{ isAbandoned: true, agentId: '' }])
    for (const reason of ['left', 'blocked', 'merged', 'not_with_people']) {
      at.arrives('c1')
      const [withdrawn] = eventsOf(
        at.when('WithdrawConversation', { conversationId: 'c1', reason }),
        'ConversationWithdrawn',
      )
      // Who goes on under another name has not left, and a ghost was nobody.
      expect(withdrawn).toMatchObject({ reason, isAbandoned: reason === 'left' || reason === 'blocked' })
    }
    at.comes('ana')
    at.arrives('c2')
    at.accepts('c2')
    expect(
      eventsOf(
        at.when('WithdrawConversation', { conversationId: 'c2', reason: 'solved' }),
        'ConversationWithdrawn',
      ),
    ).toMatchObject([{ isAbandoned: false, agentId: 'ana' }])
  })
})

describe('queues', () => {
  const zones = [
    { name: 'America/Sao_Paulo', offsets: [{ from: '2026-01-01T00:00:00.000Z', minutes: -180 }] },
  ]
  const office = {
    zone: 'America/Sao_Paulo',
    hours: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, fromMinute: 9 * 60, toMinute: 18 * 60 })),
    holidays: ['2026-03-03'],
  }

  test('outside its hours a queue offers nothing and says when it opens; then what waits is offered', () => {
    const at = new Pool(
      pool([queue('branches', office)], [agent('ana', { queues: ['branches'] })], { zones }),
    )
    at.comes('ana')
    at.later(9 * 3600 + 60)
    // Monday, 18:01 in São Paulo; Tuesday is a holiday.
    expect(eventsOf(at.arrives('c1', { queue: 'branches' }), 'ConversationEnqueued')).toMatchObject([
      { opensAt: '2026-03-04T12:00:00.000Z' },
    ])
    expect(at.where('c1')).toBe('waiting in branches')
    expect(eventsOf(at.later(39 * 3600), 'ConversationOffered')[0]).toMatchObject({
      conversationId: 'c1',
      expiresAt: '2026-03-04T12:00:20.000Z',
    })
  })

  test('a queue overflows while it is closed, too: to people who are there, and no opening is told of any more', () => {
    const overflow = { ...office, overflowQueue: 'general', overflowSeconds: 900 }
    const at = new Pool(pool([queue('general'), queue('branches', overflow)], [agent('ana')], { zones }))
    at.comes('ana')
    at.later(9 * 3600 + 60)
    at.arrives('c1', { queue: 'branches' })
    at.later(899)
    expect(at.where('c1')).toBe('waiting in branches')
    const events = at.later(1)
    expect(eventsOf(events, 'ConversationRequeued')).toMatchObject([
      { queue: 'general', reason: 'overflow', position: 1, opensAt: undefined },
    ])
    expect(at.where('c1')).toBe('offered to ana')
  })

  test('a queue may send on at once what comes while it is closed, and what still waits when it closes, with the time it waited', () => {
    const overflow = { ...office, overflowQueue: 'general', overflowSeconds: 900, outsideHours: 'overflow' }
    const at = new Pool(pool([queue('general'), queue('branches', overflow)], [agent('ana')], { zones }))
    at.comes('ana')
    at.later(9 * 3600 - 60)
    at.arrives('c1', { queue: 'branches' })
    expect(at.where('c1')).toBe('waiting in branches')
    const since = new Date(at.at).toISOString()
    expect(eventsOf(at.later(61), 'ConversationRequeued')).toMatchObject([
      { queue: 'general', reason: 'overflow', waitingSince: since, opensAt: undefined },
    ])
    expect(at.where('c1')).toBe('offered to ana')
    expect(eventsOf(at.arrives('c2', { queue: 'branches' }), 'ConversationEnqueued')).toMatchObject([
      { queue: 'general', opensAt: undefined },
    ])
    expect(at.where('c2')).toBe('offered to ana')
    expect(wrongWith(at.state, at.at)).toEqual([])
    const { bytes, again } = at.decidedAnew()
    expect(again).toEqual(bytes)
  })

  test('a queue that sends on outside its hours keeps nothing then: not what was offered when it closed, nor what waits when it is told to, nor thousands', () => {
    const overflow = {
      ...office,
      overflowQueue: 'general',
      overflowSeconds: 900,
      outsideHours: 'overflow',
    }
    const agents = [agent('ana', { queues: ['branches'] }), agent('bia')]
    const sending = pool([queue('general'), queue('branches', overflow)], agents, { zones })
    const at = new Pool(sending)
    at.comes('ana')
    at.later(9 * 3600 - 10)
    at.arrives('c1', { queue: 'branches' })
    expect(at.where('c1')).toBe('offered to ana')
    at.later(21)
    expect(at.where('c1')).toBe('waiting in general')

    const keeping = pool(
      [queue('general'), queue('branches', { ...overflow, outsideHours: 'ask' })],
      agents,
      { zones },
    )
    at.when('ConfigurePool', { configuration: keeping })
    const many = Array.from({ length: 900 }, (_, index) => `many-${index}`)
    for (const id of many) at.arrives(id, { queue: 'branches' })
    expect(at.where('many-899')).toBe('waiting in branches')
    at.when('ConfigurePool', { configuration: sending })
    const before = at.stated.length
    at.later(1)
    expect(many.filter((id) => at.where(id) !== 'waiting in general')).toEqual([])
    const sizes = Map.groupBy(at.stated.slice(before), ({ envelope }) => envelope.causationId)
    expect(Math.max(...[...sizes.values()].map(({ length }) => length))).toBeLessThan(510)
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  test('who waits when a queue closes is told that it did, once, and again when it opens at another time: not who is silent, and not thousands at once', () => {
    const agents = [agent('ana', { queues: ['branches'], capacity: 2 })]
    const at = new Pool(pool([queue('branches', office)], agents, { zones }))
    at.comes('ana')
    at.later(9 * 3600 - 30)
    for (const id of ['offered', 'parked']) at.arrives(id, { queue: 'branches' })
    at.accepts('parked')
    at.when('ParkConversation', {
      conversationId: 'parked',
      agentId: 'ana',
      revision: at.work('parked')!.revision,
    })
    at.later(15)
    at.arrives('offered-late', { queue: 'branches' })
    const many = Array.from({ length: 900 }, (_, index) => `many-${index}`)
    for (const id of many) at.arrives(id, { queue: 'branches' })
    const before = at.stated.length
    const told = eventsOf(at.later(16), 'WaitEstimated')
    expect(new Set(told.map(({ opensAt }) => opensAt))).toEqual(new Set(['2026-03-04T12:00:00.000Z']))
    // What was offered in vain waits in a closed queue, too, and so does what its agent left behind.
    const inVain = eventsOf(at.later(30), 'WaitEstimated')
    const allTold = [...told, ...inVain].map(({ conversationId }) => conversationId)
    expect(allTold.toSorted()).toEqual(['offered', 'offered-late', ...many].toSorted())
    at.when('SignOut', { agentId: 'ana', isForGood: true })
    expect(at.where('parked')).toBe('waiting in branches')
    const sizes = Map.groupBy(at.stated.slice(before), ({ envelope }) => envelope.causationId)
    expect(Math.max(...[...sizes.values()].map(({ length }) => length))).toBeLessThan(510)
    expect(eventsOf(at.later(3600), 'WaitEstimated')).toEqual([])
    // Who comes behind the closing is told with the first word; and Wednesday is a holiday, too.
    at.arrives('late', { queue: 'branches' })
    const longer = queue('branches', { ...office, holidays: [...office.holidays, '2026-03-04'] })
    at.when('ConfigurePool', { configuration: pool([longer], agents, { zones }) })
    const again = eventsOf(at.later(1), 'WaitEstimated')
    expect(new Set(again.map(({ opensAt }) => opensAt))).toEqual(new Set(['2026-03-05T12:00:00.000Z']))
    expect(again.map(({ conversationId }) => conversationId).toSorted()).toEqual(
      ['late', 'offered', 'offered-late', ...many].toSorted(),
    )
    expect(wrongWith(at.state, at.at)).toEqual([])
    const { bytes, again: decidedAgain } = at.decidedAnew()
    expect(decidedAgain).toEqual(bytes)
  })

  test('a queue that is told hours while it is open overflows by its seconds as before', () => {
    const agents = [agent('ana', { queues: ['general', 'branches'] })]
    const at = new Pool(pool([queue('general'), queue('branches')], agents, { zones }))
    at.arrives('c1', { queue: 'branches' })
    const overflow = { ...office, overflowQueue: 'general', overflowSeconds: 900, outsideHours: 'overflow' }
    const configuration = pool([queue('general'), queue('branches', overflow)], agents, { zones })
    at.when('ConfigurePool', { configuration })
    at.later(899)
    expect(at.where('c1')).toBe('waiting in branches')
    at.later(1)
    expect(at.where('c1')).toBe('waiting in general')
  })

  test('what waited for the opening is shared out as if it came now: to the best matched and the least busy, one after the other', () => {
    const four = ['ana', 'bia', 'caio', 'davi'].map((id) => agent(id, { queues: ['branches'] }))
    const skilled = agent('elsa', { queues: ['branches'], skills: [{ name: 'loans', level: 1 }] })
    const branches = queue('branches', { ...office, wishedSkills: [{ name: 'loans', level: 1 }] })
    const at = new Pool(pool([branches], [...four, skilled], { zones }))
    at.later(9 * 3600 + 60)
    at.comes('ana', 'bia', 'caio', 'davi', 'elsa')
    for (const id of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) at.arrives(id, { queue: 'branches' })
    at.later(39 * 3600 - 50)
    const given = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((id) => at.where(id).replace('offered to ', ''))
    expect(given.slice(0, 2), 'as far as she has room').toEqual(['elsa', 'elsa'])
    expect(given.slice(2).toSorted()).toEqual(['ana', 'bia', 'caio', 'davi'])
    expect(wrongWith(at.state, at.at)).toEqual([])
  })

  describe('while a queue is closed nobody waits any less for whom it is meant', () => {
    const skilled = (id: string) => agent(id, { queues: ['branches'], skills: [{ name: 'cards', level: 1 }] })
    const other = agent('bia', { queues: ['branches'] })
    const asking = queue('branches', {
      ...office,
      requiredSkills: [{ name: 'cards', level: 1 }],
      rings: [{ afterSeconds: 600, withoutSkills: ['cards'] }],
    })
    /** Monday, so many seconds before 18:00 in São Paulo; the queue opens on Wednesday at 9:00. */
    const beforeClosing = (seconds: number, ...agents: Parameters<typeof pool>[1]): Pool => {
      const at = new Pool(pool([asking], [other, ...agents], { zones }))
      at.later(9 * 3600 - seconds)
      return at
    }
    const OPENING = 39 * 3600

    test.each([
      ['at night', -60, 599, 2],
      ['five minutes before it closed', 300, 299, 2],
    ])('rings count the time that it is open: of what came %s', (_, seconds, before, after) => {
      const at = beforeClosing(seconds, skilled('ana'))
      at.comes('bia')
      at.arrives('c1', { queue: 'branches' })
      at.later(seconds + OPENING + before)
      expect(at.where('c1')).toBe('waiting in branches')
      expect(wrongWith(at.state, at.at)).toEqual([])
      at.later(after)
      expect(at.where('c1')).toBe('offered to bia')
    })

    /** Routing was away: nobody looked at the clock, and then it is looked at once. */
    const unlooked = (at: Pool, seconds: number) => {
      at.at += seconds * 1000
      return at.later(0)
    }

    test.each([
      ['four hours behind the closing', 300 + 4 * 3600],
      ['three minutes behind the opening', 300 + OPENING + 180],
    ])('nor where nobody looks at the clock before %s', (_, away) => {
      const at = beforeClosing(300, skilled('ana'))
      at.comes('bia')
      at.arrives('c1', { queue: 'branches' })
      unlooked(at, away)
      expect(at.where('c1')).toBe('waiting in branches')
      at.later(300 + OPENING + 299 - away)
      expect(at.where('c1')).toBe('waiting in branches')
      expect(wrongWith(at.state, at.at)).toEqual([])
      at.later(2)
      expect(at.where('c1')).toBe('offered to bia')
      const { bytes, again } = at.decidedAnew()
      expect(again).toEqual(bytes)
    })

    test('a ring that was due before the closing is no later because the clock is looked at behind it', () => {
      const at = beforeClosing(700, skilled('ana'))
      at.arrives('c1', { queue: 'branches' })
      unlooked(at, 3600)
      expect(at.work('c1')).toMatchObject({ ring: 1 })
    })

    test('what comes behind the closing finds it closed, whoever comes before the clock is looked at', () => {
      const at = beforeClosing(300, skilled('ana'))
      at.comes('ana')
      at.at += 600_000
      expect(eventsOf(at.arrives('c1', { queue: 'branches' }), 'ConversationEnqueued')).toMatchObject([
        { opensAt: '2026-03-04T12:00:00.000Z' },
      ])
      expect(at.where('c1')).toBe('waiting in branches')
    })

    test('a wish that leads to nothing, or is refused, says so alone, though a queue should have closed by then', () => {
      const ana = { kind: 'agent', id: 'ana' } as const
      const at = beforeClosing(300, skilled('ana'))
      at.comes('ana')
      at.at += 600_000
      const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type)
      expect(types(at.when('SetPresence', { agentId: 'ana', status: 'available' }, ana))).toEqual([
        'NothingChanged',
      ])
      expect(types(at.when('AcceptOffer', { agentId: 'ana', offerId: 'none' }, ana))).toEqual([
        'CommandRefused',
      ])
      expect(types(at.when('SetPresence', { agentId: 'ana', status: 'away' }, ana))).toContain(
        'QueueHoursChanged',
      )
    })

    test('property: whenever the clock is looked at, what waits has waited as long as the queue was open', () => {
      const step = record({ minutes: nat({ max: 20 * 60 }), arrives: boolean(), isLookedAt: boolean() })
      assert(
        property(array(step, { minLength: 1, maxLength: 12 }), (steps) => {
          const [inTime, late] = [beforeClosing(9 * 3600), beforeClosing(9 * 3600)]
          for (const [index, { minutes, arrives, isLookedAt }] of steps.entries()) {
            inTime.later(minutes * 60)
            if (isLookedAt) unlooked(late, minutes * 60)
            else late.at += minutes * 60_000
            if (!arrives) continue
            for (const at of [inTime, late]) at.arrives(`c${index}`, { queue: 'branches' })
          }
          // A ring of which it is found that it was due comes a quarter of a second later.
          for (const at of [inTime, late]) at.later(1)
          const told = ({ state }: Pool) => ({
            hours: state.hours,
            works: [...state.works.entries()].map(([id, { ring, ringsFrom }]) => ({ id, ring, ringsFrom })),
          })
          expect(told(late)).toEqual(told(inTime))
        }),
        runs(20),
      )
    })

    test('a ring that came before goes on, and one that is due while it is closed comes by as much later', () => {
      const at = beforeClosing(700, skilled('ana'))
      at.arrives('c1', { queue: 'branches' })
      at.later(650)
      expect(at.work('c1')).toMatchObject({ ring: 1 })
      at.arrives('c2', { queue: 'branches' })
      at.later(50 + OPENING + 1)
      expect(at.work('c2')).toMatchObject({ ring: 0 })
      at.comes('bia')
      expect([at.where('c1'), at.where('c2')]).toEqual(['offered to bia', 'waiting in branches'])
      at.later(550)
      expect(at.work('c2')).toMatchObject({ ring: 1 })
    })

    test('their last agent comes first once it opens', () => {
      const at = beforeClosing(-60, skilled('ana'), skilled('caio'))
      at.arrives('c1', { queue: 'branches', lastAgentId: 'caio' })
      at.comes('ana')
      at.later(30)
      at.comes('caio')
      at.later(OPENING - 80)
      expect(at.where('c1')).toBe('offered to caio')
    })

    test('a queue that has no hours any more opens, and counts from then', () => {
      const at = beforeClosing(-60, skilled('ana'))
      at.comes('bia')
      at.arrives('c1', { queue: 'branches' })
      at.later(3600)
      const always = { ...asking, hours: [], holidays: [] }
      at.when('ConfigurePool', { configuration: pool([always], [other, skilled('ana')], { zones }) })
      expect(wrongWith(at.state, at.at)).toEqual([])
      at.later(599)
      expect(at.where('c1')).toBe('waiting in branches')
      at.later(2)
      expect(at.where('c1')).toBe('offered to bia')
      at.when('ConfigurePool', { configuration: pool([asking], [other, skilled('ana')], { zones }) })
      at.later(3600)
      expect(wrongWith(at.state, at.at)).toEqual([])
      const { bytes, again } = at.decidedAnew()
      expect(again).toEqual(bytes)
    })
  })

  test('who asks while somebody is offered it is next, though its queue is closed', () => {
    const closed = { ...office, hours: [{ weekday: 7, fromMinute: 0, toMinute: 1 }] }
    const at = new Pool(
      pool([queue('branches', closed)], [agent('ana', { queues: ['branches'] }), supervisor('vera')], {
        zones,
      }),
    )
    at.comes('ana')
    at.arrives('c1', { queue: 'branches' })
    const hands = { agentId: 'vera', bySupervisor: true, conversationId: 'c1', toAgentId: 'ana' }
    at.when('TransferConversation', hands)
    expect(at.where('c1')).toBe('offered to ana')
    const asked = eventsOf(at.when('EstimateWait', { conversationId: 'c1' }), 'WaitEstimated')
    expect(asked).toMatchObject([{ position: 1, opensAt: undefined }])
    // Nobody took it: they hear again that it is closed.
    const ended = at.later(30)
    expect(eventsOf(ended, 'WaitEstimated').at(-1)?.opensAt).toBeDefined()
  })

  test('of two that send on to each other and are both closed, what comes stays where it was sent', () => {
    const closed = {
      ...office,
      hours: [{ weekday: 7, fromMinute: 0, toMinute: 1 }],
      outsideHours: 'overflow',
    }
    const at = new Pool(
      pool(
        [
          queue('one', { ...closed, overflowQueue: 'two' }),
          queue('two', { ...closed, overflowQueue: 'one' }),
        ],
        [agent('ana', { queues: ['one', 'two'] })],
        { zones },
      ),
    )
    at.arrives('c1', { queue: 'one' })
    expect(at.where('c1')).toBe('waiting in one')
  })

  test('whoever waits is told their place, and how long by the measured pace', () => {
    const at = withPace(40)
    at.arrives('w1')
    at.arrives('w2')
    const [third] = eventsOf(at.arrives('w3'), 'ConversationEnqueued')
    expect(third).toMatchObject({ position: 3, expectedWaitSeconds: 120 })
    at.when('WithdrawConversation', { conversationId: 'w1', reason: 'left' })
    const estimate = eventsOf(at.when('EstimateWait', { conversationId: 'w3' }), 'WaitEstimated')
    expect(estimate).toMatchObject([{ position: 2, expectedWaitSeconds: 80, revision: third!.revision + 1 }])
    const { bytes, again } = at.decidedAnew()
    expect(again).toEqual(bytes)
  })

  test('while somebody waits and nobody takes them, the wait that is told grows: nobody is promised a minute for hours', () => {
    const at = withPace(40)
    at.arrives('w1')
    // It comes to wait before the last one is taken, and from then on nobody is there.
    at.later(40)
    at.when('WithdrawConversation', { conversationId: at.agent('ana').has[0]!, reason: 'solved' })
    expect(at.where('w1')).toBe('offered to ana')
    at.arrives('w2')
    at.accepts('w1')
    const told = () => eventsOf(at.when('EstimateWait', { conversationId: 'w2' }), 'WaitEstimated')[0]!
    expect(told().expectedWaitSeconds).toBe(40)
    at.later(30)
    expect(told().expectedWaitSeconds).toBe(40)
    at.later(3600)
    expect(told().expectedWaitSeconds).toBeGreaterThan(300)
  })

  test('a time in which nothing waited is no pace', () => {
    const at = withPace(40)
    at.later(12 * 3600)
    at.when('WithdrawConversation', { conversationId: 'c5', reason: 'solved' })
    at.arrives('late')
    at.accepts('late')
    expect(eventsOf(at.arrives('w1'), 'ConversationEnqueued')).toMatchObject([
      { position: 1, expectedWaitSeconds: 40 },
    ])
  })

  test('who is offered to somebody is next; of what is not waiting nothing is said', () => {
    const at = new Pool(pool([queue('general')], [agent('ana')]))
    at.comes('ana')
    at.arrives('c1')
    expect(eventsOf(at.when('EstimateWait', { conversationId: 'c1' }), 'WaitEstimated')).toMatchObject([
      { position: 1 },
    ])
    at.accepts('c1')
    expect(at.when('EstimateWait', { conversationId: 'c1' })).toEqual([])
    expect(at.when('EstimateWait', { conversationId: 'gone' })).toEqual([])
  })

  /** Ana takes c1 to c5, one in so many seconds, and has the last. */
  function withPace(seconds: number): Pool {
    const at = new Pool(pool([queue('general')], [agent('ana', { capacity: 1 })]))
    at.comes('ana')
    const ids = ['c1', 'c2', 'c3', 'c4', 'c5']
    for (const id of ids) at.arrives(id)
    for (const [index, id] of ids.entries()) {
      at.accepts(id)
      if (index === ids.length - 1) return at
      at.later(seconds)
      at.when('WithdrawConversation', { conversationId: id, reason: 'solved' })
    }
    return at
  }

  test('a queue that is none goes to the first one: somebody must look after the customer', () => {
    const at = new Pool(two)
    at.arrives('c1', { queue: 'gone' })
    expect(at.where('c1')).toBe('waiting in general')
  })
})

describe('configuration', () => {
  const one = pool([queue('general'), queue('cards')], [agent('ana', { queues: ['general', 'cards'] })])

  test('a change is used at once', () => {
    const at = new Pool(pool([queue('general'), queue('cards')], [agent('ana')]))
    at.comes('ana')
    at.arrives('c1', { queue: 'cards' })
    expect(at.where('c1')).toBe('waiting in cards')
    at.when('ConfigurePool', { configuration: one })
    expect(at.where('c1')).toBe('offered to ana')
    expect(at.when('ConfigurePool', { configuration: one })).toEqual([])
  })

  test('what somebody has they keep under any configuration; what they are offered and may not take by it, or have no room for, goes to who may', () => {
    const cards = { skills: [{ name: 'cards', level: 3 }] }
    const both = (ana: object) =>
      pool(
        [queue('general'), queue('cards', { requiredSkills: [{ name: 'cards', level: 1 }] })],
        [
          agent('ana', { queues: ['general', 'cards'], capacity: 4, ...cards, ...ana }),
          agent('bia', { queues: ['general', 'cards'], capacity: 4, ...cards }),
        ],
      )
    const at = new Pool(both({}))
    at.comes('ana')
    at.arrives('kept', { queue: 'cards' })
    at.accepts('kept')
    at.arrives('first')
    at.arrives('second')
    at.arrives('card', { queue: 'cards' })
    at.comes('bia')
    const offered = at.offer('card')
    at.when('ConfigurePool', { configuration: both({ skills: [], capacity: 2 }) })
    expect(['kept', 'first', 'second', 'card'].map((id) => at.where(id))).toEqual([
      'with ana',
      'offered to ana',
      'offered to bia',
      'offered to bia',
    ])
    expect(at.when('AcceptOffer', offered)).toMatchObject([
      { data: { code: 'OFFER_ENDED', fields: [{}, { name: 'outcome', value: 'withdrawn' }] } },
    ])
    at.when('ConfigurePool', { configuration: both({ queues: ['cards'] }) })
    expect(at.where('first')).toBe('offered to bia')
  })

  test('a transfer that its receiver may not take by another configuration ends, and stays where it was', () => {
    const ofBia = (languages: readonly string[]) =>
      pool([queue('general')], [agent('ana'), agent('bia', { queues: ['other'], languages: [...languages] })])
    const at = new Pool(ofBia(['pt']))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.comes('bia')
    at.when('TransferConversation', { agentId: 'ana', conversationId: 'c1', toAgentId: 'bia' })
    expect(at.where('c1')).toBe('with ana, offered to bia')
    at.when('ConfigurePool', { configuration: ofBia(['pt', 'bn']) })
    expect(at.where('c1')).toBe('with ana, offered to bia')
    at.when('ConfigurePool', { configuration: ofBia(['en']) })
    expect(at.where('c1')).toBe('with ana')
  })

  test('what a supervisor handed from a queue to an agent who does not serve it is theirs to take under another configuration, too', () => {
    const ofAna = (more: object) =>
      pool(
        [queue('general'), queue('cards', { isClaimable: true })],
        [agent('ana', more), agent('bia', { queues: ['cards'] }), supervisor('vera')],
      )
    const at = new Pool(ofAna({}))
    at.comes('ana')
    at.arrives('c1', { queue: 'cards' })
    const hands = { agentId: 'vera', conversationId: 'c1', toAgentId: 'ana', bySupervisor: true }
    at.when('TransferConversation', hands)
    at.when('ConfigurePool', { configuration: ofAna({ capacity: 3 }) })
    expect(at.where('c1')).toBe('offered to ana')
    at.when('ConfigurePool', { configuration: ofAna({ languages: ['bn'] }) })
    expect(at.where('c1')).toBe('waiting in cards')
  })

  test('what would strand somebody is refused with the list', () => {
    const at = new Pool(one)
    at.arrives('c1', { queue: 'cards' })
    at.arrives('c2', { queue: 'cards' })
    const refused = at.when('ConfigurePool', { configuration: pool([queue('general')], [agent('ana')]) })
    expect(refusedWith(refused)).toBe('POOL_WOULD_STRAND')
    expect(JSON.stringify(refused)).toContain('queue cards is gone: 2 conversations')
    expect(
      refusedWith(
        at.when('ConfigurePool', { configuration: pool([queue('general'), queue('cards')], [agent('ana')]) }),
      ),
    ).toBe('POOL_WOULD_STRAND')
  })

  test('what is offered of a queue that a configuration would take away may still be taken: that is refused as well', () => {
    const at = new Pool(one)
    at.comes('ana')
    at.arrives('c1', { queue: 'cards' })
    const offered = at.offer('c1')
    const without = pool([queue('general')], [agent('ana')])
    expect(refusedWith(at.when('ConfigurePool', { configuration: without }))).toBe('POOL_WOULD_STRAND')
    at.when('AcceptOffer', offered)
    expect(at.where('c1')).toBe('with ana')
    expect(refusedWith(at.when('ConfigurePool', { configuration: without }))).toBe('POOL_WOULD_STRAND')
    at.when('WithdrawConversation', { conversationId: 'c1', reason: 'solved' })
    expect(at.when('ConfigurePool', { configuration: without })[0]?.type).toBe('PoolConfigured')
  })

  test.each<[string, object, object, object]>([
    ['the skill', { requiredSkills: [{ name: 'cards', level: 5 }] }, {}, {}],
    ['the language', {}, { languages: ['en'] }, {}],
    ['the skill that the customer needs', {}, {}, { skills: [{ name: 'cards', level: 2 }] }],
  ])('what nobody may take any more for want of %s is stranded', (_, ofQueue, ofAgent, ofWork) => {
    const serving = { queues: ['general'], skills: [{ name: 'cards', level: 3 }] }
    const at = new Pool(pool([queue('general')], [agent('ana', serving)]))
    at.arrives('c1', ofWork)
    const changed = pool(
      [queue('general', ofQueue)],
      [agent('ana', { ...serving, ...ofAgent, ...('skills' in ofWork && { skills: [] }) })],
    )
    const refused = at.when('ConfigurePool', { configuration: changed })
    expect(refusedWith(refused)).toBe('POOL_WOULD_STRAND')
    expect(JSON.stringify(refused)).toContain('queue general is served by nobody who may take it: 1')
  })

  test('what a ring or an overflow gives to somebody in the end is not stranded, nor what nobody could take before', () => {
    const cards = { requiredSkills: [{ name: 'cards', level: 2 }] }
    const begun = () => {
      const at = new Pool(
        pool([queue('general'), queue('cards')], [agent('ana', { queues: ['general', 'cards'] })]),
      )
      at.arrives('c1', { queue: 'cards' })
      return at
    }
    const all = [agent('ana', { queues: ['general', 'cards'] })]
    for (const more of [
      { rings: [{ afterSeconds: 60, withoutSkills: ['cards'] }] },
      { overflowQueue: 'general', overflowSeconds: 60 },
    ])
      expect(
        begun().when('ConfigurePool', {
          configuration: pool([queue('general'), queue('cards', { ...cards, ...more })], all),
        })[0],
      ).toMatchObject({ type: 'PoolConfigured' })
    const at = new Pool(pool([queue('general')], [agent('ana')]))
    at.arrives('c1', { skills: [{ name: 'loans', level: 1 }] })
    expect(
      at.when('ConfigurePool', { configuration: pool([queue('general')], [agent('ana'), agent('bia')]) })[0],
    ).toMatchObject({ type: 'PoolConfigured' })
  })

  test('who is gone with something parked would strand it', () => {
    const at = new Pool(pool([queue('general')], [agent('ana'), agent('bia')]))
    at.comes('ana')
    at.arrives('c1')
    at.accepts('c1')
    at.when('ParkConversation', { conversationId: 'c1', agentId: 'ana', revision: at.work('c1')!.revision })
    const refused = at.when('ConfigurePool', { configuration: pool([queue('general')], [agent('bia')]) })
    expect(JSON.stringify(refused)).toContain('agent ana is gone: 1 conversations')
  })

  test('who is none of the agents any more is there no longer, and not when they are one again until they say so', () => {
    const both = pool([queue('general')], [agent('ana'), agent('bia')])
    const at = new Pool(both)
    at.comes('ana')
    at.comes('bia')
    expect(
      at.when('ConfigurePool', { configuration: pool([queue('general')], [agent('ana')]) }),
    ).toMatchObject([
      {
        type: 'PresenceChanged',
        data: { agentId: 'bia', status: 'offline', reasonCode: 'removed', team: 'day' },
      },
      { type: 'PoolConfigured' },
    ])
    expect(at.when('ConfigurePool', { configuration: both })).toMatchObject([{ type: 'PoolConfigured' }])
    expect(at.state.agents.get('bia')).toMatchObject({ status: 'offline', hasLeft: false })
    expect(at.state.agents.get('ana')).toMatchObject({ status: 'available' })
  })

  test('what a service finds at its start is taken by a pool that has none, and by no other', () => {
    const at = new Pool()
    at.arrives('c1')
    at.when('ConfigurePool', { configuration: one, onlyFirst: true })
    expect(at.where('c1')).toBe('waiting in general')
    expect(refusedWith(at.when('ConfigurePool', { configuration: two, onlyFirst: true }))).toBe(
      'CONFIGURATION_IN_FORCE',
    )
  })
})
