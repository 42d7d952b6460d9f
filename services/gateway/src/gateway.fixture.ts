import { randomUUID } from 'node:crypto'
import {
  type EventLog,
  type StoredRecord,
  type Topics,
  ensureTopics,
  eventRecord,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import {
  type EventPayload,
  type RecordedCommand,
  type RecordedEvent,
  readCommand,
  recordedEvent,
  typeName,
} from '@parley/kernel'
import { DeadLetter, type EventEnvelope } from '@parley/proto/envelope'
import { MessageDoubled, MessageResent, MessageSendRequested, MessageSent } from '@parley/proto/events'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { type Resource, connectMongo, createLogger, grpcClient } from '@parley/service'
import { testKafka, testMongoUri } from '@parley/testkit'
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
  const resources = await compose({
    name: 'gateway',
    env,
    log: createLogger({
      service: 'gateway',
      level: 'silent',
    }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => resources.every((resource) => resource.isReady?.() ?? true),
    notReady: () => [],
  })
  const portOf = (name: string) =>
    (resources.find((resource) => resource.name === name) as Resource & { port: number }).port
  const webhookUrl = `http://127.0.0.1:${portOf('http')}/webhook`
  const client = grpcClient(GatewayServiceClient, `127.0.0.1:${portOf('grpc')}`)
  await until('the gateway is ready', () => resources.every((resource) => resource.isReady?.() ?? true))
  return {
    webhookUrl,
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

/** What stands around the gateway in one namespace: its topics, its database, and the events that routing would write. */
export interface Surroundings extends AsyncDisposable {
  readonly namespace: string
  readonly log: EventLog
  readonly topics: Topics
  readonly db: Db
  commands(): Promise<readonly RecordedCommand[]>
  deadLetters(): Promise<readonly DeadLetter[]>
  /** Appends the next event of the contact's stream. */
  happened(contactId: string, payload: EventPayload): Promise<RecordedEvent>
  /** A contact with an address, as if it had written before. */
  contact(waId: string): Promise<string>
  sendRequested(contactId: string, text: string): Promise<string>
}

export async function surroundings(): Promise<Surroundings> {
  const namespace = `gateway-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, PARTITIONS)
  const log = await kafkaLog(kafka, 'gateway-test')
  const topics = topicsOf(namespace)
  const { db, resource } = await connectMongo(testMongoUri(), `${namespace}_gateway`)
  const heads = new Map<string, RecordedEvent>()

  const happened = async (contactId: string, payload: EventPayload): Promise<RecordedEvent> => {
    const previous = heads.get(contactId)
    const at = new Date().toISOString()
    const envelope: EventEnvelope & { payload: EventPayload } = {
      eventId: randomUUID(),
      streamId: contactId,
      streamVersion: (previous?.envelope.streamVersion ?? 0) + 1,
      type: typeName(payload.$case),
      schemaVersion: 1,
      occurredAt: at,
      recordedAt: at,
      causationId: randomUUID(),
      correlationId: 'conversation',
      actor: { kind: 'system', id: 'test' },
      traceparent: '',
      prevHash: previous?.hash ?? Buffer.alloc(0),
      payload,
    }
    const event = recordedEvent(envelope)
    heads.set(contactId, event)
    await log.append(topics.conversationEvents, [eventRecord(event)])
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
      await db
        .collection<AnyDocument>('aliases')
        .insertOne({ _id: `${ACCOUNT}|wa:${waId}`, contactId, createdAt: new Date() })
      return contactId
    },
    async sendRequested(contactId, text) {
      const messageId = randomUUID()
      await happened(contactId, {
        $case: 'messageSendRequested',
        value: MessageSendRequested.fromPartial({
          messageId,
          channelAccountId: ACCOUNT,
          type: 'text',
          content: { message: { body: { $case: 'text', value: { text } } } },
        }),
      })
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

export async function commandsIn(log: EventLog, topics: Topics): Promise<readonly RecordedCommand[]> {
  const records = await recordsIn(log, topics.conversationCommands)
  return records.map(({ value, timestamp }) => readCommand(value, timestamp))
}

/**
 * Stands in for routing: the first report that a message was sent is recorded once, a second attempt is let go once and only while there is
 * none, and a second provider id is told.
 */
export async function decideSending(around: Surroundings, decided: Map<string, string>): Promise<void> {
  for (const { envelope } of await around.commands()) {
    const { payload, streamId } = envelope
    switch (payload.$case) {
      case 'recordDeliveryStatus':
      case 'recordMessageSent': {
        const { messageId, providerMessageId } = payload.value
        if (messageId === '') break
        const known = decided.get(messageId)
        if (known === undefined) {
          decided.set(messageId, providerMessageId)
          await around.happened(streamId, {
            $case: 'messageSent',
            value: MessageSent.fromPartial({ messageId, providerMessageId }),
          })
        } else if (known !== providerMessageId && !decided.has(`doubled ${messageId}`)) {
          decided.set(`doubled ${messageId}`, providerMessageId)
          await around.happened(streamId, {
            $case: 'messageDoubled',
            value: MessageDoubled.fromPartial({ messageId, providerMessageId }),
          })
        }
        break
      }
      case 'recordMessageResent': {
        const { messageId, attempt } = payload.value
        if (decided.has(messageId) || decided.has(`resent ${messageId}`)) break
        decided.set(`resent ${messageId}`, '')
        await around.happened(streamId, {
          $case: 'messageResent',
          value: MessageResent.fromPartial({ messageId, attempt }),
        })
        break
      }
      // The rest is not about what becomes of a message.
      default:
        break
    }
  }
}

/** Waits for a condition, with a deadline. */
export async function until<Result>(
  what: string,
  condition: () => Result | Promise<Result>,
  timeoutMs = 20_000,
): Promise<NonNullable<Result>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const result = await condition()
    if (result) return result
    if (Date.now() > deadline) throw new Error(`In ${timeoutMs} ms it did not come about that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
