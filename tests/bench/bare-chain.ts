import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { freePorts, provisionKafka, provisionMongo } from '@parley/stack/provision'
import { Kafka, logLevel } from 'kafkajs'
import { COMMANDS, EVENTS, PARTITIONS } from './bare-chain/chain.ts'
import type { Chain } from './chain.ts'

const SERVICES = ['gateway', 'decider', 'bot', 'archive', 'console'] as const
const READY_WITHIN_MS = 60_000

/**
 * What anybody would write first with kafkajs and mongodb for the same work: five processes with as many hops, records and documents a
 * turn as ours, behind the same simulator. No rules, no signature, no dedupe, no proof, no retries: what is left is the cost of the
 * round trips.
 */
export async function startBareChain(dataDirectory: string): Promise<Chain & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const [kafka, mongo] = await Promise.all([
    provisionKafka({ dataDirectory }),
    provisionMongo({ dataDirectory }),
  ])
  stack.use(kafka)
  stack.use(mongo)
  await createTopics(kafka.brokers)
  const [webhooks, phone] = await freePorts(2)
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    KAFKA_BROKERS: kafka.brokers.join(','),
    MONGODB_URI: mongo.uri,
    GATEWAY_HTTP_PORT: String(webhooks),
    SIMULATOR_PORT: String(phone),
    SIMULATOR_WEBHOOK_URL: `http://127.0.0.1:${webhooks}/webhook`,
    WHATSAPP_GRAPH_URL: `http://127.0.0.1:${phone}`,
    WHATSAPP_PHONE_NUMBER_ID: '100000000000001',
    WHATSAPP_WABA_ID: '200000000000001',
    WHATSAPP_DISPLAY_PHONE_NUMBER: '15550783881',
    WHATSAPP_APP_SECRET: 'simulated-bare',
    WHATSAPP_VERIFY_TOKEN: 'simulated-bare',
    WHATSAPP_ACCESS_TOKEN: 'simulated-bare',
    PARLEY_PARENT_WATCH: '1',
    // kafkajs sets timers into the past; Node says so for each.
    NODE_NO_WARNINGS: '1',
  }
  const start = async (file: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    await once(child, 'spawn')
    stack.defer(async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    })
    return child
  }
  const simulator = await start('infra/simulator/src/main.ts')
  const services = await Promise.all(
    SERVICES.map(async (name) => {
      const child = await start(`tests/bench/bare-chain/${name}.ts`)
      await once(child, 'message', { signal: AbortSignal.timeout(READY_WITHIN_MS) })
      return [name, child.pid!] as const
    }),
  )
  const simulatorUrl = `http://127.0.0.1:${phone}`
  await untilHealthy(`${simulatorUrl}/healthz`)
  const owned = stack.move()
  return {
    services: Object.fromEntries(services),
    others: { kafka: kafka.pid, store: mongo.pid, simulator: simulator.pid! },
    simulatorUrl,
    kafkaBroker: kafka.brokers[0]!,
    storePort: Number(new URL(mongo.uri).port),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function createTopics(brokers: string[]): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({
    topics: [COMMANDS, EVENTS].map((topic) => ({ topic, numPartitions: PARTITIONS })),
  })
  await admin.disconnect()
}

async function untilHealthy(url: string): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(100)) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
  }
  throw new Error(`${url} did not answer within ${READY_WITHIN_MS} ms.`)
}
