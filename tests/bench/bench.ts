import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { policyOf, readCompany } from '@parley/routing'
import { benchWorkforce, workforceReport } from '@parley/routing/bench/workforce'
import { provisionKafka, provisionMongo } from '@parley/stack/provision'
import { MongoClient } from 'mongodb'
import { misused, readCommandLine, wholeNumber } from '../command-line.ts'
import { benchArchiveProjection } from './archive-projection.ts'
import { benchDeciderHost } from './decider-host.ts'
import { benchRebuild } from './rebuild.ts'
import { measureRecovery, recoveryReport } from './recovery.ts'
import { report } from './report.ts'
import { aimsOf, turnReport } from './turn-report.ts'
import { benchTurns } from './turn.ts'

const PARTS = ['turn', 'decider', 'workforce', 'archive', 'rebuild', 'recovery'] as const
const USAGE = `npm run bench -- [${PARTS.join(' | ')}] [options]

Parts of Parley and what anybody would write first with kafkajs and mongodb, in the same run on the same machine. Without
a word: all parts. Starts Kafka, a store and the services of its own, on free ports; Linux only.

  turn       one message in, one answer out, three receipts: latency, processor, requests and memory by load, and the aims
    --rates 5,20,50,100,200   turns a second
    --seconds 15              of each
  decider    the decider host with the real rules
  workforce  the rules of a pool of 5,000 agents with 10,000 waiting
  archive    the archive's reader
  rebuild    transcripts folded from the first record of the log on
    --commands 20000          of the three
    --contacts 2000           they come from
  recovery   each service killed under load: the time until it works again
    --kills 5                 of each
`

const { values, words } = readCommandLine({
  usage: USAGE,
  words: PARTS,
  options: {
    commands: { type: 'string', default: '20000' },
    contacts: { type: 'string', default: '2000' },
    rates: { type: 'string', default: '5,20,50,100,200' },
    seconds: { type: 'string', default: '15' },
    kills: { type: 'string', default: '5' },
  },
})
const wanted = new Set(words.length === 0 ? PARTS : words)
const rates = values.rates.split(',').map((rate) => wholeNumber('--rates', rate, 1_000, USAGE))
const seconds = wholeNumber('--seconds', values.seconds, 3_600, USAGE)
const kills = wholeNumber('--kills', values.kills, 100, USAGE)
const load = {
  commands: wholeNumber('--commands', values.commands, 1_000_000, USAGE),
  contacts: wholeNumber('--contacts', values.contacts, 1_000_000, USAGE),
}
if (process.platform !== 'linux') misused('it reads processor time from /proc, which only Linux has', USAGE)
const say = (text: string): void => void process.stdout.write(`${text}\n\n`)

const companyFile = 'config/company.yaml'
const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-bench-'))
try {
  if (wanted.has('turn')) {
    const { ours, bare, sources } = await benchTurns({
      dataDir: dataDirectory,
      rates,
      seconds,
      say: (text) => void process.stderr.write(`${text}\n`),
    })
    say(
      `one turn: one message in, one answer out, three receipts; milliseconds of processor, records and requests are a turn's\n${cpus().length} cores (${cpus()[0]?.model.trim()}) that load, simulator, services, Kafka and store share; ${sources}; ${new Date().toISOString().slice(0, 10)}\n\n${turnReport(ours, bare, aimsOf(ours, bare))}`,
    )
  }
  if (wanted.has('recovery')) {
    const perSecond = 20
    const recoveries = await measureRecovery({
      dataDir: join(dataDirectory, 'recovery'),
      kills,
      perSecond,
      say: (text) => void process.stderr.write(`${text}\n`),
    })
    say(`each service killed ${kills} times at ${perSecond} turns/s\n\n${recoveryReport(recoveries)}`)
  }
  if (wanted.has('workforce')) say(workforceReport(benchWorkforce()))
  if ((['decider', 'archive', 'rebuild'] as const).some((part) => wanted.has(part))) {
    const policy = policyOf(readCompany(await readFile(companyFile, 'utf8'), companyFile), {
      botTurnTimeoutSeconds: 45,
      silenceTimeoutSeconds: 1800,
      endingTimeoutSeconds: 60,
    })
    await using kafka = await provisionKafka({ dataDirectory })
    await using mongo = await provisionMongo({ dataDirectory })
    say(
      `${cpus().length} cores; Kafka: ${kafka.source}; MongoDB: ${mongo.source}. Ours and bare run in one process, one after the other.`,
    )
    const client = new MongoClient(mongo.uri)
    const settings = { brokers: kafka.brokers }
    // Twice, and the second run counts: the first one warms up the machine for both.
    for (const run of [1, 2]) {
      const at = { kafka: settings, db: client.db(`bench${run}`), namespace: `bench${run}`, policy, ...load }
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
      if (wanted.has('rebuild')) {
        const compared = await benchRebuild({
          ...at,
          db: client.db(`rebuild${run}`),
          namespace: `rebuild${run}`,
        })
        if (run === 2) say(report(compared))
      }
    }
    await client.close()
  }
} finally {
  await rm(dataDirectory, { recursive: true, force: true })
}
