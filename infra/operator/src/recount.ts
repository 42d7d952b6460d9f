import { setTimeout as pause } from 'node:timers/promises'
import { type Cut, RECOUNTED, rawHeads, rawRecords, recount } from '@parley/archive/recount'
import { CommandLineMistake } from '@parley/authoring'
import { POOL_SUBJECTS, figureNamed } from '@parley/figures'
import type { Roster } from '@parley/people'
import { type CountedPlace, MetricsServiceClient, ReadFigureRequest } from '@parley/proto/metrics'
import { GrpcError, connectMongo, grpcCall, grpcClient } from '@parley/service'
import { beginOfDate, isDate } from '@parley/time-zone'
import pc from 'picocolors'
import { operatedCompany, operatedRoster, operatedService, operatedStores } from './operated.ts'

const ANSWERED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 200
/** Rows of hours that one answer holds, of thousands of agents. */
const HOURS_ASKED_MS = 3 * 60 * 60 * 1_000
const DAY_HOURS_MAX_MS = 26 * 60 * 60 * 1_000
const FAMILIES = ['workforce.events', 'conversation.events'] as const
type Family = (typeof FAMILIES)[number]
const familyOf = ({ metric, version }: Pick<Compared, 'metric' | 'version'>): Family =>
  POOL_SUBJECTS.has(figureNamed(metric, version)?.subject ?? '') ? 'workforce.events' : 'conversation.events'

export interface Compared {
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

/** By partition: the first offset behind the last record that added to it. */
type Ends = ReadonlyMap<number, bigint>
/** By key: a vendor's row is made of its teams', each counted up to a record of its own. */
type EndsOfKeys = ReadonlyMap<string, Ends>

interface LiveRow extends Row {
  readonly ends: Readonly<Record<keyof Sides, EndsOfKeys>>
}

interface Sides {
  readonly numerator: number
  readonly denominator: number | null
}

/**
 * `npm run parley -- recount`: every figure of a day, or of its hours, as it is shown and as the raw archive has it. Exit 1 where they differ.
 * The log may go on meanwhile: each row that is shown says up to which record it was counted, and is compared with what the raw archive has up to there.
 */
export async function recountCommand(
  day: string | undefined,
  { isByHours, isJson }: { readonly isByHours: boolean; readonly isJson: boolean },
): Promise<number> {
  if (day === undefined || !isDate(day)) throw new CommandLineMistake('--day is a date such as 2026-03-02')
  const { timeZone } = await operatedCompany(process.env)
  const { teams } = await operatedRoster(process.env)
  const { mongodbUri, namespace } = await operatedStores(process.env)
  const archive = await operatedService('archive', process.env)
  await using undo = new AsyncDisposableStack()
  const { db, resource } = await connectMongo(mongodbUri, `${namespace}_archive`)
  undo.defer(() => resource.close())
  const client = undo.adopt(grpcClient(MetricsServiceClient, archive.address, archive.credentials), (it) =>
    it.close(),
  )
  const heads = async (): Promise<Readonly<Record<Family, Ends>>> => ({
    'workforce.events': await rawHeads(db, `${namespace}.workforce.events`),
    'conversation.events': await rawHeads(db, `${namespace}.conversation.events`),
  })
  const least = await heads()
  const live = new Map<string, ReadonlyMap<string, LiveRow>>()
  try {
    // A figure that is behind is no wrong one: all have folded what was archived by now, if not more.
    for (const family of FAMILIES) await whenFolded(client, family, least[family])
    for (const asked of RECOUNTED) {
      const rows = await liveOf(client, asked, { day, timeZone, isByHours })
      live.set(nameOf(asked), new Map(rows.map((row) => [placeOf(row), row])))
    }
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    process.stderr.write(
      `parley: the figures cannot be read: ${error.message} (${error.code}). Is the archive running?\n`,
    )
    return 1
  }
  const counted = RECOUNTED.flatMap((asked) =>
    [...live.get(nameOf(asked))!.values()].flatMap(({ ends }) =>
      Object.values(ends).flatMap((ofKeys) =>
        [...ofKeys.values()].map((all) => [familyOf(asked), all] as const),
      ),
    ),
  )
  if (!(await untilKept(counted, heads))) {
    process.stderr.write(
      'parley: the raw archive is behind the figures and does not come on. Is its reader running?\n',
    )
    return 1
  }
  const cut: Cut = {
    leastOf: (family, partition) => least[family].get(partition) ?? 0n,
    of: (row, side, partition, key) =>
      live.get(nameOf(row))?.get(placeOf(row))?.ends[side].get(key)?.get(partition) ?? 0n,
  }
  const recounted = await recount({
    day,
    timeZone,
    isByHours,
    records: (family) => rawRecords(db, `${namespace}.${family}`),
    vendors: vendorsOf(teams),
    cut,
  })
  const recountedOf = Map.groupBy(recounted, nameOf)
  const rows: Compared[] = []
  for (const asked of RECOUNTED) {
    const shownRows = live.get(nameOf(asked))!
    const own = new Map((recountedOf.get(nameOf(asked)) ?? []).map((row) => [placeOf(row), row]))
    for (const [place, { key, hour }] of new Map<string, Row>([...own, ...shownRows])) {
      const pair = { live: shownRows.get(place) ?? null, recounted: own.get(place) ?? null }
      rows.push({ ...asked, key, hour, ...pair, isSame: isSame(pair.live, pair.recounted) })
    }
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
      : `${different.length} of ${rows.length} figures of ${day} differ from the raw archive\n`,
  )
  return Number(different.length > 0)
}

/** The figures of a family are folded as far as that at least. */
async function whenFolded(client: MetricsServiceClient, family: Family, ends: Ends): Promise<void> {
  const asked = RECOUNTED.find((one) => familyOf(one) === family)!
  const seen = [...ends].map(([partition, end]) => ({ partition, offset: end - 1n }))
  const now = Date.now()
  await grpcCall(client, 'readFigure', questionOf(asked, 'day', now, now + 1), {
    timeoutMs: ANSWERED_WITHIN_MS,
    seen,
  })
}

/** The raw archive has a reader of its own, which may be behind that of the figures. @returns false: it does not come so far */
async function untilKept(
  ends: readonly (readonly [Family, Ends])[],
  heads: () => Promise<Readonly<Record<Family, Ends>>>,
): Promise<boolean> {
  for (const until = performance.now() + ANSWERED_WITHIN_MS; ; await pause(LOOK_EVERY_MS)) {
    const kept = await heads()
    const isKept = ([family, wanted]: readonly [Family, Ends]) =>
      [...wanted].every(([partition, end]) => end <= (kept[family].get(partition) ?? 0n))
    if (ends.every(isKept)) return true
    if (performance.now() >= until) return false
  }
}

async function liveOf(
  client: MetricsServiceClient,
  asked: Asked,
  {
    day,
    timeZone,
    isByHours,
  }: { readonly day: string; readonly timeZone: string; readonly isByHours: boolean },
): Promise<readonly LiveRow[]> {
  const begin = beginOfDate(day, timeZone)
  const questions = isByHours
    ? Array.from({ length: Math.ceil(DAY_HOURS_MAX_MS / HOURS_ASKED_MS) }, (_, nth) => {
        const from = begin + nth * HOURS_ASKED_MS
        return questionOf(asked, 'hour', from, from + HOURS_ASKED_MS)
      })
    : [questionOf(asked, 'day', begin, begin + 1)]
  const found: LiveRow[] = []
  for (const question of questions) {
    const { rows } = await grpcCall(client, 'readFigure', question, { timeoutMs: ANSWERED_WITHIN_MS })
    const { isOfParts } = figureNamed(asked.metric, asked.version) ?? {}
    for (const { date, from, key, numerator, denominator = null, places, wholePlaces } of rows)
      // Where nobody came to a step there is nothing to recount but its flow, which each step that somebody came to tells.
      if (date === day && (isOfParts !== true || numerator > 0))
        found.push({
          key,
          hour: isByHours ? new Date(from ?? NaN).toISOString() : null,
          numerator,
          denominator,
          ends: {
            numerator: endsOf(places),
            denominator: endsOf(wholePlaces.length > 0 ? wholePlaces : places),
          },
        })
  }
  return found
}

/** What came back late counts in a place of its own: the last one of each partition. */
function endsOf(places: readonly CountedPlace[]): EndsOfKeys {
  const ends = new Map<string, Map<number, bigint>>()
  for (const { key, partition, offset } of places) {
    const own = ends.get(key) ?? new Map<number, bigint>()
    ends.set(key, own)
    if (offset >= (own.get(partition) ?? 0n)) own.set(partition, offset + 1n)
  }
  return ends
}

function questionOf(asked: Asked, window: 'hour' | 'day', from: number, to: number): ReadFigureRequest {
  return ReadFigureRequest.fromPartial({
    ...asked,
    withPlaces: true,
    window,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  })
}

/** As they are today: by vendor nothing is kept. */
function vendorsOf(teams: Roster['teams']): ReadonlyMap<string, readonly string[]> {
  const vendored = [...teams].filter(([, { vendor }]) => vendor !== null)
  return new Map(
    [...Map.groupBy(vendored, ([, { vendor }]) => vendor!)].map(([vendor, own]) => [
      vendor,
      own.map(([team]) => team),
    ]),
  )
}

const placeOf = ({ key, hour }: Pick<Row, 'key' | 'hour'>): string => `${key} ${hour}`

function nameOf({ metric, version, by }: Asked): string {
  return `${metric} ${version} ${by}`
}

/** A figure of nothing has no row on one side, and zeros on the other. Both sides are whole thousandths: one message among a million is a difference. */
export function differenceOf(
  live: Sides | null,
  recounted: Sides | null,
): { readonly numerator: number; readonly denominator: number } {
  const apart = (side: keyof Sides) => round((live?.[side] ?? 0) - (recounted?.[side] ?? 0))
  return { numerator: apart('numerator'), denominator: apart('denominator') }
}

const isSame = (live: Sides | null, recounted: Sides | null): boolean => {
  const { numerator, denominator } = differenceOf(live, recounted)
  return numerator === 0 && denominator === 0
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
    difference: differenceOf(live, recounted),
  }
}

/** Both figures and their difference. */
export function lineOf({ metric, version, by, key, hour, live, recounted, isSame: same }: Compared): string {
  const side = (sides: Sides | null) =>
    sides === null
      ? '-'
      : [sides.numerator, ...(sides.denominator === null ? [] : [sides.denominator])].map(round).join(' / ')
  const { numerator, denominator } = differenceOf(live, recounted)
  const isCount = (live ?? recounted)?.denominator === null
  return [
    same ? pc.green('=') : pc.red('≠'),
    (version === 1 ? metric : `${metric} version ${version}`).padEnd(38),
    (by === '' ? 'all' : `${by} ${key}`).padEnd(28),
    ...(hour === null ? [] : [hour]),
    side(live).padEnd(24),
    side(recounted).padEnd(24),
    side({ numerator, denominator: isCount ? null : denominator }),
  ].join(' ')
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
