import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type ConversationCommand, conversations } from '@parley/conversation'
import {
  type EventLog,
  type FamilyTopics,
  type Position,
  ensureTopics,
  eventRecord,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import { type RecordedEvent, readCommand } from '@parley/kernel'
import type { CommandEnvelope } from '@parley/proto/envelope'
import { ArchiveServiceClient } from '@parley/proto/archive'
import { type Resource, type Resources, connectMongo, createLogger, grpcClient } from '@parley/service'
import { callerCredentials, callerEnv, testKafka, testMongoUri, until } from '@parley/testkit'
import type { Db } from 'mongodb'
import { compose } from './compose.ts'

export const PARTITIONS = 2

/** A command as it stands in the log. */
export type GivenCommand = ConversationCommand & { readonly envelope: CommandEnvelope }

export interface RunningArchive extends AsyncDisposable {
  readonly namespace: string
  readonly env: NodeJS.ProcessEnv
  readonly log: EventLog
  readonly topics: FamilyTopics
  readonly db: Db
  readonly client: ArchiveServiceClient
  /** host:port */
  readonly grpc: string
  /** http://host:port */
  readonly site: string
  append(events: readonly RecordedEvent[]): Promise<readonly Position[]>
  commands(): Promise<readonly GivenCommand[]>
}

/** The archive as it runs, on the Kafka and the MongoDB of the integration tier, in a namespace of its own. */
export async function startArchive(settings: NodeJS.ProcessEnv = {}): Promise<RunningArchive> {
  await using undo = new AsyncDisposableStack()
  const namespace = settings['PARLEY_NAMESPACE'] ?? `archive-${randomUUID().slice(0, 8)}`
  const env: NodeJS.ProcessEnv = {
    KAFKA_BROKERS: testKafka().join(','),
    MONGODB_URI: testMongoUri(),
    PARLEY_NAMESPACE: namespace,
    PARLEY_PARTITIONS: String(PARTITIONS),
    PARLEY_CONFIG_DIR: fileURLToPath(new URL('../../../config', import.meta.url)),
    ...callerEnv('archive'),
    ARCHIVE_HTTP_PORT: '0',
    ARCHIVE_GRPC_PORT: '0',
    TRANSCRIPT_BASE_URL: 'https://record.test',
    TRANSCRIPT_LINK_SECRET: 'a secret of the tests, long enough',
    ...settings,
  }
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, [conversations], PARTITIONS)
  const log = await kafkaLog(kafka, 'archive-test')
  undo.defer(() => log.close())
  const topics = topicsOf(namespace, conversations)
  const mongo = await connectMongo(testMongoUri(), `${namespace}_archive`)
  undo.defer(() => mongo.resource.close())

  const faults: unknown[] = []
  const layers: Resources = await compose({
    name: 'archive',
    env,
    log: createLogger({ service: 'archive', level: 'silent' }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => true,
  })
  const resources = layers.flat()
  undo.defer(async () => {
    for (const resource of resources.toReversed()) await resource.drain?.()
    for (const resource of resources.toReversed()) await resource.close()
    if (faults.length > 0) throw faults[0]
  })
  await until('the archive is ready', () => resources.every((resource) => resource.isReady?.() ?? true))
  const portOf = (name: string) =>
    (resources.find((resource) => resource.name === name) as Resource & { port: number }).port
  const grpc = `127.0.0.1:${portOf('grpc')}`
  const client = undo.adopt(grpcClient(ArchiveServiceClient, grpc, await callerCredentials('tool')), (it) =>
    it.close(),
  )

  const running = undo.move()
  return {
    namespace,
    env,
    log,
    topics,
    db: mongo.db,
    client,
    grpc,
    site: `http://127.0.0.1:${portOf('http')}`,
    append: (events) => log.append(topics.events, events.map(eventRecord)),
    commands: () => commandsOf(log, topics.commands),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function commandsOf(log: EventLog, topic: string): Promise<readonly GivenCommand[]> {
  const commands: GivenCommand[] = []
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const end = await log.endOffset(topic, partition)
    for (const { value, timestamp, offset } of await log.read(topic, partition, 0n, end)) {
      const { envelope } = readCommand(value, timestamp, offset)
      commands.push({ ...conversations.readCommand(envelope), envelope })
    }
  }
  return commands
}
