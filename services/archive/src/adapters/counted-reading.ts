import { termOf } from '@parley/figures'
import type { Collection } from 'mongodb'
import { type CountedOnce, timesCounted } from '../metrics/counted.ts'
import { type Windows, daysNamed } from '../metrics/windows.ts'
import { type CountedDocument, DIMENSIONS_OF_ROWS } from './figure-projections.ts'
import type { FigureQuestion } from './figure-reading.ts'

export interface RowQuestion extends Pick<FigureQuestion, 'figure' | 'by' | 'from' | 'to'> {
  /** Of these keys alone; undefined: of all. */
  readonly keys: readonly string[] | undefined
  readonly isDenominator: boolean
}

/**
 * How often the figure counts each conversation, in days from the one that `from` is in to the last that begins before `to`; undefined: it counts more than `max`.
 * @param signal nobody waits for it any more
 */
export async function readCounted(
  counted: Collection<CountedDocument>,
  windows: Windows,
  { figure, by, keys, from, to, isDenominator }: RowQuestion,
  max: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number> | undefined> {
  const terms = (isDenominator ? figure.denominator : figure.numerator) ?? []
  const [first, end] = [windows.nameAt('day', from), windows.firstName('day', to)]
  const days = daysWithin(first, end)
  const found = await counted
    .find(
      {
        ...(keys !== undefined && isRarerThan(by, days) && { [`counts.of.${by}`]: { $in: [...keys] } }),
        counts: {
          $elemMatch: {
            subject: figure.subject,
            window: days === undefined ? { $gte: first, $lt: end } : { $in: days },
            ...(by !== undefined && {
              [`of.${by}`]: keys === undefined ? { $exists: true } : { $in: [...keys] },
            }),
            $or: terms
              .map(termOf)
              .filter(({ sign }) => sign > 0)
              .map(({ name }) => ({ [`add.${name}`]: { $gt: 0 } })),
          },
        },
      },
      { signal },
    )
    .limit(max + 1)
    .toArray()
  if (found.length > max) return undefined
  const isAsked = ({ subject, window, of }: CountedOnce): boolean =>
    subject === figure.subject &&
    window >= first &&
    window < end &&
    (by === undefined || (keys === undefined ? of[by] !== undefined : keys.includes(of[by] ?? '')))
  return new Map(
    found
      .map(({ _id, counts }) => [_id, timesCounted(terms, counts.filter(isAsked))] as const)
      .filter(([, times]) => times > 0),
  )
}

const DAYS_NAMED_MAX = 366
/** What one queue or team had in all years is less than what all had in so many days, or not much more. */
const FEW_DAYS = 31

/** Each by its name: of a list SecantusDB cuts an index off at one end alone, and would read each day from the first that is asked for up to today. Undefined: they are too many to be named. */
function daysWithin(first: string, end: string): readonly string[] | undefined {
  const names = daysNamed(first, end)
    .take(DAYS_NAMED_MAX + 1)
    .toArray()
  return names.length > DAYS_NAMED_MAX ? undefined : names
}

/**
 * Whether the rows are looked for by the key: SecantusDB takes the index of what stands beside an `$elemMatch` before one of what stands in it. What an agent had in all years is less than what all
 * had in a day or two.
 */
function isRarerThan(by: RowQuestion['by'], days: readonly string[] | undefined): boolean {
  if (!DIMENSIONS_OF_ROWS.some((one) => one === by)) return false
  return by === 'agent' || days === undefined || days.length > FEW_DAYS
}
