import { audits } from '@parley/audit'
import { type ConversationCommand, conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import { readScorecardsIn } from '@parley/evaluation/directory'
import {
  LiveProjection,
  appendCommands,
  kafkaLog,
  managed,
  runDeadlines,
  runDeciderHost,
  runReactor,
  topicsOf,
} from '@parley/eventlog'
import { type NewCommand, deterministicId, policyBytes } from '@parley/kernel'
import { readPeopleIn } from '@parley/people/directory'
import {
  type Resources,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  deadlinesTrouble,
  grpcIdentity,
  startGrpcServer,
  logLine,
  projectionTrouble,
  readerGrpc,
  readerResources,
  readerTrouble,
} from '@parley/service'
import { CONVERSATION_HEARS, POOL, POOL_HEARS, type WorkforceCommand, workforces } from '@parley/workforce'
import { companyIn } from './adapters/company-file.ts'
import {
  configurationInForce,
  poolConfigurations,
  watchConfiguration,
} from './adapters/pool-configurations.ts'
import { routingGrpc } from './adapters/routing-grpc.ts'
import { workforceIn } from './adapters/workforce-file.ts'
import { auditDecider } from './audit/decider.ts'
import { evaluationDecider } from './evaluation/decider.ts'
import { policyOf } from './company/company.ts'
import { introductions } from './company/introductions.ts'
import { routingSettings } from './config.ts'
import { conversationDecider } from './conversation/decider.ts'
import type { ConversationPolicy } from './conversation/policy.ts'
import { conversationDeadlines } from './deadline/deadlines.ts'
import { workforceDeadlines } from './workforce/deadlines.ts'
import { workforceDecider } from './workforce/decider.ts'
import { conversationWishes, poolWishes } from './workforce/process-managers.ts'

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = routingSettings(env)
  const { namespace } = settings
  const topics = topicsOf(namespace, conversations)
  const poolTopics = topicsOf(namespace, workforces)
  const [{ db, resource: mongo }, identity, roster, company, { forms }] = await Promise.all([
    connectMongo(settings.mongodbUri, `${namespace}_routing`),
    grpcIdentity('routing', env),
    readPeopleIn(settings.configDirectory),
    companyIn(settings.configDirectory),
    readScorecardsIn(settings.configDirectory),
  ])
  const configuration = await workforceIn(settings.configDirectory, roster, company)
  // Not what the file says: that may be somebody's draft.
  const inForce = (await configurationInForce(db)) ?? configuration
  const policy = policyOf(company, settings, inForce)
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
  let { queues } = inForce
  const introductionOf = introductions(
    company,
    roster,
    (queue) => queues.find(({ name }) => name === queue)?.texts ?? [],
  )
  const record = auditRecorder(eventLog, namespace, 'routing')
  // Nothing is decided by a configuration that is not on record; the rules of the audit record it once, however often it is told.
  const onRecord = (by: ConversationPolicy) =>
    record({
      type: 'configuration_changed',
      person: null,
      subject: { kind: 'configuration', id: 'company' },
      fields: { digest: policyBytes(by).hash },
    })
  const append = (commands: readonly NewCommand<ConversationCommand>[]) =>
    appendCommands(eventLog, topics, commands)
  const tellPool = (commands: readonly NewCommand<WorkforceCommand>[]) =>
    appendCommands(eventLog, poolTopics, commands)
  // A pool that has none takes what the file says; any other keeps what is in force until somebody applies another one.
  const configured = tellPool([
    {
      ...workforces.command('ConfigurePool', { configuration, onlyFirst: true }),
      commandId: deterministicId('configuration at the start', configuration.hash),
      streamId: POOL,
      occurredAt: new Date().toISOString(),
      actor: { kind: 'system', id: 'routing' },
    },
  ])
  // All at once: each waits for answers of the log and of the store while it starts, and a service that was killed is waited for.
  const [
    decider,
    auditor,
    evaluator,
    workforce,
    toPool,
    toConversations,
    deadlines,
    poolDeadlines,
    configurations,
  ] = await Promise.all([
    // A start that cannot tell of it ends, and the next one tells.
    onRecord(policy).then(() =>
      runDeciderHost({
        log: eventLog,
        topics,
        group: `${namespace}.routing`,
        db,
        decider: conversationDecider,
        policy,
        ...deciderTrouble('decider'),
      }),
    ),
    runDeciderHost({
      log: eventLog,
      topics: topicsOf(namespace, audits),
      group: `${namespace}.routing.audit`,
      db,
      decider: auditDecider,
      name: 'audit-decider',
      ...deciderTrouble('audit-decider'),
    }),
    runDeciderHost({
      log: eventLog,
      topics: topicsOf(namespace, evaluationFamily),
      group: `${namespace}.routing.evaluation`,
      db,
      decider: evaluationDecider,
      policy: { forms },
      name: 'evaluation-decider',
      ...deciderTrouble('evaluation-decider'),
    }),
    configured.then(() =>
      runDeciderHost({
        log: eventLog,
        topics: poolTopics,
        group: `${namespace}.routing.workforce`,
        db,
        decider: workforceDecider,
        name: 'workforce-decider',
        ...deciderTrouble('workforce-decider'),
      }),
    ),
    configured.then(() =>
      runReactor({
        log: eventLog,
        topics,
        types: POOL_HEARS,
        name: 'to-pool',
        gatherMs: 50,
        namespace,
        db,
        handle: managed(tellPool, poolWishes),
        ...readerTrouble(log, fault, 'to-pool'),
      }),
    ),
    runReactor({
      log: eventLog,
      topics: poolTopics,
      types: CONVERSATION_HEARS,
      name: 'to-conversations',
      namespace,
      db,
      handle: managed(append, (event) => conversationWishes(event, introductionOf)),
      ...readerTrouble(log, fault, 'to-conversations'),
    }),
    runDeadlines({
      log: eventLog,
      topics,
      deadlines: conversationDeadlines,
      namespace,
      db,
      ...deadlinesTrouble(log, fault, 'deadlines'),
    }),
    runDeadlines({
      log: eventLog,
      topics: poolTopics,
      deadlines: workforceDeadlines,
      namespace,
      db,
      ...deadlinesTrouble(log, fault, 'workforce-deadlines'),
    }),
    LiveProjection.start(
      poolConfigurations,
      { log: eventLog, topics: poolTopics, namespace, db },
      projectionTrouble(log, fault, 'pool-configurations'),
    ),
  ])
  const watching = watchConfiguration(
    configurations,
    inForce.hash,
    async (next) => {
      const changed = policyOf(company, settings, next)
      await onRecord(changed)
      await decider.adopt(changed)
      queues = next.queues
    },
    (error) =>
      log.warn(
        { code: 'CONFIGURATION_NOT_ADOPTED', err: error },
        'conversations go by the configuration of before; it is tried again in two seconds',
      ),
  )
  const readers = {
    decider,
    'audit-decider': auditor,
    'evaluation-decider': evaluator,
    'workforce-decider': workforce,
    deadlines,
    'workforce-deadlines': poolDeadlines,
    'to-pool': toPool,
    'to-conversations': toConversations,
    'pool-configurations': configurations,
  }

  const grpc = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [routingGrpc([decider, auditor, evaluator, workforce]), readerGrpc('routing', readers, record)],
    isReady,
    identity,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    readerResources(readers),
    { name: 'configuration', close: () => watching.close() },
    grpc,
  ]
}
