import { hostname, userInfo } from 'node:os'
import { CommandLineMistake, didYouMean, readCommandLine } from '@parley/authoring'
import {
  type AnyProjection,
  type BuildProgress,
  type Built,
  type ProjectionPlace,
  Routes,
  buildNext,
  compareBuilt,
  kafkaLog,
  rollBack,
  switchToBuilt,
  topicsOf,
} from '@parley/eventlog'
import { auditRecorder, commonSettings, connectMongo, masked, readSettings } from '@parley/service'
import pc from 'picocolors'
import { z } from 'zod'

export const PROJECTION_USAGE = `  npm run parley -- projection list          read models of all services, and which version of each is live
  npm run parley -- projection rebuild NAME [--rate N] [--anew] [--accept-differences]
                                             folds the log anew beside the live version, compares, and switches when they agree
  npm run parley -- projection compare NAME  the version that was built with the live one, once more
  npm run parley -- projection switch NAME [--accept-differences]
                                             to the version that was built and compared
  npm run parley -- projection rollback NAME to the version that was live before

  --rate N               at most N events a second, so that live traffic has the store for itself
  --anew                 begins a new version, though one is being built (it would go on there)
  --accept-differences   switches although documents differ: after a change of what is folded
  Ctrl-C cuts a rebuild or a comparison; the next one goes on where it was. Addresses come from KAFKA_BROKERS, MONGODB_URI and PARLEY_NAMESPACE.
`

const COMMANDS = ['list', 'rebuild', 'compare', 'switch', 'rollback'] as const
type Command = (typeof COMMANDS)[number]

/** Reactors are not among them: what they did outside cannot be done anew. A service is loaded only for what it is asked for. */
const PROJECTIONS: readonly {
  readonly name: string
  readonly service: string
  load(): Promise<AnyProjection>
}[] = [
  {
    name: 'transcripts',
    service: 'archive',
    load: async () => (await import('@parley/archive')).transcripts,
  },
  {
    name: 'audit',
    service: 'archive',
    load: async () => (await import('@parley/archive')).auditEntries,
  },
  {
    name: 'conversations',
    service: 'agent',
    load: async () => (await import('@parley/agent')).consoleConversations,
  },
  {
    name: 'pool_configurations',
    service: 'routing',
    load: async () => (await import('@parley/routing')).poolConfigurations,
  },
  {
    name: 'workforce_deadlines',
    service: 'routing',
    load: async () => (await import('@parley/routing')).poolDeadlines,
  },
  {
    name: 'conversation_deadlines',
    service: 'routing',
    load: async () => (await import('@parley/routing')).deadlines,
  },
]

/** `npm run parley -- projection …`. Results to stdout, as JSON unless somebody looks; progress to stderr. */
export async function projectionCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(
    args,
    {
      rate: { type: 'string' },
      anew: { type: 'boolean', default: false },
      'accept-differences': { type: 'boolean', default: false },
    },
    COMMANDS,
  )
  const [command, name, ...rest] = positionals as [Command | undefined, ...string[]]
  if (command === undefined) throw new CommandLineMistake(`projection is followed by ${COMMANDS.join(', ')}`)
  if (rest.length > 0) throw new CommandLineMistake(`"${rest[0]}" is one word too many`)
  if ((command === 'list') !== (name === undefined))
    throw new CommandLineMistake(
      command === 'list'
        ? 'list takes no name'
        : `projection ${command} is followed by a name: see projection list`,
    )
  const rate = values.rate === undefined ? undefined : Number(values.rate)
  if (rate !== undefined && !(rate > 0))
    throw new CommandLineMistake('--rate is a number of events a second, above 0')
  const names = PROJECTIONS.map((one) => one.name)
  const chosen = PROJECTIONS.find((one) => one.name === name)
  if (name !== undefined && chosen === undefined)
    throw new CommandLineMistake(
      `there is no projection "${name}"${didYouMean(name, names)}. There are: ${names.join(', ')}`,
    )

  const { kafka, mongodbUri, namespace } = readSettings(
    z.object({
      kafka: commonSettings.kafka,
      mongodbUri: commonSettings.mongodbUri,
      namespace: commonSettings.namespace,
    }),
    process.env,
  )
  await using undo = new AsyncDisposableStack()
  const databaseOf = async (service: string) => {
    const { db, resource } = await connectMongo(mongodbUri, `${namespace}_${service}`)
    undo.defer(() => resource.close())
    return db
  }
  if (chosen === undefined) {
    const rows = await Promise.all(
      PROJECTIONS.map(async ({ service, name: one }) => {
        const { version, previous, building, switchedAt } = await new Routes(await databaseOf(service)).of(
          one,
        )
        return { name: one, service, version, previous, building, switchedAt }
      }),
    )
    answer(
      rows,
      rows
        .map(({ name: one, service, version, previous, building }) =>
          [
            one.padEnd(24),
            service.padEnd(8),
            `version ${version}`,
            previous === null ? '' : `(before: ${previous})`,
            building === null
              ? ''
              : `(built: ${building.version}${building.comparison ? '' : ', not compared'})`,
          ].join('  '),
        )
        .join('\n'),
    )
    return 0
  }

  const { service } = chosen
  const projection = await chosen.load()
  const db = await databaseOf(service)
  const acceptDifferences = values['accept-differences']
  const log = await kafkaLog(kafka, 'parley-projection')
  undo.defer(() => log.close())
  // On record before it is done: nobody is signed in here, so who holds the terminal is what is known.
  if (command !== 'compare')
    await auditRecorder(
      log,
      namespace,
      'operator',
    )({
      type: 'operator_acted',
      person: null,
      subject: { kind: 'projection', id: `${service}/${name}` },
      fields: { act: `projection_${command}`, acceptDifferences: String(acceptDifferences) },
      words: { operator: `${userInfo().username}@${hostname()}` },
    })
  if (command === 'switch' || command === 'rollback') {
    const route = await (command === 'switch'
      ? switchToBuilt(projection, { db }, { acceptDifferences })
      : rollBack(projection, { db }))
    answer({ name, service, ...route }, `${pc.green('✓')} ${name}: version ${route.version} is live`)
    return 0
  }
  const place: ProjectionPlace = { log, topics: topicsOf(namespace, projection.family), namespace, db }
  const built = await untilCut((signal) =>
    (command === 'compare' ? compareBuilt : buildNext)(projection, place, {
      signal,
      isAnew: values.anew,
      ...(rate === undefined ? {} : { eventsPerSecondMax: rate }),
      onProgress: progressTeller(projection.name),
    }),
  )
  if (built === undefined) return 130
  const isSwitched = command === 'rebuild' && (await switched(projection, place, built, acceptDifferences))
  answer({ name, service, ...built, isSwitched }, described(built, isSwitched))
  return command === 'compare' ? Number(built.differentCount + built.unsettledCount > 0) : Number(!isSwitched)
}

async function switched(
  projection: AnyProjection,
  place: ProjectionPlace,
  built: Built,
  acceptDifferences: boolean,
): Promise<boolean> {
  try {
    const { version } = await switchToBuilt(projection, place, { acceptDifferences })
    return version === built.version
  } catch (error) {
    process.stderr.write(
      `parley: ${(error as Error).message} (${String((error as { code?: string }).code)})\n`,
    )
    return false
  }
}

/** Undefined when the operator cut it. */
async function untilCut<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
  const cut = new AbortController()
  const onSignal = () => {
    process.stderr.write('\ncut: what was built stays, and the next call goes on there\n')
    cut.abort()
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await work(cut.signal)
  } catch (error) {
    if (cut.signal.aborted) return undefined
    throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

const TELL_EVERY_MS = 1_000

function progressTeller(name: string): (progress: BuildProgress) => void {
  let toldAtMs = 0
  let leftBefore: number | undefined
  return (progress) => {
    if (progress.step === 'stuck') {
      const { partition, streamId = 'not known', attempts, error } = progress
      process.stderr.write(
        `${name} v${progress.version}: partition ${partition} stands still (READER_STUCK, ${attempts} attempts, stream ${streamId}): ${masked(String(error))}\n`,
      )
      return
    }
    const now = performance.now()
    if (now - toldAtMs < TELL_EVERY_MS) return
    const seconds = (now - toldAtMs) / 1_000
    toldAtMs = now
    if (progress.step === 'comparing') {
      process.stderr.write(
        `${name} v${progress.version}: ${progress.settled} of ${progress.streams} streams compared\n`,
      )
      return
    }
    const pace = leftBefore === undefined ? 0 : Math.round((leftBefore - progress.recordsLeft) / seconds)
    leftBefore = progress.recordsLeft
    process.stderr.write(
      `${name} v${progress.version}: ${progress.recordsLeft} records to go${pace > 0 ? `, ${pace} a second` : ''}\n`,
    )
  }
}

function described(
  { live, version, streams, documents, differentCount, ...rest }: Built,
  isSwitched: boolean,
): string {
  const { unsettledCount, parkedCount, different } = rest
  return [
    `${differentCount + unsettledCount + parkedCount === 0 ? pc.green('✓') : pc.red('✗')} ` +
      `version ${version} beside ${live}: ${streams} streams, ${documents} documents the same, ` +
      `${differentCount} streams different, ${unsettledCount} not at rest, ${parkedCount} parked`,
    ...(different.length === 0 ? [] : [`  different: ${different.slice(0, 10).join(', ')}`]),
    isSwitched ? `  version ${version} is live` : `  version ${live} is live`,
  ].join('\n')
}

function answer(result: unknown, text: string): void {
  process.stdout.write(`${process.stdout.isTTY ? text : JSON.stringify(result)}\n`)
}
