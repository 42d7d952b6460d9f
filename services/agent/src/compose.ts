import { conversations } from '@parley/conversation'
import { kafkaLog, runProjection, topicsOf } from '@parley/eventlog'
import {
  type Resources,
  type ServiceContext,
  connectMongo,
  listen,
  logLine,
  startGrpcServer,
  readCompany,
  readerGrpc,
  readerResource,
} from '@parley/service'
import { agentGrpc } from './adapters/agent-grpc.ts'
import { consoleSite } from './adapters/console-site.ts'
import { CONVERSATIONS_VERSION, conversationStore } from './adapters/conversation-store.ts'
import { liveOverview } from './adapters/live-overview.ts'
import { agentSettings } from './config.ts'
import { CONVERSATION_TYPES } from './conversation/conversation.ts'

/** What the console shows may be so old; a turn of the robot is written once instead of three times. */
const GATHER_MS = 250

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const { host, namespace, kafka, mongodbUri, httpPort, grpcPort, configDirectory } = agentSettings(env)
  const company = await readCompany(configDirectory)
  const { db, resource: mongo } = await connectMongo(mongodbUri, `${namespace}_agent`)
  const store = await conversationStore(db, company.timeZone)
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
  const reader = await runProjection({
    log: eventLog,
    topics: topicsOf(namespace, conversations),
    types: CONVERSATION_TYPES,
    name: 'conversations',
    version: CONVERSATIONS_VERSION,
    namespace,
    db,
    gatherMs: GATHER_MS,
    documents: [store.projection],
    onProjected: () => live.changed(),
    onParked: ({ streamId, parkedAt }) =>
      log.error(
        { code: 'STREAM_PARKED', streamId, parkedAt },
        'a stream was parked: what the console shows of it is stale',
      ),
    onFault: fault,
  })

  const grpc = await startGrpcServer({
    host,
    port: grpcPort,
    services: [agentGrpc(store), readerGrpc({ conversations: reader })],
    isReady,
    log,
  })
  const console = await listen(await consoleSite({ live, log }), host, httpPort)
  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    readerResource('conversations', reader),
    { name: 'live', close: async () => live.close() },
    [grpc, console],
  ]
}
