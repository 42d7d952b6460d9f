import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { audits } from '@parley/audit'
import { type ConversationCommand, contentOf, conversations, messageIn } from '@parley/conversation'
import {
  type EventLog,
  type FamilyTopics,
  appendCommands,
  ensureTopics,
  kafkaLog,
  topicsOf,
} from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { type NewCommand, readEvent } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import { CommandEnvelope } from '@parley/proto/envelope'
import { ListPartitionsRequest, RoutingServiceClient } from '@parley/proto/routing'
import {
  type Resource,
  type Resources,
  connectMongo,
  createLogger,
  grpcCall,
  grpcClient,
} from '@parley/service'
import { POOL, type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'
import { callerCredentials, callerEnv, readEventOf, testKafka, testMongoUri, until } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import {
  type Act,
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
import { configurationInForce } from './adapters/pool-configurations.ts'
import { compose } from './compose.ts'

const CONFIG = fileURLToPath(new URL('../../../config', import.meta.url))

test('over the real log: an unanswered turn goes to people, and silence ends a conversation, each exactly once', async () => {
  await using routing = await startRouting({ BOT_TURN_TIMEOUT_SECONDS: '6', SILENCE_TIMEOUT_SECONDS: '3' })
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
    (await routing.partitions()).some(({ family, epoch }) => family === 'conversation' && epoch === 2n),
  )
  await until('the partitions of every family are listed', async () => {
    const listed = (await routing.partitions()).map(({ family, partition }) => `${family} ${partition}`)
    const families = ['conversation', 'audit', 'workforce', 'evaluation']
    const all = families.flatMap((family) => [0, 1].map((each) => `${family} ${each}`))
    return listed.toSorted().join() === all.toSorted().join()
  })
})

test('over the real log: what is handed over is offered, taken, answered and closed, and pool and conversation say the same at each step', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(CONFIG, directory, { recursive: true })
  const example = await readFile(join(directory, 'workforce.yaml'), 'utf8')
  await writeFile(
    join(directory, 'workforce.yaml'),
    example.replace('offer_seconds: 20', 'offer_seconds: 10'),
  )
  await using routing = await startRouting({ PARLEY_CONFIG_DIR: directory })
  const contact = randomUUID()
  const conversationId = await waitsIn(routing, contact, 'general')
  expect(factsOf(await routing.until(contact, 'ConversationQueued'), 'ConversationQueued')).toMatchObject([
    { queue: 'general', position: 1 },
  ])

  await routing.wishPool('SetPresence', { agentId: 'p03', status: 'available' })
  const [offer] = factsOf(await routing.until(contact, 'ConversationOffered'), 'ConversationOffered')
  expect(offer).toMatchObject({ agentId: 'p03', fromAgentId: '' })
  await routing.wishPool('AcceptOffer', { agentId: 'p03', offerId: offer!.offerId })
  expect(factsOf(await routing.until(contact, 'ConversationAssigned'), 'ConversationAssigned')).toMatchObject(
    [{ agentId: 'p03', how: 'accepted' }],
  )

  const by = { actor: { kind: 'agent', id: 'p03' } as const }
  await routing.wish(contact, {
    type: 'CloseConversation',
    data: { conversationId, agentId: 'p03', reason: 'solved' },
    ...by,
  })
  await routing.until(contact, 'ConversationEnding')
  await routing.untilPool('ConversationWithdrawn')
  // An offer that nobody answers ends by itself: the pool's one deadline wakes it.
  const other = randomUUID()
  await waitsIn(routing, other, 'general')
  expect(
    factsOf(await routing.until(other, 'ConversationOfferEnded'), 'ConversationOfferEnded'),
  ).toMatchObject([{ agentId: 'p03', outcome: 'timed_out' }])
})

test('over the real log: who writes again soon after the end goes to the same agent past the robot, and what an agent begins is answered to that agent', async () => {
  await using routing = await startRouting({})
  const contact = randomUUID()
  const first = await waitsIn(routing, contact, 'general')
  // Somebody else is idle for longer, and it is theirs all the same.
  await routing.wishPool('SetPresence', { agentId: 'p04', status: 'available' })
  const assigned = async (times: number) =>
    factsOf(await routing.untilTimes(contact, 'ConversationAssigned', times), 'ConversationAssigned').at(-1)!
  const acceptsNth = async (times: number, agentId: string) => {
    const offers = factsOf(
      await routing.untilTimes(contact, 'ConversationOffered', times),
      'ConversationOffered',
    )
    expect(offers.at(-1)).toMatchObject({ agentId })
    await routing.wishPool('AcceptOffer', { agentId, offerId: offers.at(-1)!.offerId })
    return await assigned(times)
  }
  expect(await acceptsNth(1, 'p04')).toMatchObject({
    conversationId: first,
    closeReasons: ['solved', 'no_answer', 'not_ours'],
  })
  const said = await routing.until(contact, 'ConversationAssigned')
  const messages = said.filter(({ type }) => type === 'MessageSendRequested')
  expect(
    factsOf(messages, 'MessageSendRequested')
      .map(({ purpose }) => purpose)
      .slice(-2),
  ).toEqual(['waiting_notice', 'taken_over'])
  await routing.wishPool('SetPresence', { agentId: 'p03', status: 'available' })
  const closes = async (conversationId: string) => {
    const closing = { conversationId, agentId: 'p04', reason: 'solved' }
    await routing.wish(contact, {
      type: 'CloseConversation',
      data: closing,
      actor: { kind: 'agent', id: 'p04' },
    })
  }
  await closes(first)
  await routing.until(contact, 'ConversationEnding')
  await routing.wish(contact, issuesLink(first))
  await routing.until(contact, 'TranscriptLinkIssued')
  const link = factsOf(await routing.until(contact, 'TranscriptLinkIssued'), 'MessageSendRequested').at(-1)!
  await routing.wish(contact, isSent(link.messageId))
  await routing.until(contact, 'ConversationClosed')

  await routing.wish(contact, says('voltou o problema'))
  const { conversationId: second } = await acceptsNth(2, 'p04')
  const opened = factsOf(await routing.until(contact, 'ConversationOpened'), 'ConversationOpened').at(-1)
  expect(opened).toMatchObject({ conversationId: second, continuesConversationId: first })
  await closes(second)
  await routing.untilTimes(contact, 'ConversationEnding', 2)
  await routing.wish(contact, { ...issuesLink(second), commandId: randomUUID() })
  await routing.untilTimes(contact, 'TranscriptLinkIssued', 2)
  const last = factsOf(await routing.until(contact, 'TranscriptLinkIssued'), 'MessageSendRequested').at(-1)!
  await routing.wish(contact, isSent(last.messageId))
  await routing.untilTimes(contact, 'ConversationClosed', 2)

  const template = MessageBody.fromPartial({
    body: { $case: 'template', value: { name: 'hello', language: 'pt_BR' } },
  })
  await routing.wish(contact, {
    type: 'BeginConversation',
    data: { agentId: 'p04', queue: 'general', type: 'template' },
    content: contentOf({ messages: [template] }),
    actor: { kind: 'agent', id: 'p04' },
  })
  await routing.until(contact, 'ConversationBegun')
  await routing.wish(contact, says('sim, pode falar'))
  expect(await assigned(3)).toMatchObject({ agentId: 'p04', how: 'resumed' })
})

test('over the real log: whoever comes while a queue is closed is told when it opens, and may leave it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(CONFIG, directory, { recursive: true })
  const file = join(directory, 'workforce.yaml')
  const example = await readFile(file, 'utf8')
  // A minute of a day that has just passed: it is closed now, and opens within a week.
  const weekday = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][
    new Date(Date.now() - 36 * 60 * 60 * 1000).getUTCDay()
  ]
  await writeFile(
    file,
    example.replace(/    hours:\n(?:      \w+: .*\n)+/, `    hours:\n      ${weekday}: 12:00-12:01\n`),
  )
  await using routing = await startRouting({ PARLEY_CONFIG_DIR: directory })
  const contact = randomUUID()
  await waitsIn(routing, contact, 'branches')
  const [queued] = factsOf(await routing.until(contact, 'ConversationQueued'), 'ConversationQueued')
  expect(Date.parse(queued!.opensAt!)).toBeGreaterThan(Date.now())
  const notice = (await routing.until(contact, 'ConversationQueued')).at(-1)!
  expect(notice).toMatchObject({
    type: 'MessageSendRequested',
    data: { purpose: 'waiting_notice', type: 'interactive' },
  })
  const body = messageIn(notice.envelope.content)?.body
  expect(body?.$case === 'buttons' ? body.value.buttons.map(({ id }) => id) : []).toEqual([
    'wait_call_back',
    'wait_leave',
  ])
  await routing.wish(contact, says('não precisa'))
  expect(factsOf(await routing.until(contact, 'ConversationEnding'), 'ConversationEnding')).toMatchObject([
    { reason: 'left' },
  ])
  await routing.untilPool('ConversationWithdrawn')
})

test('over the real log: a changed workforce.yaml is compared with what is in force, applied without a restart, and refused where it would strand', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(CONFIG, directory, { recursive: true })
  await using routing = await startRouting({ PARLEY_CONFIG_DIR: directory })
  const written = async (change: (source: string) => string) => {
    const source = await readFile(join(CONFIG, 'workforce.yaml'), 'utf8')
    await writeFile(join(directory, 'workforce.yaml'), change(source))
  }
  await routing.untilInForce()
  expect((await routing.parley('config', 'diff', directory)).stderr).toContain('this is in force')
  await written((source) => source.replace('grace_seconds: 60', 'grace_seconds: 90'))
  const changed = await routing.parley('config', 'diff', directory)
  expect(changed.stdout).toBe('~ graceSeconds: 60 → 90\n')
  const applied = await routing.parley('config', 'apply', directory)
  expect(applied).toMatchObject({ status: 0, stderr: expect.stringContaining('in force: ') })
  expect(await routing.told()).toEqual(['configuration_changed', 'operator_acted'])

  await waitsIn(routing, randomUUID(), 'branches')
  const flow = join(directory, 'flows/atendimento.yaml')
  await writeFile(flow, (await readFile(flow, 'utf8')).replaceAll('{{opening.branches}}', ''))
  await written((source) => source.replace(/  branches:[^]*?holidays.*\n/, '').replaceAll(', branches]', ']'))
  const refused = await routing.parley('config', 'apply', directory)
  expect(refused.status).toBe(1)
  expect(refused.stderr).toMatch(/POOL_WOULD_STRAND[^]*queue branches is gone: 1 conversations/)
  // What was asked for is on record; that it changed is not, for it did not.
  expect(await routing.told()).toEqual(['configuration_changed', 'operator_acted', 'operator_acted'])
})

test('over the real log: where a configuration is in force, a start does not ask whether the file holds by the rules of today', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(CONFIG, directory, { recursive: true })
  const settings = {
    PARLEY_NAMESPACE: `routing-${randomUUID().slice(0, 8)}`,
    PARLEY_CONFIG_DIR: directory,
  }
  {
    await using routing = await startRouting(settings)
    await routing.untilInForce()
  }
  const file = join(directory, 'workforce.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/languages: \[.*\]/g, 'languages: [pt]'))
  await using routing = await startRouting(settings)
  await waitsIn(routing, randomUUID(), 'general')
  const refused = await routing.parley('config', 'apply', directory)
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('speaks bn') })
})

test('over the real log: the words of a queue that were applied are what its customers are told from then on, while they wait and when somebody takes over, without a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(CONFIG, directory, { recursive: true })
  await using routing = await startRouting({ PARLEY_CONFIG_DIR: directory })
  await routing.untilInForce()
  const words = (language: string) =>
    `      ${language}: { waiting_notice: '${language} waits. {now}', taken_over: '${language}, {agent} is here.' }\n`
  const file = join(directory, 'workforce.yaml')
  const example = await readFile(file, 'utf8')
  await writeFile(
    file,
    example.replace('  general:\n', `  general:\n    texts:\n${['pt', 'en', 'bn'].map(words).join('')}`),
  )
  expect(await routing.parley('config', 'apply', directory)).toMatchObject({ status: 0 })

  const saidTo = async (contact: string, purpose: string, behind: Told['type']) =>
    (await routing.until(contact, behind)).flatMap((event) => {
      if (event.type !== 'MessageSendRequested' || event.data.purpose !== purpose) return []
      const body = messageIn(event.envelope.content)?.body
      return body?.$case === 'text' ? [body.value.text] : []
    })
  const came: string[] = []
  await until('whoever comes is told in the words of the queue', async () => {
    const contact = randomUUID()
    await waitsIn(routing, contact, 'general')
    came.push(contact)
    const [notice] = await saidTo(contact, 'waiting_notice', 'ConversationQueued')
    return /^pt waits\. Você (é|está em) /.test(notice ?? '')
  })
  await routing.wishPool('SetPresence', { agentId: 'p03', status: 'available' })
  const [first] = came
  const [offer] = factsOf(await routing.until(first!, 'ConversationOffered'), 'ConversationOffered')
  await routing.wishPool('AcceptOffer', { agentId: 'p03', offerId: offer!.offerId })
  expect(await saidTo(first!, 'taken_over', 'ConversationAssigned')).toEqual(['pt, Carla is here.'])
})

/** The robot hands a new conversation over to this queue. @returns the conversation */
async function waitsIn(
  routing: Awaited<ReturnType<typeof startRouting>>,
  contact: string,
  queue: string,
): Promise<string> {
  await routing.wish(contact, says('oi'))
  const [notice] = factsOf(await routing.until(contact, 'MessageSendRequested'), 'MessageSendRequested')
  await routing.wish(contact, isSent(notice!.messageId))
  const { correlationId } = (await routing.until(contact, 'BotTurnRequested')).at(-1)!.envelope
  const over: Act = { action: () => ({ $case: 'handOver', value: { queue } }) }
  await routing.wish(contact, completes(correlationId, 1, [over]))
  await routing.until(contact, 'ConversationQueued')
  return correlationId
}

async function startRouting(settings: NodeJS.ProcessEnv) {
  await using undo = new AsyncDisposableStack()
  const env: NodeJS.ProcessEnv = {
    KAFKA_BROKERS: testKafka().join(','),
    MONGODB_URI: testMongoUri(),
    PARLEY_NAMESPACE: `routing-${randomUUID().slice(0, 8)}`,
    PARLEY_PARTITIONS: '2',
    PARLEY_CONFIG_DIR: CONFIG,
    ...callerEnv('routing'),
    ROUTING_GRPC_PORT: '0',
    ...settings,
  }
  const kafka = { brokers: testKafka() }
  const topics = topicsOf(env['PARLEY_NAMESPACE']!, conversations)
  const pool = topicsOf(env['PARLEY_NAMESPACE']!, workforces)
  await ensureTopics(kafka, env['PARLEY_NAMESPACE']!, FAMILIES, 2)
  const log = await kafkaLog(kafka, 'routing-test')
  undo.defer(() => log.close())
  const { db, resource: mongo } = await connectMongo(testMongoUri(), `${env['PARLEY_NAMESPACE']}_routing`)
  undo.defer(async () => mongo.close?.())

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
    /** What the audit was told of the pool's configuration. */
    async told(): Promise<readonly string[]> {
      const { commands } = topicsOf(env['PARLEY_NAMESPACE']!, audits)
      const types: string[] = []
      for (let partition = 0; partition < (await log.partitionCount(commands)); partition += 1) {
        const end = await log.endOffset(commands, partition)
        for (const { value } of await log.read(commands, partition, 0n, end)) {
          const { data } = audits.readCommand(CommandEnvelope.decode(value))
          if (data.subjectId === 'workforce') types.push(data.type)
        }
      }
      return types.toSorted()
    },
    /** The operators' command, as they call it. */
    async parley(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
      const script = fileURLToPath(new URL('../../../infra/operator/src/parley.ts', import.meta.url))
      try {
        const done = await promisify(execFile)(process.execPath, [script, ...args], {
          env: { ...process.env, ...env },
        })
        return { status: 0, ...done }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { status: code, stdout, stderr }
      }
    },
    async wishPool<Type extends WorkforceCommand['type']>(
      type: Type,
      data: Partial<Extract<WorkforceCommand, { type: Type }>['data']>,
    ) {
      const command = {
        ...workforces.command(type, data as never),
        commandId: randomUUID(),
        streamId: POOL,
        occurredAt: new Date().toISOString(),
        actor: { kind: 'agent', id: 'p03' },
      } as unknown as NewCommand<WorkforceCommand>
      await appendCommands(log, pool, [command])
    },
    /** The configuration of the start, for whoever asks the store for it: a start, the operators' command. */
    async untilInForce(): Promise<void> {
      await until('the configuration of the start is in force', () => configurationInForce(db))
    },
    async untilPool(type: WorkforceEvent['type']): Promise<void> {
      await until(`${type} is in the log of the pool`, async () => {
        if (faults.length > 0) throw faults[0]
        const partition = await log.partitionOf(POOL, pool.events)
        const records = await log.read(
          pool.events,
          partition,
          0n,
          await log.endOffset(pool.events, partition),
        )
        return records.some(({ value }) => readEvent(value).envelope.type === type)
      })
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
    async untilTimes(streamId: string, type: Told['type'], times: number): Promise<readonly Told[]> {
      let events: readonly Told[] = []
      await until(`${type} is in the log ${times} times`, async () => {
        if (faults.length > 0) throw faults[0]
        events = await eventsOf(log, topics, streamId)
        return typesOf(events).filter((one) => one === type).length >= times
      })
      return events
    },
    async partitions() {
      const { partitions } = await grpcCall(client, 'listPartitions', ListPartitionsRequest.fromPartial({}), {
        timeoutMs: 30_000,
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
