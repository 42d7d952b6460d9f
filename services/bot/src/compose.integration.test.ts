import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentOf, conversations, messagesIn, sessionIn } from '@parley/conversation'
import { type EventLog, ensureTopics, eventRecord, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { deterministicId, readCommand } from '@parley/kernel'
import { MessageBody } from '@parley/proto/content'
import { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { type Resources, createLogger } from '@parley/service'
import { Chain, callerEnv, testKafka, testMongoUri } from '@parley/testkit'
import { POOL, workforces } from '@parley/workforce'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compose } from './compose.ts'

const CONFIG = join(import.meta.dirname, '../../../config')
const namespace = `bot-${randomUUID().slice(0, 8)}`
const topics = topicsOf(namespace, conversations)
let log: EventLog
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-flows-'))
  await cp(join(CONFIG, 'flows'), join(folder, 'flows'), { recursive: true })
  await ensureTopics({ brokers: testKafka() }, namespace, FAMILIES, 3)
  log = await kafkaLog({ brokers: testKafka() }, 'bot-test')
})
afterAll(async () => {
  await log.close()
  await rm(folder, { recursive: true, force: true })
})

/** The bot as its process runs it, over the real log and database. */
async function bot(configDir: string): Promise<AsyncDisposable> {
  const layers: Resources = await compose({
    name: 'bot',
    env: {
      KAFKA_BROKERS: testKafka().join(','),
      MONGODB_URI: testMongoUri(),
      PARLEY_NAMESPACE: namespace,
      PARLEY_PARTITIONS: '3',
      PARLEY_CONFIG_DIR: configDir,
      ...callerEnv('bot'),
      BOT_GRPC_PORT: '0',
    },
    log: createLogger({ service: 'bot', level: 'silent' }),
    fault: (error) => {
      throw error
    },
    onShutdown: () => {},
    isReady: () => true,
  })
  const resources = layers.flat()
  return {
    async [Symbol.asyncDispose]() {
      for (const resource of resources.toReversed()) await resource.drain?.()
      for (const resource of resources.toReversed()) await resource.close()
    },
  }
}

/** A stream whose turns a test requests, as the rules would. */
function contact() {
  const streamId = randomUUID()
  const chain = new Chain(conversations, streamId)
  let turn = 0
  return {
    async request(text: string, session: string, place = { flow: '', step: '' }): Promise<string> {
      turn += 1
      const deadlineAt = new Date(Date.now() + 45_000).toISOString()
      const seen = { seenTurn: turn - 1, askedTurn: turn - 1 }
      const inputs = [{ messageId: `m${turn}`, providerMessageId: `wamid.${turn}`, ...seen }]
      const message = MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
      const event = chain.add(
        {
          type: 'BotTurnRequested',
          data: { turn, channelAccountId: '1', language: 'pt', deadlineAt, inputs, ...place },
        },
        {
          at: new Date().toISOString(),
          correlationId: `conversation-${streamId}`,
          content: contentOf({ messages: [message], session }),
        },
      )
      await log.append(topics.events, [eventRecord(event)])
      return event.envelope.eventId
    },
  }
}

/** The command that answers a request, once it is in the log. */
async function commandFor(eventId: string) {
  const id = deterministicId('turn', eventId)
  return vi.waitFor(
    async () => {
      for (let partition = 0; partition < 3; partition += 1) {
        const end = await log.endOffset(topics.commands, partition)
        for (const { value, timestamp, offset } of await log.read(topics.commands, partition, 0n, end)) {
          const { envelope } = readCommand(value, timestamp, offset)
          if (envelope.commandId === id)
            return { ...conversations.readCommand(envelope), content: envelope.content }
        }
      }
      throw new Error('there is no answer yet')
    },
    { timeout: 30_000, interval: 100 },
  )
}

describe('the bot on the real log', () => {
  test('answers turns, keeps the versions it loaded, and lets a conversation end on its own', async () => {
    const customer = contact()
    let session = ''
    {
      await using _ = await bot(folder)
      for (const text of ['oi', '1', '529.982.247-25', '4321']) {
        const command = await commandFor(await customer.request(text, session))
        if (command.type !== 'CompleteBotTurn') throw new Error(command.type)
        session = sessionIn(command.content)
        expect(command.data.actions.length).toBeGreaterThan(0)
      }
    }

    // A release changes the flow; the running conversation does not notice, a new one does.
    const file = join(folder, 'flows/atendimento.yaml')
    const source = await readFile(file, 'utf8')
    await writeFile(
      file,
      source.replace('version: 1', 'version: 2').replace('Onde foi?', 'Em que lugar foi?'),
    )
    await using _ = await bot(folder)
    const old = await commandFor(await customer.request('ontem', session))
    expect(old).toMatchObject({
      type: 'CompleteBotTurn',
      data: { flowVersion: expect.stringMatching(/^1-/) },
    })
    expect(JSON.stringify(messagesIn(old.content))).toContain('Onde foi?')
    const fresh = await commandFor(await contact().request('oi', ''))
    expect(fresh).toMatchObject({ data: { flowVersion: expect.stringMatching(/^2-/) } })

    const gone = await commandFor(
      await contact().request(
        'oi',
        JSON.stringify({ flow: 'atendimento', digest: 'f00', step: 'menu', misfits: 0, variables: {} }),
      ),
    )
    expect(gone).toMatchObject({
      type: 'FailBotTurn',
      data: { turn: 1, code: 'FLOW_VERSION_GONE' },
    })
  })

  test('says the hours of a queue as they are in force, and soon after a change those', async () => {
    const pool = new Chain(workforces, POOL)
    const configured = (toMinute: number) => {
      const days = [1, 2, 3, 4, 5, 6, 7]
      const hours = days.map((weekday) => ({ weekday, fromMinute: 0, toMinute }))
      const queues = [{ name: 'general' }, { name: 'branches', zone: 'UTC', hours }]
      const zones = [{ name: 'UTC', offsets: [{ minutes: 0 }] }]
      const configuration = PoolConfiguration.fromPartial({ hash: String(toMinute), queues, zones })
      return log.append(topicsOf(namespace, workforces).events, [
        eventRecord(
          pool.add({ type: 'PoolConfigured', data: { configuration } }, { at: new Date().toISOString() }),
        ),
      ])
    }
    const said = async () => {
      const at = { flow: 'atendimento', step: 'branches' }
      return JSON.stringify(messagesIn((await commandFor(await contact().request('oi', '', at))).content))
    }
    await configured(23 * 60)
    await using _ = await bot(CONFIG)
    await vi.waitFor(async () => expect(await said()).toContain('da meia-noite às 23h'), { timeout: 20_000 })
    await configured(0.5 * 60)
    await vi.waitFor(async () => expect(await said()).toContain('da meia-noite à 0h30'), { timeout: 20_000 })
  }, 60_000)

  test('does not start with a flow that has something wrong, and says all of it', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'parley-flows-'))
    await cp(join(CONFIG, 'flows'), join(broken, 'flows'), { recursive: true })
    const file = join(broken, 'flows/atendimento.yaml')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('goto: cpf', 'goto: cfp').replace('type: date', 'type: day'),
    )
    await expect(bot(broken)).rejects.toThrow(/2 things are wrong[^]*UNKNOWN_STEP[^]*did you mean "cpf"/)
    await rm(broken, { recursive: true })
  })
})
