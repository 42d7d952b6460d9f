import { conversations } from '@parley/conversation'
import { kafkaLog, runDeadlines, runDeciderHost, topicsOf } from '@parley/eventlog'
import {
  type Resources,
  type ServiceContext,
  connectMongo,
  startGrpcServer,
  logLine,
  readerGrpc,
  readerResource,
  readerTrouble,
} from '@parley/service'
import { companyIn } from './adapters/company-file.ts'
import { routingGrpc } from './adapters/routing-grpc.ts'
import { policyOf } from './company/company.ts'
import { routingSettings } from './config.ts'
import { conversationDecider } from './conversation/decider.ts'
import { conversationDeadlines } from './deadline/deadlines.ts'

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = routingSettings(env)
  const { namespace } = settings
  const topics = topicsOf(namespace, conversations)
  const policy = policyOf(await companyIn(settings.configDirectory), settings)
  const { db, resource: mongo } = await connectMongo(settings.mongodbUri, `${namespace}_routing`)
  const eventLog = await kafkaLog({ ...settings.kafka, log: logLine(log) }, 'parley-routing')

  const decider = await runDeciderHost({
    log: eventLog,
    topics,
    group: `${namespace}.routing`,
    db,
    decider: conversationDecider,
    policy,
    onDeadLetter: ({ code, partition, offset }) =>
      log.error({ code, partition, offset: Number(offset) }, 'a command went to the dead letters undecided'),
    onBuildingAhead: ({ partition, records }) =>
      log.info(
        { partition, recordCount: records },
        'folding events that no snapshot of these rules holds yet',
      ),
    onSnapshotFailed: (error) =>
      log.warn({ code: 'SNAPSHOT_NOT_WRITTEN', err: error }, 'the next snapshot holds what this one lacks'),
    ...readerTrouble(log, fault, 'decider'),
  })

  const deadlines = await runDeadlines({
    log: eventLog,
    topics,
    deadlines: conversationDeadlines,
    namespace,
    db,
    onError: (error) =>
      log.warn({ code: 'DEADLINES_NOT_LOOKED_AT', err: error }, 'due deadlines wait for the next look'),
    ...readerTrouble(log, fault, 'deadlines'),
  })

  const grpc = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [routingGrpc(decider), readerGrpc({ decider, deadlines })],
    isReady,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    [readerResource('decider', decider), readerResource('deadlines', deadlines)],
    grpc,
  ]
}
