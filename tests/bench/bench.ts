import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CommandLineMistake,
  type Given,
  type Program,
  command,
  runProgram,
  wholeNumber,
} from '@parley/authoring'

const ALL = ['turn', 'decider', 'workforce', 'archive', 'rebuild', 'search', 'recovery'] as const
const PARTS = [...ALL, 'soak'] as const

const WARM_UP_MAX = 20_000

const OPTIONS = {
  rates: { type: 'string', default: '5,20,50,100,200', value: 'N,N', does: 'turn: turns a second' },
  seconds: { type: 'string', default: '15', value: 'N', does: 'turn: of each rate' },
  commands: {
    type: 'string',
    value: 'N',
    does: 'decider, archive (default 20000), rebuild (default 700000: 1,000,000 events): how many',
  },
  contacts: {
    type: 'string',
    value: 'N',
    does: 'decider, archive (default 2000), rebuild (default 100000): they come from',
  },
  conversations: {
    type: 'string',
    default: '1000000',
    value: 'N',
    does: 'search: a year of so many',
  },
  emmett: {
    type: 'boolean',
    default: false,
    does: 'rebuild: transcripts of 20,000 events also beside Emmett on a PostgreSQL of its own, which must be installed; npm fetches Emmett',
  },
  minutes: { type: 'string', default: '10', value: 'N', does: 'soak: how long, three at least' },
  'per-second': { type: 'string', default: '20', value: 'N', does: 'soak: turns a second' },
  kills: { type: 'string', default: '5', value: 'N', does: 'recovery: of each service' },
  beside: { type: 'string', default: '20', value: 'N', does: 'recovery: turns a second meanwhile' },
} as const

export const BENCH: Program = {
  call: 'npm run bench',
  command: command({
    does: `Parts of Parley and what anybody would write first with kafkajs and mongodb, in the same run on the same machine. Without
a word: all parts but soak. Starts Kafka, a store and the services of its own, on free ports; Linux only.

  turn       one message in, one answer out, three receipts: latency, processor, requests and memory by load, and the aims
  decider    the decider host with the real rules
  workforce  the rules of a pool of 5,000 agents with 10,000 waiting
  archive    the archive's reader
  rebuild    transcripts and figures folded from the first of 1,000,000 events on
  search     pages of what supervisors look for, of lists, of figures, of the audit and of judges, over a year of conversations
  recovery   each service killed under load: the time until it works again
  soak       turns at one rate for minutes: latency, requests and memory of each; the exit code is 1 where one of them grows`,
    words: '[PART…]',
    among: PARTS,
    options: OPTIONS,
    run: bench,
  }),
}

if (import.meta.main) process.exitCode = await runProgram(BENCH, process.argv.slice(2))

/** What a part needs is loaded with it, so that help and mistakes are said at once. */
async function bench({ values, words }: Given<typeof OPTIONS>): Promise<number> {
  const wanted = new Set<string>(words.length === 0 ? ALL : words)
  const rates = values.rates.split(',').map((rate) => wholeNumber('--rates', rate, 1_000))
  const seconds = wholeNumber('--seconds', values.seconds, 3_600)
  const soakPerSecond = wholeNumber('--per-second', values['per-second'], 1_000)
  const minutes = wholeNumber('--minutes', values.minutes, 1_440)
  if (minutes < 3)
    throw new CommandLineMistake('--minutes takes 3 at least: the first third is what the last is held to')
  const kills = wholeNumber('--kills', values.kills, 100)
  const perSecond = wholeNumber('--beside', values.beside, 1_000)
  const loadOf = (commands: string, contacts: string): Load => ({
    commands: wholeNumber('--commands', values.commands ?? commands, 1_000_000),
    contacts: wholeNumber('--contacts', values.contacts ?? contacts, 1_000_000),
  })
  const [load, rebuildLoad] = [loadOf('20000', '2000'), loadOf('700000', '100000')]
  if (process.platform !== 'linux')
    throw new CommandLineMistake('it reads processor time from /proc, which only Linux has')
  if (values.emmett) (await import('./postgres.ts')).postgresBinaries()
  const say = (text: string): void => void process.stdout.write(`${text}\n\n`)

  const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  try {
    if (wanted.has('turn')) {
      const [{ benchTurns }, { aimsOf, turnReport }] = await Promise.all([
        import('./turn.ts'),
        import('./turn-report.ts'),
      ])
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
    if (wanted.has('soak')) {
      const [{ measureOurs }, { growthOf, soakReport }] = await Promise.all([
        import('./turn.ts'),
        import('./soak-report.ts'),
      ])
      const { ours, sources } = await measureOurs({
        dataDir: dataDirectory,
        rates: Array.from({ length: minutes }, () => soakPerSecond),
        seconds: 60,
        say: (text) => void process.stderr.write(`${text}\n`),
      })
      const growth = growthOf(ours.rates)
      say(
        `${soakPerSecond} turns a second for ${minutes} minutes; of each service MB resident/of the heap in use\n${cpus().length} cores (${cpus()[0]?.model.trim()}) that load, simulator, services, Kafka and store share; ${sources}; ${new Date().toISOString().slice(0, 10)}\n\n${soakReport(ours.rates, growth)}`,
      )
      if (growth.some(({ holds }) => !holds)) return 1
    }
    if (wanted.has('recovery')) {
      const { measureRecovery, recoveryReport } = await import('./recovery.ts')
      const recoveries = await measureRecovery({
        dataDir: join(dataDirectory, 'recovery'),
        kills,
        perSecond,
        say: (text) => void process.stderr.write(`${text}\n`),
      })
      say(`each service killed ${kills} times at ${perSecond} turns/s\n\n${recoveryReport(recoveries)}`)
    }
    if (wanted.has('search')) {
      const [
        { askSearch, fillSearch, searchReport },
        { benchLists },
        { AS_OF, askOfFigures, fillFigures, keepFigures },
        { benchRecords },
        { rosterOf, servePages },
        { provisionMongo },
        { MongoClient },
      ] = await Promise.all([
        import('./search.ts'),
        import('./lists.ts'),
        import('./figures.ts'),
        import('./records.ts'),
        import('./pages.ts'),
        import('@parley/stack/provision'),
        import('mongodb'),
      ])
      const count = wholeNumber('--conversations', values.conversations, 10_000_000)
      await using mongo = await provisionMongo({ dataDirectory: join(dataDirectory, 'search') })
      const client = new MongoClient(mongo.uri)
      const db = client.db('pages')
      const search = await fillSearch(db, count)
      const figures = await fillFigures(db, count)
      await keepFigures(figures)
      const roster = rosterOf(2_000, 20)
      await using pages = await servePages({ ...figures, search, roster, now: () => AS_OF })
      const times = [
        ...(await askSearch(pages)),
        ...(await askOfFigures(pages, figures)),
        ...(await benchLists(client.db('lists'), count)),
        ...(await benchRecords(client.db('records'), count)),
      ]
      say(`MongoDB: ${mongo.source}\n${searchReport(times, count)}`)
      await client.close()
    }
    if (wanted.has('workforce')) {
      const { benchWorkforce, workforceReport } = await import('@parley/routing/bench/workforce')
      say(workforceReport(benchWorkforce()))
    }
    if ((['decider', 'archive', 'rebuild'] as const).some((part) => wanted.has(part))) {
      await benchLoops({ wanted, load, rebuildLoad, isBesideEmmett: values.emmett, say, dataDirectory })
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true })
  }
  return 0
}

interface Load {
  readonly commands: number
  readonly contacts: number
}

async function benchLoops({
  wanted,
  load,
  rebuildLoad,
  isBesideEmmett,
  say,
  dataDirectory,
}: {
  readonly wanted: ReadonlySet<string>
  readonly load: Load
  readonly rebuildLoad: Load
  readonly isBesideEmmett: boolean
  readonly say: (text: string) => void
  readonly dataDirectory: string
}): Promise<void> {
  const [{ policyOf, readCompany }, { provisionKafka, provisionMongo }, { MongoClient }, { report }] =
    await Promise.all([
      import('@parley/routing'),
      import('@parley/stack/provision'),
      import('mongodb'),
      import('./report.ts'),
    ])
  const [
    { benchArchiveProjection },
    { benchDeciderHost },
    { benchRebuild, fillLog },
    { benchFigureRebuild },
  ] = await Promise.all([
    import('./archive-projection.ts'),
    import('./decider-host.ts'),
    import('./rebuild.ts'),
    import('./rebuild-figures.ts'),
  ])
  const companyFile = 'config/company.yaml'
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
    const of = ({ commands, contacts }: Load): Load => ({
      commands: run === 1 ? Math.min(commands, WARM_UP_MAX) : commands,
      contacts,
    })
    const at = {
      kafka: settings,
      db: client.db(`bench${run}`),
      namespace: `bench${run}`,
      policy,
      ...of(load),
    }
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
      const db = client.db(`rebuild${run}`)
      const log = { ...at, ...of(rebuildLoad), db, namespace: `rebuild${run}` }
      const place = { kafka: settings, db, namespace: log.namespace, events: await fillLog(log) }
      for (const bench of [benchRebuild, benchFigureRebuild]) {
        const compared = await bench(place)
        if (run === 2) for (const one of compared) say(report(one))
      }
    }
  }
  if (wanted.has('rebuild') && isBesideEmmett) {
    const { benchEmmett } = await import('./emmett.ts')
    const compared = await benchEmmett({
      kafka: settings,
      db: client.db('emmett'),
      namespace: 'emmett',
      policy,
      say: (text) => void process.stderr.write(`${text}\n`),
    })
    say(report(compared))
  }
  await client.close()
}
