import { addAbortListener } from 'node:events'
import { type MetricDocument, figureIdsWithin, repeatsIn } from '@parley/eventlog'
import { FIGURES, termOf } from '@parley/figures'
import type { Collection } from 'mongodb'
import { COMPANY, type Of, metricOf } from '../metrics/count.ts'
import {
  dayBehind,
  dayNamed,
  daysBetween,
  daysIn,
  daysNamed,
  firstDayOf,
  isDay,
  isMonth,
  isWeek,
  monthOf,
  nextDay,
  spansOf,
} from '../metrics/windows.ts'

/** What each key of a metric counted in a day, a week or a month, over all partitions, and what all of them together counted on each of its days. */
export interface KeptSums {
  /** Metric and window. */
  readonly _id: string
  readonly mark: Mark
  /** Texts of JSON, each read at once: a month of thousands of agents is one document, and of it what is asked for is read alone. */
  readonly keys: string
  /** By the name of what is counted: one number for each key. */
  readonly sums: Readonly<Record<string, string>>
  readonly days: string
  /** The same: one number for each day. */
  readonly courses: Readonly<Record<string, string>>
}

/** As it is read: of what was asked for. */
type Found = Pick<KeptSums, '_id' | 'mark'> & Partial<KeptSums>

/** How much of the log a window had counted: what the company's own documents of it have seen. Whatever changes there makes one of the two larger. */
interface Mark {
  readonly documents: number
  readonly offsets: number
}

export interface Sums {
  /** Keys, or names of days. */
  readonly of: readonly string[]
  /** By the name of what is counted, one number for each of these. */
  readonly columns: ReadonlyMap<string, readonly number[]>
}

/** What there is a number for: each key over all the time, each day over all keys, or each key on each day. */
export type Each = 'key' | 'day' | 'key on each day'

export interface SumsAsked {
  readonly subject: string
  /** Undefined: the company as a whole. */
  readonly by: keyof Of | undefined
  /** Names of days: from this one to before that one. */
  readonly first: string
  readonly end: string
  /** Of what is counted. */
  readonly names: readonly string[]
  readonly each: Each
  /** The name of the day that it is: it is not over, and not kept. */
  readonly today: string
}

/** Of one metric. */
interface Metric {
  readonly subject: string
  readonly metric: string
  /** All that is counted of the subject: what is kept serves each figure of it. */
  readonly names: readonly string[]
  readonly today: string
}

type Made = Readonly<Record<Exclude<Each, 'key on each day'>, Sums>>

/** Work that several wait for: whoever asks for what is being made waits for the same, and it ends with the last of them. */
interface Making {
  readonly made: Promise<ReadonlyMap<string, Made>>
  readonly ending: AbortController
  waitingCount: number
  forget(): void
}

const NOTHING: Mark = { documents: 0, offsets: 0 }
/** So many days are asked for by name, whether there was anything or not: a company that began last month has no year of empty months made. */
const DAYS_MAX = 180

/**
 * A figure is one document for each key, window and partition: of years of thousands of agents they are as many as conversations, and a page of them would read all. So what days and months that are over came to
 * is kept, once for all keys and partitions. It is as good as the documents that it was made of: what was kept says how much of the log they had counted, and is made again where they have counted more since.
 * That holds because the documents of the company are written behind all others of a batch, a month's behind the day's, and are read here before them.
 */
export class FigureSums {
  readonly #figures: Collection<MetricDocument>
  readonly #kept: Collection<KeptSums>
  /** By metric, window and mark: what is made now is as good as what whoever asks would make. */
  readonly #making = new Map<string, Making>()

  constructor(figures: Collection<MetricDocument>, kept: Collection<KeptSums>) {
    this.#figures = figures
    this.#kept = kept
  }

  /** By window; one in which nothing was counted is left out, or has nothing. @param signal nobody waits for it any more */
  async read(asked: SumsAsked, signal?: AbortSignal): Promise<ReadonlyMap<string, Sums>> {
    const { subject, by, names, each, today } = asked
    // The log's clock may be before this machine's: what it has of tomorrow is no less than today's.
    const end = [asked.end, nextDay(nextDay(today))].toSorted()[0]!
    const first = await this.#firstOf(asked.subject, asked.first, end)
    const windows = each === 'key on each day' ? daysNamed(first, end) : spansOf(first, end, today)
    const metric = { subject, metric: metricOf(subject, by), names: NAMES.get(subject) ?? names, today }
    return this.#read(metric, [...windows], names, each === 'day' ? 'day' : 'key', signal)
  }

  /** Makes what is missing of all that is over, so that nobody waits for it. */
  async keep(subjects: ReadonlySet<string>, today: string, signal: AbortSignal): Promise<void> {
    for (const [subject, by] of KEPT)
      if (subjects.has(subject) && !signal.aborted)
        await this.read(
          // Each day is a number, and a month of keys may be a megabyte: what is there is asked for the least of it.
          {
            subject,
            by,
            first: dayNamed(EVER),
            end: today,
            names: NAMES.get(subject) ?? [],
            each: 'day',
            today,
          },
          signal,
        )
  }

  async #read(
    metric: Metric,
    windows: readonly string[],
    names: readonly string[],
    each: keyof Made,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Sums>> {
    if (windows.length === 0) return new Map()
    signal?.throwIfAborted()
    // Before what they stand for.
    const marks = await this.#marks(metric.subject, windows)
    const idOf = (window: string) => idIn(metric, window)
    const [of, numbers] = each === 'day' ? (['days', 'courses'] as const) : (['keys', 'sums'] as const)
    const found = await this.#kept
      .find({ _id: { $in: windows.map(idOf) } })
      .project<Found>({
        mark: 1,
        [of]: 1,
        ...Object.fromEntries(names.map((name) => [`${numbers}.${name}`, 1])),
      })
      .toArray()
    // Others may have made it meanwhile: who gave up is told so, whether or not it is there.
    signal?.throwIfAborted()
    const keptOf = new Map(found.map((kept) => [kept._id, kept]))
    const sums = new Map<string, Sums>()
    const missing: string[] = []
    for (const window of windows) {
      const kept = keptOf.get(idOf(window))
      const mark = marks.get(window)
      const own =
        kept && isSame(kept.mark, mark ?? NOTHING) ? sumsIn(kept[of], kept[numbers], names) : undefined
      if (own !== undefined) sums.set(window, own)
      // A month may have been counted before months were: it is what its days are.
      else if (mark !== undefined || isMonth(window)) missing.push(window)
    }
    // Days at once, and weeks and months one behind the other: each is kept, also for who asks for the rest again.
    for (const some of [missing.filter(isDay), ...missing.filter((one) => !isDay(one)).map((one) => [one])])
      for (const [window, made] of await this.#made(metric, some, marks, signal)) sums.set(window, made[each])
    return sums
  }

  /** Made by whoever asks first, for all who ask meanwhile and know as much of the log. */
  async #made(
    metric: Metric,
    windows: readonly string[],
    marks: ReadonlyMap<string, Mark>,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Made>> {
    const placeOf = (window: string) =>
      JSON.stringify([metric.metric, window, marks.get(window), metric.today])
    const own = windows.filter((window) => !this.#making.has(placeOf(window)))
    if (own.length > 0) {
      const ending = new AbortController()
      const making: Making = {
        made: this.#make(metric, own, marks, ending.signal).finally(() => making.forget()),
        ending,
        waitingCount: 0,
        forget: () => {
          for (const window of own)
            if (this.#making.get(placeOf(window)) === making) this.#making.delete(placeOf(window))
        },
      }
      for (const window of own) this.#making.set(placeOf(window), making)
    }
    const answers = await Promise.all(
      [...new Set(windows.map((window) => this.#making.get(placeOf(window))!))].map((making) =>
        waitedFor(making, signal),
      ),
    )
    return new Map(
      windows.flatMap((window) =>
        answers.flatMap((answer) => {
          const made = answer.get(window)
          return made === undefined ? [] : [[window, made] as const]
        }),
      ),
    )
  }

  async #make(
    metric: Metric,
    windows: readonly string[],
    marks: ReadonlyMap<string, Mark>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Made>> {
    const { names, today } = metric
    const made = new Map<string, Made>()
    const ofDays = await this.#ofDays(metric, windows.filter(isDay), signal)
    for (const [day, sums] of ofDays) made.set(day, madeOf(new Map([[day, sums]]), names))
    for (const span of windows.filter((window) => !isDay(window)))
      made.set(span, madeOf(await this.#read(metric, daysIn(span), names, 'key', signal), names))
    await this.#keep(
      [...made]
        .filter(([window]) => !isDay(window) || window < today)
        .map(([window, { key, day }]) => ({
          _id: idIn(metric, window),
          mark: marks.get(window) ?? NOTHING,
          keys: JSON.stringify(key.of),
          sums: textsOf(key, names),
          days: JSON.stringify(day.of),
          courses: textsOf(day, names),
        })),
    )
    return made
  }

  async #marks(subject: string, windows: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
    const found = await this.#figures
      .aggregate<{ _id: string } & Mark>([
        // By ranges of ids: of a list of windows SecantusDB would read all that the company ever counted.
        {
          $match: {
            $or: runsOf(windows.flatMap((window) => (isWeek(window) ? daysIn(window) : [window]))).map(
              (run) => ({
                _id: figureIdsWithin({ metric: subject, key: COMPANY }, ...run),
              }),
            ),
          },
        },
        { $group: { _id: '$window', documents: { $sum: 1 }, offsets: { $sum: '$seenVersion' } } },
      ])
      .toArray()
    const marks = new Map<string, Mark>(found.map(({ _id, ...mark }) => [_id, mark]))
    for (const week of windows.filter(isWeek)) {
      const ofDays = daysIn(week).flatMap((day) => marks.get(day) ?? [])
      if (ofDays.length > 0)
        marks.set(week, {
          documents: ofDays.reduce((sum, { documents }) => sum + documents, 0),
          offsets: ofDays.reduce((sum, { offsets }) => sum + offsets, 0),
        })
    }
    return marks
  }

  async #ofDays(
    { metric, names }: Metric,
    days: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Sums>> {
    if (days.length === 0) return new Map()
    const found = await this.#figures
      .aggregate<{ _id: { window: string; key: string } } & Record<string, number>>(
        [
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
        ],
        { signal },
      )
      .toArray()
    const ofDay = Map.groupBy(found, ({ _id }) => _id.window)
    return new Map(
      days.map((day) => {
        const rows = ofDay.get(day) ?? []
        const columns = names.map((name) => [name, rows.map((row) => row[name] ?? 0)] as const)
        return [day, { of: rows.map(({ _id }) => _id.key), columns: new Map(columns) }]
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

  /** As it is asked for; of more days than are named, the first of the month in which something was counted first, where that is later: nothing counted before what is asked for may be in it. */
  async #firstOf(subject: string, first: string, end: string): Promise<string> {
    if (daysBetween(first, end) <= DAYS_MAX) return first
    // Ids are in the order of their windows.
    const [found] = await this.#figures
      .find({ _id: figureIdsWithin({ metric: subject, key: COMPANY }, first, end) })
      .project<Pick<MetricDocument, 'window'>>({ window: 1 })
      .sort({ _id: 1 })
      .limit(1)
      .toArray()
    if (found === undefined) return end
    const begun = firstDayOf(monthOf(found.window))
    return begun > first ? begun : first
  }
}

const EVER = '0001-01-01'

/** Days, and months, in a row: from which to before which. */
function runsOf(windows: readonly string[]): readonly (readonly [first: string, end: string])[] {
  const runs: (readonly [string, string])[] = []
  for (const window of windows) {
    const end = isMonth(window) ? monthOf(dayBehind(window)) : nextDay(window)
    const last = runs.at(-1)
    if (last?.[1] === window) runs[runs.length - 1] = [last[0], end]
    else runs.push([window, end])
  }
  return runs
}

const isSame = (one: Mark, other: Mark): boolean =>
  one.documents === other.documents && one.offsets === other.offsets

const idIn = ({ metric }: Metric, window: string): string => JSON.stringify([metric, window])

const textsOf = ({ columns }: Sums, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, JSON.stringify(columns.get(name) ?? [])]))

/** Undefined: it was kept by another release, of which something is asked that is counted, or kept, since then. */
function sumsIn(
  of: string | undefined,
  numbers: Readonly<Record<string, string>> = {},
  names: readonly string[],
): Sums | undefined {
  if (of === undefined || !names.every((name) => Object.hasOwn(numbers, name))) return undefined
  return {
    of: JSON.parse(of) as string[],
    columns: new Map(names.map((name) => [name, JSON.parse(numbers[name]!) as number[]])),
  }
}

const madeOf = (days: ReadonlyMap<string, Sums>, names: readonly string[]): Made => ({
  key: together(days, names),
  day: {
    of: [...days.keys()],
    columns: new Map(
      names.map((name) => [
        name,
        [...days.values()].map(({ columns }) => (columns.get(name) ?? []).reduce((sum, one) => sum + one, 0)),
      ]),
    ),
  },
})

/** A promise that is given up with its caller: what it waits for goes on for others, or ends with the last of them. */
async function waitedFor(
  making: Making,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Made>> {
  making.waitingCount += 1
  const gone = Promise.withResolvers<never>()
  using _listening = signal && addAbortListener(signal, () => gone.reject(signal.reason))
  try {
    return await Promise.race([making.made, gone.promise])
  } finally {
    making.waitingCount -= 1
    if (making.waitingCount === 0) {
      making.forget()
      making.ending.abort()
    }
  }
}

/** The windows of a key as one. */
function together(windows: ReadonlyMap<string, Sums>, names: readonly string[]): Sums {
  const [only] = windows.values()
  if (only !== undefined && windows.size === 1) return only
  const places = new Map<string, number>()
  const columns = new Map(names.map((name) => [name, [] as number[]]))
  for (const { of, columns: own } of windows.values()) {
    const placesOf = of.map((key) => {
      const place = places.get(key) ?? places.size
      places.set(key, place)
      return place
    })
    for (const [name, column] of columns) {
      const added = own.get(name) ?? []
      for (const [nth, place] of placesOf.entries()) column[place] = (column[place] ?? 0) + (added[nth] ?? 0)
    }
  }
  return { of: [...places.keys()], columns }
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
