import { hostname } from 'node:os'
import { conversations } from '@parley/conversation'
import { LiveProjection, kafkaLog, topicsOf } from '@parley/eventlog'
import { AuditServiceClient } from '@parley/proto/audit'
import { MetricsServiceClient } from '@parley/proto/metrics'
import { readPeopleIn } from '@parley/people/directory'
import {
  type Resources,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  grpcClient,
  grpcIdentity,
  httpOf,
  listen,
  projectionTrouble,
  logLine,
  startGrpcServer,
  readCompany,
  readerGrpc,
  readerResource,
} from '@parley/service'
import { agentGrpc } from './adapters/agent-grpc.ts'
import { archivedEntries } from './adapters/audit-client.ts'
import { consoleSite } from './adapters/console-site.ts'
import { consoleConversations, conversationStore } from './adapters/conversation-store.ts'
import { siteCookies } from './adapters/cookies.ts'
import { doorkeeper } from './adapters/doorkeeper.ts'
import { FailedSignIns } from './adapters/failed-sign-ins.ts'
import { IdentityClient } from './adapters/identity-client.ts'
import { liveOverviews } from './adapters/live-overview.ts'
import { peopleGrpc } from './adapters/people-grpc.ts'
import { archivedFigures } from './adapters/metrics-client.ts'
import { PeopleStore } from './adapters/people-store.ts'
import { Replicas } from './adapters/replicas.ts'
import { SessionStore } from './adapters/session-store.ts'
import { watchSessions } from './adapters/session-watch.ts'
import { SignInStore } from './adapters/sign-in-store.ts'
import { agentSettings } from './config.ts'

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const settings = agentSettings(env)
  const { host, namespace, kafka, mongodbUri, httpPort, grpcPort, configDirectory } = settings
  const caller = await grpcIdentity('agent', env)
  const company = await readCompany(configDirectory)
  const roster = await readPeopleIn(configDirectory)
  const { db, resource: mongo } = await connectMongo(mongodbUri, `${namespace}_agent`)
  // A rush of people fills the connections of requests: whoever ends streams does not queue behind it.
  const watching = await connectMongo(mongodbUri, `${namespace}_agent`, { maxPoolSize: 2 })
  const eventLog = await kafkaLog({ ...kafka, log: logLine(log) }, 'parley-agent')

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
  const reader = await LiveProjection.start(
    consoleConversations,
    { log: eventLog, topics: topicsOf(namespace, conversations), namespace, db },
    {
      onProjected: () => live.changed(),
      ...projectionTrouble(log, fault, 'conversations'),
    },
  )
  const store = conversationStore(() => reader.model, company.timeZone)

  const { publicUrl, issuer, clientId, clientSecret, archiveGrpcAddress } = settings
  const people = new PeopleStore(db, roster, issuer)
  const limits = { idleSeconds: settings.sessionIdleSeconds, seconds: settings.sessionSeconds }
  const sessions = await SessionStore.open(db, people, limits, now)
  const signIns = await SignInStore.open(db, settings.signInsPerAddressMax, now)
  const cookies = siteCookies(publicUrl.protocol === 'https:')
  const callbackUrl = new URL('/sign-in/callback', publicUrl).href
  const identity = new IdentityClient({ issuer, clientId, clientSecret, callbackUrl })
  const record = auditRecorder(eventLog, namespace, 'agent')
  const failedSignIns = new FailedSignIns(db, { named: (id) => people.named(id), record, now })

  const archive = grpcClient(AuditServiceClient, archiveGrpcAddress, caller)
  const metrics = grpcClient(MetricsServiceClient, archiveGrpcAddress, caller)
  const { app, streams } = await consoleSite({
    http: httpOf(settings),
    limits: settings,
    log,
    doorkeeper: doorkeeper({ sessions, cookies, record, log }),
    live,
    entries: archivedEntries(archive),
    figures: archivedFigures(metrics),
    now,
    company,
    publicUrl,
    identity,
    people,
    sessions,
    signIns,
    failedSignIns,
    cookies,
    record,
  })
  const watched = await SessionStore.open(
    watching.db,
    new PeopleStore(watching.db, roster, issuer),
    limits,
    now,
  )
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
  const grpc = await startGrpcServer({
    host,
    port: grpcPort,
    services: [
      agentGrpc(store, reader),
      peopleGrpc(people, replicas, record),
      readerGrpc('agent', { conversations: reader }, record),
    ],
    isReady,
    identity: caller,
    log,
  })
  const console = await listen(app, host, httpPort)
  return [
    [mongo, watching.resource, { name: 'log', close: () => eventLog.close() }],
    readerResource('conversations', reader),
    { name: 'live', close: async () => live.close() },
    failedSignIns.settling((err) =>
      log.error({ code: 'ACT_NOT_RECORDED', err }, 'failed sign-ins are counted still, and told later'),
    ),
    { name: 'session watch', close: () => watch.close() },
    {
      name: 'archive clients',
      async close() {
        archive.close()
        metrics.close()
      },
    },
    [grpc, console],
  ]
}
