import { type PartialCommand, type Tally, block, receive, tally, unblock } from '@parley/testkit'
import { CommandEnvelope } from '@parley/proto/envelope'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RECENT_COMMANDS_MAX, type StreamState, decideOn, emptyStream, evolveStream } from './decider.ts'
import {
  type CommandPayload,
  type RecordedCommand,
  type RecordedEvent,
  readEvent,
  recordedEvent,
} from './envelope.ts'
import { deterministicId } from './ids.ts'

const streamId = 'contact-1'

function command(id: string | number, payload: PartialCommand): RecordedCommand {
  const whole = CommandEnvelope.fromPartial({ payload })
  return {
    recordedAt: '2026-01-05T12:00:00.000Z',
    envelope: {
      ...whole,
      commandId: deterministicId('test', id),
      streamId,
      occurredAt: '2026-01-05T11:59:58.500Z',
      actor: { kind: 'customer', id: 'c' },
      payload: whole.payload as CommandPayload,
    },
  }
}

const fold = (events: readonly RecordedEvent[], from: StreamState<Tally> = emptyStream(tally, streamId)) =>
  events.reduce((stream, event) => evolveStream(tally, stream, event), from)

const anyCommand = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ id: fc.nat(400), twice: fc.boolean() })
      .map(({ id, twice }) => command(id, receive(`m${id}`, { twice }))),
  },
  { weight: 1, arbitrary: fc.nat(400).map((id) => command(`block ${id}`, block)) },
  { weight: 1, arbitrary: fc.nat(400).map((id) => command(`unblock ${id}`, unblock)) },
)

describe('deciding', () => {
  test('the same command twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), fc.nat(), (commands, at) => {
        let stream = emptyStream(tally, streamId)
        for (const one of commands) stream = decideOn(tally, one, stream).stream
        const again = commands[at % (commands.length || 1)]
        if (again === undefined || !stream.recentCommandIds.includes(again.envelope.commandId)) return
        const repeated = decideOn(tally, again, stream)
        expect(repeated.events).toEqual([])
        expect(repeated.stream).toBe(stream)
      }),
    )
  })

  test('a stream remembers its last command ids, refused ones among them, and no more than that', () => {
    let stream = emptyStream(tally, streamId)
    for (let id = 0; id < RECENT_COMMANDS_MAX + 10; id += 1)
      stream = decideOn(tally, command(id, receive(`m${id}`, { twice: true })), stream).stream
    expect(stream.recentCommandIds.length).toBe(RECENT_COMMANDS_MAX)
    expect(decideOn(tally, command(10, receive('m10')), stream).events).toEqual([])
    const blocked = decideOn(tally, command('block', block), stream).stream
    const refused = decideOn(tally, command('late', receive('late')), blocked)
    expect(refused.events[0]!.envelope.payload.$case).toBe('commandRefused')
    expect(decideOn(tally, command('late', receive('late')), refused.stream).events).toEqual([])
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
        expect(fold(events.slice(overlap), snapshot)).toEqual(stream)
        expect(fold(events.map(({ raw }) => readEvent(raw)))).toEqual(stream)
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
          const again = repeats.reduce(
            (stream, back) => fold(log.slice(Math.max(log.length - back, 0)), stream),
            truth,
          )
          expect(again).toEqual(truth)
          const middle = Math.floor(log.length / 2)
          expect(fold(log.slice(Math.floor(middle / 2)), fold(log.slice(0, middle)))).toEqual(truth)
          expect(fold(log.flatMap((event) => [event, event]))).toEqual(truth)

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
      { numRuns: 500 },
    )
  })

  test('a fork that a zombie continues stays a fork, even when its versions fit', () => {
    const shared = decideOn(tally, command(1, receive('shared')), emptyStream(tally, streamId))
    const zombie = decideOn(tally, command(2, receive('zombie')), shared.stream)
    const owner = decideOn(tally, command(3, receive('owner')), shared.stream)
    const zombieGoesOn = decideOn(tally, command(4, receive('zombie again')), zombie.stream)
    const log = [...shared.events, ...owner.events, ...zombie.events, ...zombieGoesOn.events]
    // Version 3 is the next one by its number; by the hash before it, it belongs to the lost fork.
    expect(zombieGoesOn.events[0]!.envelope.streamVersion).toBe(3)
    expect(fold(log).state).toMatchObject({ count: 2, last: 'owner' })
    const ownerGoesOn = decideOn(tally, command(5, receive('owner again')), owner.stream)
    expect(fold([...log, ...ownerGoesOn.events]).state).toMatchObject({ count: 3, last: 'owner again' })
  })

  test('both deciding the same command give the same record, and it counts once', () => {
    const shared = decideOn(tally, command(1, receive('shared')), emptyStream(tally, streamId)).stream
    const one = decideOn(tally, command(2, receive('both')), shared)
    const two = decideOn(tally, command(2, receive('both')), shared)
    expect(Buffer.compare(one.events[0]!.raw, two.events[0]!.raw)).toBe(0)
    expect(fold([...one.events, ...two.events], shared)).toEqual(one.stream)
  })
})

function acceptedOf(log: readonly RecordedEvent[]): RecordedEvent[] {
  let stream = emptyStream(tally, streamId)
  return log.filter((event) => {
    const next = evolveStream(tally, stream, event)
    const isAccepted = next !== stream
    stream = next
    return isAccepted
  })
}

test('a superseded event leaves the stream as it is', () => {
  const { stream, events } = decideOn(tally, command(1, receive('a')), emptyStream(tally, streamId))
  const rival = recordedEvent({ ...events[0]!.envelope, eventId: 'other' })
  expect(evolveStream(tally, stream, rival)).toBe(stream)
})
