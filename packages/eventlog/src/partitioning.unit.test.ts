import * as fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { murmur2, partitionOf } from './partitioning.ts'

// https://github.com/apache/kafka/blob/4.0/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java (testMurmur2)
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('murmur2 of %j is what Kafka says', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('a key goes where any client of Kafka with the default partitioner looks for it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.integer({ min: 1, max: 64 }),
      (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
          partitionId,
          partitionErrorCode: 0,
          leader: 1,
          replicas: [1],
          isr: [1],
        }))
        const theirs = Partitioners.DefaultPartitioner()({
          topic: 't',
          partitionMetadata,
          message: { key, value: null },
        })
        expect(partitionOf(key, partitions)).toBe(theirs)
      },
    ),
  )
})
