// Real routing and a real agent service over the real log and store, with the example company: what customers, the robot and the pool do
// is told by commands, what people see is read by HTTP as their desks do.
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type EntryType, audits } from '@parley/audit'
import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { appendCommands, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { type NewCommand, deterministicId, readEvent } from '@parley/kernel'
import { type LearntValue, MessageBody } from '@parley/proto/content'
import { type Resource, createLogger } from '@parley/service'
import { callerEnv, readEventOf, testKafka, testMongoUri, until } from '@parley/testkit'
import { POOL, type WorkforceCommand, workforces } from '@parley/workforce'
import { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import {
  passwordFor,
  startAgent,
  startIdentity,
} from '../../services/agent/src/adapters/testing/running-agent.ts'
import { EVENTS } from '../../services/console/src/api/shapes.ts'
import { compose } from '../../services/routing/src/compose.ts'
import {
  type Act,
  type Told,
  type Wish,
  completes,
  factsOf,
  isSent,
  says,
  typesOf,
} from '../../services/routing/test/story.ts'

const CONFIG = fileURLToPath(new URL('../../config', import.meta.url))
export const PARTITIONS = 2

export { until }

export interface SentEvent {
  readonly id: string
  readonly event: string
  readonly data: Record<string, any>
}

const isEventName = (name: string): name is keyof typeof EVENTS => Object.hasOwn(EVENTS, name)

/** What a desk's stream says. */
export class DeskStream {
  readonly events: SentEvent[] = []
  /** What the desk of the console could make nothing of. */
  readonly #unreadable: string[] = []
  readonly #abort = new AbortController()
  readonly #reading: Promise<void>
  comments = 0
  hasEnded = false

  constructor(body: AsyncIterable<Uint8Array>, abort: AbortController) {
    this.#abort = abort
    this.#reading = this.#read(body).catch(() => {})
  }

  static async open(
    browser: Browser,
    consoleUrl: string,
    { lastEventId, watch = '' }: { readonly lastEventId?: string | undefined; readonly watch?: string } = {},
  ): Promise<DeskStream> {
    const abort = new AbortController()
    const answer = await browser.ask(`${consoleUrl}/api/stream?watch=${watch}`, {
      signal: abort.signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    })
    if (answer.status !== 200 || answer.body === null)
      throw new Error(`No stream: ${answer.status} ${await answer.text()}`)
    const stream = new DeskStream(answer.body, abort)
    await stream.until('ready', ({ event }) => event === 'ready')
    return stream
  }

  of(event: string): readonly SentEvent[] {
    return this.events.filter((each) => each.event === event)
  }

  until(what: string, is: (event: SentEvent) => boolean): Promise<SentEvent> {
    return until(`the stream tells of ${what}`, () => this.events.find(is))
  }

  row(conversationId: string, stage: string): Promise<SentEvent> {
    return this.until(
      `${conversationId} ${stage}`,
      ({ event, data }) =>
        event === 'conversation' && data['id'] === conversationId && data['stage'] === stage,
    )
  }

  /** @throws {Error} where the console's desk could not have read all that came */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.#reading
    if (this.#unreadable.length > 0) throw new Error(`No desk can read this:\n${this.#unreadable.join('\n')}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) this.#take(part)
    }
    this.hasEnded = true
  }

  #take(part: string): void {
    const field = (name: string) =>
      part
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    const event = field('event')
    if (event === undefined) {
      this.comments += 1
      return
    }
    const data = JSON.parse(field('data') ?? '{}')
    if (isEventName(event)) {
      const read = EVENTS[event].safeParse(data)
      if (!read.success) this.#unreadable.push(`${event}: ${read.error.message}`)
    }
    this.events.push({ id: field('id') ?? '', event, data })
  }
}

/** @param settings of the agent service @param ofRouting as there */
export async function deskWorld(
  settings: Readonly<Record<string, string>> = {},
  ofRouting: Readonly<Record<string, string>> = {},
) {
  await using undo = new AsyncDisposableStack()
  const namespace = `desk-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  const around = { namespace, brokers: kafka.brokers, mongoUri: testMongoUri() }
  const [topics, pool] = [topicsOf(namespace, conversations), topicsOf(namespace, workforces)]
  await ensureTopics(kafka, namespace, FAMILIES, PARTITIONS)
  const log = undo.adopt(await kafkaLog(kafka, 'desk-test'), (it) => it.close())

  const faults: unknown[] = []
  const layers = await compose({
    name: 'routing',
    env: {
      KAFKA_BROKERS: kafka.brokers.join(','),
      MONGODB_URI: around.mongoUri,
      PARLEY_NAMESPACE: namespace,
      PARLEY_PARTITIONS: String(PARTITIONS),
      PARLEY_CONFIG_DIR: CONFIG,
      ...callerEnv('routing'),
      ROUTING_GRPC_PORT: '0',
      ...ofRouting,
    },
    log: createLogger({ service: 'routing', level: 'silent' }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => true,
  })
  const resources: readonly Resource[] = layers.flat()
  undo.defer(async () => {
    for (const resource of resources.toReversed()) await resource.drain?.()
    for (const resource of resources.toReversed()) await resource.close()
    if (faults.length > 0) throw new AggregateError(faults, 'Routing had faults.')
  })
  await until('routing is ready', () => resources.every((resource) => resource.isReady?.() ?? true))
  const identity = await startIdentity(settings)
  undo.defer(() => identity.provider.close())
  const agent = undo.adopt(await startAgent(around, identity.env), async (it) => void (await it.stop()))

  const eventsOf = async <Event>(
    { events: topic }: { readonly events: string },
    streamId: string,
    read: (event: ReturnType<typeof readEvent>) => Event,
  ) => {
    if (faults.length > 0) throw faults[0]
    const partition = await log.partitionOf(streamId, topic)
    const records = await log.read(topic, partition, 0n, await log.endOffset(topic, partition))
    return records.filter(({ key }) => key === streamId).map(({ value }) => read(readEvent(value)))
  }
  const told = (contact: string) =>
    eventsOf(topics, contact, (event): Told => readEventOf(conversations.readEvent(event.envelope), event))

  /** Of the pool, and who came. */
  const waiting = new Set<string>()
  const present = new Set<string>()
  const streams = new Set<DeskStream>()
  const running = undo.move()
  return {
    around,
    eventsOf,
    identity,
    agent,
    /** Starts one more, which ends with this world. @returns its address */
    async anotherReplica(): Promise<string> {
      const env = { ...identity.env, AGENT_HTTP_PORT: '0' }
      const replica = running.adopt(await startAgent(around, env), async (it) => void (await it.stop()))
      return replica.url
    },
    /** Everybody leaves, the pool forgets what it has, and it is told so before anything else. */
    async clear(): Promise<void> {
      for (const stream of streams) await stream.close()
      streams.clear()
      await until('the pool knows of no desk', async () => {
        const events = await this.pooled()
        const count = (type: string) => events.filter((event) => event.type === type).length
        return count('SessionOpened') === count('SessionClosed')
      })
      for (const agentId of present) await this.wishPool('SetPresence', { agentId, status: 'offline' })
      for (const conversationId of waiting)
        await this.wishPool('WithdrawConversation', { conversationId, reason: 'not_with_people' })
      present.clear()
      waiting.clear()
    },
    async signedIn(login: string): Promise<Browser> {
      const browser = new Browser()
      const page = await browser.signIn(agent.url, login, passwordFor(login), '/api/me')
      if (page.status !== 200) throw new Error(`${login} is not signed in: ${page.status}`)
      return browser
    },
    async read(
      browser: Browser,
      path: string,
      consoleUrl = agent.url,
    ): Promise<{ status: number; body: Record<string, any> }> {
      const answer = await browser.ask(`${consoleUrl}${path}`)
      return { status: answer.status, body: (await answer.json()) as Record<string, any> }
    },
    async stream(
      browser: Browser,
      options?: Parameters<typeof DeskStream.open>[2],
      consoleUrl = agent.url,
    ): Promise<DeskStream> {
      const stream = await DeskStream.open(browser, consoleUrl, options)
      streams.add(stream)
      return stream
    },
    async wish(streamId: string, { type, data, ...circumstances }: Wish): Promise<void> {
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
    async wishPool<Type extends WorkforceCommand['type']>(
      type: Type,
      data: Partial<Extract<WorkforceCommand, { type: Type }>['data']>,
    ): Promise<void> {
      if (type === 'SetPresence') present.add((data as { agentId?: string }).agentId ?? '')
      const command = {
        ...workforces.command(type, data as never),
        commandId: randomUUID(),
        streamId: POOL,
        occurredAt: new Date().toISOString(),
        actor: { kind: 'agent', id: (data as { agentId?: string }).agentId ?? '' },
      } as unknown as NewCommand<WorkforceCommand>
      await appendCommands(log, pool, [command])
    },
    told,
    /** Of the audit: what of this type the person did, to what. */
    async recorded(personId: string, type: EntryType) {
      const entries = await eventsOf(
        topicsOf(namespace, audits),
        deterministicId('audit', 'person', personId),
        (event): { readonly type: string; readonly data: any } =>
          readEventOf(audits.readEvent(event.envelope), event),
      )
      return entries
        .filter(({ data }) => data.type === type)
        .map(({ data }) => ({
          subject: data.subjectId as string,
          fields: Object.fromEntries(
            data.fields.map((field: { name: string; value: string }) => [field.name, field.value]),
          ) as Record<string, string>,
        }))
    },
    /** Resolves when the conversation's log has an event of this type, so many times. */
    untilTold: (contact: string, type: Told['type'], count = 1) =>
      until(`${type} is in the log`, async () => {
        const events = await told(contact)
        return typesOf(events).filter((each) => each === type).length >= count ? events : undefined
      }),
    pooled: () => eventsOf(pool, POOL, (event) => readEventOf(workforces.readEvent(event.envelope), event)),
    /** A new customer whom the robot hands over to this queue, with what it learnt of what they said. */
    async waits(
      queue: string,
      { said = 'oi', learnt = [] }: { readonly said?: string; readonly learnt?: readonly LearntValue[] } = {},
    ): Promise<{ readonly contact: string; readonly conversationId: string }> {
      const contact = randomUUID()
      await this.wish(contact, says(said))
      const [notice] = factsOf(await this.untilTold(contact, 'MessageSendRequested'), 'MessageSendRequested')
      await this.wish(contact, isSent(notice!.messageId))
      const { correlationId } = (await this.untilTold(contact, 'BotTurnRequested')).at(-1)!.envelope
      const over: Act = { action: () => ({ $case: 'handOver', value: { queue } }) }
      const [heard] = factsOf(await told(contact), 'MessageReceived')
      const isSensitive = learnt.some((value) => value.isSensitive)
      const sensitiveMessageIds = isSensitive ? [heard!.messageId] : []
      await this.wish(
        contact,
        completes(correlationId, 1, [over], '', { sensitiveMessageIds, flow: 'atendimento' }, [], learnt),
      )
      await this.untilTold(contact, 'ConversationQueued')
      waiting.add(correlationId)
      return { contact, conversationId: correlationId }
    },
    /** One that waits, and that this agent, who is available, is offered and takes. */
    async taken(agentId: string, queue = 'general') {
      await this.wishPool('SetPresence', { agentId, status: 'available' })
      const customer = await this.waits(queue)
      const [offer] = factsOf(
        await this.untilTold(customer.contact, 'ConversationOffered'),
        'ConversationOffered',
      )
      await this.wishPool('AcceptOffer', { agentId, offerId: offer!.offerId })
      await this.untilTold(customer.contact, 'ConversationAssigned')
      return { ...customer, offer: offer! }
    },
    async answers(agentId: string, { contact, conversationId }: Customer, text: string): Promise<string> {
      const said = async () =>
        factsOf(await told(contact), 'MessageSendRequested').filter(
          ({ purpose }) => purpose === 'agent_message',
        )
      const before = (await said()).length
      const message = MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
      await this.wish(contact, {
        type: 'SendAgentMessage',
        data: { conversationId, agentId, type: 'text' },
        actor: { kind: 'agent', id: agentId },
        correlationId: conversationId,
        content: contentOf({ messages: [message] }),
      })
      return until('the answer is in the log', async () => (await said())[before]?.messageId)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export interface Customer {
  readonly contact: string
  readonly conversationId: string
}
