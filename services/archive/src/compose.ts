import { randomBytes } from 'node:crypto'
import { audits } from '@parley/audit'
import { type ConversationCommand, conversations } from '@parley/conversation'
import {
  appendCommands,
  ensureTopics,
  kafkaLog,
  managed,
  runReactor,
  storeIdOf,
  topicsOf,
  watchTopics,
} from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import type { Family, NewCommand } from '@parley/kernel'
import { firstNameOf } from '@parley/people'
import { readPeopleIn } from '@parley/people/directory'
import {
  type Resources,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  grpcCall,
  grpcClient,
  grpcIdentity,
  httpOf,
  listen,
  startGrpcServer,
  logLine,
  readCompanyIn,
  readerGrpc,
  readerResources,
  readerTrouble,
  startProjection,
} from '@parley/service'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { workforces } from '@parley/workforce'
import { auditGrpc } from './adapters/audit-grpc.ts'
import { auditEntries, auditStore } from './adapters/audit-store.ts'
import { archiveGrpc } from './adapters/archive-grpc.ts'
import { archivePeople } from './adapters/archive-people.ts'
import { linkStore } from './adapters/link-store.ts'
import { conversationFigures, poolFigures } from './adapters/figure-projections.ts'
import { metricsGrpc } from './adapters/metrics-grpc.ts'
import { pageAssets } from './adapters/page-assets.ts'
import { rawArchive } from './adapters/raw-archive.ts'
import { rawReaderName, runRawReader } from './adapters/raw-reader.ts'
import { searchGrpc } from './adapters/search-grpc.ts'
import { conversationFinder, conversationSearch } from './adapters/search-store.ts'
import { keepingSums } from './adapters/sums-keeping.ts'
import { transcriptSite } from './adapters/transcript-site.ts'
import { transcripts, transcriptStore } from './adapters/transcript-store.ts'
import { viewRecorder } from './adapters/view-recorder.ts'
import { archiveSettings } from './config.ts'
import { transcriptLinks } from './link/transcript-links.ts'
import { Windows } from './metrics/windows.ts'

const FILE_PIECE_WITHIN_MS = 15_000

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const settings = archiveSettings(env)
  const { namespace, host } = settings
  const topics = topicsOf(namespace, conversations)
  const [{ db, mongo, raw }, identity, company, roster] = await Promise.all([
    openStore(settings),
    grpcIdentity('archive', env),
    readCompanyIn(settings.configDirectory),
    readPeopleIn(settings.configDirectory),
    ensureTopics(settings.kafka, namespace, FAMILIES, settings.partitions),
  ])
  const eventLog = await kafkaLog(
    { ...settings.kafka, store: await storeIdOf(db, settings.partitions), log: logLine(log) },
    'parley-archive',
  )
  const watchedTopics = watchTopics(settings.kafka, namespace, FAMILIES, settings.partitions, {
    onUnsafe: (error) =>
      log.error(
        { code: error.code, err: error },
        'a topic is not kept any more as it must be: what it holds is lost unless somebody puts that right',
      ),
  })
  const place = { log: eventLog, namespace, db }
  const append = async (commands: readonly NewCommand<ConversationCommand>[]) =>
    void (await appendCommands(eventLog, topics, commands))
  const now = () => new Date()

  const workforceTopics = topicsOf(namespace, workforces)
  const links = transcriptLinks(
    { store: linkStore(db), append, now, newToken: () => randomBytes(32).toString('base64url') },
    {
      baseUrl: settings.transcriptBaseUrl,
      secret: settings.linkSecret,
      ttlSecondsOfEnding: settings.linkTtlSeconds,
    },
  )
  const rawReaderOf = async (family: Family<any, any>) => {
    const name = rawReaderName(family)
    const trouble = readerTrouble(log, fault, name)
    const eventsTopic = topicsOf(namespace, family).events
    return [
      name,
      await runRawReader({ log: eventLog, eventsTopic, namespace, name, raw, ...trouble }),
    ] as const
  }
  // All at once: each waits for answers of the log and of the store while it starts, and a service that was killed is waited for.
  const [rawReaders, audit, live, ofConversations, ofPool, searching, linkReactor] = await Promise.all([
    Promise.all(FAMILIES.map(rawReaderOf)),
    startProjection(auditEntries, { ...place, topics: topicsOf(namespace, audits) }, context),
    // What is read at one version of a stream is judged by its head.
    startProjection(transcripts, { ...place, topics }, context, { commitEveryMs: 0 }),
    startProjection(conversationFigures(company.timeZone), { ...place, topics }, context),
    startProjection(poolFigures(company.timeZone), { ...place, topics: workforceTopics }, context),
    startProjection(conversationSearch, { ...place, topics }, context),
    runReactor({
      ...place,
      topics,
      types: ['ConversationEnding'],
      name: 'links',
      gatherMs: 50,
      handle: managed(append, links.wishesFor, links.keepForEndings),
      ...readerTrouble(log, fault, 'links'),
    }),
  ])
  const readers = {
    ...Object.fromEntries(rawReaders),
    transcripts: live,
    links: linkReactor,
    audit,
    conversation_figures: ofConversations,
    pool_figures: ofPool,
    search: searching,
  }
  const store = transcriptStore(
    () => live.model,
    raw,
    roster.people,
    now,
    (...asked) => live.whenProcessed(...asked),
  )

  const views = viewRecorder({
    append,
    now,
    onLost: (error) =>
      log.warn({ code: 'VIEW_NOT_RECORDED', err: error }, 'a view of a transcript was not recorded'),
  })
  const gateway = grpcClient(GatewayServiceClient, settings.gatewayGrpcAddress, identity)
  const site = await listen(
    transcriptSite({
      links,
      transcript: (conversationId) => store.transcript(conversationId),
      message: (conversationId, messageId) => store.message(conversationId, messageId),
      whole: (conversationId) => store.whole(conversationId),
      viewsPerMinute: settings.viewsPerMinute,
      recordView: (link, format) => views.record(link, format),
      company: {
        ...company,
        agentName: (id) => (company.tellsAgentNames ? firstNameOf(roster.people.get(id)) : undefined),
      },
      assets: pageAssets(),
      showRevoked: settings.showRevoked,
      readFile: async (sha256, offset, length) => {
        const request = { sha256, offset: BigInt(offset), length }
        return (await grpcCall(gateway, 'readFile', request, { timeoutMs: FILE_PIECE_WITHIN_MS })).bytes
      },
      http: httpOf(settings),
      log,
    }),
    host,
    settings.httpPort,
  )
  const windows = new Windows(company.timeZone)
  const counting = { conversations: ofConversations, pool: ofPool, windows }
  const entries = auditStore(() => audit.model, roster.people, now)
  const people = archivePeople(roster, entries)
  const record = auditRecorder(eventLog, namespace, 'archive')
  const grpc = await startGrpcServer({
    host,
    port: settings.grpcPort,
    services: [
      archiveGrpc(
        store,
        links,
        {
          // A transcript is made of both.
          async whenProcessed(position, deadlineMs, signal) {
            const seen = await Promise.all([
              live.whenProcessed(position, deadlineMs, signal),
              raw.whenKept({ topic: topics.events, ...position }, deadlineMs, signal),
            ])
            return seen.every(Boolean)
          },
        },
        people,
        { record, showRevoked: settings.showRevoked },
      ),
      auditGrpc(entries, audit),
      metricsGrpc({ ...counting, roster, people, now }),
      searchGrpc({
        search: conversationFinder(() => searching.model, roster.people, now),
        projection: searching,
        offsets: () => eventLog.offsets(topics.events),
        people,
        counting: { ...counting, roster },
        now,
      }),
      readerGrpc('archive', readers, record),
    ],
    isReady,
    identity,
    permits: people.permits,
    record,
    log,
  })

  return [
    [
      mongo,
      { name: 'log', close: () => eventLog.close() },
      {
        name: 'topics',
        isStuck: () => watchedTopics.unsafe() !== undefined,
        close: async () => watchedTopics.stop(),
      },
      { name: 'gateway client', close: async () => gateway.close() },
    ],
    readerResources(readers),
    keepingSums({
      ...counting,
      now,
      onError: (error) =>
        log.warn({ code: 'SUMS_NOT_KEPT', err: error }, 'what past days and months came to was not kept'),
    }),
    views,
    [site, grpc],
  ]
}

/** While topics are looked at, which does not need it. */
async function openStore({
  mongodbUri,
  namespace,
}: Pick<ReturnType<typeof archiveSettings>, 'mongodbUri' | 'namespace'>) {
  const { db, resource: mongo } = await connectMongo(mongodbUri, `${namespace}_archive`)
  return { db, mongo, raw: await rawArchive(db) }
}
