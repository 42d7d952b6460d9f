import { AT_A_GLANCE, type By, FUNNEL, type Metric, countedBy, metricNamed } from './catalogue.ts'
import { type Period, dayAfter, periodAsked } from './period.ts'
import { WINDOWS, type Window } from './worth.ts'

/** What the address asks for; where it asks for what cannot be, the nearest that can. */
export interface Question {
  readonly by: By
  readonly metric: Metric
  readonly window: Window
  readonly period: Period
  /** One row alone; undefined: all. */
  readonly key: string | undefined
  readonly isCompared: boolean
}

export function questionIn(asked: URLSearchParams, today: string, bys: readonly By[]): Question {
  const by = bys.find((one) => one === (asked.get('by') ?? '')) ?? bys[0] ?? ''
  const named = metricNamed(asked.get('metric'))
  const metric = countedBy(by).find(({ name }) => name === named)?.name ?? AT_A_GLANCE[by][0] ?? 'closed'
  const period = periodAsked(asked, today)
  return {
    by,
    metric,
    period,
    window: WINDOWS.find((one) => one === asked.get('window')) ?? 'day',
    key: asked.get('key') ?? undefined,
    isCompared: asked.get('compare') === 'before',
  }
}

/** What is shown of a figure, each as small as it is shown: its rows are as many as the keys, or as the windows, of a period. */
export type Part =
  /** What each key is worth over all of the period. */
  | { readonly of: 'totals' }
  /** The course of what is chosen: of the one key, or of all together. */
  | { readonly of: 'course' }
  /** The course of each of these keys. */
  | { readonly of: 'lines'; readonly keys: readonly string[] }
  /** Each key in each window. */
  | { readonly of: 'all' }

/** What is asked of the service: weeks are made of days here. */
export function askedOf(
  { by, metric, window, key }: Question,
  { from, to }: Period,
  part: Part,
): URLSearchParams {
  const asked = new URLSearchParams({
    metric,
    ...(by !== '' && { by }),
    window: window === 'hour' && part.of !== 'totals' ? 'hour' : 'day',
    from,
    to: dayAfter(to, 1),
  })
  // Of the whole company, and of one's own work, there is one key; of a flow's steps a key is none of them.
  if (by === '' || (metric === FUNNEL && part.of !== 'totals')) return asked
  if (part.of === 'totals') asked.set('together', 'windows')
  else if (part.of === 'course' && key === undefined) asked.set('together', 'keys')
  else for (const one of part.of === 'lines' ? part.keys : [key ?? []].flat()) asked.append('key', one)
  return asked
}
