// One Kafka and one MongoDB for a whole run of the integration tier. Tests keep apart by namespace, not by server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerAnswers, provisionKafka, provisionMongo } from '@parley/stack/provision'
import type { TestProject } from 'vitest/node'
import './brokers.ts'
import { kafkaContainer, mongoContainer } from './containers.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using undo = new AsyncDisposableStack()
  const given = { brokers: process.env['KAFKA_BROKERS'], uri: process.env['MONGODB_URI'] }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-brokers-'))
  undo.defer(() => rm(dataDirectory, { recursive: true, force: true }))
  // This run ends what it starts, so the container that testcontainers would set to watch over it is not needed.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
  const hasDocker = await dockerAnswers()
  const [kafka, mongo] = await Promise.allSettled([
    given.brokers
      ? { brokers: given.brokers.split(',') }
      : hasDocker
        ? kafkaContainer()
        : provisionKafka({ dataDirectory }),
    given.uri ? { uri: given.uri } : hasDocker ? mongoContainer() : provisionMongo({ dataDirectory }),
  ])
  for (const server of [kafka, mongo]) {
    if (server.status === 'fulfilled' && Symbol.asyncDispose in server.value) undo.use(server.value)
  }
  if (kafka.status === 'rejected') throw kafka.reason
  if (mongo.status === 'rejected') throw mongo.reason
  project.provide('kafkaBrokers', kafka.value.brokers)
  project.provide('mongoUri', mongo.value.uri)
  const running = undo.move()
  return () => running.disposeAsync()
}
