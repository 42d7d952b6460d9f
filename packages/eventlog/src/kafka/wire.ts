import { type Socket, connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { metrics } from '@opentelemetry/api'
import { AssignerProtocol, type ISocketFactory, type Kafka } from 'kafkajs'
import protocol from 'kafkajs/src/protocol/requests/index.js'
import { PartitionCountMismatch, UnknownTopic } from '../errors.ts'
import { kafkaClient } from './client.ts'
import {
  type FetchAnswer,
  type FetchedPartition,
  type ProducedBatch,
  decodeFetch,
  encodeProduce,
  mustSpeak,
} from './codecs.ts'
import { isOfMembership, isOfOneTopic, typeOf } from './failure.ts'
import type { Producer } from './record-batch.ts'
import type { KafkaSettings } from './settings.ts'

/**
 * What we use of kafkajs below its producer and consumer: requests to one broker, with its answer per partition. Why: docs/adr/0002 and 0011.
 * It is internal to kafkajs; the version is pinned, and everything internal that we touch is in this file, codecs.ts and mends.ts.
 * What fails by an answer of the broker throws kafkajs's protocol error, whose `type` is the error's name in Kafka.
 */
export interface Wire {
  /** @throws {PartitionCountMismatch} */
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
  /** The log's end (the offset of the next record), its start, or its first record of that time or later (-1 for none), per partition. */
  offsets(
    topic: string,
    partitions: readonly number[],
    which: 'end' | 'start' | Date,
  ): Promise<ReadonlyMap<number, bigint>>
  /** What the group committed; no entry where it committed nothing. */
  committed(group: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /** Who is in the group. What they say of themselves is not told while it is shared out. */
  members(group: string): Promise<readonly Pick<GroupMate, 'store'>[]>
  /** Waits until the group is shared out anew. */
  joinGroup(request: JoinRequest): Promise<JoinedGroup>
  /** What this member gets, and the store of the leader, who says who gets what; the others give nothing. */
  syncGroup(
    seat: Seat,
    topic: string,
    shares: ReadonlyMap<string, readonly number[]>,
    store: string | undefined,
  ): Promise<{ readonly partitions: readonly number[]; readonly store: string | undefined }>
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
  /** `KafkaSettings.store` */
  readonly store: string | undefined
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

export interface JoinedGroup {
  readonly generationId: number
  readonly memberId: string
  /** All members, for the leader; nobody, for the others. */
  readonly members: readonly GroupMate[]
}

export interface GroupMate {
  readonly memberId: string
  readonly instance: string | undefined
  /** Undefined: it does not say. */
  readonly store: string | undefined
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
  metadata(topics: string[]): Promise<unknown>
  describeGroups(options: {
    groupIds: string[]
  }): Promise<{ groups: { members: readonly { memberMetadata: Buffer }[] }[] }>
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
  readonly targetTopics: Set<string>
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
    topics: {
      topic: string
      partitions: { partition: number }[]
      fromBeginning: boolean
      fromTimestamp?: number
    }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>
}

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

  const isRefusedAlone = async (topic: string): Promise<boolean> => {
    if (known.size === 0) return true
    const broker = await cluster.findControllerBroker()
    return broker.metadata([topic]).then(() => false, isOfOneTopic)
  }
  /** Topics are asked about together: one that was deleted, or is not shown any more, would leave those beside it unanswered. */
  const withoutRefused = async (ask: () => Promise<void>): Promise<void> => {
    try {
      await ask()
    } catch (error) {
      if (!isOfOneTopic(error)) throw error
      for (const topic of known)
        if (await isRefusedAlone(topic)) {
          known.delete(topic)
          cluster.targetTopics.delete(topic)
        }
      await ask()
    }
  }
  const metadata = async (topic: string) => {
    if (!known.has(topic)) {
      try {
        await withoutRefused(() => cluster.addMultipleTargetTopics([topic]))
      } catch (error) {
        throw typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' ? new UnknownTopic(topic) : error
      }
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
  const offsetsOf = async (topic: string, partitions: readonly number[], which: 'end' | 'start' | Date) => {
    await metadata(topic)
    const answers = await cluster.fetchTopicsOffset([
      {
        topic,
        partitions: partitions.map((partition) => ({ partition })),
        fromBeginning: which === 'start',
        ...(which instanceof Date ? { fromTimestamp: which.getTime() } : {}),
      },
    ])
    return new Map(
      answers.flatMap((answer) =>
        answer.partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
      ),
    )
  }
  /** Where anything stands beyond the partitions that we count, somebody counts otherwise. */
  const isWrittenBeyond = async (topic: string, partitions: number, length: number): Promise<boolean> => {
    const beyond = Array.from({ length: length - partitions }, (_, at) => partitions + at)
    if (beyond.length === 0) return false
    const starts = await offsetsOf(topic, beyond, 'start')
    const ends = await offsetsOf(topic, beyond, 'end')
    return beyond.some((partition) => ends.get(partition)! > starts.get(partition)!)
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
    refresh: () => withoutRefused(() => cluster.refreshMetadata()),
    async partitionCount(topic) {
      const { length } = await metadata(topic)
      const { partitions = length } = settings
      if (length < partitions || (await isWrittenBeyond(topic, partitions, length)))
        throw new PartitionCountMismatch(topic, length, partitions)
      return partitions
    },
    leaders: async (topic) =>
      new Map((await metadata(topic)).map(({ partitionId, leader }) => [partitionId, leader])),

    async produce(nodeId, batches, waitMs) {
      const broker = await brokerOf(nodeId, batches[0]!.topic)
      const { request, response } = broker.lookupRequest(apiKeys.Produce, requests.Produce)({ topicData: [] })
      mustSpeak('Produce', request.apiVersion)
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
      mustSpeak('Fetch', request.apiVersion)
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

    offsets: offsetsOf,

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

    async members(group) {
      const coordinator = await cluster.findGroupCoordinator({ groupId: group })
      const { groups } = await coordinator.describeGroups({ groupIds: [group] })
      return groups
        .flatMap(({ members }) => members)
        .map(({ memberMetadata }) => ({ store: storeOf(memberMetadata) }))
    },

    async joinGroup({ group, memberId, instance, topic, store, sessionTimeoutMs, rebalanceTimeoutMs }) {
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
              userData: Buffer.from(store ?? ''),
            }),
          },
        ],
      })) as {
        generationId: number
        memberId: string
        members: { memberId: string; groupInstanceId: string | null; memberMetadata: Buffer }[]
      }
      return {
        generationId: answer.generationId,
        memberId: answer.memberId,
        members: answer.members.map((member) => ({
          memberId: member.memberId,
          instance: member.groupInstanceId ?? undefined,
          store: storeOf(member.memberMetadata),
        })),
      }
    },

    async syncGroup(seat, topic, shares, store) {
      const answer = (await askCoordinator('SyncGroup', seat.group, {
        ...seatFields(seat),
        generationId: seat.generationId,
        groupAssignment: [...shares].map(([memberId, partitions]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: 1,
            assignment: { [topic]: [...partitions] },
            userData: Buffer.from(store ?? ''),
          }),
        })),
      })) as { memberAssignment: Buffer }
      const given = AssignerProtocol.MemberAssignment.decode(answer.memberAssignment)
      return { partitions: given?.assignment[topic] ?? [], store: storeIn(given) }
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

const storeOf = (metadata: Buffer): string | undefined =>
  metadata.length === 0 ? undefined : storeIn(AssignerProtocol.MemberMetadata.decode(metadata))

const storeIn = (of: { readonly userData: Buffer | null } | null): string | undefined =>
  of?.userData?.toString() || undefined

const seatFields = ({ group, memberId, instance }: Omit<Seat, 'generationId'>) => ({
  groupId: group,
  memberId,
  groupInstanceId: instance ?? null,
})

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
