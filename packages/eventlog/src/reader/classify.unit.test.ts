import { type Head, type RecordedEvent, StreamGap, headAfter, sha256 } from '@parley/kernel'
import { Chain, tallies } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { type ReaderRecord, classify } from './classify.ts'

const said = (...ids: readonly string[]) => {
  const chain = new Chain(tallies, 'contact-1')
  return ids.map((id) => chain.add({ type: 'Added', data: { id } }))
}
const stored = (...values: readonly Uint8Array[]): ReaderRecord[] =>
  values.map((value, at) => ({
    topic: 'events',
    partition: 0,
    offset: BigInt(at),
    timestamp: '',
    key: 'contact-1',
    value,
    headers: {},
  }))
const raw = ({ raw: bytes }: { raw: Uint8Array }) => bytes
const decode = ({ envelope }: RecordedEvent) => tallies.readEvent(envelope)
const classified = (records: readonly ReaderRecord[], heads: ReadonlyMap<string, Head> = new Map()) => {
  const { events, ...rest } = classify(records, heads, decode)
  return { ...rest, ids: events.map(({ data }) => (data as { id: string }).id) }
}

describe('what a reader makes of records', () => {
  const [a, b, c] = said('a', 'b', 'c')
  const [, zombie, again] = said('a', 'zombie', 'zombie again')

  test('the first in the log is handed over; what lost is counted, what comes again is not', () => {
    const records = stored(...[a!, b!, zombie!, a!, again!, b!, c!].map(raw))
    // Of `a` and `b` written anew the first is an older version: it lost, whoever wrote it.
    expect(classified(records)).toMatchObject({ ids: ['a', 'b', 'c'], supersededCount: 3 })
    const behind = new Map([['contact-1', headAfter(undefined, b!, 5n)]])
    expect(classified(records.slice(0, 2), behind)).toMatchObject({ ids: [], supersededCount: 0 })
  })

  test('a gap is thrown, and nothing is handed over', () => {
    expect(() => classified(stored(raw(a!), raw(c!)))).toThrow(StreamGap)
  })

  test('behind a record that nobody can read its stream is left alone, and its head stands before it', () => {
    const records = stored(raw(a!), Buffer.from('no event'), raw(b!))
    const { ids, unreadable, heads } = classified(records)
    expect([ids, unreadable.map(({ record }) => record.offset)]).toEqual([['a'], [1n]])
    expect(heads.get('contact-1')).toMatchObject({ version: 1 })
  })

  test('behind an event that cannot be read here its stream is left alone, and its head stands before it', () => {
    const { events, unreadable, heads } = classify(
      stored(...[a!, b!, c!].map(raw)),
      new Map(),
      (event: RecordedEvent) => {
        if (event.envelope.streamVersion === 2) throw new Error('Of a later release.')
        return decode(event)
      },
    )
    expect(events.map(({ record }) => record.offset)).toEqual([0n])
    expect(unreadable.map(({ record }) => record.offset)).toEqual([1n])
    expect(heads.get('contact-1')).toMatchObject({ version: 1 })
  })

  test('an event that stands under the key of another stream, or under none, is an event of nobody', () => {
    const elsewhere = new Chain(tallies, 'contact-2', { continues: headAfter(undefined, a!, 0n) }).add({
      type: 'Added',
      data: { id: 'elsewhere' },
    })
    const [first, second, third] = stored(raw(a!), raw(elsewhere), raw(b!))
    const { ids, unreadable } = classified([first!, second!, { ...third!, key: '' }])
    expect([ids, unreadable.map(({ record }) => record.offset)]).toEqual([['a'], [1n, 2n]])
  })

  test('a stream goes on behind a record that was left out, with the event that names it', () => {
    const lost = Buffer.from('no event')
    const next = new Chain(tallies, 'contact-1', {
      continues: headAfter(
        undefined,
        { envelope: { ...a!.envelope, streamVersion: 2 }, hash: sha256(lost) },
        1n,
      ),
    }).add({ type: 'Added', data: { id: 'next' } })
    const [first, second, third] = stored(raw(a!), lost, raw(next))
    expect(classified([first!, { ...second!, discarded: true }, third!])).toMatchObject({
      ids: ['a', 'next'],
      unreadable: [],
    })
  })

  test('bytes of another writer that were left out cost no event: the stream goes on where it stood', () => {
    const [first, second, third, fourth] = stored(raw(a!), Buffer.from('of another'), raw(b!), raw(c!))
    const { ids, supersededCount, heads } = classified([
      first!,
      { ...second!, discarded: true },
      third!,
      fourth!,
    ])
    expect([ids, supersededCount]).toEqual([['a', 'b', 'c'], 0])
    expect(heads.get('contact-1')).toMatchObject({ version: 3, hash: c!.hash })
    const [before, begin] = stored(Buffer.from('of another'), raw(a!))
    expect(classified([{ ...before!, discarded: true }, begin!]).ids).toEqual(['a'])
  })

  test('an event that follows neither what stood before bytes that were left out nor those is a gap', () => {
    const [first, second, third] = stored(raw(a!), Buffer.from('of another'), raw(c!))
    expect(() => classified([first!, { ...second!, discarded: true }, third!])).toThrow(StreamGap)
  })

  test('bytes that were left out are not parked anew when they are delivered again', () => {
    const [first, second, third] = stored(raw(a!), Buffer.from('of another'), raw(b!))
    const { heads } = classified([first!, { ...second!, discarded: true }])
    expect(classified([first!, second!, third!], heads)).toMatchObject({ ids: ['b'], unreadable: [] })
  })
})
