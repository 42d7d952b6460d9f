import { type Socket, connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { metrics } from '@opentelemetry/api'
import { AssignerProtocol, type ISocketFactory, Kafka, logLevel } from 'kafkajs'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocol from 'kafkajs/src/protocol/requests/index.js'
import { LogClientCrashed, UnknownTopic } from '../errors.ts'
import { mendKafkajs } from './mends.ts'
import { type KafkaRecord, type Producer, decodeRecordBatches } from './record-batch.ts'
import type { KafkaSettings } from './settings.ts'

/**
 * What we use of kafkajs below its producer and consumer: requests to one broker, with its answer per partition. Why: docs/adr/0002 and 0011.
 * It is internal to kafkajs; the version is pinned, and everything internal that we touch is in this file and in mends.ts.
 * What fails by an answer of the broker throws kafkajs's protocol error, whose `type` is the error's name in Kafka.
 */
export interface Wire {
  partitionCount(topic: string): Promise<number>
  /** The broker that leads each partition. Looks anew when it is not known. */
  leaders(topic: string): Promise<ReadonlyMap<number, number>>
  produce(
    nodeId: number,
    batches: readonly ProducedBatch[],
    waitMs: number,
  ): Promise<readonly ProducedPartition[]>
  newProducerId(): Promise<Producer>
  fetch(nodeId: number, request: FetchRequest): Promise<readonly FetchedPartition[]>
  /** The log's end (the offset of the next record) or its start, per partition. */
  offsets(
    topic: string,
    partitions: readonly number[],
    which: 'end' | 'start',
  ): Promise<ReadonlyMap<number, bigint>>
  /** What the group committed; no entry where it committed nothing. */
  committed(group: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /** Waits until the group is shared out anew. */
  joinGroup(request: JoinRequest): Promise<JoinedGroup>
  /** What this member gets. The leader says who gets what, the others give nothing. */
  syncGroup(
    seat: Seat,
    topic: string,
    shares: ReadonlyMap<string, readonly number[]>,
  ): Promise<readonly number[]>
  heartbeat(seat: Seat): Promise<void>
  commit(seat: Seat, topic: string, next: ReadonlyMap<number, bigint>): Promise<void>
  leaveGroup(seat: Omit<Seat, 'generationId'>): Promise<void>
  refresh(): Promise<void>
  /** Cuts all connections at once; requests in flight fail. */
  destroy(): void
}

/** A member's place in its group, until the next rebalance. */
export interface Seat {
  readonly group: string
  /** Given by the broker; empty before the first join. */
  readonly memberId: string
  /** With a name the broker knows a restarted member again (`group.instance.id`, KIP-345). */
  readonly instance: string | undefined
  readonly generationId: number
}

export interface JoinRequest extends Omit<Seat, 'generationId'> {
  readonly topic: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

export interface JoinedGroup {
  readonly generationId: number
  readonly memberId: string
  /** All members, for the leader; nobody, for the others. */
  readonly members: readonly { memberId: string; instance: string | undefined }[]
}

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  /** A record batch. */
  readonly bytes: Buffer
}

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  /** 0 when stored. https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number
  readonly baseOffset: bigint
  /** Milliseconds by the broker's clock; undefined for a topic without log-append time. */
  readonly logAppendTime: number | undefined
}

export interface FetchRequest {
  readonly topic: string
  readonly partitions: readonly { partition: number; from: number }[]
  readonly maxWaitMs: number
  /** The broker answers when it has so much, or after `maxWaitMs`. */
  readonly minBytes: number
  readonly maxBytesPerPartition: number
}

export interface FetchedPartition {
  readonly partition: number
  /** 0 when it was read. https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number
  /** The offset behind the last record that may be read; -1 with an error. */
  readonly highWatermark: number
  readonly records: readonly KafkaRecord[]
}

interface Broker {
  isConnected(): boolean
  lookupRequest(
    apiKey: number,
    definition: unknown,
  ): (fields: object) => { request: { apiVersion: number }; response: ResponseReader }
  connectionPool: { send(protocol: unknown): Promise<unknown> }
  initProducerId(options: {
    transactionTimeout: number
  }): Promise<{ producerId: string; producerEpoch: number }>
  offsetFetch(
    options: object,
  ): Promise<{ responses: { partitions: { partition: number; offset: string }[] }[] }>
}
interface ResponseReader {
  decode(raw: unknown): Promise<unknown>
  parse(decoded: unknown): Promise<unknown>
}
interface RawProduced {
  topics: {
    topicName: string
    partitions: { partition: number; errorCode: number; baseOffset: string; logAppendTime: string }[]
  }[]
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

const REPEATED_LINE_MS = 30_000
/** What was said when, over all clients of one log: each try to reach a broker that is away is a new client. */
const saidBy = new WeakMap<KafkaSettings, Map<string, number>>()
const FETCH_VERSION = 11
const PRODUCE_VERSION = 7
const apiKeys = {
  Produce: 0,
  Fetch: 1,
  OffsetCommit: 8,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
} as const
const { requests } = protocol

/** A kafkajs client: warnings and errors go to the settings' log, with the fields that cannot hold content. */
export function kafkaClient(
  settings: KafkaSettings,
  clientId: string,
  options: { requestTimeoutMs?: number; socketFactory?: ISocketFactory; isQuiet?(): boolean } = {},
): Kafka {
  mendKafkajs()
  const said = saidBy.get(settings) ?? new Map<string, number>()
  saidBy.set(settings, said)
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
        if (performance.now() - (said.get(line) ?? -Infinity) < REPEATED_LINE_MS) return
        if (said.size > 1_000) said.clear()
        said.set(line, performance.now())
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
  const meter = metrics.getMeter('@parley/eventlog')
  const requestCount = meter.createCounter('parley.kafka.requests', { unit: '{request}' })
  const fetchSeconds = meter.createHistogram('parley.log.fetch.duration', { unit: 's' })
  const sockets = new Set<Socket>()
  const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect)
    socket.setNoDelay(true)
    // kafkajs writes a request at once, and nothing else.
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = (...args: unknown[]) => {
      requestCount.add(1)
      return write(...args)
    }
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

  /** kafkajs learns of the brokers only from the metadata of a topic. */
  const brokerOf = async (nodeId: number, topic: string): Promise<Broker> => {
    await metadata(topic)
    return cluster.findBroker({ nodeId })
  }
  const coordinators = new Map<string, Broker>()
  const askCoordinator = async (
    api: 'OffsetCommit' | 'JoinGroup' | 'Heartbeat' | 'LeaveGroup' | 'SyncGroup',
    group: string,
    fields: object,
  ): Promise<unknown> => {
    let coordinator = coordinators.get(group)
    if (coordinator?.isConnected() !== true) {
      coordinator = await cluster.findGroupCoordinator({ groupId: group })
      coordinators.set(group, coordinator)
    }
    try {
      return await coordinator.connectionPool.send({
        ...coordinator.lookupRequest(apiKeys[api], requests[api])(fields),
        logResponseError: false,
      })
    } catch (error) {
      if (!isOfMembership(error)) coordinators.delete(group)
      throw error
    }
  }

  try {
    await cluster.connect()
  } catch (error) {
    destroy()
    throw error
  }
  return {
    destroy,
    refresh: () => cluster.refreshMetadata(),
    partitionCount: async (topic) => (await metadata(topic)).length,
    leaders: async (topic) =>
      new Map((await metadata(topic)).map(({ partitionId, leader }) => [partitionId, leader])),

    async produce(nodeId, batches, waitMs) {
      const broker = await brokerOf(nodeId, batches[0]!.topic)
      const { request, response } = broker.lookupRequest(apiKeys.Produce, requests.Produce)({ topicData: [] })
      mustSpeak('Produce', request.apiVersion, PRODUCE_VERSION)
      const answer = (await broker.connectionPool.send({
        request: { ...request, encode: async () => encodeProduce(batches, waitMs) },
        // kafkajs's own parse throws the first partition's error away with the others' success; we need each one's.
        response: { decode: response.decode, parse: async (decoded: unknown) => decoded },
      })) as RawProduced
      return answer.topics.flatMap(({ topicName, partitions }) =>
        partitions.map(({ partition, errorCode, baseOffset, logAppendTime }) => ({
          topic: topicName,
          partition,
          errorCode,
          baseOffset: BigInt(baseOffset),
          logAppendTime: logAppendTime === '-1' ? undefined : Number(logAppendTime),
        })),
      )
    },

    async newProducerId() {
      await cluster.refreshMetadata()
      const broker = await cluster.findControllerBroker()
      const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: 60_000 })
      return { producerId: BigInt(producerId), producerEpoch }
    },

    async fetch(nodeId, { topic, partitions, maxWaitMs, minBytes, maxBytesPerPartition }) {
      const broker = await brokerOf(nodeId, topic)
      const { request } = broker.lookupRequest(
        apiKeys.Fetch,
        requests.Fetch,
      )({
        maxWaitTime: maxWaitMs,
        minBytes,
        maxBytes: 10_485_760,
        isolationLevel: 0,
        topics: [
          {
            topic,
            partitions: partitions.map(({ partition, from }) => ({
              partition,
              fetchOffset: String(from),
              maxBytes: maxBytesPerPartition,
            })),
          },
        ],
      })
      mustSpeak('Fetch', request.apiVersion, FETCH_VERSION)
      const askedAt = performance.now()
      const answers = (await broker.connectionPool.send({
        request,
        // kafkajs's own decode makes an object of 8 fields of each record, and its parse throws at the first partition's error.
        response: {
          decode: async (bytes: Buffer) => decodeFetch(topic, bytes),
          parse: async (decoded: FetchAnswer) => {
            if (decoded.error !== undefined) throw decoded.error
            return decoded.partitions
          },
        },
      })) as readonly FetchedPartition[]
      const firsts = answers.flatMap(({ records: [first] }) => first?.timestampMs ?? [])
      if (firsts.length > 0) {
        // Not what it waited for the first of them to come.
        const waitedMs = Math.max(0, Date.now() - Math.min(...firsts))
        fetchSeconds.record(Math.min(performance.now() - askedAt, waitedMs) / 1_000)
      }
      return answers
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

    async joinGroup({ group, memberId, instance, topic, sessionTimeoutMs, rebalanceTimeoutMs }) {
      const answer = (await askCoordinator('JoinGroup', group, {
        groupId: group,
        memberId,
        groupInstanceId: instance ?? null,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        protocolType: 'consumer',
        groupProtocols: [
          {
            name: ASSIGNER,
            metadata: AssignerProtocol.MemberMetadata.encode({
              version: 1,
              topics: [topic],
              userData: Buffer.alloc(0),
            }),
          },
        ],
      })) as {
        generationId: number
        memberId: string
        members: { memberId: string; groupInstanceId: string | null }[]
      }
      return {
        generationId: answer.generationId,
        memberId: answer.memberId,
        members: answer.members.map((member) => ({
          memberId: member.memberId,
          instance: member.groupInstanceId ?? undefined,
        })),
      }
    },

    async syncGroup(seat, topic, shares) {
      const answer = (await askCoordinator('SyncGroup', seat.group, {
        ...seatFields(seat),
        generationId: seat.generationId,
        groupAssignment: [...shares].map(([memberId, partitions]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: { [topic]: [...partitions] },
            userData: Buffer.alloc(0),
          }),
        })),
      })) as { memberAssignment: Buffer }
      return AssignerProtocol.MemberAssignment.decode(answer.memberAssignment)?.assignment[topic] ?? []
    },

    async heartbeat(seat) {
      await askCoordinator('Heartbeat', seat.group, {
        ...seatFields(seat),
        groupGenerationId: seat.generationId,
      })
    },

    async commit(seat, topic, next) {
      await askCoordinator('OffsetCommit', seat.group, {
        ...seatFields(seat),
        groupGenerationId: seat.generationId,
        topics: [
          {
            topic,
            partitions: [...next].map(([partition, offset]) => ({ partition, offset: offset.toString() })),
          },
        ],
      })
    },

    async leaveGroup(seat) {
      await askCoordinator('LeaveGroup', seat.group, seatFields(seat))
    },
  }
}

const ASSIGNER = 'RoundRobinAssigner'

const seatFields = ({ group, memberId, instance }: Omit<Seat, 'generationId'>) => ({
  groupId: group,
  memberId,
  groupInstanceId: instance ?? null,
})

/** What we encode or decode ourselves is of one version. */
function mustSpeak(api: string, version: number, wanted: number): void {
  if (version !== wanted)
    throw new LogClientCrashed(
      `The broker speaks ${api} up to version ${version}, and ${wanted} is needed. Use Kafka 2.3 or newer.`,
    )
}

/** https://kafka.apache.org/protocol#The_Messages_Produce, version 7: of no transaction, acknowledged by all replicas in sync. */
function encodeProduce(batches: readonly ProducedBatch[], waitMs: number): Encoder {
  const topics = Map.groupBy(batches, ({ topic }) => topic)
  const encoder = new Encoder().writeString(null).writeInt16(-1).writeInt32(waitMs).writeInt32(topics.size)
  for (const [topic, those] of topics) {
    encoder.writeString(topic).writeInt32(those.length)
    for (const { partition, bytes } of those) encoder.writeInt32(partition).writeBytes(bytes)
  }
  return encoder
}

interface FetchAnswer {
  readonly clientSideThrottleTime: number
  readonly partitions: readonly FetchedPartition[]
  readonly error: Error | undefined
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11, of one topic. */
function decodeFetch(topic: string, bytes: Buffer): FetchAnswer {
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

/** One wire, opened on first use, and anew after it was given up. */
export class ReopeningWire {
  readonly #open: () => Promise<Wire>
  #wire: Promise<Wire> | undefined

  constructor(settings: KafkaSettings, clientId: string, requestTimeoutMs: number) {
    this.#open = () => openWire(settings, clientId, requestTimeoutMs)
  }

  get(): Promise<Wire> {
    if (this.#wire === undefined) {
      const opening = (this.#wire = this.#open())
      opening.catch(() => {
        if (this.#wire === opening) this.#wire = undefined
      })
    }
    return this.#wire
  }

  /** What broke once is not trusted again: begin anew. Others may have done so already. */
  giveUp(broken = this.#wire): void {
    void broken?.then((open) => open.destroy()).catch(() => {})
    if (this.#wire === broken) this.#wire = undefined
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

/** The coordinator's word about this member: it is still the coordinator. */
export function isOfMembership(error: unknown): boolean {
  return membershipErrors.has(typeOf(error) ?? '')
}

const membershipErrors = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'FENCED_INSTANCE_ID',
])

/** The error's name in Kafka, where the broker answered with one. */
export function typeOf(error: unknown): string | undefined {
  return (error as { type?: string }).type
}

export function codeOf(error: unknown): string {
  const { code, type, name } = error as { code?: unknown; type?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  return typeof type === 'string' ? type : String(name)
}

const NEW_TOPIC_MS = 3_000

/** A topic that was made a moment ago is not known to every broker yet. */
export function isMissingForGood(error: unknown, askedSince: number): boolean {
  return error instanceof UnknownTopic && performance.now() > askedSince + NEW_TOPIC_MS
}
