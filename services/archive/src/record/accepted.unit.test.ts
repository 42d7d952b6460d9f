import { conversations } from '@parley/conversation'
import { Chain } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { acceptedOf } from './accepted.ts'
import { type RawRecord, rawRecordOf } from './raw-record.ts'

const CONTACT = 'contact-1'

/** Received messages that continue one another, beginning behind a record at a place of the log. */
function received(count: number, behind?: Chain<any>, offset = 0n): Chain<any> & { raw: RawRecord[] } {
  const chain = new Chain(conversations, CONTACT, { continues: behind?.head, offset })
  const raw = Array.from({ length: count }, (_, index) =>
    rawRecordOf(chain.add({ type: 'MessageReceived', data: { messageId: `${offset}/${index}` } }).record),
  )
  return Object.assign(chain, { raw })
}
const at = (record: RawRecord, offset: bigint): RawRecord => ({ ...record, offset })
const broken = (offset: bigint): RawRecord =>
  rawRecordOf({
    topic: 'events',
    partition: 0,
    offset,
    timestamp: '2026-01-05T12:00:00.000Z',
    key: CONTACT,
    value: Buffer.from('no envelope'),
    headers: {},
  })
const versions = (records: readonly RawRecord[]) =>
  acceptedOf(records).map(({ header, offset }) => [header.streamVersion, Number(offset)])

describe('which records of a stream count', () => {
  test('a stream that nobody else wrote into counts as a whole', () => {
    expect(versions(received(3).raw)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(acceptedOf([])).toEqual([])
  })

  test('the first in the log wins, and what continues the loser has lost with it', () => {
    const first = received(2)
    const zombie = received(3, received(1), 2n)
    const goesOn = received(2, first, 5n)
    expect(versions([...first.raw, ...zombie.raw, ...goesOn.raw])).toEqual([
      [1, 0],
      [2, 1],
      [3, 5],
      [4, 6],
    ])
  })

  test('a record that stands there twice counts where it stands first', () => {
    const [first, second] = received(2).raw
    expect(versions([first!, second!, at(first!, 2n), at(second!, 3n)])).toEqual([
      [1, 0],
      [2, 1],
    ])
  })

  test('a hole is never passed over', () => {
    const [first, , third] = received(3).raw
    expect(() => acceptedOf([first!, third!])).toThrow(expect.objectContaining({ code: 'STREAM_GAP' }))
  })

  test('behind a record that nobody can read the stream goes on only with one that names it', () => {
    const first = received(1)
    const lost = broken(1n)
    const head = { version: 2, hash: lost.hash, offset: 1n, superseded: [] }
    const next = new Chain(conversations, CONTACT, { continues: head, offset: 2n })
    const named = rawRecordOf(next.add({ type: 'MessageReceived' }).record)
    expect(versions([...first.raw, lost, named])).toEqual([
      [1, 0],
      [3, 2],
    ])
    const another = received(1, first, 2n)
    expect(versions([...first.raw, lost, ...another.raw])).toEqual([
      [1, 0],
      [2, 2],
    ])
    const [, , third] = received(3).raw
    expect(() => acceptedOf([...first.raw, lost, at(third!, 3n)])).toThrow(
      expect.objectContaining({ code: 'STREAM_GAP' }),
    )
  })
})
