import { hostname } from 'node:os'
import { conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import { readScorecardsIn } from '@parley/evaluation/directory'
import { kafkaLog, storeIdOf, topicsOf } from '@parley/eventlog'
import { ArchiveServiceClient } from '@parley/proto/archive'
import { AuditServiceClient } from '@parley/proto/audit'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { MetricsServiceClient } from '@parley/proto/metrics'
import { SearchServiceClient } from '@parley/proto/search'
import { fetchBy, wayOutOf } from '@parley/outbound'
import { readPeopleIn } from '@parley/people/directory'
import {
  type CallerCredentials,
  Changes,
  type Resources,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  grpcClient,
  grpcIdentity,
  httpOf,
  listen,
  logLine,
  startGrpcServer,
  readCompanyIn,
  readerGrpc,
  readerResources,
  readerTrouble,
  startProjection,
} from '@parley/service'
import { workforces } from '@parley/workforce'
import { agentGrpc } from './adapters/agent-grpc.ts'
import { runAlerting } from './adapters/alerts/alerting.ts'
import { AlertStore } from './adapters/alerts/store.ts'
import { archivedEntries } from './adapters/archive/audit-client.ts'
import { archivedFigures } from './adapters/archive/figures-client.ts'
import { archiveFinder } from './adapters/archive/search-client.ts'
import { archivedLinks } from './adapters/archive/transcript-links.ts'
import { tellConfigurations } from './adapters/company-files/configurations.ts'
import { readNames } from './adapters/company-files/names-file.ts'
import { readQuickReplies } from './adapters/company-files/quick-replies-file.ts'
import { consoleSite } from './adapters/console-site.ts'
import { channelOf } from './adapters/desk-changes/channel.ts'
import { Wishes } from './adapters/desk-changes/wishes.ts'
import { DeskFeed } from './adapters/desk/feed.ts'
import { rowsFor } from './adapters/desk/routes.ts'
import { DeskSessions } from './adapters/desk/sessions.ts'
import { DeskSettingsStore } from './adapters/desk/settings.ts'
import { namesOf } from './adapters/desk/sight.ts'
import { DeskSigns } from './adapters/desk/signs.ts'
import { DeskStore } from './adapters/desk/store.ts'
import { evaluationStore, evaluationsRead } from './adapters/judging/evaluation-store.ts'
import { sayingEvaluations } from './adapters/judging/saying.ts'
import { liveOverviews } from './adapters/live-overview.ts'
import { mediaFilesOf } from './adapters/media/files.ts'
import { UploadStore } from './adapters/media/upload-store.ts'
import { consoleConversations } from './adapters/read-models/conversation-documents.ts'
import { conversationStore } from './adapters/read-models/conversation-store.ts'
import { deskPool, poolStore } from './adapters/read-models/pool-store.ts'
import { siteCookies } from './adapters/sign-in/cookies.ts'
import { CountedActs } from './adapters/sign-in/counted-acts.ts'
import { doorkeeper } from './adapters/sign-in/doorkeeper.ts'
import { IdentityClient } from './adapters/sign-in/identity-client.ts'
import { peopleGrpc } from './adapters/sign-in/people-grpc.ts'
import { PeopleStore } from './adapters/sign-in/people-store.ts'
import { Replicas } from './adapters/sign-in/replicas.ts'
import { SessionStore } from './adapters/sign-in/session-store.ts'
import { watchSessions } from './adapters/sign-in/session-watch.ts'
import { SignInStore } from './adapters/sign-in/store.ts'
import { Televisions } from './adapters/wallboard/televisions.ts'
import { TodaysFigures } from './adapters/wallboard/todays-figures.ts'
import { Wallboards } from './adapters/wallboard/wallboards.ts'
import { agentSettings } from './config.ts'

/** To the provider of identities and to whoever is told of alerts, by a proxy. */
const CONNECTED_WITHIN_MS = 5_000

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const settings = agentSettings(env)
  const { host, namespace, kafka, mongodbUri, httpPort, grpcPort, configDirectory, archiveGrpcAddress } =
    settings
  const [{ db, resource: mongo }, watching, caller, company, roster, quickReplies, names, scorecards, fetch] =
    await Promise.all([
      connectMongo(mongodbUri, `${namespace}_agent`),
      // A rush of people fills the connections of requests: whoever ends streams does not queue behind it.
      connectMongo(mongodbUri, `${namespace}_agent`, { maxPoolSize: 2 }),
      grpcIdentity('agent', env),
      readCompanyIn(configDirectory),
      readPeopleIn(configDirectory),
      readQuickReplies(configDirectory),
      readNames(configDirectory),
      readScorecardsIn(configDirectory),
      fetchBy(wayOutOf(settings), CONNECTED_WITHIN_MS),
    ])
  const eventLog = await kafkaLog(
    { ...kafka, store: await storeIdOf(db, settings.partitions), log: logLine(log) },
    'parley-agent',
  )
  const place = { log: eventLog, namespace, db }

  const now = () => new Date()
  const live = liveOverviews({
    async read(scope) {
      const [overview, parked] = await Promise.all([store.overview(scope, now()), reader.parked()])
      return {
        ...overview,
        company: company.name,
        isFollowing: reader.isReady(),
        staleContactCount: parked.length,
      }
    },
    now,
    onError: (err) => log.error({ code: 'OVERVIEW_UNREADABLE', err }, 'the overview could not be read'),
  })
  const topics = { conversations: topicsOf(namespace, conversations), pool: topicsOf(namespace, workforces) }
  const evaluationTopics = topicsOf(namespace, evaluationFamily)
  const { alertReceiver, publicUrl, issuer, clientId, clientSecret } = settings
  const people = new PeopleStore(db, roster, issuer)
  const limits = { idleSeconds: settings.sessionIdleSeconds, seconds: settings.sessionSeconds }
  const record = auditRecorder(eventLog, namespace, 'agent')
  // All at once: each waits for answers of the log and of the store while it starts, and a service that was killed is waited for.
  const [
    reader,
    poolReader,
    evaluationReader,
    desks,
    alerts,
    sessions,
    watched,
    signIns,
    changes,
    uploads,
    televisions,
  ] = await Promise.all([
    startProjection(consoleConversations, { ...place, topics: topics.conversations }, context, {
      onProjected: () => live.changed(),
    }),
    startProjection(deskPool, { ...place, topics: topics.pool }, context),
    startProjection(evaluationsRead, { ...place, topics: evaluationTopics }, context),
    DeskStore.open(db),
    AlertStore.open(db, alertReceiver !== undefined),
    SessionStore.open(db, people, limits, now),
    SessionStore.open(watching.db, new PeopleStore(watching.db, roster, issuer), limits, now),
    SignInStore.open(db, settings.signInsPerAddressMax, now),
    Changes.open(db),
    UploadStore.open(db, settings.uploadedBytesPerDayMax, now),
    Televisions.open(db, now),
    tellConfigurations(record, {
      people: roster,
      scorecards,
      'quick-replies': quickReplies,
      names,
    }),
  ])
  const store = conversationStore(() => reader.model, company.timeZone, now)
  let isStopping = false
  context.onShutdown(() => (isStopping = true))
  const deskSessions = new DeskSessions({
    log: eventLog,
    topics: topics.pool,
    isAgent: (id) => feed.pool.has(id),
    isOutage: () => isStopping || streams.isBlind,
    onError: (err) => log.error({ code: 'DESKS_NOT_TOLD', err }, 'the pool learns later who is there'),
  })
  const wishes = new Wishes({
    log: eventLog,
    topics: { conversation: topics.conversations, pool: topics.pool },
    decided: {
      conversation: (commandId) => reader.model.outcomes.findOne({ _id: commandId }),
      pool: (commandId) => poolReader.model.outcomes.findOne({ _id: commandId }),
    },
    positionAfter: (family, place) => feed.positionAfter(family, place),
  })
  const archive = archiveAt(archiveGrpcAddress, caller)
  const { figures } = archive
  const todays = new TodaysFigures({
    figures,
    timeZone: company.timeZone,
    now,
    onError: (err) =>
      log.warn({ code: 'ARCHIVE_UNAVAILABLE', err }, 'wallboards are without figures of the day'),
  })
  const wallboards = new Wallboards({
    conversations: store,
    alerts,
    feed: () => feed,
    isFollowing: () => reader.isReady(),
    roster,
    figures: todays,
    now,
    onError: (err) => log.error({ code: 'WALLBOARD_UNREADABLE', err }, 'a wallboard could not be read'),
  })
  const offers = poolStore(() => poolReader.model)
  const feed = await DeskFeed.start({
    heard(event) {
      deskSessions.heard(event)
      wishes.heard(event)
      wallboards.changed()
    },
    log: eventLog,
    topics,
    readers: { conversations: reader, pool: poolReader },
    conversations: store,
    pool: offers,
    desks,
    name: namesOf(roster),
    roster,
    onUnreadable: ({ partition, offset }, err) =>
      log.warn(
        { code: 'DESK_EVENT_UNREADABLE', partition, offset: Number(offset), err },
        'desks are not told of an event that cannot be read',
      ),
    troubleOf: (name) => readerTrouble(log, fault, name),
    onFault: fault,
    onError: (err) => log.error({ code: 'DESK_FEED_FAILED', err }, 'desks are told later, or fetch anew'),
  })

  const [signs, alarm] = await Promise.all([
    DeskSigns.open(db, {
      feed,
      conversations: store,
      name: namesOf(roster),
      onError: (err) =>
        log.error({ code: 'TYPING_NOT_TOLD', err }, 'desks are not told who is typing, and what was read'),
    }),
    runAlerting(context, {
      ...place,
      topics: topics.conversations,
      alerts,
      receiver: alertReceiver && { ...alertReceiver, fetch },
      feed,
      read: reader,
      conversations: store,
      wallboards,
      figures,
      timeZone: company.timeZone,
      roster,
      people,
      now,
    }),
  ])
  const cookies = siteCookies(publicUrl.protocol === 'https:')
  const callbackUrl = new URL('/sign-in/callback', publicUrl).href
  const identity = new IdentityClient({ issuer, clientId, clientSecret, callbackUrl, fetch })
  const counted = new CountedActs(db, { named: (id) => people.named(id), record, now })

  const gateway = grpcClient(GatewayServiceClient, settings.gatewayGrpcAddress, caller)
  const channel = channelOf(gateway, (err) =>
    log.warn({ code: 'GATEWAY_UNAVAILABLE', err }, 'the customer is not shown that somebody is typing'),
  )
  const { app, streams } = await consoleSite({
    http: httpOf(settings),
    limits: settings,
    log,
    doorkeeper: doorkeeper({ sessions, cookies, record, counted, log }),
    quickReplies,
    names,
    deskSettings: new DeskSettingsStore(db),
    live,
    desk: {
      conversations: store,
      desks,
      feed,
      sessions: deskSessions,
      offers,
      signs,
      roster,
      record,
      wishes,
      changes,
      channel,
      files: mediaFilesOf(gateway),
      uploads,
    },
    judging: {
      evaluations: evaluationStore(evaluationReader),
      scorecards,
      say: sayingEvaluations(eventLog, evaluationTopics),
    },
    entries: archive.entries,
    issueLink: archive.issueLink,
    find: archive.finder({
      conversations: store,
      rows: rowsFor({ conversations: store, desks, roster }),
      name: namesOf(roster),
    }),
    figures,
    wallboard: {
      wallboards,
      televisions,
      personNow: (id) => people.present(id),
      targets: () => feed.pool.targets,
    },
    alerts: { alerts, changed: () => wallboards.alertsChanged() },
    now,
    company,
    publicUrl,
    identity,
    people,
    sessions,
    signIns,
    counted,
    cookies,
    record,
  })
  const replicas = new Replicas(watching.db, `${hostname()} (process ${process.pid})`)
  const watch = await watchSessions({
    sessions: {
      goodOf: (ids) => watched.goodOf(ids),
      used: (ids) => watched.used(ids),
      lookedUp: () => sessions.lookedUp(),
    },
    streams,
    replicas,
    idleSeconds: limits.idleSeconds,
    onError: (err) => log.error({ code: 'SESSIONS_UNREADABLE', err }, 'sessions could not be looked at'),
  })
  const readers = {
    conversations: reader,
    desk_pool: poolReader,
    evaluations: evaluationReader,
    'alert-words': alarm.words,
    ...feed.readers,
  }
  const grpc = await startGrpcServer({
    host,
    port: grpcPort,
    services: [
      agentGrpc(store, reader),
      peopleGrpc(people, replicas, record, deskSessions, feed.pool),
      readerGrpc('agent', readers, record),
    ],
    isReady,
    identity: caller,
    record,
    log,
  })
  const console = await listen(app, host, httpPort)
  return [
    [mongo, watching.resource, { name: 'log', close: () => eventLog.close() }],
    // What waits for what they hold stands behind them, and is stopped before.
    readerResources({ conversations: reader, desk_pool: poolReader, evaluations: evaluationReader }),
    feed.resource,
    alarm.resources,
    deskSessions.resource,
    { name: 'live', close: async () => live.close() },
    { name: 'desk signs', close: () => signs.close() },
    { name: 'figures of today', close: async () => todays.close() },
    counted.telling((err) =>
      log.error({ code: 'ACT_NOT_RECORDED', err }, 'what people failed at is counted still, and told later'),
    ),
    { name: 'session watch', close: () => watch.close() },
    archive.resource,
    { name: 'gateway client', close: async () => gateway.close() },
    [grpc, console],
  ]
}

/** What the archive is asked: for whom it is done, and whether they may, it looks at itself. */
function archiveAt(address: string, caller: CallerCredentials) {
  const audit = grpcClient(AuditServiceClient, address, caller)
  const metrics = grpcClient(MetricsServiceClient, address, caller)
  const searches = grpcClient(SearchServiceClient, address, caller)
  const transcripts = grpcClient(ArchiveServiceClient, address, caller)
  return {
    entries: archivedEntries(audit),
    figures: archivedFigures(metrics),
    issueLink: archivedLinks(transcripts),
    finder: (shown: Parameters<typeof archiveFinder>[1]) => archiveFinder(searches, shown),
    resource: {
      name: 'archive clients',
      async close() {
        for (const client of [audit, metrics, searches, transcripts]) client.close()
      },
    },
  }
}
