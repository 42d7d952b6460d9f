import { randomUUID } from 'node:crypto'
import { audits } from '@parley/audit'
import {
  type ConversationCommand,
  type ConversationEvent,
  contentOf,
  conversations,
} from '@parley/conversation'
import {
  type EventLog,
  type FamilyTopics,
  type ReadEvent,
  type StoredRecord,
  ensureTopics,
  eventRecord,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import { type RecordedCommand, type Words, readCommand } from '@parley/kernel'
import { DeadLetter } from '@parley/proto/envelope'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { type Resource, type Resources, connectMongo, createLogger, grpcClient } from '@parley/service'
import {
  Chain,
  type Sketch,
  callerCredentials,
  callerEnv,
  testKafka,
  testMongoUri,
  until,
} from '@parley/testkit'
import type { Db } from 'mongodb'
import { compose } from './compose.ts'
import { ACCOUNT, signatureOf } from './webhook/webhook.fixture.ts'

export const PARTITIONS = 3
export const APP_SECRET = 'app secret of the tests'
export const VERIFY_TOKEN = 'verify token of the tests'
export const ACCESS_TOKEN = 'access token of the tests'

/** A document of the gateway's database as a test sees it. */
export type AnyDocument = { _id: string } & Record<string, unknown>

export interface RunningGateway extends AsyncDisposable {
  readonly webhookUrl: string
  readonly grpcAddress: string
  readonly client: GatewayServiceClient
  readonly faults: readonly unknown[]
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
}

/** The gateway as it runs, on the Kafka and the MongoDB of the integration tier. */
export async function startGateway(
  namespace: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<RunningGateway> {
  const env: NodeJS.ProcessEnv = {
    KAFKA_BROKERS: testKafka().join(','),
    MONGODB_URI: testMongoUri(),
    PARLEY_NAMESPACE: namespace,
    PARLEY_PARTITIONS: String(PARTITIONS),
    ...callerEnv('gateway'),
    GATEWAY_HTTP_PORT: '0',
    GATEWAY_GRPC_PORT: '0',
    WHATSAPP_GRAPH_URL: 'http://127.0.0.1:9',
    WHATSAPP_PHONE_NUMBER_ID: ACCOUNT,
    WHATSAPP_DISPLAY_PHONE_NUMBER: '15550783881',
    WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    ...settings,
  }
  const faults: unknown[] = []
  const layers: Resources = await compose({
    name: 'gateway',
    env,
    log: createLogger({
      service: 'gateway',
      level: 'silent',
    }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => resources.every((resource) => resource.isReady?.() ?? true),
  })
  const resources = layers.flat()
  const portOf = (name: string) =>
    (resources.find((resource) => resource.name === name) as Resource & { port: number }).port
  const webhookUrl = `http://127.0.0.1:${portOf('http')}/webhook`
  const grpcAddress = `127.0.0.1:${portOf('grpc')}`
  const client = grpcClient(GatewayServiceClient, grpcAddress, await callerCredentials('operator'))
  await until('the gateway is ready', () => resources.every((resource) => resource.isReady?.() ?? true))
  return {
    webhookUrl,
    grpcAddress,
    client,
    faults,
    post: (body, headers) => postSigned(webhookUrl, body, headers),
    async [Symbol.asyncDispose]() {
      client.close()
      for (const resource of resources.toReversed()) await resource.drain?.()
      for (const resource of resources.toReversed()) await resource.close()
    },
  }
}

export function postSigned(
  url: string,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = Buffer.isBuffer(json) ? json : Buffer.from(JSON.stringify(json))
  return fetch(url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': signatureOf(body, APP_SECRET),
      ...headers,
    },
  })
}

/** A command in the log, read. */
export type ReadCommand = ConversationCommand & RecordedCommand

/** What stands around the gateway in one namespace: its topics, its database, and the events that routing would write. */
export interface Surroundings extends AsyncDisposable {
  readonly namespace: string
  readonly log: EventLog
  readonly topics: FamilyTopics<ConversationCommand, ConversationEvent>
  readonly db: Db
  commands(): Promise<readonly ReadCommand[]>
  deadLetters(): Promise<readonly DeadLetter[]>
  /** Appends the next event of the contact's stream. */
  happened(
    contactId: string,
    event: Sketch<ConversationEvent>,
    content?: readonly Words[],
  ): Promise<ReadEvent<ConversationEvent>>
  /** A contact with an address, as if it had written before. */
  contact(waId: string): Promise<string>
  sendRequested(contactId: string, text: string): Promise<string>
}

export async function surroundings(): Promise<Surroundings> {
  const namespace = `gateway-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, [conversations, audits], PARTITIONS)
  const log = await kafkaLog(kafka, 'gateway-test')
  const topics = topicsOf(namespace, conversations)
  const { db, resource } = await connectMongo(testMongoUri(), `${namespace}_gateway`)
  const chains = new Map<string, Chain<ConversationEvent>>()

  const happened: Surroundings['happened'] = async (contactId, sketch, content = []) => {
    const chain = chains.get(contactId) ?? new Chain(conversations, contactId)
    chains.set(contactId, chain)
    const at = new Date().toISOString()
    const event = chain.add(sketch, {
      at,
      content,
      correlationId: 'conversation',
      actor: { kind: 'system', id: 'test' },
    })
    await log.append(topics.events, [eventRecord(event)])
    return event
  }

  return {
    namespace,
    log,
    topics,
    db,
    happened,
    commands: () => commandsIn(log, topics),
    deadLetters: async () =>
      (await recordsIn(log, topics.deadLetters)).map(({ value }) => DeadLetter.decode(value)),
    async contact(waId) {
      const contactId = randomUUID()
      await db.collection<AnyDocument>('contacts').insertOne({
        _id: contactId,
        accountId: ACCOUNT,
        waId,
        userId: '',
        parentUserId: '',
        namedAt: new Date(),
      })
      await db.collection<AnyDocument>('aliases').insertOne({ _id: `${ACCOUNT}|wa:${waId}`, contactId })
      return contactId
    },
    async sendRequested(contactId, text) {
      const messageId = randomUUID()
      await happened(
        contactId,
        { type: 'MessageSendRequested', data: { messageId, channelAccountId: ACCOUNT, type: 'text' } },
        contentOf({ messages: [{ body: { $case: 'text', value: { text } } }] }),
      )
      return messageId
    },
    async [Symbol.asyncDispose]() {
      await log.close()
      await db.dropDatabase()
      await resource.close()
    },
  }
}

async function recordsIn(log: EventLog, topic: string): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = []
  for (let partition = 0; partition < (await log.partitionCount(topic)); partition++)
    records.push(...(await log.read(topic, partition, 0n, await log.endOffset(topic, partition))))
  return records
}

export async function commandsIn(
  log: EventLog,
  topics: Surroundings['topics'],
): Promise<readonly ReadCommand[]> {
  const records = await recordsIn(log, topics.commands)
  return records.map(({ value, timestamp, offset }) => {
    const command = readCommand(value, timestamp, offset)
    return { ...topics.family.readCommand(command.envelope), ...command }
  })
}

/**
 * Stands in for routing: the first report that a message was sent is recorded once, a second attempt is let go once and only while there is
 * none, and a second provider id is told.
 */
export async function decideSending(around: Surroundings, decided: Map<string, string>): Promise<void> {
  for (const command of await around.commands()) {
    const { streamId } = command.envelope
    switch (command.type) {
      case 'RecordDeliveryStatus':
      case 'RecordMessageSent': {
        const { messageId, providerMessageId } = command.data
        if (messageId === '') break
        const known = decided.get(messageId)
        if (known === undefined) {
          decided.set(messageId, providerMessageId)
          await around.happened(streamId, { type: 'MessageSent', data: { messageId, providerMessageId } })
        } else if (known !== providerMessageId && !decided.has(`doubled ${messageId}`)) {
          decided.set(`doubled ${messageId}`, providerMessageId)
          await around.happened(streamId, { type: 'MessageDoubled', data: { messageId, providerMessageId } })
        }
        break
      }
      case 'RecordMessageResent': {
        const { messageId, attempt } = command.data
        if (decided.has(messageId) || decided.has(`resent ${messageId}`)) break
        decided.set(`resent ${messageId}`, '')
        await around.happened(streamId, { type: 'MessageResent', data: { messageId, attempt } })
        break
      }
      // The rest is not about what becomes of a message.
      default:
        break
    }
  }
}
