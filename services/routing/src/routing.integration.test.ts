import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { audits } from '@parley/audit'
import { type ConversationCommand, conversations } from '@parley/conversation'
import {
  type EventLog,
  type FamilyTopics,
  appendCommands,
  ensureTopics,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import { type NewCommand, readEvent } from '@parley/kernel'
import { ListPartitionsRequest, RoutingServiceClient } from '@parley/proto/routing'
import { type Resource, type Resources, createLogger, grpcCall, grpcClient } from '@parley/service'
import { callerCredentials, callerEnv, readEventOf, testKafka, testMongoUri } from '@parley/testkit'
import { expect, test } from 'vitest'
import {
  type Told,
  type Wish,
  completes,
  endWithLink,
  factsOf,
  isSent,
  issuesLink,
  say,
  says,
  typesOf,
} from '../test/story.ts'
import { compose } from './compose.ts'

test('over the real log: an unanswered turn goes to people, and silence ends a conversation, each exactly once', async () => {
  await using routing = await startRouting({ BOT_TURN_TIMEOUT_SECONDS: '2', SILENCE_TIMEOUT_SECONDS: '3' })
  const [mute, silent] = [randomUUID(), randomUUID()]

  for (const contact of [mute, silent]) await routing.wish(contact, says('oi'))
  for (const contact of [mute, silent]) {
    const [notice] = factsOf(await routing.until(contact, 'MessageSendRequested'), 'MessageSendRequested')
    expect(notice?.purpose).toBe('privacy_notice')
    await routing.wish(contact, isSent(notice!.messageId))
  }
  const turn = (await routing.until(silent, 'BotTurnRequested')).at(-1)!.envelope
  await routing.wish(silent, completes(turn.correlationId, 1, [say('Olá!')]))

  expect(factsOf(await routing.until(mute, 'HandoverRequested'), 'HandoverRequested')).toEqual([
    expect.objectContaining({ reason: 'robot_timeout' }),
  ])
  const ending = factsOf(await routing.until(silent, 'ConversationEnding'), 'ConversationEnding')
  expect(ending).toEqual([expect.objectContaining({ reason: 'silence' })])
  await routing.wish(silent, issuesLink(turn.correlationId))
  const link = factsOf(await routing.until(silent, 'TranscriptLinkIssued'), 'MessageSendRequested').at(-1)
  await routing.wish(silent, isSent(link!.messageId))
  const all = await routing.until(silent, 'ConversationClosed')
  expect(typesOf(all).filter((type) => type === 'ConversationEnding')).toHaveLength(1)
  expect(all.map(({ envelope }) => envelope.streamVersion)).toEqual(all.map((_, index) => index + 1))
})

test('after a restart the rules still know every contact, and a command said again changes nothing', async () => {
  const namespace = `routing-${randomUUID().slice(0, 8)}`
  const contact = randomUUID()
  const oi = says('oi')
  let notice: string
  {
    await using routing = await startRouting({ PARLEY_NAMESPACE: namespace })
    await routing.wish(contact, oi)
    notice = factsOf(await routing.until(contact, 'MessageSendRequested'), 'MessageSendRequested')[0]!
      .messageId
  }
  await using routing = await startRouting({ PARLEY_NAMESPACE: namespace })
  await routing.wish(contact, oi)
  await routing.wish(contact, isSent(notice))
  const turn = (await routing.until(contact, 'BotTurnRequested')).at(-1)!.envelope
  await routing.wish(contact, completes(turn.correlationId, 1, [endWithLink]))
  const all = await routing.until(contact, 'ConversationEnding')
  expect(typesOf(all).filter((type) => type === 'MessageReceived')).toHaveLength(1)
  // The host describes its partitions twice a second.
  await until('the partition shows its second claim', async () =>
    (await routing.partitions()).some(({ epoch }) => epoch === 2n),
  )
})

async function startRouting(settings: NodeJS.ProcessEnv) {
  await using undo = new AsyncDisposableStack()
  const env: NodeJS.ProcessEnv = {
    KAFKA_BROKERS: testKafka().join(','),
    MONGODB_URI: testMongoUri(),
    PARLEY_NAMESPACE: `routing-${randomUUID().slice(0, 8)}`,
    PARLEY_PARTITIONS: '2',
    PARLEY_CONFIG_DIR: new URL('../../../config', import.meta.url).pathname,
    ...callerEnv('routing'),
    ROUTING_GRPC_PORT: '0',
    ...settings,
  }
  const kafka = { brokers: testKafka() }
  const topics = topicsOf(env['PARLEY_NAMESPACE']!, conversations)
  await ensureTopics(kafka, env['PARLEY_NAMESPACE']!, [conversations, audits], 2)
  const log = await kafkaLog(kafka, 'routing-test')
  undo.defer(() => log.close())

  const faults: unknown[] = []
  const layers: Resources = await compose({
    name: 'routing',
    env,
    log: createLogger({ service: 'routing', level: 'silent' }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => true,
  })
  const resources = layers.flat()
  undo.defer(() => stop(resources))
  await until('routing is ready', () => resources.every((resource) => resource.isReady?.() ?? true))
  const port = (resources.at(-1) as Resource & { port: number }).port
  const client = undo.adopt(
    grpcClient(RoutingServiceClient, `127.0.0.1:${port}`, await callerCredentials('tool')),
    (it) => it.close(),
  )

  const running = undo.move()
  return {
    async wish(streamId: string, { type, data, ...circumstances }: Wish) {
      const command = {
        commandId: randomUUID(),
        streamId,
        occurredAt: new Date().toISOString(),
        actor: { kind: 'channel', id: 'whatsapp' },
        ...circumstances,
        ...conversations.command(type, data),
      } as NewCommand<ConversationCommand>
      await appendCommands(log, topics, [command])
    },
    async until(streamId: string, type: Told['type']): Promise<readonly Told[]> {
      let events: readonly Told[] = []
      await until(`${type} is in the log`, async () => {
        if (faults.length > 0) throw faults[0]
        events = await eventsOf(log, topics, streamId)
        return typesOf(events).includes(type)
      })
      return events
    },
    async partitions() {
      const { partitions } = await grpcCall(client, 'listPartitions', ListPartitionsRequest.fromPartial({}), {
        timeoutMs: 5_000,
      })
      return partitions
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function stop(resources: readonly Resource[]): Promise<void> {
  for (const resource of resources.toReversed()) await resource.drain?.()
  for (const resource of resources.toReversed()) await resource.close()
}

async function eventsOf(log: EventLog, topics: FamilyTopics, streamId: string): Promise<readonly Told[]> {
  const topic = topics.events
  const partition = await log.partitionOf(streamId, topic)
  const records = await log.read(topic, partition, 0n, await log.endOffset(topic, partition))
  return records
    .filter(({ key }) => key === streamId)
    .map(({ value }) => {
      const event = readEvent(value)
      return readEventOf(conversations.readEvent(event.envelope), event)
    })
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within 30 s: ${what}.`)
    await pause(50)
  }
}
