import { worthTogether } from '@parley/figures'
import { beginOfDay } from '@parley/time-zone'
import type { MetricRule } from '../../alerts/rules.ts'
import type { FigureReader, ReadFigure } from '../archive/figures-client.ts'

export interface MeasuredOptions {
  readonly figures: FigureReader
  /** IANA name: whose day it is. */
  readonly timeZone: string
  /** Once, when figures that could be read cannot be any more. */
  readonly onError: (error: unknown) => void
}

const HOUR_MS = 60 * 60 * 1_000

/** Figures of docs/reference/metrics.md for the rules that watch them: the archive is asked once for all rules of the same figure. */
export class Measured {
  readonly #options: MeasuredOptions
  #isAway = false

  constructor(options: MeasuredOptions) {
    this.#options = options
  }

  /** Those that are known. Null: it says nothing yet. @param personId in whose name it is asked: somebody who sees everything */
  async values(
    rules: readonly MetricRule[],
    personId: string,
    now: Date,
  ): Promise<ReadonlyMap<MetricRule, number | null>> {
    const values = new Map<MetricRule, number | null>()
    const errors: unknown[] = []
    const alike = Map.groupBy(rules, (rule) => JSON.stringify([rule.figure, partOf(rule).by, rule.over]))
    await Promise.all(
      [...alike.values()].map(async (some) => {
        try {
          const figure = await this.#read(some[0]!, personId, now)
          for (const rule of some) values.set(rule, valueOf(rule, figure))
        } catch (error) {
          errors.push(error)
        }
      }),
    )
    if (errors.length > 0 && !this.#isAway) this.#options.onError(errors[0])
    this.#isAway = errors.length > 0
    return values
  }

  #read(rule: MetricRule, personId: string, now: Date): Promise<ReadFigure> {
    const { figures, timeZone } = this.#options
    const at = now.getTime()
    const isDay = rule.over === 'today'
    const question = {
      metric: rule.figure,
      version: 0,
      by: partOf(rule).by,
      window: isDay ? ('day' as const) : ('hour' as const),
      // An hour that has just begun says little: with the one before it there is always a whole one.
      from: new Date(isDay ? beginOfDay(at, timeZone) : at - HOUR_MS).toISOString(),
      to: new Date(at + 1).toISOString(),
    }
    return figures(question, personId)
  }
}

function partOf({ queue, team }: MetricRule): { readonly by: string; readonly key: string } {
  if (queue !== undefined) return { by: 'queue', key: queue }
  return team === undefined ? { by: '', key: 'all' } : { by: 'team', key: team }
}

/** Of all its windows. */
function valueOf(rule: MetricRule, { unit, rows }: ReadFigure): number | null {
  const { key: mine } = partOf(rule)
  const worth = worthTogether(
    unit,
    rows.filter(({ key }) => key === mine),
  )
  if (unit === 'count') return worth?.value ?? 0
  return worth === undefined || (worth.denominator ?? 0) < rule.ofAtLeast ? null : worth.value
}
