import { type MetricDocument, figureIdsWithin, repeatsIn } from '@parley/eventlog'
import { FIGURES, termOf } from '@parley/figures'
import type { Collection } from 'mongodb'
import { COMPANY, type Of, metricOf } from '../metrics/count.ts'
import {
  dayNamed,
  daysBetween,
  daysNamed,
  firstDayBehind,
  firstDayOf,
  isMonth,
  monthOf,
  monthsAndDays,
  nextDay,
} from '../metrics/windows.ts'

/** What each key of a metric counted in a day or a month, over all partitions. */
export interface KeptSums {
  /** Metric and window. */
  readonly _id: string
  readonly mark: Mark
  /** Texts of JSON, each read at once: a month of thousands of agents is one document, and of it what is asked for is read alone. */
  readonly keys: string
  /** By the name of what is counted: one number for each key. */
  readonly sums: Readonly<Record<string, string>>
}

/** As it is read: with the sums that were asked for, and without any where none was. */
type Found = Omit<KeptSums, 'sums'> & Partial<Pick<KeptSums, 'sums'>>

/** How much of the log a window had counted: what the company's own documents of it have seen. Whatever changes there makes one of the two larger. */
interface Mark {
  readonly documents: number
  readonly offsets: number
}

export interface Sums {
  readonly keys: readonly string[]
  readonly columns: ReadonlyMap<string, readonly number[]>
}

export interface SumsAsked {
  readonly subject: string
  /** Undefined: the company as a whole. */
  readonly by: keyof Of | undefined
  /** Names of days: from this one to before that one. */
  readonly first: string
  readonly end: string
  /** Of what is counted. */
  readonly names: readonly string[]
  /** Each day by itself; else a month where it is whole. */
  readonly isByDay: boolean
  /** The name of the day that it is: it is not over, and not kept. */
  readonly today: string
}

const NOTHING: Mark = { documents: 0, offsets: 0 }
/** So many days are asked for by name, whether there was anything or not. */
const DAYS_MAX = 1_000

/**
 * A figure is one document for each key, window and partition: of years of thousands of agents they are as many as conversations, and a page of them would read all. So what days and months that are over came to
 * is kept, once for all keys and partitions. It is as good as the documents that it was made of: what was kept says how much of the log they had counted, and is made again where they have counted more since.
 * That holds because the documents of the company are written behind all others of a batch, a month's behind the day's, and are read here before them.
 */
export class FigureSums {
  readonly #figures: Collection<MetricDocument>
  readonly #kept: Collection<KeptSums>

  constructor(figures: Collection<MetricDocument>, kept: Collection<KeptSums>) {
    this.#figures = figures
    this.#kept = kept
  }

  /** By window; one in which nothing was counted is left out, or has no keys. */
  async read(asked: SumsAsked, signal?: AbortSignal): Promise<ReadonlyMap<string, Sums>> {
    const { subject, by, names, isByDay, today } = asked
    const end = [asked.end, nextDay(today)].toSorted()[0]!
    const first = await this.#firstOf(asked.subject, asked.first, end)
    const windows = isByDay ? daysNamed(first, end) : monthsAndDays(first, end, today)
    return this.#read(subject, metricOf(subject, by), [...windows], names, today, signal)
  }

  /** Makes what is missing of all that is over, so that nobody waits for it. */
  async keep(subjects: ReadonlySet<string>, today: string, signal: AbortSignal): Promise<void> {
    for (const [subject, by] of KEPT)
      if (subjects.has(subject) && !signal.aborted)
        await this.read(
          { subject, by, first: dayNamed(EVER), end: today, names: [], isByDay: false, today },
          signal,
        )
  }

  async #read(
    subject: string,
    metric: string,
    windows: readonly string[],
    names: readonly string[],
    today: string,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Sums>> {
    if (windows.length === 0) return new Map()
    // Before what they stand for.
    const marks = await this.#marks(subject, windows)
    const idOf = (window: string) => JSON.stringify([metric, window])
    const found = await this.#kept
      .find({ _id: { $in: windows.map(idOf) } })
      .project<Found>({
        mark: 1,
        keys: 1,
        ...Object.fromEntries(names.map((name) => [`sums.${name}`, 1])),
      })
      .toArray()
    const keptOf = new Map(found.map((kept) => [kept._id, kept]))
    const sums = new Map<string, Sums>()
    const missing: string[] = []
    for (const window of windows) {
      const kept = keptOf.get(idOf(window))
      const mark = marks.get(window)
      if (kept !== undefined && isSame(kept.mark, mark ?? NOTHING) && hasAll(kept, names))
        sums.set(window, sumsIn(kept, names))
      // A month may have been counted before months were: it is what its days are.
      else if (mark !== undefined || isMonth(window)) missing.push(window)
    }
    const all = [...new Set([...names, ...(NAMES.get(subject) ?? [])])]
    const made = await this.#ofDays(
      metric,
      missing.filter((window) => !isMonth(window)),
      all,
    )
    for (const month of missing.filter(isMonth)) {
      signal?.throwIfAborted()
      const days = [...daysNamed(firstDayOf(month), firstDayBehind(month))]
      made.set(month, together(await this.#read(subject, metric, days, all, today, signal), all))
    }
    const over = [...made].filter(([window]) => isMonth(window) || window < today)
    await this.#keep(
      over.map(([window, { keys, columns }]) => ({
        _id: idOf(window),
        mark: marks.get(window) ?? NOTHING,
        keys: JSON.stringify(keys),
        sums: Object.fromEntries(all.map((name) => [name, JSON.stringify(columns.get(name) ?? [])])),
      })),
    )
    return new Map([...sums, ...made])
  }

  async #marks(subject: string, windows: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
    const found = await this.#figures
      .aggregate<{ _id: string } & Mark>([
        // By ranges of ids: of a list of windows SecantusDB would read all that the company ever counted.
        {
          $match: {
            $or: runsOf(windows).map((run) => ({
              _id: figureIdsWithin({ metric: subject, key: COMPANY }, ...run),
            })),
          },
        },
        { $group: { _id: '$window', documents: { $sum: 1 }, offsets: { $sum: '$seenVersion' } } },
      ])
      .toArray()
    return new Map(found.map(({ _id, ...mark }) => [_id, mark]))
  }

  async #ofDays(
    metric: string,
    days: readonly string[],
    names: readonly string[],
  ): Promise<Map<string, Sums>> {
    if (days.length === 0) return new Map()
    const found = await this.#figures
      .aggregate<{ _id: { window: string; key: string } } & Record<string, number>>([
        {
          $match: {
            metric,
            window: { $gte: days[0], $lt: nextDay(days.at(-1)!) },
            $and: [{ window: { $in: days } }],
          },
        },
        {
          $group: {
            _id: { window: '$window', key: '$key' },
            ...Object.fromEntries(names.map((name) => [name, { $sum: `$sums.${name}` }])),
          },
        },
      ])
      .toArray()
    const ofDay = Map.groupBy(found, ({ _id }) => _id.window)
    return new Map(
      days.map((day) => {
        const rows = ofDay.get(day) ?? []
        const columns = names.map((name) => [name, rows.map((row) => row[name] ?? 0)] as const)
        return [day, { keys: rows.map(({ _id }) => _id.key), columns: new Map(columns) }]
      }),
    )
  }

  /** Of two who keep the same at once one has it: who knew less of the log is found out by the next who reads. */
  async #keep(sums: readonly KeptSums[]): Promise<void> {
    if (sums.length === 0) return
    const operations = sums.map((replacement) => ({
      replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
    }))
    await this.#kept.bulkWrite(operations, { ordered: false }).catch(repeatsIn)
  }

  /** As it is asked for; of more days than are named, the first of the month in which something was counted first. */
  async #firstOf(subject: string, first: string, end: string): Promise<string> {
    if (daysBetween(first, end) <= DAYS_MAX) return first
    // Ids are in the order of their windows.
    const [found] = await this.#figures
      .find({ _id: figureIdsWithin({ metric: subject, key: COMPANY }, first, end) })
      .project<Pick<MetricDocument, 'window'>>({ window: 1 })
      .sort({ _id: 1 })
      .limit(1)
      .toArray()
    return found === undefined ? end : firstDayOf(monthOf(found.window))
  }
}

const EVER = '0001-01-01'

/** Days, and months, in a row: from which to before which. */
function runsOf(windows: readonly string[]): readonly (readonly [first: string, end: string])[] {
  const runs: (readonly [string, string])[] = []
  for (const window of windows) {
    const end = isMonth(window) ? monthOf(firstDayBehind(window)) : nextDay(window)
    const last = runs.at(-1)
    if (last?.[1] === window) runs[runs.length - 1] = [last[0], end]
    else runs.push([window, end])
  }
  return runs
}

const isSame = (one: Mark, other: Mark): boolean =>
  one.documents === other.documents && one.offsets === other.offsets

/** What is counted since another release is in none that was kept before. */
const hasAll = ({ sums = {} }: Found, names: readonly string[]): boolean =>
  names.every((name) => Object.hasOwn(sums, name))

const sumsIn = ({ keys, sums = {} }: Found, names: readonly string[]): Sums => ({
  keys: JSON.parse(keys) as string[],
  columns: new Map(
    Object.entries(sums).flatMap(([name, column]) =>
      names.includes(name) ? [[name, JSON.parse(column) as number[]] as const] : [],
    ),
  ),
})

/** The windows of a key as one. */
function together(windows: ReadonlyMap<string, Sums>, names: readonly string[]): Sums {
  const places = new Map<string, number>()
  const columns = new Map(names.map((name) => [name, [] as number[]]))
  for (const { keys, columns: own } of windows.values())
    for (const [nth, key] of keys.entries()) {
      const place = places.get(key) ?? places.size
      places.set(key, place)
      for (const [name, column] of columns) column[place] = (column[place] ?? 0) + (own.get(name)?.[nth] ?? 0)
    }
  return { keys: [...places.keys()], columns }
}

/** Of which subjects figures are read, and by whom; a vendor's are made of its teams'. */
const KEPT: readonly (readonly [subject: string, by: keyof Of | undefined])[] = [
  ...Map.groupBy(FIGURES, ({ subject }) => subject),
].flatMap(([subject, figures]) =>
  [
    ...new Set([
      ...(figures.every(({ isOfParts }) => isOfParts) ? [] : [undefined]),
      ...figures.flatMap(({ by }) => by.map((one) => (one === 'vendor' ? ('team' as const) : one))),
    ]),
  ].map((by) => [subject, by] as const),
)

/** Of each subject all that figures are made of: what is kept serves each of them. */
const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  [...Map.groupBy(FIGURES, ({ subject }) => subject)].map(([subject, figures]) => [
    subject,
    [
      ...new Set(
        figures.flatMap(({ numerator, denominator = [] }) =>
          [...numerator, ...denominator].map((term) => termOf(term).name),
        ),
      ),
    ],
  ]),
)
