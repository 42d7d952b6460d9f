import { createRequire } from 'node:module'
import { type Socket, connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ISocketFactory, Kafka, type Message, logLevel } from 'kafkajs'
import { UnknownTopic } from '../errors.ts'
import { mendKafkajs } from './mends.ts'
import type { KafkaSettings } from './settings.ts'

/**
 * What we use of kafkajs below its producer and consumer: requests to one broker, with its answer per partition. Why: docs/adr/0002.
 * It is internal to kafkajs; the version is pinned, and everything internal that we touch is in this file and in mends.ts.
 */
export interface Wire {
  readonly cluster: Cluster
  partitionCount(topic: string): Promise<number>
  /** The broker that leads each partition. Looks anew when it is not known. */
  leaders(topic: string): Promise<ReadonlyMap<number, number>>
  produce(nodeId: number, request: ProduceRequest): Promise<readonly ProducedPartition[]>
  newProducerId(): Promise<{ producerId: string; producerEpoch: number }>
  fetch(nodeId: number, request: FetchRequest): Promise<readonly FetchedPartition[]>
  /** The log's end (the offset of the next record) or its start, per partition. */
  offsets(
    topic: string,
    partitions: readonly number[],
    which: 'end' | 'start',
  ): Promise<ReadonlyMap<number, bigint>>
  /** What the group committed; no entry where it committed nothing. */
  committed(group: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  refresh(): Promise<void>
  /** Cuts all connections at once; requests in flight fail. */
  destroy(): void
}

export interface ProduceRequest {
  readonly producerId: string
  readonly producerEpoch: number
  readonly topics: readonly {
    topic: string
    partitions: readonly { partition: number; firstSequence: number; messages: readonly Message[] }[]
  }[]
}

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  /** 0 when stored. https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number
  readonly baseOffset: bigint
}

export interface FetchRequest {
  readonly topic: string
  readonly partitions: readonly { partition: number; from: bigint }[]
  readonly maxWaitMs: number
  readonly maxBytesPerPartition: number
}

export interface FetchedPartition {
  readonly partition: number
  readonly highWatermark: bigint
  readonly messages: readonly FetchedMessage[]
}

export interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, unknown>>
}

interface Broker {
  lookupRequest(
    apiKey: number,
    definition: unknown,
  ): (fields: object) => { request: unknown; response: ResponseReader }
  connectionPool: { send(protocol: unknown): Promise<unknown> }
  initProducerId(options: {
    transactionTimeout: number
  }): Promise<{ producerId: string; producerEpoch: number }>
  fetch(options: object): Promise<{ responses: { partitions: RawFetched[] }[] }>
  offsetFetch(
    options: object,
  ): Promise<{ responses: { partitions: { partition: number; offset: string }[] }[] }>
}
interface ResponseReader {
  decode(raw: unknown): Promise<unknown>
  parse(decoded: unknown): Promise<unknown>
}
interface RawFetched {
  partition: number
  highWatermark: string
  messages: FetchedMessage[]
}
interface RawProduced {
  topics: { topicName: string; partitions: { partition: number; errorCode: number; baseOffset: string }[] }[]
}
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
  refreshMetadata(): Promise<void>
  refreshMetadataIfNecessary(): Promise<void>
  addMultipleTargetTopics(topics: string[]): Promise<void>
  findTopicPartitionMetadata(
    topic: string,
  ): { partitionId: number; leader: number; partitionErrorCode: number }[]
  findBroker(options: { nodeId: number | string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(options: { groupId: string }): Promise<Broker>
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>
}

const PRODUCE_API = 0
const REPEATED_LINE_MS = 30_000
const requests = (
  createRequire(import.meta.url)('kafkajs/src/protocol/requests') as { requests: Record<'Produce', unknown> }
).requests

/** A kafkajs client: warnings and errors go to the settings' log, with the fields that cannot hold content. */
export function kafkaClient(
  settings: KafkaSettings,
  clientId: string,
  options: { requestTimeoutMs?: number; socketFactory?: ISocketFactory; isQuiet?(): boolean } = {},
): Kafka {
  mendKafkajs()
  const said = new Map<string, number>()
  return new Kafka({
    clientId,
    brokers: [...settings.brokers],
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    connectionTimeout: 5_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    ...(options.socketFactory === undefined ? {} : { socketFactory: options.socketFactory }),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, log, namespace }) => {
        if (options.isQuiet?.() === true) return
        // A broker that is away makes it say the same thing several times a second.
        const line = `${namespace}: ${log.message}`
        if (Date.now() - (said.get(line) ?? 0) < REPEATED_LINE_MS) return
        if (said.size > 1_000) said.clear()
        said.set(line, Date.now())
        const { message, groupId, broker, retryCount } = log as { message: string } & Record<string, unknown>
        settings.log?.(level === logLevel.ERROR ? 'error' : 'warn', `kafkajs ${namespace}: ${message}`, {
          clientId,
          ...(groupId === undefined ? {} : { groupId }),
          ...(broker === undefined ? {} : { broker }),
          ...(retryCount === undefined ? {} : { retryCount }),
        })
      },
  })
}

/** Requests to brokers, over connections of its own. */
export async function openWire(
  settings: KafkaSettings,
  clientId: string,
  requestTimeoutMs: number,
): Promise<Wire> {
  const sockets = new Set<Socket>()
  const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  let isGivenUp = false
  const isQuiet = () => isGivenUp
  const cluster = clusterOf(kafkaClient(settings, clientId, { requestTimeoutMs, socketFactory, isQuiet }))
  const known = new Set<string>()
  const destroy = () => {
    isGivenUp = true
    for (const socket of sockets) socket.destroy(new Error('The connection was given up.'))
  }

  const metadata = async (topic: string) => {
    if (!known.has(topic)) {
      await cluster.addMultipleTargetTopics([topic]).catch((error: unknown) => {
        throw (error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION'
          ? new UnknownTopic(topic)
          : error
      })
      known.add(topic)
    }
    await cluster.refreshMetadataIfNecessary()
    const partitions = cluster.findTopicPartitionMetadata(topic)
    if (partitions.length === 0) throw new UnknownTopic(topic)
    return partitions
  }

  try {
    await cluster.connect()
  } catch (error) {
    destroy()
    throw error
  }
  return {
    cluster,
    destroy,
    refresh: () => cluster.refreshMetadata(),
    partitionCount: async (topic) => (await metadata(topic)).length,
    leaders: async (topic) =>
      new Map((await metadata(topic)).map(({ partitionId, leader }) => [partitionId, leader])),

    async produce(nodeId, { producerId, producerEpoch, topics }) {
      const broker = await cluster.findBroker({ nodeId })
      const { request, response } = broker.lookupRequest(
        PRODUCE_API,
        requests.Produce,
      )({
        acks: -1,
        timeout: requestTimeoutMs - 1_000,
        producerId,
        producerEpoch,
        topicData: topics,
      })
      // kafkajs' own parse throws the first partition's error away with the others' success; we need each one's.
      const answer = (await broker.connectionPool.send({
        request,
        response: { decode: response.decode, parse: async (decoded: unknown) => decoded },
      })) as RawProduced
      return answer.topics.flatMap(({ topicName, partitions }) =>
        partitions.map(({ partition, errorCode, baseOffset }) => ({
          topic: topicName,
          partition,
          errorCode,
          baseOffset: BigInt(baseOffset),
        })),
      )
    },

    async newProducerId() {
      await cluster.refreshMetadata()
      const broker = await cluster.findControllerBroker()
      const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: 60_000 })
      return { producerId, producerEpoch }
    },

    async fetch(nodeId, { topic, partitions, maxWaitMs, maxBytesPerPartition }) {
      const broker = await cluster.findBroker({ nodeId })
      const { responses } = await broker.fetch({
        maxWaitTime: maxWaitMs,
        minBytes: 1,
        maxBytes: 10_485_760,
        isolationLevel: 0,
        topics: [
          {
            topic,
            partitions: partitions.map(({ partition, from }) => ({
              partition,
              fetchOffset: from.toString(),
              maxBytes: maxBytesPerPartition,
            })),
          },
        ],
      })
      return responses.flatMap((response) =>
        response.partitions.map(({ partition, highWatermark, messages }) => ({
          partition,
          highWatermark: BigInt(highWatermark),
          messages,
        })),
      )
    },

    async offsets(topic, partitions, which) {
      await metadata(topic)
      const answers = await cluster.fetchTopicsOffset([
        {
          topic,
          partitions: partitions.map((partition) => ({ partition })),
          fromBeginning: which === 'start',
        },
      ])
      return new Map(
        answers.flatMap((answer) =>
          answer.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]),
        ),
      )
    },

    async committed(group, topic, partitions) {
      await metadata(topic)
      const coordinator = await cluster.findGroupCoordinator({ groupId: group })
      const { responses } = await coordinator.offsetFetch({
        groupId: group,
        topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
      })
      return new Map(
        responses
          .flatMap((response) => response.partitions)
          .map(({ partition, offset }) => [partition, BigInt(offset)] as const)
          .filter(([, offset]) => offset >= 0n),
      )
    },
  }
}

/** kafkajs makes its clusters behind a private symbol. */
function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  const create = symbol && (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
  if (create === undefined)
    throw new Error('kafkajs is not the version that kafka/wire.ts was written for (2.2.4).')
  return create.call(kafka, { metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: 0 })
}

/** The broker answered, with an error of the protocol: the connection itself is sound. */
export function isProtocolError(error: unknown): boolean {
  return (error as { name?: string }).name === 'KafkaJSProtocolError'
}

const NEW_TOPIC_MS = 3_000

/** A topic that was made a moment ago is not known to every broker yet. */
export function isMissingForGood(error: unknown, askedSince: number): boolean {
  return error instanceof UnknownTopic && Date.now() > askedSince + NEW_TOPIC_MS
}
