import type { ProjectedDocument } from '@parley/eventlog'
import type { Decider } from '@parley/kernel'
import { describe, expect, test } from 'vitest'
import { Chain } from './chain.ts'
import { projected, scenario } from './given.ts'
import { type TallyCommand, type TallyEvent, type Tally, add, block, tallies, tally } from './tally/tally.ts'

describe('scenario', () => {
  test('compares types, fields and envelopes of what was decided', () => {
    const { history } = scenario(tally, { streamId: 'contact-7' })
      .given({ type: 'Added', data: { id: 'a' } })
      .when(add('b', { twice: true }), { at: '2026-03-01T10:00:00.000Z' })
      .thenEvents('Added', {
        type: 'Added',
        data: { id: 'b', count: 3 },
        envelope: { streamVersion: 3, streamId: 'contact-7', recordedAt: '2026-03-01T10:00:00.000Z' },
      })
      .thenState({ count: 3, last: 'b' })
      .when(block)
      .thenEvents('Blocked')
      .when(block)
      .thenNothing()
      .when(add('c'))
      .thenRefused('TALLY_BLOCKED', { count: 3 })
    expect(history.map(({ envelope }) => envelope.streamVersion)).toEqual([1, 2, 3, 4, 5])
  })

  test('fails when an event is missing, of another type, or has another field', () => {
    const decided = () => scenario(tally).when(add('a'))
    expect(() => decided().thenNothing()).toThrow(/Added/)
    expect(() => decided().thenEvents('Blocked')).toThrow(/Blocked/)
    expect(() => decided().thenEvents({ type: 'Added', data: { id: 'b' } })).toThrow(/id/)
    expect(() => scenario(tally).given({ type: 'Blocked' }).when(add('a')).thenRefused('OTHER')).toThrow(
      /OTHER/,
    )
  })

  test('catches a decider that is not pure, and one whose state is not what its events say', () => {
    let calls = 0
    const counting: Decider<Tally, TallyCommand, TallyEvent> = {
      ...tally,
      decide: () => ({ events: [{ type: 'Added', data: { id: String((calls += 1)), count: 0 } }] }),
    }
    expect(() => scenario(counting).when(block)).toThrow(/to deeply equal/)
    const lying: Decider<Tally, TallyCommand, TallyEvent> = {
      ...tally,
      decide: (_, state) => ({
        events: [{ type: 'Added', data: { id: 'a', count: 0 } }],
        states: [{ ...state, last: 'b' }],
      }),
    }
    expect(() => scenario(lying).when(block)).toThrow(/to deeply equal/)
    const mutating: Decider<{ list: string[] }, TallyCommand, TallyEvent> = {
      family: tallies,
      version: 1,
      commandsRemembered: 0,
      initialState: () => ({ list: [] }),
      decide: () => ({ events: [] }),
      evolve(state) {
        state.list.push('x')
        return state
      },
    }
    expect(() => scenario(mutating).given({ type: 'Blocked' })).toThrow(TypeError)
  })
})

interface Count extends ProjectedDocument {
  count: number
}

test('a projection is folded by the first-in-the-log rule, without a database', () => {
  const chain = new Chain(tallies, 'contact-1')
  const events = ['m1', 'm2'].map((id) => chain.add({ type: 'Added', data: { id } }))
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
