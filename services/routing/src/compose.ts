import { audits } from '@parley/audit'
import { type ConversationCommand, conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import { readScorecardsIn } from '@parley/evaluation/directory'
import {
  appendCommands,
  kafkaLog,
  managed,
  runDeadlines,
  runDeciderHost,
  runReactor,
  storeIdOf,
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
  readerGrpc,
  readerResources,
  readerTrouble,
  startProjection,
} from '@parley/service'
import { CONVERSATION_HEARS, POOL, POOL_HEARS, type WorkforceCommand, workforces } from '@parley/workforce'
import { companyIn } from './adapters/company-file.ts'
import {
  conversationDeadlineProjection,
  workforceDeadlineProjection,
} from './adapters/deadline-projections.ts'
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

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
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
  const known = await configurationInForce(db)
  // Where one is in force the file is not even read: it may be somebody's draft, or of before a rule that it breaks.
  const inForce = known ?? (await workforceIn(settings.configDirectory, roster, company))
  const policy = policyOf(company, settings, inForce)
  const eventLog = await kafkaLog(
    { ...settings.kafka, store: await storeIdOf(db, settings.partitions), log: logLine(log) },
    'parley-routing',
  )
  const place = { log: eventLog, namespace, db }

  /** What all hosts of deciders have in common, and the name of this one. */
  const host = (name: string) => ({
    name,
    log: eventLog,
    db,
    onDeadLetter: ({ code, partition, offset }: { code: string; partition: number; offset: bigint }) =>
      log.error(
        { code, reader: name, partition, offset: Number(offset) },
        'a command went to the dead letters undecided',
      ),
    onBuildingAhead: ({ partition, records }: { partition: number; records: bigint }) =>
      log.info(
        { reader: name, partition, recordCount: records },
        'folding events that no snapshot of these rules holds yet',
      ),
    onSnapshotFailed: (error: unknown) =>
      log.warn(
        { code: 'SNAPSHOT_NOT_WRITTEN', reader: name, err: error },
        'the next snapshot holds what this one lacks',
      ),
    ...readerTrouble(log, fault, name),
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
  const configured =
    known !== undefined
      ? Promise.resolve()
      : tellPool([
          {
            ...workforces.command('ConfigurePool', { configuration: inForce, onlyFirst: true }),
            commandId: deterministicId('configuration at the start', inForce.hash),
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
        ...host('decider'),
        topics,
        group: `${namespace}.routing`,
        decider: conversationDecider,
        policy,
      }),
    ),
    runDeciderHost({
      ...host('audit-decider'),
      topics: topicsOf(namespace, audits),
      group: `${namespace}.routing.audit`,
      decider: auditDecider,
    }),
    runDeciderHost({
      ...host('evaluation-decider'),
      topics: topicsOf(namespace, evaluationFamily),
      group: `${namespace}.routing.evaluation`,
      decider: evaluationDecider,
      policy: { forms },
    }),
    configured.then(() =>
      runDeciderHost({
        ...host('workforce-decider'),
        topics: poolTopics,
        group: `${namespace}.routing.workforce`,
        decider: workforceDecider,
      }),
    ),
    configured.then(() =>
      runReactor({
        ...place,
        topics,
        types: POOL_HEARS,
        name: 'to-pool',
        gatherMs: 50,
        handle: managed(tellPool, poolWishes),
        ...readerTrouble(log, fault, 'to-pool'),
      }),
    ),
    runReactor({
      ...place,
      topics: poolTopics,
      types: CONVERSATION_HEARS,
      name: 'to-conversations',
      handle: managed(append, (event) => conversationWishes(event, introductionOf)),
      ...readerTrouble(log, fault, 'to-conversations'),
    }),
    runDeadlines({
      ...place,
      topics,
      deadlines: conversationDeadlines,
      ...deadlinesTrouble(log, fault, conversationDeadlineProjection.name),
    }),
    runDeadlines({
      ...place,
      topics: poolTopics,
      deadlines: workforceDeadlines,
      ...deadlinesTrouble(log, fault, workforceDeadlineProjection.name),
    }),
    startProjection(poolConfigurations, { ...place, topics: poolTopics }, context),
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
    conversation_deadlines: deadlines,
    workforce_deadlines: poolDeadlines,
    'to-pool': toPool,
    'to-conversations': toConversations,
    pool_configurations: configurations,
  }

  const grpc = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [routingGrpc([decider, auditor, evaluator, workforce]), readerGrpc('routing', readers, record)],
    isReady,
    identity,
    record,
    log,
  })

  return [
    [mongo, { name: 'log', close: () => eventLog.close() }],
    readerResources(readers),
    { name: 'configuration', close: () => watching.close() },
    grpc,
  ]
}
