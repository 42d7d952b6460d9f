import type { Client } from '../api/client.ts'
import { AT_A_GLANCE, type By, type Metric, countedBy, metricNamed } from './catalogue.ts'
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

/** What is asked of the service: weeks are made of days here. */
export function askedOf({ by, metric, window }: Question, { from, to }: Period): URLSearchParams {
  return new URLSearchParams({
    metric,
    ...(by !== '' && { by }),
    window: window === 'hour' ? 'hour' : 'day',
    from,
    to: dayAfter(to, 1),
  })
}

const STALE_MS = 30_000

/** @param isOwn of the person's own work alone */
export function figureQuery(client: Client, question: Question, period: Period, isOwn: boolean) {
  const query = askedOf(question, period)
  return {
    queryKey: ['figure', String(query), isOwn],
    queryFn: () => client.figure(query, isOwn),
    staleTime: STALE_MS,
  }
}
