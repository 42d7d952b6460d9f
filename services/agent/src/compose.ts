import { conversations } from '@parley/conversation'
import { LiveProjection, kafkaLog, topicsOf } from '@parley/eventlog'
import {
  type Resources,
  type ServiceContext,
  connectMongo,
  httpOf,
  listen,
  logLine,
  startGrpcServer,
  readCompany,
  readerGrpc,
  readerResource,
} from '@parley/service'
import { agentGrpc } from './adapters/agent-grpc.ts'
import { consoleSite } from './adapters/console-site.ts'
import { consoleConversations, conversationStore } from './adapters/conversation-store.ts'
import { liveOverview } from './adapters/live-overview.ts'
import { agentSettings } from './config.ts'

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const settings = agentSettings(env)
  const { host, namespace, kafka, mongodbUri, httpPort, grpcPort, configDirectory } = settings
  const company = await readCompany(configDirectory)
  const { db, resource: mongo } = await connectMongo(mongodbUri, `${namespace}_agent`)
  const eventLog = await kafkaLog({ ...kafka, log: logLine(log) }, 'parley-agent')

  const now = () => new Date()
  const live = liveOverview({
    async read() {
      const [overview, parked] = await Promise.all([store.overview(now()), reader.parked()])
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
      onSwitched: (version) => log.info({ version }, 'the conversations are read from another version'),
      onRouteUnreadable: (error) =>
        log.warn(
          { code: 'ROUTE_CHECK_FAILED', err: error },
          'the route of conversations could not be followed',
        ),
      onParked: ({ streamId, parkedAt }) =>
        log.error(
          { code: 'STREAM_PARKED', streamId, parkedAt },
          'a stream was parked: what the console shows of it is stale',
        ),
      onFault: fault,
    },
  )
  const store = conversationStore(() => reader.model, company.timeZone)

  const grpc = await startGrpcServer({
    host,
    port: grpcPort,
    services: [agentGrpc(store, reader), readerGrpc({ conversations: reader })],
    isReady,
    log,
  })
  const console = await listen(await consoleSite({ live, log, http: httpOf(settings) }), host, httpPort)
  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    readerResource('conversations', reader),
    { name: 'live', close: async () => live.close() },
    [grpc, console],
  ]
}
