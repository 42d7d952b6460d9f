import { randomBytes } from 'node:crypto'
import { type ConversationCommand, conversations } from '@parley/conversation'
import {
  type ParkedStream,
  appendCommands,
  ensureTopics,
  kafkaLog,
  runReactor,
  topicsOf,
} from '@parley/eventlog'
import type { NewCommand } from '@parley/kernel'
import {
  type Resources,
  type ServiceContext,
  connectMongo,
  listen,
  startGrpcServer,
  logLine,
  readCompany,
  readerGrpc,
  readerResource,
} from '@parley/service'
import { archiveGrpc } from './adapters/archive-grpc.ts'
import { linkStore } from './adapters/link-store.ts'
import { liveTranscripts } from './adapters/live-transcripts.ts'
import { pageAssets } from './adapters/page-assets.ts'
import { rawArchive } from './adapters/raw-archive.ts'
import { runRawReader } from './adapters/raw-reader.ts'
import { transcriptRouting } from './adapters/transcript-route.ts'
import { transcriptSite } from './adapters/transcript-site.ts'
import { viewRecorder } from './adapters/view-recorder.ts'
import { archiveSettings } from './config.ts'
import { transcriptLinks } from './link/transcript-links.ts'

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = archiveSettings(env)
  const { namespace, host } = settings
  const topics = topicsOf(namespace, conversations)
  const company = await readCompany(settings.configDirectory)
  const { db, resource: mongo } = await connectMongo(settings.mongodbUri, `${namespace}_archive`)
  await ensureTopics(settings.kafka, namespace, [conversations], settings.partitions)
  const eventLog = await kafkaLog({ ...settings.kafka, log: logLine(log) }, 'parley-archive')
  const append = (commands: readonly NewCommand<ConversationCommand>[]) =>
    appendCommands(eventLog, topics, commands)
  const now = () => new Date()
  const onParked = ({ streamId, parkedAt }: ParkedStream) =>
    log.error(
      { code: 'STREAM_PARKED', streamId, parkedAt },
      'a stream was parked: what the archive shows of it is stale',
    )

  const raw = await rawArchive(db)
  const rawReader = await runRawReader({
    log: eventLog,
    eventsTopic: topics.events,
    namespace,
    raw,
    onFault: fault,
  })
  const transcripts = await liveTranscripts(
    {
      log: eventLog,
      topics,
      namespace,
      db,
      raw,
      onParked,
      onFault: fault,
    },
    { routing: transcriptRouting(db), logger: log },
  )

  const links = transcriptLinks(
    { store: linkStore(db), append, now, newToken: () => randomBytes(32).toString('base64url') },
    {
      baseUrl: settings.transcriptBaseUrl,
      secret: settings.linkSecret,
      ttlSecondsOfEnding: settings.linkTtlSeconds,
    },
  )
  const linkReactor = await runReactor({
    log: eventLog,
    topics,
    types: ['ConversationEnding'],
    name: 'links',
    namespace,
    db,
    handle: ({ events }) => links.issueForEndings(events),
    onParked,
    onFault: fault,
  })

  const views = viewRecorder({
    append,
    now,
    onLost: (error) =>
      log.warn({ code: 'VIEW_NOT_RECORDED', err: error }, 'a view of a transcript was not recorded'),
  })
  const site = await listen(
    transcriptSite({
      links,
      transcript: (conversationId) => transcripts.store.transcript(conversationId),
      recordView: (link, format) => views.record(link, format),
      company,
      assets: pageAssets(),
      showRevoked: settings.showRevoked,
      log,
    }),
    host,
    settings.httpPort,
  )
  const grpc = await startGrpcServer({
    host,
    port: settings.grpcPort,
    services: [
      archiveGrpc(transcripts.store, links),
      readerGrpc({ transcript: transcripts.parking, links: linkReactor }),
    ],
    isReady,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    [readerResource('raw', rawReader), transcripts, readerResource('links', linkReactor)],
    views,
    [site, grpc],
  ]
}
