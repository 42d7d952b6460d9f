import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'
import { kafkaLog, runDeadlines, runDeciderHost, topicsOf } from '@parley/eventlog'
import { policyBytes } from '@parley/kernel'
import {
  type Resources,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  deadlinesTrouble,
  grpcIdentity,
  startGrpcServer,
  logLine,
  readerGrpc,
  readerResource,
  readerTrouble,
} from '@parley/service'
import { companyIn } from './adapters/company-file.ts'
import { routingGrpc } from './adapters/routing-grpc.ts'
import { auditDecider } from './audit/decider.ts'
import { policyOf } from './company/company.ts'
import { routingSettings } from './config.ts'
import { conversationDecider } from './conversation/decider.ts'
import { conversationDeadlines } from './deadline/deadlines.ts'

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = routingSettings(env)
  const identity = await grpcIdentity('routing', env)
  const { namespace } = settings
  const topics = topicsOf(namespace, conversations)
  const policy = policyOf(await companyIn(settings.configDirectory), settings)
  const { db, resource: mongo } = await connectMongo(settings.mongodbUri, `${namespace}_routing`)
  const eventLog = await kafkaLog({ ...settings.kafka, log: logLine(log) }, 'parley-routing')

  const deciderTrouble = (reader: string) => ({
    onDeadLetter: ({ code, partition, offset }: { code: string; partition: number; offset: bigint }) =>
      log.error(
        { code, reader, partition, offset: Number(offset) },
        'a command went to the dead letters undecided',
      ),
    onBuildingAhead: ({ partition, records }: { partition: number; records: bigint }) =>
      log.info(
        { reader, partition, recordCount: records },
        'folding events that no snapshot of these rules holds yet',
      ),
    onSnapshotFailed: (error: unknown) =>
      log.warn(
        { code: 'SNAPSHOT_NOT_WRITTEN', reader, err: error },
        'the next snapshot holds what this one lacks',
      ),
    ...readerTrouble(log, fault, reader),
  })
  const record = auditRecorder(eventLog, namespace, 'routing')
  // Nothing is decided by a configuration that is not on record. A start that cannot tell of it ends, and the next one tells; the rules
  // of the audit record it once, however often it is told.
  await record({
    type: 'configuration_changed',
    person: null,
    subject: { kind: 'configuration', id: 'company' },
    fields: { digest: policyBytes(policy).hash },
  })
  const decider = await runDeciderHost({
    log: eventLog,
    topics,
    group: `${namespace}.routing`,
    db,
    decider: conversationDecider,
    policy,
    ...deciderTrouble('decider'),
  })
  const auditor = await runDeciderHost({
    log: eventLog,
    topics: topicsOf(namespace, audits),
    group: `${namespace}.routing.audit`,
    db,
    decider: auditDecider,
    name: 'audit-decider',
    ...deciderTrouble('audit-decider'),
  })

  const deadlines = await runDeadlines({
    log: eventLog,
    topics,
    deadlines: conversationDeadlines,
    namespace,
    db,
    ...deadlinesTrouble(log, fault, 'deadlines'),
  })

  const grpc = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [
      routingGrpc(decider),
      readerGrpc('routing', { decider, 'audit-decider': auditor, deadlines }, record),
    ],
    isReady,
    identity,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    [
      readerResource('decider', decider),
      readerResource('audit-decider', auditor),
      readerResource('deadlines', deadlines),
    ],
    grpc,
  ]
}
