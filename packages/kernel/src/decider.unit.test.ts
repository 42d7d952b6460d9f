import {
  type Tally,
  type TallyCommand,
  type TallyEvent,
  add,
  block,
  repeat,
  tallies,
  tally,
  unblock,
} from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Decider,
  type StreamState,
  decideOn as decideUnder,
  emptyStream,
  evolveStream as evolveAt,
  refuse,
} from './decider.ts'
import { type RecordedCommand, type RecordedEvent, readEvent, recordedEvent } from './envelope.ts'
import { deterministicId } from './ids.ts'
import { rememberedIds, remembers } from './memory.ts'
import { StreamGap } from './reading.ts'

const streamId = 'contact-1'
const words = (text: string) => [{ name: 'text', value: Buffer.from(text) }]

let places = 0n
/** Said once: it has a place of its own in the log. */
function command(id: string | number, wish: TallyCommand, offset = (places += 1n)): RecordedCommand {
  return {
    recordedAt: '2026-01-05T12:00:00.000Z',
    offset,
    envelope: tallies.commandEnvelope({
      ...wish,
      commandId: deterministicId('test', id),
      streamId,
      occurredAt: '2026-01-05T11:59:58.500Z',
      actor: { kind: 'customer', id: 'c' },
      content: words(`words of ${id}`),
    }),
  }
}

/** The same wish at another place: said again at its origin. */
const saidAgain = (one: RecordedCommand): RecordedCommand => ({ ...one, offset: (places += 1n) })

const decideOn = (decider: Decider<Tally, any, any, any>, one: RecordedCommand, stream: StreamState<Tally>) =>
  decideUnder(decider, one, stream, undefined)

const evolveStream = (
  decider: Decider<Tally, any, any, any>,
  stream: StreamState<Tally>,
  event: RecordedEvent,
  offset = -1n,
) => evolveAt(decider, stream, event, offset)

/** @param at The place of the first of the events in the log. */
const fold = (
  events: readonly RecordedEvent[],
  from: StreamState<Tally> = emptyStream(tally, streamId),
  at = 0,
) => events.reduce((stream, event, index) => evolveStream(tally, stream, event, BigInt(at + index)), from)

/** Where the stream stands, without what it remembers of records that lost. */
const standing = ({ head, ...rest }: StreamState<Tally>) => ({
  ...rest,
  version: head?.version,
  hash: head?.hash,
})

const anyCommand = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ id: fc.nat(400), twice: fc.boolean() })
      .map(({ id, twice }) => command(id, add(`m${id}`, { twice }))),
  },
  { weight: 1, arbitrary: fc.nat(400).map((id) => command(`block ${id}`, block)) },
  { weight: 1, arbitrary: fc.nat(400).map((id) => command(`unblock ${id}`, unblock)) },
  { weight: 1, arbitrary: fc.nat(400).map((id) => command(`repeat ${id}`, repeat)) },
)

describe('deciding', () => {
  test('the same command twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), fc.nat(), (commands, at) => {
        let stream = emptyStream(tally, streamId)
        for (const one of commands) stream = decideOn(tally, one, stream).stream
        const again = commands[at % (commands.length || 1)]
        if (again === undefined) return
        // It comes again, or it is said again at its origin.
        for (const one of [
          again,
          ...(remembers(stream.memory, again.envelope.commandId) ? [saidAgain(again)] : []),
        ]) {
          if (one.offset > stream.decidedOffset && one.offset === again.offset) continue
          const repeated = decideOn(tally, one, stream)
          expect(repeated.events).toEqual([])
          expect(repeated.stream).toBe(stream)
        }
      }),
    )
  })

  test('what a person wishes that was so already is on record where people wait for an answer; other wishes that change nothing are not', () => {
    const unblocked = emptyStream(tally, streamId)
    const wish = command('unblock', unblock)
    const persons = { ...wish, envelope: { ...wish.envelope, actor: { kind: 'agent', id: 'p01' } } }
    expect(decideOn(tally, persons, unblocked).events).toEqual([])
    const answering = { ...tally, answersPeople: true }
    expect(decideOn(answering, wish, unblocked).events).toEqual([])
    const decided = decideOn(answering, persons, unblocked)
    expect(
      decided.events.map(({ envelope }) => [envelope.type, envelope.actor, envelope.causationId]),
    ).toEqual([['NothingChanged', { kind: 'agent', id: 'p01' }, wish.envelope.commandId]])
    expect(decided.stream.state).toBe(unblocked.state)
    expect(decideOn(answering, saidAgain(persons), decided.stream).events).toEqual([])
  })

  test('rules that refuse and state facts at once are a mistake, and no fact is lost in silence', () => {
    const both = (...events: TallyEvent[]) => ({
      ...tally,
      decide: () => ({ ...refuse('NO'), events }),
    })
    const one = command('both', block)
    expect(() => decideOn(both({ type: 'Blocked', data: {} }), one, emptyStream(tally, streamId))).toThrow(
      'one or the other',
    )
    const { events } = decideOn(both(), one, emptyStream(tally, streamId))
    expect(events.map(({ envelope }) => envelope.type)).toEqual(['CommandRefused'])
  })

  test('a stream remembers its last command ids, refused ones among them, and a bounded number of them', () => {
    const { commandsRemembered } = tally
    let stream = emptyStream(tally, streamId)
    const last = commandsRemembered * 3
    for (let id = 0; id <= last; id += 1) {
      stream = decideOn(tally, command(id, add(`m${id}`, { twice: true })), stream).stream
      const { length } = rememberedIds(stream.memory)
      expect(length).toBeGreaterThanOrEqual(Math.min(id + 1, commandsRemembered))
      expect(length).toBeLessThan(commandsRemembered + 32)
    }
    for (const id of [last, last - commandsRemembered + 1])
      expect(decideOn(tally, command(id, add(`m${id}`)), stream).events).toEqual([])
    const blocked = decideOn(tally, command('block', block), stream).stream
    const refused = decideOn(tally, command('late', add('late')), blocked)
    expect(refused.events[0]!.envelope.type).toBe('CommandRefused')
    expect(decideOn(tally, command('late', add('late')), refused.stream).events).toEqual([])
  })

  test('a wish without events that comes again after a later one was decided stays without events', () => {
    const unblocks = command('unblock', unblock)
    const blocks = command('block', block)
    const before = decideOn(tally, unblocks, emptyStream(tally, streamId))
    expect(before.events).toEqual([])
    const { stream } = decideOn(tally, blocks, before.stream)
    // A crash, and both come again: the first one must not undo the second.
    const again = decideOn(tally, unblocks, stream)
    expect(again.events).toEqual([])
    expect(decideOn(tally, blocks, again.stream).stream.state.isBlocked).toBe(true)
  })

  test('what comes again is known by its place alone, where a stream remembers no ids too', () => {
    const forgetful = { ...tally, commandsRemembered: 0 }
    const said = [1, 2, 3].map((id) => command(id, add(`m${id}`)))
    const decide = (from: StreamState<Tally>) =>
      said.reduce((stream, one) => decideOn(forgetful, one, stream).stream, from)
    const { state, head } = decide(emptyStream(forgetful, streamId))
    expect(state.count).toBe(3)
    expect(decide(decide(emptyStream(forgetful, streamId)))).toMatchObject({ state, head })
  })

  test('what comes again is passed over though this version of the code cannot read it: a newer one decided it', () => {
    const one = command('a', add('a'))
    const { stream } = decideOn(tally, one, emptyStream(tally, streamId))
    const newer = { ...one, envelope: { ...one.envelope, type: 'AddWithCare' } }
    expect(decideOn(tally, newer, stream)).toEqual({ events: [], stream })
    expect(() => decideOn(tally, { ...newer, offset: (places += 1n) }, emptyStream(tally, streamId))).toThrow(
      'no command',
    )
  })

  test('however many commands lie between two commits, what comes again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 120 }), fc.nat(), (commands, at) => {
        const inOrder = commands.map(saidAgain)
        const run = (from: StreamState<Tally>, some: readonly RecordedCommand[]) =>
          some.reduce((stream, one) => decideOn(tally, one, stream).stream, from)
        const through = run(emptyStream(tally, streamId), inOrder)
        const back = at % (inOrder.length + 1)
        expect(run(through, inOrder.slice(back)).state).toEqual(through.state)
        expect(run(through, inOrder.slice(back)).head).toEqual(through.head)
      }),
    )
  })

  test('what is decided again is the same bytes', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 30 }), (commands) => {
        const decide = () => {
          let stream = emptyStream(tally, streamId)
          return commands.flatMap((one) => {
            const decided = decideOn(tally, one, stream)
            stream = decided.stream
            return decided.events.map(({ raw }) => Buffer.from(raw).toString('hex'))
          })
        }
        expect(decide()).toEqual(decide())
      }),
    )
  })

  test('a stream is gapless from version 1, and each record names the hash of the one before', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
        let stream = emptyStream(tally, streamId)
        let hash: Uint8Array = Buffer.alloc(0)
        let version = 0
        for (const one of commands) {
          const decided = decideOn(tally, one, stream)
          for (const [index, { envelope, hash: own }] of decided.events.entries()) {
            expect(envelope).toMatchObject({
              streamVersion: (version += 1),
              prevHash: hash,
              eventId: deterministicId(one.envelope.commandId, index),
              causationId: one.envelope.commandId,
              recordedAt: one.recordedAt,
            })
            hash = own
          }
          stream = decided.stream
        }
      }),
    )
  })

  test('snapshot + tail = full fold', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60 }), fc.nat(), (commands, at) => {
        const events: RecordedEvent[] = []
        let stream = emptyStream(tally, streamId)
        for (const one of commands) {
          const decided = decideOn(tally, one, stream)
          events.push(...decided.events)
          stream = decided.stream
        }
        const cut = at % (events.length + 1)
        const before = fold(events.slice(0, cut))
        const snapshot: StreamState<Tally> = {
          ...before,
          state: JSON.parse(JSON.stringify(before.state)) as Tally,
        }
        // The tail begins somewhere before the snapshot: what it holds already must not count twice.
        const overlap = Math.floor(cut / 2)
        expect(standing(fold(events.slice(overlap), snapshot, overlap))).toEqual(standing(stream))
        expect(standing(fold(events.map(({ raw }) => readEvent(raw))))).toEqual(standing(stream))
      }),
    )
  })
})

interface Writer {
  stream: StreamState<Tally>
  /** How far it has read the log. */
  read: number
}

describe('two writers at once', () => {
  // One of them is a zombie: it decides on what it last saw, appends, and goes on from its own events without having read the log.
  const step = fc.record({
    writer: fc.constantFrom(0, 1),
    action: fc.oneof(
      { weight: 3, arbitrary: fc.constant('decide' as const) },
      { weight: 1, arbitrary: fc.constant('read' as const) },
    ),
    command: anyCommand,
  })

  test('all readers agree, however they interleave, and each command takes effect at most once', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(20), { maxLength: 10 }),
        (steps, repeats) => {
          const log: RecordedEvent[] = []
          const writers: Writer[] = [0, 1].map(() => ({ stream: emptyStream(tally, streamId), read: 0 }))
          for (const { writer: index, action, command: one } of steps) {
            const writer = writers[index]!
            if (action === 'read') {
              // What it believed and the log does not hold is gone: it folds the log anew, as a host that claims again does.
              writer.stream = fold(log)
              writer.read = log.length
            } else {
              const { events, stream } = decideOn(tally, one, writer.stream)
              log.push(...events)
              writer.stream = stream
            }
          }
          const truth = fold(log)

          // One reader gets batches again after a crash, one starts from a snapshot in the middle, one gets single records twice.
          const again = repeats.reduce((stream, back) => {
            const start = Math.max(log.length - back, 0)
            return fold(log.slice(start), stream, start)
          }, truth)
          expect(standing(again)).toEqual(standing(truth))
          const middle = Math.floor(log.length / 2)
          const start = Math.floor(middle / 2)
          const resumed = fold(log.slice(start), fold(log.slice(0, middle)), start)
          expect(standing(resumed)).toEqual(standing(truth))
          expect(standing(fold(log.flatMap((event) => [event, event])))).toEqual(standing(truth))

          const accepted = acceptedOf(log)
          expect(accepted.map(({ envelope }) => envelope.streamVersion)).toEqual(
            accepted.map((_, at) => at + 1),
          )
          const hashes = accepted.map(({ hash }) => hash.toString('hex'))
          const prevHashes = accepted.map(({ envelope }) => envelope.prevHash.toString('hex'))
          expect(prevHashes).toEqual(['', ...hashes].slice(0, prevHashes.length))
          const ids = accepted.map(({ envelope }) => envelope.eventId)
          expect(new Set(ids).size).toBe(ids.length)
        },
      ),
      runs(500),
    )
  })

  test('a fork that a zombie continues stays a fork, even when its versions fit', () => {
    const shared = decideOn(tally, command(1, add('shared')), emptyStream(tally, streamId))
    const zombie = decideOn(tally, command(2, add('zombie')), shared.stream)
    const owner = decideOn(tally, command(3, add('owner')), shared.stream)
    const zombieGoesOn = decideOn(tally, command(4, add('zombie again')), zombie.stream)
    const log = [...shared.events, ...owner.events, ...zombie.events, ...zombieGoesOn.events]
    // Version 3 is the next one by its number; by the hash before it, it belongs to the lost fork.
    expect(zombieGoesOn.events[0]!.envelope.streamVersion).toBe(3)
    expect(fold(log).state).toMatchObject({ count: 2, last: 'owner' })
    const ownerGoesOn = decideOn(tally, command(5, add('owner again')), owner.stream)
    expect(fold([...log, ...ownerGoesOn.events]).state).toMatchObject({ count: 3, last: 'owner again' })
  })

  test('both deciding the same command give the same record, and it counts once', () => {
    const shared = decideOn(tally, command(1, add('shared')), emptyStream(tally, streamId)).stream
    const both = command(2, add('both'))
    const one = decideOn(tally, both, shared)
    const two = decideOn(tally, both, shared)
    expect(Buffer.compare(one.events[0]!.raw, two.events[0]!.raw)).toBe(0)
    expect(standing(fold([...one.events, ...two.events], shared))).toEqual(standing(one.stream))
  })
})

function acceptedOf(log: readonly RecordedEvent[]): RecordedEvent[] {
  let stream = emptyStream(tally, streamId)
  return log.filter((event) => {
    const next = evolveStream(tally, stream, event)
    const isAccepted = next.head?.version !== stream.head?.version
    stream = next
    return isAccepted
  })
}

test('a superseded event changes nothing of the stream, and what continues it is known to have lost', () => {
  const first = decideOn(tally, command(1, add('a')), emptyStream(tally, streamId))
  const rival = recordedEvent({ ...first.events[0]!.envelope, eventId: 'other' })
  const beside = evolveStream(tally, first.stream, rival)
  expect(standing(beside)).toEqual(standing(first.stream))
  const empty = emptyStream(tally, streamId)
  const ofNobody = recordedEvent({ ...first.events[0]!.envelope, prevHash: rival.hash })
  expect(evolveStream(tally, empty, ofNobody)).toEqual(empty)
  const goesOn = (version: number) =>
    recordedEvent({ ...first.events[0]!.envelope, streamVersion: version, prevHash: rival.hash })
  expect(standing(evolveStream(tally, beside, goesOn(3)))).toEqual(standing(first.stream))
})

test('a record that is missing is a gap: nothing is folded on top of it', () => {
  let stream = emptyStream(tally, streamId)
  const events = ['a', 'b', 'c'].flatMap((id) => {
    const decided = decideOn(tally, command(id, add(id)), stream)
    stream = decided.stream
    return decided.events
  })
  const one = fold(events.slice(0, 1))
  expect(() => evolveStream(tally, one, events[2]!)).toThrow(StreamGap)
})

describe('words', () => {
  test('pass from a command to its events, and from an event to a later one, unread', () => {
    const added = decideOn(tally, command('a', add('a')), emptyStream(tally, streamId))
    const other = decideOn(tally, command('block', block), added.stream)
    const repeated = decideOn(tally, command('r', repeat), other.stream)
    expect(added.events[0]!.envelope.content).toMatchObject(words('words of a'))
    expect(other.events[0]!.envelope.content).toEqual([])
    expect(repeated.events[0]!.envelope.content).toMatchObject(words('words of a'))
  })

  test('of an event are passed on by a later one of the same decision', () => {
    const atOnce: typeof tally = {
      ...tally,
      decide: ({ eventId }) => ({
        events: [
          { ...tallies.event('Added', { id: 'a', count: 1 }), content: 'all' },
          { ...tallies.event('Repeated', { id: 'a' }), content: [{ from: eventId(0), name: 'text' }] },
        ],
      }),
    }
    const { events } = decideOn(atOnce, command('a', add('a')), emptyStream(tally, streamId))
    expect(events.map(({ envelope }) => envelope.content)).toMatchObject([
      words('words of a'),
      words('words of a'),
    ])
  })

  test('are kept only while the state refers to them', () => {
    const first = decideOn(tally, command('a', add('a')), emptyStream(tally, streamId))
    const second = decideOn(tally, command('b', add('b')), first.stream)
    expect([...second.stream.kept.keys()]).toEqual([`${second.events[0]!.envelope.eventId}/text`])
  })

  test('blanked everywhere, leave facts and states as they are: nothing is decided by them', () => {
    const blank = (one: RecordedCommand): RecordedCommand => ({
      ...one,
      envelope: {
        ...one.envelope,
        content: one.envelope.content.map(({ name }) => ({ name, value: Buffer.alloc(0) })),
      },
    })
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
        const facts = (change: (one: RecordedCommand) => RecordedCommand) => {
          let stream = emptyStream(tally, streamId)
          return commands.map(saidAgain).map((one) => {
            const decided = decideOn(tally, change({ ...one, offset: 0n }), { ...stream, decidedOffset: -1n })
            stream = decided.stream
            return [decided.events.map(({ envelope }) => tallies.readEvent(envelope)), stream.state]
          })
        }
        expect(facts(blank)).toEqual(facts((one) => one))
      }),
    )
  })
})

test('what rules fold as they decide is not folded again, and what they may say again is kept as a reader keeps it', () => {
  let folds = 0
  const counting: typeof tally = {
    ...tally,
    evolve: (state, fact) => {
      folds += 1
      return tally.evolve(state, fact)
    },
  }
  const knowing: typeof tally = {
    ...counting,
    decide(wish, state, policy) {
      const decision = tally.decide(wish, state, policy)
      if ('refused' in decision) return decision
      const states: Tally[] = []
      for (const [index, { type, data }] of decision.events.entries())
        states.push(
          tally.evolve(states.at(-1) ?? state, {
            ...({ type, data } as TallyEvent),
            eventId: deterministicId(wish.commandId, index),
            occurredAt: wish.occurredAt,
            recordedAt: wish.recordedAt,
            correlationId: wish.correlationId,
            commandOffset: -1n,
          }),
        )
      return { ...decision, states }
    },
  }
  const twice = command('twice', tallies.command('Add', { id: 'twice', twice: true }))
  const { events, stream } = decideOn(knowing, twice, emptyStream(knowing, streamId))
  expect([events.length, folds]).toEqual([2, 0])
  const read = events.reduce((at, event) => evolveStream(counting, at, event), emptyStream(tally, streamId))
  expect(folds).toBe(2)
  expect([stream.state, stream.kept]).toEqual([read.state, read.kept])
})
