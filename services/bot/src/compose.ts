import { join } from 'node:path'
import { conversations } from '@parley/conversation'
import { LogClock, appendCommands, kafkaLog, runReactor, storeIdOf, topicsOf } from '@parley/eventlog'
import { wayOutOf } from '@parley/outbound'
import {
  type Resources,
  type ServiceContext,
  type SettingProblem,
  SettingsError,
  auditRecorder,
  connectMongo,
  grpcIdentity,
  startGrpcServer,
  logLine,
  readerGrpc,
  withSpan,
  readerResources,
  readerTrouble,
  startProjection,
} from '@parley/service'
import { workforces } from '@parley/workforce'
import { mongoFlowArchive } from './adapters/flow-archive.ts'
import { flowFiles, loadFlows } from './adapters/flow-files.ts'
import { httpCalls } from './adapters/http-calls.ts'
import { ownRobot } from './adapters/own-robot.ts'
import { calendarsIn, queueCalendars } from './adapters/queue-calendars.ts'
import type { FlowSource } from './flow/checking.ts'
import { robotClient } from './adapters/responder-client.ts'
import { responderService } from './adapters/responder-server.ts'
import { type BotSettings, botSettings } from './config.ts'
import { flowLibrary } from './turn/library.ts'
import { turnReactor } from './turn/reactor.ts'

export async function compose(context: ServiceContext): Promise<Resources> {
  const { env, log, fault, isReady } = context
  const settings = botSettings(env)
  const identity = await grpcIdentity('bot', env)
  const loaded = await loadFlows(
    await flowFiles(join(settings.configDirectory, 'flows')),
    settings.flowSecrets,
  )
  const entry = entryOf(loaded, settings)

  const mongo = await connectMongo(settings.mongodbUri, `${settings.namespace}_bot`)
  const archive = mongoFlowArchive(mongo.db)
  await archive.keep(
    loaded.map(({ flow, source }) => ({ digest: flow.digest, flow: flow.id, version: flow.version, source })),
  )

  const calls = httpCalls({ wayOut: wayOutOf(settings), log })
  const library = flowLibrary(
    entry,
    loaded.map(({ flow }) => flow),
    archive,
  )
  const eventLog = await kafkaLog(
    { ...settings.kafka, store: await storeIdOf(mongo.db, settings.partitions), log: logLine(log) },
    'parley-bot',
  )
  const place = { log: eventLog, namespace: settings.namespace, db: mongo.db }
  const topics = topicsOf(settings.namespace, conversations)
  const record = auditRecorder(eventLog, settings.namespace, 'bot')
  // No flow is played that is not on record. A start that cannot tell of it ends, and the next one tells; the rules of the audit record
  // it once, however often it is told.
  const [calendars] = await Promise.all([
    startProjection(queueCalendars, { ...place, topics: topicsOf(settings.namespace, workforces) }, context),
    ...loaded.map(({ flow }) =>
      record({
        type: 'configuration_changed',
        person: null,
        subject: { kind: 'flow', id: flow.id },
        fields: { digest: flow.digest, version: String(flow.version) },
      }),
    ),
  ])
  const flows = {
    library,
    call: calls.call,
    calendars: calendarsIn(calendars),
    secrets: settings.flowSecrets,
  }

  const { responderAddress, responderTimeoutMs } = settings
  const robot =
    responderAddress === undefined
      ? ownRobot(flows, responderTimeoutMs, log)
      : robotClient(responderAddress, identity, responderTimeoutMs)
  const clock = new LogClock()
  const reader = await runReactor({
    ...place,
    topics,
    types: ['BotTurnRequested'],
    name: 'turns',
    // A robot may take its time: nobody of another partition waits for it.
    sharesBatches: false,
    // After a crash these turns are played again, with the calls that they make.
    commitEveryMs: 1_000,
    handle: turnReactor({
      ask: robot.ask,
      async append(commands) {
        clock.set(await appendCommands(eventLog, topics, commands))
      },
      now: () => new Date(),
      logTime: () => clock.now(),
      inSpan: withSpan,
      log,
    }),
    ...readerTrouble(log, fault, 'turns'),
  })

  const readers = { turns: reader, queue_calendars: calendars }
  const server = await startGrpcServer({
    host: settings.host,
    port: settings.grpcPort,
    services: [responderService(flows), readerGrpc('bot', readers, record)],
    isReady,
    identity,
    record,
    log,
  })

  return [
    [mongo.resource, { name: 'log', close: () => eventLog.close() }],
    calls,
    server,
    robot,
    readerResources(readers),
  ]
}

/** @throws {SettingsError} */
function entryOf(loaded: readonly FlowSource[], { flow: wanted, flowSecrets }: BotSettings) {
  const problems: SettingProblem[] = []
  const entry = loaded.find(({ flow }) => flow.id === wanted)?.flow
  if (!entry)
    problems.push({
      variable: 'BOT_FLOW',
      why: `there is no flow "${wanted}"`,
      how: `name one of: ${loaded.map(({ flow }) => flow.id).join(', ') || 'none (PARLEY_CONFIG_DIR has no flows/*.yaml)'}`,
    })
  for (const { file, flow } of loaded)
    for (const name of flow.env)
      if (!Object.hasOwn(flowSecrets, name) || flowSecrets[name] === undefined)
        problems.push({
          variable: name,
          why: `${file} uses it in a call, and it is not set`,
          how: 'set it in the environment of the bot',
        })
  if (!entry || problems.length > 0) throw new SettingsError(problems)
  return entry
}
