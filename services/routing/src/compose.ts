import {
  appendCommands,
  kafkaLog,
  projectDocuments,
  runDeciderHost,
  runReader,
  topicsOf,
} from '@parley/eventlog'
import {
  type Resources,
  type ServiceContext,
  connectMongo,
  startGrpcServer,
  logLine,
  readerGrpc,
  readerResource,
} from '@parley/service'
import { companyIn } from './adapters/company-file.ts'
import { DEADLINES, deadlineStore } from './adapters/deadline-store.ts'
import { routingGrpc } from './adapters/routing-grpc.ts'
import { startTicking } from './adapters/ticking.ts'
import { policyOf } from './company/company.ts'
import { routingSettings } from './config.ts'
import { conversationDecider } from './conversation/decider.ts'

const TICK_EVERY_MS = 300

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = routingSettings(env)
  const { namespace } = settings
  const topics = topicsOf(namespace)
  const policy = policyOf(await companyIn(settings.configDirectory), settings)
  const { db, resource: mongo } = await connectMongo(settings.mongodbUri, `${namespace}_routing`)
  const eventLog = await kafkaLog({ ...settings.kafka, log: logLine(log) }, 'parley-routing')

  const decider = await runDeciderHost({
    log: eventLog,
    topics,
    commandsTopic: topics.conversationCommands,
    eventsTopic: topics.conversationEvents,
    group: `${namespace}.routing`,
    db,
    decider: conversationDecider(policy),
    onDeadLetter: ({ code, partition, offset }) =>
      log.error({ code, partition, offset: Number(offset) }, 'a command went to the dead letters undecided'),
    onFault: fault,
  })

  const deadlines = await deadlineStore(db, settings)
  const deadlineReader = await runReader({
    log: eventLog,
    topic: topics.conversationEvents,
    ...DEADLINES,
    namespace,
    db,
    gatherMs: TICK_EVERY_MS,
    handle: (batch) => projectDocuments([deadlines.projection], batch),
    onParked: ({ streamId, reason }) =>
      log.error({ code: 'STREAM_PARKED', streamId, reason }, 'deadlines of a contact are not kept any more'),
    onFault: fault,
  })
  const ticker = startTicking({
    store: deadlines,
    partitions: () => decider.assigned(),
    append: (commands) => appendCommands(eventLog, topics, commands),
    now: () => new Date(),
    everyMs: TICK_EVERY_MS,
    onError: (error) =>
      log.warn({ code: 'DEADLINES_NOT_LOOKED_AT', err: error }, 'due deadlines wait for the next look'),
  })

  const grpc = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [routingGrpc(decider), readerGrpc({ deadlines: deadlineReader })],
    isReady,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    [readerResource('decider', decider), readerResource('deadlines', deadlineReader)],
    ticker,
    grpc,
  ]
}
