import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { conversationDecider, policyOf, readCompany } from '@parley/routing'
import { provisionKafka, provisionMongo } from '@parley/stack/provision'
import { MongoClient } from 'mongodb'
import { benchDeciderHost } from './decider-host.ts'
import { report } from './report.ts'

const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '20000' },
    contacts: { type: 'string', default: '2000' },
  },
})

const policy = policyOf(readCompany(await readFile('config/company.yaml', 'utf8'), 'config/company.yaml'), {
  botTurnTimeoutSeconds: 45,
  silenceTimeoutSeconds: 1800,
  endingTimeoutSeconds: 60,
})
const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-bench-'))
const [kafka, mongo] = await Promise.all([
  provisionKafka({ dataDirectory }),
  provisionMongo({ dataDirectory }),
])
const client = new MongoClient(mongo.uri)
process.stdout.write(
  `Kafka: ${kafka.source}. MongoDB: ${mongo.source}. Both loops ran in this one process, one after the other.\n`,
)
try {
  const settings = { brokers: kafka.brokers }
  const db = client.db('bench')
  const compared = await benchDeciderHost({
    kafka: settings,
    db,
    namespace: 'bench',
    decider: conversationDecider(policy),
    commands: Number(values.commands),
    contacts: Number(values.contacts),
  })
  process.stdout.write(`${report(compared)}\n`)
} finally {
  await client.close()
  await kafka.stop()
  await mongo.stop()
  await rm(dataDirectory, { recursive: true, force: true })
}
