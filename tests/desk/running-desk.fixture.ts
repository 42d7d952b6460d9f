import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'
import { type FamilyTopics, appendCommands, ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { readEvent } from '@parley/kernel'
import { type Resources, createLogger } from '@parley/service'
import { callerEnv, readEventOf, testKafka, testMongoUri } from '@parley/testkit'
import { workforces } from '@parley/workforce'
import { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import {
  passwordFor,
  startAgent,
  startIdentity,
} from '../../services/agent/src/adapters/testing/running-agent.ts'
import { compose as routing } from '../../services/routing/src/compose.ts'
import {
  type Act,
  type Told,
  type Wish,
  completes,
  factsOf,
  isSent,
  says,
} from '../../services/routing/test/story.ts'

const CONFIG = new URL('../../config', import.meta.url).pathname
const WITHIN_MS = 30_000

/** Waits for a condition; what it gives is what it holds. */
export async function until<Held>(
  what: string,
  holds: () => Held | undefined | Promise<Held | undefined>,
): Promise<Held> {
  const deadline = performance.now() + WITHIN_MS
  for (;;) {
    const held = await holds()
    if (held !== undefined) return held
    if (performance.now() > deadline) throw new Error(`Not within ${WITHIN_MS / 1_000} s: ${what}.`)
    await pause(20)
  }
}

/** The rules and the agent service as they run, in this process, on a log and a store of their own names; and customers. */
export async function startDesk(settings: Readonly<Record<string, string>> = {}) {
  await using undo = new AsyncDisposableStack()
  const namespace = `desk-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, [audits, conversations, workforces], 2)
  const log = await kafkaLog(kafka, 'desk-test')
  undo.defer(() => log.close())
  const topics = topicsOf(namespace, conversations)

  const faults: unknown[] = []
  const layers: Resources = await routing({
    name: 'routing',
    env: {
      KAFKA_BROKERS: kafka.brokers.join(','),
      MONGODB_URI: testMongoUri(),
      PARLEY_NAMESPACE: namespace,
      PARLEY_PARTITIONS: '2',
      PARLEY_CONFIG_DIR: CONFIG,
      ROUTING_GRPC_PORT: '0',
      ...callerEnv('routing'),
    },
    log: createLogger({ service: 'routing', level: 'silent' }),
    fault: (error) => void faults.push(error),
    onShutdown: () => {},
    isReady: () => true,
  })
  const resources = layers.flat()
  undo.defer(async () => {
    for (const resource of resources.toReversed()) await resource.drain?.()
    for (const resource of resources.toReversed()) await resource.close()
  })
  const identity = await startIdentity(settings)
  undo.defer(() => identity.provider.close())
  const surroundings = { namespace, brokers: kafka.brokers, mongoUri: testMongoUri() }
  const agent = await startAgent(surroundings, identity.env)
  let stopped: Promise<unknown> | undefined
  const stopAgent = () => (stopped ??= agent.stop())
  undo.defer(async () => void (await stopAgent()))
  await until('routing is ready', () => resources.every((one) => one.isReady?.() ?? true) || undefined)

  const running = undo.move()
  return {
    surroundings,
    identity,
    url: agent.url,
    lines: agent.lines,
    faults,
    stopAgent,
    person: (login: string) => Person.signedIn(agent.url, login),
    customer: () => new Customer(log, topics),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const toPeople = (queue: string): Act => ({ action: () => ({ $case: 'handOver', value: { queue } }) })

/** One customer, and the channel and the robot as far as they are concerned with them. */
export class Customer {
  readonly id = randomUUID()
  readonly #log: Awaited<ReturnType<typeof kafkaLog>>
  readonly #topics: FamilyTopics

  constructor(log: Awaited<ReturnType<typeof kafkaLog>>, topics: FamilyTopics) {
    this.#log = log
    this.#topics = topics
  }

  async wish({ type, data, ...circumstances }: Wish): Promise<void> {
    await appendCommands(this.#log, this.#topics, [
      {
        commandId: randomUUID(),
        streamId: this.id,
        occurredAt: new Date().toISOString(),
        actor: { kind: 'channel', id: 'whatsapp' } as const,
        ...circumstances,
        ...conversations.command(type, data),
      },
    ])
  }

  async says(text: string): Promise<void> {
    await this.wish(
      says(text, { providerMessageId: `wamid.${randomUUID()}`, occurredAt: new Date().toISOString() }),
    )
  }

  /** Writes, is handed over by the robot, and waits. @returns the conversation */
  async reachesPeople(queue: string): Promise<string> {
    await this.says('oi')
    const notice = await this.until('the notice', (events) => factsOf(events, 'MessageSendRequested')[0])
    await this.wish(isSent(notice.messageId))
    const turn = await this.until('a turn', (events) =>
      events.findLast(({ type }) => type === 'BotTurnRequested'),
    )
    const { correlationId } = turn.envelope
    await this.wish(completes(correlationId, 1, [toPeople(queue)]))
    await this.until('it is queued', (events) => events.find(({ type }) => type === 'ConversationQueued'))
    return correlationId
  }

  async events(): Promise<readonly Told[]> {
    const topic = this.#topics.events
    const partition = await this.#log.partitionOf(this.id, topic)
    const records = await this.#log.read(topic, partition, 0n, await this.#log.endOffset(topic, partition))
    return records
      .filter(({ key }) => key === this.id)
      .map(({ value }) => {
        const event = readEvent(value)
        return readEventOf(conversations.readEvent(event.envelope), event)
      })
  }

  until<Held>(what: string, holds: (events: readonly Told[]) => Held | undefined): Promise<Held> {
    return until(what, async () => holds(await this.events()))
  }
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, any>>
}

export interface StreamEvent {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, any>>
}

/** Somebody at a desk, through its doors. */
export class Person {
  readonly #browser: Browser
  readonly #url: string

  static async signedIn(url: string, login: string): Promise<Person> {
    const browser = new Browser()
    await browser.signIn(url, login, passwordFor(login))
    return new Person(browser, url)
  }

  private constructor(browser: Browser, url: string) {
    this.#browser = browser
    this.#url = url
  }

  async get(path: string): Promise<Answer> {
    return answerOf(await this.#browser.ask(`${this.#url}${path}`))
  }

  /** @param key null: none is sent */
  async change(
    method: 'POST' | 'PUT',
    path: string,
    body: object = {},
    key: string | null = randomUUID(),
  ): Promise<Answer> {
    const answer = await this.#browser.ask(`${this.#url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        origin: this.#url,
        ...(key !== null && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })
    return answerOf(answer)
  }

  post(path: string, body: object = {}, key?: string | null): Promise<Answer> {
    return this.change('POST', path, body, key)
  }

  /** What a conversation's thread shows by now. */
  async thread(id: string): Promise<Answer['body']> {
    return (await this.get(`/api/conversations/${id}`)).body
  }

  async stream(lastEventId?: string): Promise<Stream> {
    const abort = new AbortController()
    const answer = await this.#browser.ask(`${this.#url}/api/stream`, {
      signal: abort.signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    })
    if (answer.status !== 200) throw new Error(`The stream answered ${answer.status}.`)
    return new Stream(answer, abort)
  }
}

/** A stream of events that is read as it comes. */
export class Stream {
  readonly events: StreamEvent[] = []
  readonly #abort: AbortController

  constructor(answer: Response, abort: AbortController) {
    this.#abort = abort
    void this.#read(answer).catch(() => {})
  }

  until<Held>(what: string, holds: (events: readonly StreamEvent[]) => Held | undefined): Promise<Held> {
    return until(what, () => holds(this.events))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
  }

  async #read(answer: Response): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        const event = fields.get('event')
        if (event !== undefined)
          this.events.push({
            id: fields.get('id') ?? '',
            event,
            data: JSON.parse(fields.get('data') ?? '{}'),
          })
      }
    }
  }
}

async function answerOf(answer: Response): Promise<Answer> {
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}
