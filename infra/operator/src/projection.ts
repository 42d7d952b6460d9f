import { CommandLineMistake, isTold } from '@parley/authoring'
import {
  type AnyProjection,
  type BuildProgress,
  type Built,
  type ProjectionPlace,
  Routes,
  buildNext,
  cancelBuilding,
  compareBuilt,
  kafkaLog,
  rollBack,
  switchForward,
  switchToBuilt,
  topicsOf,
} from '@parley/eventlog'
import { auditRecorder, connectMongo, masked } from '@parley/service'
import pc from 'picocolors'
import { putOnRecord } from './on-record.ts'
import { operatedStores } from './operated.ts'
import { PROJECTIONS } from './projections.ts'

/** `npm run parley -- projection …`. Results to stdout, as JSON unless somebody looks; progress to stderr. */
export async function projectionCommand(
  command: 'list' | 'rebuild' | 'compare' | 'switch' | 'rollback' | 'cancel',
  name: string | undefined,
  {
    rate: rateText,
    isAnew = false,
    acceptDifferences = false,
  }: {
    readonly rate?: string | undefined
    readonly isAnew?: boolean
    readonly acceptDifferences?: boolean
  } = {},
): Promise<number> {
  const rate = rateText === undefined ? undefined : Number(rateText)
  if (rate !== undefined && !(rate > 0))
    throw new CommandLineMistake('--rate is a number of events a second, above 0')
  const chosen = PROJECTIONS.find((one) => one.name === name)

  const { kafka, mongodbUri, namespace } = await operatedStores(process.env)
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
              : `(${building.hold === undefined ? 'built' : 'at work on'}: ${building.version}${building.comparison ? '' : ', not compared'})`,
          ].join('  '),
        )
        .join('\n'),
    )
    return 0
  }

  const { service } = chosen
  const projection = await chosen.load()
  const db = await databaseOf(service)
  const log = await kafkaLog(kafka, 'parley-projection')
  undo.defer(() => log.close())
  if (command !== 'compare')
    await putOnRecord(
      auditRecorder(log, namespace, 'operator'),
      { kind: 'projection', id: `${service}/${name}` },
      { act: `projection_${command}`, acceptDifferences: String(acceptDifferences) },
    )
  const place: ProjectionPlace = { log, topics: topicsOf(namespace, projection.family), namespace, db }
  if (command === 'switch' || command === 'rollback') {
    const route = await (command === 'switch'
      ? switchForward(projection, place, { acceptDifferences })
      : rollBack(projection, { db }))
    answer({ name, service, ...route }, `${pc.green('✓')} ${name}: version ${route.version} is live`)
    return 0
  }
  if (command === 'cancel') {
    const { cancelled } = await cancelBuilding(projection, place)
    answer({ name, service, cancelled }, `${pc.green('✓')} ${name}: version ${cancelled} is given up`)
    return 0
  }
  const built = await untilCut((signal) =>
    (command === 'compare' ? compareBuilt : buildNext)(projection, place, {
      signal,
      isAnew,
      ...(rate === undefined ? {} : { eventsPerSecondMax: rate }),
      onProgress: progressTeller(projection.name),
      async onBuilt() {
        if (command === 'rebuild') await switchTo(projection, place, acceptDifferences)
      },
    }),
  )
  if (built === undefined) return 130
  const isSwitched = (await new Routes(db).of(projection.name)).version === built.version
  answer({ name, service, ...built, isSwitched }, described(built, isSwitched))
  return command === 'compare' ? Number(built.differentCount + built.unsettledCount > 0) : Number(!isSwitched)
}

async function switchTo(
  projection: AnyProjection,
  place: ProjectionPlace,
  acceptDifferences: boolean,
): Promise<void> {
  try {
    await switchToBuilt(projection, place, { acceptDifferences })
  } catch (error) {
    if (!isTold(error)) throw error
    process.stderr.write(`parley: ${error.message} (${error.code})\n`)
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
