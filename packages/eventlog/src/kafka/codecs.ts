import Encoder from 'kafkajs/src/protocol/encoder.js'
import { LogClientCrashed } from '../errors.ts'
import { type KafkaRecord, decodeRecordBatches } from './record-batch.ts'

/** What we encode or decode ourselves is of one version. */
const VERSIONS = { Produce: 7, Fetch: 11 } as const

export function mustSpeak(api: keyof typeof VERSIONS, version: number): void {
  const wanted = VERSIONS[api]
  if (version !== wanted)
    throw new LogClientCrashed(
      `The broker speaks ${api} up to version ${version}, and ${wanted} is needed. Use Kafka 2.3 or newer.`,
    )
}

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  /** A record batch. */
  readonly bytes: Buffer
}

/** https://kafka.apache.org/protocol#The_Messages_Produce, version 7: of no transaction, acknowledged by all replicas in sync. */
export function encodeProduce(batches: readonly ProducedBatch[], waitMs: number): Encoder {
  const topics = Map.groupBy(batches, ({ topic }) => topic)
  const encoder = new Encoder().writeString(null).writeInt16(-1).writeInt32(waitMs).writeInt32(topics.size)
  for (const [topic, those] of topics) {
    encoder.writeString(topic).writeInt32(those.length)
    for (const { partition, bytes } of those) encoder.writeInt32(partition).writeBytes(bytes)
  }
  return encoder
}

export interface FetchedPartition {
  readonly partition: number
  /** 0 when it was read. https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number
  /** The offset behind the last record that may be read; -1 with an error. */
  readonly highWatermark: number
  readonly records: readonly KafkaRecord[]
}

export interface FetchAnswer {
  readonly clientSideThrottleTime: number
  readonly partitions: readonly FetchedPartition[]
  readonly error: Error | undefined
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11, of one topic. */
export function decodeFetch(topic: string, bytes: Buffer): FetchAnswer {
  const clientSideThrottleTime = bytes.readInt32BE(0)
  const errorCode = bytes.readInt16BE(4)
  const error = errorCode === 0 ? undefined : new Error(`Kafka answers ${errorCode} to a fetch of ${topic}.`)
  const partitions: FetchedPartition[] = []
  let at = 14
  for (let topics = bytes.readInt32BE(10); topics > 0; topics -= 1) {
    at += 2 + bytes.readInt16BE(at)
    const count = bytes.readInt32BE(at)
    at += 4
    for (let index = 0; index < count; index += 1) {
      const partition = bytes.readInt32BE(at)
      const partitionError = bytes.readInt16BE(at + 4)
      const highWatermark = Number(bytes.readBigInt64BE(at + 6))
      const aborted = Math.max(bytes.readInt32BE(at + 30), 0)
      at += 34 + aborted * 16 + 4
      const length = Math.max(bytes.readInt32BE(at), 0)
      at += 4
      const records = decodeRecordBatches(topic, partition, bytes.subarray(at, at + length))
      at += length
      partitions.push({ partition, errorCode: partitionError, highWatermark, records })
    }
  }
  return { clientSideThrottleTime, partitions, error }
}
