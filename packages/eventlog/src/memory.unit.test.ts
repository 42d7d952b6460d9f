import { expect, test } from 'vitest'
import { logContract } from './log.contract.ts'
import { memoryLog } from './memory.ts'

let topics = 0

logContract('memoryLog', async () => {
  const partitions = 4
  const log = memoryLog({ partitions })
  return {
    partitions,
    client: async () => log,
    newTopic: async () => `topic-${(topics += 1)}`,
    batchStarts: async (topic, partition) => log.batchStarts(topic, partition),
    trim: async (topic, partition, before) => log.trim(topic, partition, before),
    [Symbol.asyncDispose]: () => log.close(),
  }
})

test('the clock of the memory log is the one it was given', async () => {
  const log = memoryLog({ partitions: 1, now: () => new Date('2026-02-03T04:05:06.007Z') })
  await log.append('t', [{ key: 'a', value: Buffer.from('1') }])
  expect(log.records('t')).toMatchObject([{ timestamp: '2026-02-03T04:05:06.007Z' }])
})

test('a lost answer is LOG_UNAVAILABLE for a record that is stored', async () => {
  const log = memoryLog({ partitions: 1 })
  log.loseNextAnswer()
  await expect(log.append('t', [{ key: 'a', value: Buffer.from('1') }])).rejects.toMatchObject({
    code: 'LOG_UNAVAILABLE',
  })
  expect(log.records('t').length).toBe(1)
  expect(await log.append('t', [{ key: 'a', value: Buffer.from('2') }])).toEqual([
    { partition: 0, offset: 1n },
  ])
})

test('an append that dies on its way leaves whole batches: a run is stored, or it is not', async () => {
  const log = memoryLog({ partitions: 1 })
  const of = (content: string, withPrevious?: true) => ({
    key: 'a',
    value: Buffer.from(content),
    ...(withPrevious === undefined ? {} : { withPrevious }),
  })
  log.failAfterBatches(2)
  const dying = log.append('t', [of('1'), of('2'), of('2b', true), of('3'), of('3b', true)])
  await expect(dying).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect(log.records('t').map(({ value }) => Buffer.from(value).toString())).toEqual(['1', '2', '2b'])
  expect(await log.append('t', [of('4'), of('4b', true)])).toMatchObject([{ offset: 3n }, { offset: 4n }])
})
