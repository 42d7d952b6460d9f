import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RecordTooLarge } from '../errors.ts'
import { PartitionQueue } from './partition-queue.ts'
import { type Producer, decodeRecordBatches } from './record-batch.ts'

const producer: Producer = { producerId: 7n, producerEpoch: 0 }

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** Of two records each: appended to the queue, and what came of it. */
function append(queue: PartitionQueue, name: string, bytes = 10) {
  const texts = [`${name}.0`, `${name}.1`]
  const records = texts.map((text) => ({ key: 'a', value: Buffer.from(text.padEnd(bytes)) }))
  const said: { outcome?: unknown } = {}
  queue.add({
    records,
    bytes: 2 * bytes,
    index: 0,
    expiresAt: performance.now() + 30_000,
    append: {
      positions: [],
      remaining: 1,
      resolve: (positions) => (said.outcome = positions.map(({ offset }) => offset)),
      reject: (error) => (said.outcome = error),
    },
  })
  return said
}

const stored = (queue: PartitionQueue, baseOffset: bigint): void => queue.stored(baseOffset, undefined)
const sequenceOf = (queue: PartitionQueue): number => queue.bytes.readInt32BE(53)
const textsOf = (queue: PartitionQueue): string[] =>
  decodeRecordBatches('topic', 0, queue.bytes).map(({ value }) => Buffer.from(value).toString().trim())

test('one batch is on its way at a time; what comes meanwhile is the next one, under the sequences behind it', () => {
  const queue = new PartitionQueue('topic', 0)
  const first = append(queue, 'a')
  queue.prepare(producer)
  queue.send()
  const { bytes } = queue
  const second = append(queue, 'b')
  queue.prepare(producer)
  expect(queue.state).toBe('in flight')
  expect(queue.bytes).toBe(bytes)
  stored(queue, 40n)
  queue.prepare(producer)
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['b.0', 'b.1'], 2])
  stored(queue, 42n)
  expect([first.outcome, second.outcome]).toEqual([
    [40n, 41n],
    [42n, 43n],
  ])
})

test('a batch without an answer goes again after a pause: the same bytes under the same sequence', () => {
  const queue = new PartitionQueue('topic', 0)
  const said = append(queue, 'a')
  queue.prepare(producer)
  const before = Buffer.from(queue.bytes)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    queue.send()
    queue.doubt()
    queue.again(new Error('No answer.'))
    append(queue, `late ${attempt}`)
    queue.prepare(producer)
    expect(queue.state).toBe('backing off')
    vi.advanceTimersByTime(2_000)
    queue.prepare(producer)
    expect([queue.state, queue.bytes.equals(before)]).toEqual(['ready', true])
  }
  stored(queue, 0n)
  expect(said.outcome).toEqual([0n, 1n])
})

test('a run is never cut, neither where batches end nor where the topic takes less', () => {
  const queue = new PartitionQueue('topic', 0)
  const said = ['a', 'b', 'c'].map((name) => append(queue, name, 150_000))
  const large = append(queue, 'large', 600_000)
  queue.prepare(producer)
  expect(textsOf(queue)).toEqual(['a.0', 'a.1', 'b.0', 'b.1', 'c.0', 'c.1'])
  queue.tooLarge()
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['a.0', 'a.1', 'b.0', 'b.1'], 0])
  queue.tooLarge()
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['a.0', 'a.1'], 0])
  queue.tooLarge()
  expect(said[0]!.outcome).toBeInstanceOf(RecordTooLarge)
  queue.prepare(producer)
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['b.0', 'b.1', 'c.0', 'c.1'], 0])
  stored(queue, 0n)
  queue.prepare(producer)
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['large.0', 'large.1'], 4])
  stored(queue, 4n)
  expect([said[2]!.outcome, large.outcome]).toEqual([
    [2n, 3n],
    [4n, 5n],
  ])
})

test('who gives up a batch that may be stored says nothing more under its producer; the next one counts from 0', () => {
  const queue = new PartitionQueue('topic', 0)
  const unsent = append(queue, 'unsent')
  queue.prepare(producer)
  expect(queue.giveUp(new Error('Time is up.'))).toBeUndefined()
  const doubtful = append(queue, 'doubtful')
  queue.prepare(producer)
  queue.send()
  queue.doubt()
  const error = new Error('Time is up.')
  expect(queue.giveUp(error)).toBe(producer)
  expect([unsent.outcome, doubtful.outcome]).toEqual([expect.any(Error), error])
  append(queue, 'next')
  queue.prepare({ producerId: 8n, producerEpoch: 0 })
  expect([textsOf(queue), sequenceOf(queue)]).toEqual([['next.0', 'next.1'], 0])
})

test('what waited too long behind a batch that is given up is given up with it, and never sent; what came later is', () => {
  const queue = new PartitionQueue('topic', 0)
  append(queue, 'on its way')
  queue.prepare(producer)
  queue.send()
  const behind = append(queue, 'behind')
  vi.advanceTimersByTime(30_000)
  const later = append(queue, 'later')
  const error = new Error('Time is up.')
  queue.giveUp(error)
  expect([behind.outcome, later.outcome]).toEqual([error, undefined])
  queue.prepare(producer)
  expect(textsOf(queue)).toEqual(['later.0', 'later.1'])
})
