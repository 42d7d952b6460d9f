import { setTimeout as pause } from 'node:timers/promises'
import {
  KAFKA_IMAGE,
  MONGO_IMAGE,
  freePort,
  kafkaAnswers,
  kafkaContainerEnvironment,
  localKafkaBroker,
  localMongoUri,
  mongoAnswers,
} from '@parley/stack/provision'
import { GenericContainer, type StartedTestContainer } from 'testcontainers'

export interface ContainerKafka extends AsyncDisposable {
  readonly brokers: string[]
}

export interface ContainerMongo extends AsyncDisposable {
  readonly uri: string
}

const READY_WITHIN_MS = 120_000

/** A broker in a container of its own, removed with it. */
export async function kafkaContainer(): Promise<ContainerKafka> {
  // Clients are told the address by the broker itself, so the port must be known before it starts.
  const port = await freePort()
  const container = await new GenericContainer(KAFKA_IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment(kafkaContainerEnvironment(port))
    .start()
  await ready(container, () => kafkaAnswers('127.0.0.1', port))
  return { brokers: [localKafkaBroker(port)], [Symbol.asyncDispose]: () => removed(container) }
}

/** A MongoDB of one node that takes transactions. */
export async function mongoContainer(): Promise<ContainerMongo> {
  const port = await freePort()
  const container = await new GenericContainer(MONGO_IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withCommand(['mongod', '--bind_ip_all', '--port', String(port), '--replSet', 'parley'])
    .start()
  const uri = localMongoUri(port)
  await ready(container, () => mongoAnswers(uri))
  return { uri, [Symbol.asyncDispose]: () => removed(container) }
}

async function ready(container: StartedTestContainer, answers: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; !(await answers().catch(() => false)); await pause(200)) {
    if (Date.now() < until) continue
    await container.stop()
    throw new Error(`${container.getName()} did not answer within ${READY_WITHIN_MS / 1000} s.`)
  }
}

async function removed(container: StartedTestContainer): Promise<void> {
  await container.stop()
}
