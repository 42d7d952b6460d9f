import type { ProjectedDocument } from '@parley/eventlog'
import type { Decider } from '@parley/kernel'
import { describe, expect, test } from 'vitest'
import { projected, recorded, scenario } from './given.ts'
import { type Tally, block, receive, tally } from './tally.ts'

describe('scenario', () => {
  test('compares types, fields and envelopes of what was decided', () => {
    const { history } = scenario(tally, { streamId: 'contact-7' })
      .given({ $case: 'messageReceived', value: { providerMessageId: 'a' } })
      .when(receive('b', { twice: true }), { at: '2026-03-01T10:00:00.000Z' })
      .thenEvents('messageReceived', {
        payload: { $case: 'messageReceived', value: { messageId: '3' } },
        envelope: { streamVersion: 3, streamId: 'contact-7', recordedAt: '2026-03-01T10:00:00.000Z' },
      })
      .thenState({ count: 3, last: 'b' })
      .when(block)
      .thenEvents('contactBlocked')
      .when(block)
      .thenNothing()
      .when(receive('c'))
      .thenRefused('CONTACT_BLOCKED', { count: 3 })
    expect(history.map(({ envelope }) => envelope.streamVersion)).toEqual([1, 2, 3, 4, 5])
  })

  test('fails when an event is missing, of another type, or has another field', () => {
    const decided = () => scenario(tally).when(receive('a'))
    expect(() => decided().thenNothing()).toThrow(/messageReceived/)
    expect(() => decided().thenEvents('contactBlocked')).toThrow(/contactBlocked/)
    expect(() =>
      decided().thenEvents({ $case: 'messageReceived', value: { providerMessageId: 'b' } }),
    ).toThrow(/providerMessageId/)
    expect(() =>
      scenario(tally).given({ $case: 'contactBlocked' }).when(receive('a')).thenRefused('OTHER'),
    ).toThrow(/OTHER/)
  })

  test('catches a decider that is not pure', () => {
    let calls = 0
    const counting: Decider<Tally> = {
      ...tally,
      decide: () => [{ payload: { $case: 'contactBlocked', value: { reason: String((calls += 1)) } } }],
    }
    expect(() => scenario(counting).when(block)).toThrow(/to deeply equal/)
    const mutating: Decider<{ list: string[] }> = {
      name: 'mutating',
      version: 1,
      initialState: () => ({ list: [] }),
      decide: tally.decide as never,
      evolve(state) {
        state.list.push('x')
        return state
      },
    }
    expect(() => scenario(mutating).given({ $case: 'contactBlocked' })).toThrow(TypeError)
  })
})

interface Count extends ProjectedDocument {
  count: number
}

test('a projection is folded by the first-in-the-log rule, without a database', () => {
  const events = recorded('contact-1', [
    { $case: 'messageReceived', value: { messageId: 'm1' } },
    { $case: 'messageReceived', value: { messageId: 'm2' } },
  ])
  const counts = {
    route: () => ['all'],
    fold: (doc: Count | undefined) => ({ count: (doc?.count ?? 0) + 1 }),
  }
  expect(projected(counts, events).get('all')).toMatchObject({
    count: 2,
    streamId: 'contact-1',
    seenVersion: 2,
  })
  expect(projected(counts, [...events, ...events]).get('all')).toMatchObject({
    count: 2,
    streamId: 'contact-1',
    seenVersion: 2,
  })
})
