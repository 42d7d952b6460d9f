import { RECOUNTED, recount, rawRecords } from '@parley/archive/recount'
import { CommandLineMistake } from '@parley/authoring'
import { MetricsServiceClient, ReadFigureRequest } from '@parley/proto/metrics'
import { GrpcError, connectMongo, grpcCall, grpcClient } from '@parley/service'
import { beginOfDate, isDate } from '@parley/time-zone'
import pc from 'picocolors'
import { operatedCompany, operatedService, operatedStores } from './operated.ts'

const ANSWERED_WITHIN_MS = 10_000
/** Rows of hours that one answer holds, of thousands of agents. */
const HOURS_ASKED_MS = 3 * 60 * 60 * 1_000
const DAY_HOURS_MAX_MS = 26 * 60 * 60 * 1_000
/** Sums of seconds are added in another order. */
const ROUNDING = 1e-6

const FAMILIES = ['workforce.events', 'conversation.events'] as const
type Family = (typeof FAMILIES)[number]
/** A figure that is folded from it. */
const ONE_OF: Readonly<Record<Family, string>> = {
  'workforce.events': 'waits',
  'conversation.events': 'closed',
}

interface Compared {
  readonly metric: string
  readonly version: number
  readonly by: string
  readonly key: string
  /** When it begins, ISO 8601 UTC; null: the day. */
  readonly hour: string | null
  readonly live: Sides | null
  readonly recounted: Sides | null
  readonly isSame: boolean
}

type Asked = Pick<Compared, 'metric' | 'version' | 'by'>

interface Row extends Sides {
  readonly key: string
  readonly hour: string | null
}

interface Sides {
  readonly numerator: number
  readonly denominator: number | null
}

/** `npm run parley -- recount`: every figure of a day, or of its hours, as it is shown and as the raw archive has it. Exit 1 where they differ. */
export async function recountCommand(
  day: string | undefined,
  { isByHours, isJson }: { readonly isByHours: boolean; readonly isJson: boolean },
): Promise<number> {
  if (day === undefined || !isDate(day)) throw new CommandLineMistake('--day is a date such as 2026-03-02')
  const { timeZone } = await operatedCompany(process.env)
  const { mongodbUri, namespace } = await operatedStores(process.env)
  const archive = await operatedService('archive', process.env)
  await using undo = new AsyncDisposableStack()
  const { db, resource } = await connectMongo(mongodbUri, `${namespace}_archive`)
  undo.defer(() => resource.close())
  const client = undo.adopt(grpcClient(MetricsServiceClient, archive.address, archive.credentials), (it) =>
    it.close(),
  )
  const ends = Object.fromEntries(FAMILIES.map((family) => [family, new Map<number, bigint>()]))
  const recounted = await recount({
    day,
    timeZone,
    isByHours,
    async *records(family) {
      for await (const record of rawRecords(db, `${namespace}.${family}`)) {
        ends[family]!.set(record.partition, BigInt(record.offset))
        yield record
      }
    },
  })
  const recountedOf = Map.groupBy(recounted, nameOf)
  const rows: Compared[] = []
  let wentOn = false
  try {
    // A figure that is behind is no wrong one: all have folded what was recounted, if not more.
    for (const family of FAMILIES) await positionOf(client, family, ends[family])
    for (const asked of RECOUNTED) {
      const placed = (all: readonly Row[]) => new Map(all.map((row) => [`${row.key} ${row.hour}`, row]))
      const live = placed(await liveOf(client, asked, { day, timeZone, isByHours }))
      const own = placed(recountedOf.get(nameOf(asked)) ?? [])
      for (const [place, { key, hour }] of new Map([...own, ...live])) {
        const pair = { live: live.get(place) ?? null, recounted: own.get(place) ?? null }
        rows.push({ ...asked, key, hour, ...pair, isSame: isSame(pair.live, pair.recounted) })
      }
    }
    for (const family of FAMILIES) wentOn ||= isBeyond(await positionOf(client, family), ends[family]!)
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    process.stderr.write(
      `parley: the figures cannot be read: ${error.message} (${error.code}). Is the archive running?\n`,
    )
    return 1
  }
  const different = rows.filter((row) => !row.isSame)
  if (isJson || !process.stdout.isTTY)
    process.stdout.write(
      `${JSON.stringify({ day, timeZone, differentCount: different.length, figures: rows.map(shown) })}\n`,
    )
  else for (const row of rows) process.stdout.write(`${lineOf(row)}\n`)
  process.stderr.write(
    different.length === 0
      ? `${rows.length} figures of ${day}: each is what the raw archive says\n`
      : `${different.length} of ${rows.length} figures of ${day} differ from the raw archive\n` +
          (wentOn ? 'the log went on meanwhile: what came after the recount is in the figures alone\n' : ''),
  )
  return Number(different.length > 0)
}

/** How far the figures of a family are folded: as far as `ends` at least. */
async function positionOf(
  client: MetricsServiceClient,
  family: Family,
  ends: ReadonlyMap<number, bigint> = new Map(),
): Promise<string> {
  const seen = [...ends].map(([partition, offset]) => ({ partition, offset }))
  const now = Date.now()
  const question = questionOf({ metric: ONE_OF[family], version: 0, by: '' }, 'day', now, now + 1)
  const { position } = await grpcCall(client, 'readFigure', question, { timeoutMs: ANSWERED_WITHIN_MS, seen })
  return position
}

/** @param position `0:7,1:12`, each behind the last that was folded */
function isBeyond(position: string, ends: ReadonlyMap<number, bigint>): boolean {
  return position.split(',').some((part) => {
    const [partition = '', behind = ''] = part.split(':')
    return BigInt(behind) > (ends.get(Number(partition)) ?? -1n) + 1n
  })
}

async function liveOf(
  client: MetricsServiceClient,
  asked: Asked,
  {
    day,
    timeZone,
    isByHours,
  }: { readonly day: string; readonly timeZone: string; readonly isByHours: boolean },
): Promise<readonly Row[]> {
  const begin = beginOfDate(day, timeZone)
  const questions = isByHours
    ? Array.from({ length: Math.ceil(DAY_HOURS_MAX_MS / HOURS_ASKED_MS) }, (_, nth) => {
        const from = begin + nth * HOURS_ASKED_MS
        return questionOf(asked, 'hour', from, from + HOURS_ASKED_MS)
      })
    : [questionOf(asked, 'day', begin, begin + 1)]
  const found: Row[] = []
  for (const question of questions) {
    const { rows } = await grpcCall(client, 'readFigure', question, { timeoutMs: ANSWERED_WITHIN_MS })
    for (const { date, from, key, numerator, denominator = null } of rows)
      if (date === day)
        found.push({
          key,
          hour: isByHours ? new Date(from ?? NaN).toISOString() : null,
          numerator,
          denominator,
        })
  }
  return found
}

function questionOf(asked: Asked, window: 'hour' | 'day', from: number, to: number): ReadFigureRequest {
  return ReadFigureRequest.fromPartial({
    ...asked,
    window,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  })
}

function nameOf({ metric, version, by }: Asked): string {
  return `${metric} ${version} ${by}`
}

/** A figure of nothing has no row on one side, and zeros on the other. */
function isSame(live: Sides | null, recounted: Sides | null): boolean {
  const isNear = (one: number | null | undefined, other: number | null | undefined) =>
    Math.abs((one ?? 0) - (other ?? 0)) <= ROUNDING * Math.max(1, Math.abs(one ?? 0))
  return isNear(live?.numerator, recounted?.numerator) && isNear(live?.denominator, recounted?.denominator)
}

function shown({ metric, version, by, key, hour, live, recounted }: Compared) {
  const side = (sides: Sides | null) => ({
    numerator: sides?.numerator ?? 0,
    denominator: sides?.denominator ?? null,
  })
  return {
    metric,
    version,
    by: by === '' ? null : by,
    key: by === '' ? 'all' : key,
    hour,
    live: side(live),
    recounted: side(recounted),
    difference: {
      numerator: (live?.numerator ?? 0) - (recounted?.numerator ?? 0),
      denominator: (live?.denominator ?? 0) - (recounted?.denominator ?? 0),
    },
  }
}

function lineOf({ metric, version, by, key, hour, live, recounted, isSame: same }: Compared): string {
  const side = (sides: Sides | null) =>
    sides === null
      ? '-'
      : [sides.numerator, ...(sides.denominator === null ? [] : [sides.denominator])].map(round).join(' / ')
  return [
    same ? pc.green('=') : pc.red('≠'),
    (version === 1 ? metric : `${metric} version ${version}`).padEnd(38),
    (by === '' ? 'all' : `${by} ${key}`).padEnd(28),
    ...(hour === null ? [] : [hour]),
    side(live).padEnd(24),
    side(recounted),
  ].join(' ')
}

function round(value: number): string {
  return String(Math.round(value * 1_000) / 1_000)
}
