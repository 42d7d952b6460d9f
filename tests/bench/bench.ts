import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { conversationDecider, policyOf, readCompany } from '@parley/routing'
import { provisionKafka, provisionMongo } from '@parley/stack/provision'
import { MongoClient } from 'mongodb'
import { benchArchiveProjection } from './archive-projection.ts'
import { benchDeciderHost } from './decider-host.ts'
import { benchLatency } from './latency.ts'
import { report } from './report.ts'

const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '20000' },
    contacts: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: 'decider,archive,latency' },
  },
})
const wanted = new Set(values.only.split(','))
const load = { commands: Number(values.commands), contacts: Number(values.contacts) }
const say = (text: string): void => void process.stdout.write(`${text}\n\n`)

const companyFile = 'config/company.yaml'
const decider = conversationDecider(
  policyOf(readCompany(await readFile(companyFile, 'utf8'), companyFile), {
    botTurnTimeoutSeconds: 45,
    silenceTimeoutSeconds: 1800,
    endingTimeoutSeconds: 60,
  }),
)
const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-bench-'))
try {
  if (wanted.has('decider') || wanted.has('archive')) {
    await using kafka = await provisionKafka({ dataDirectory })
    await using mongo = await provisionMongo({ dataDirectory })
    say(
      `${cpus().length} cores; Kafka: ${kafka.source}; MongoDB: ${mongo.source}. Ours and bare run in one process, one after the other.`,
    )
    const client = new MongoClient(mongo.uri)
    const settings = { brokers: kafka.brokers }
    // Twice, and the second run counts: the first one warms up the machine for both.
    for (const run of [1, 2]) {
      const at = { kafka: settings, db: client.db(`bench${run}`), namespace: `bench${run}`, decider, ...load }
      if (wanted.has('decider')) {
        const compared = await benchDeciderHost(at)
        if (run === 2) say(report(compared))
      }
      if (wanted.has('archive')) {
        const compared = await benchArchiveProjection({
          ...at,
          db: client.db(`archive${run}`),
          namespace: `archive${run}`,
        })
        if (run === 2) say(report(compared))
      }
    }
    await client.close()
  }
  if (wanted.has('latency'))
    say(
      await benchLatency({
        dataDir: join(dataDirectory, 'stack'),
        contacts: 200,
        messagesPerSecond: Number(values.rate),
        seconds: Number(values.seconds),
      }),
    )
} finally {
  await rm(dataDirectory, { recursive: true, force: true })
}
