import type { Message } from '@parley/kernel'
import type { Collection } from 'mongodb'
import type { ReadEvent } from './batch.ts'
import { DocumentCache, type DocumentProjection, type ProjectedDocument } from './documents.ts'

/** What one event adds to one figure. */
export interface Measurement {
  readonly metric: string
  /** Of what: a queue, an agent, `all`. */
  readonly key: string
  /** The beginning of the hour or day that it counts in, ISO 8601 UTC, by the event's clock. */
  readonly window: string
  /** Sums by name, for example `{ count: 1, seconds: 12 }`. */
  readonly add: Readonly<Record<string, number>>
}

/**
 * One document for each (metric, key, window, partition), so that no two writers share one; a figure is the sum of them. It carries the
 * last offset that it counted, so an event that comes again counts once. Events of a parked stream come back behind others that were
 * counted: they count in a correction of their own, which carries the last offset of that stream.
 */
export interface MetricDocument extends ProjectedDocument {
  metric: string
  key: string
  window: string
  partition: number
  sums: Record<string, number>
}

/** @param countsFrom What measures: where an event says by itself what it adds, a projection whose documents are nothing. */
export function metricProjection<Event extends Message>(
  collection: Collection<MetricDocument>,
  countsFrom: DocumentProjection<any, Event>,
): DocumentProjection<MetricDocument, Event> {
  return {
    collection,
    cache: new DocumentCache(),
    isMetric: true,
    countsFrom,
    route: (event, isLate, measured) => [
      ...new Set(measured.map((measurement) => idOf(measurement, event, isLate))),
    ],
    fold(doc, event, id, measured) {
      const sums = { ...doc?.sums }
      const mine = measured.filter((one) => id === idOf(one, event, isCorrection(id)))
      for (const { add } of mine) addTo(sums, add)
      const { metric, key, window } = mine[0]!
      return { metric, key, window, partition: event.record.partition, sums }
    },
    seen: ({ record }, id) => ({
      streamId: isCorrection(id) ? record.key : '',
      seenVersion: Number(record.offset),
    }),
  }
}

/** The figure over all partitions, corrections included. */
export async function sumOf(
  collection: Collection<MetricDocument>,
  filter: { readonly metric: string; readonly key?: string; readonly window?: string },
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {}
  for await (const document of collection.find(filter, { projection: { sums: 1 } }))
    addTo(sums, document.sums)
  return sums
}

function addTo(sums: Record<string, number>, add: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(add))
    sums[name] = (Object.hasOwn(sums, name) ? sums[name]! : 0) + value
}

const CORRECTION = 'correction'

/** The id of the document that holds what one partition adds to a figure, but for corrections. */
export function figureId({
  metric,
  key,
  window,
  partition,
}: Pick<MetricDocument, 'metric' | 'key' | 'window' | 'partition'>): string {
  return JSON.stringify([metric, key, window, partition])
}

/** The ids of its corrections, which go on where its own ends, and of nothing else, lie between these two. */
export function correctionIds(figure: string): { readonly $gte: string; readonly $lt: string } {
  const begin = figure.slice(0, -1)
  return { $gte: `${begin},`, $lt: `${begin}-` }
}

function idOf({ metric, key, window }: Measurement, { record }: ReadEvent, isLate: boolean): string {
  return JSON.stringify([metric, key, window, record.partition, ...(isLate ? [CORRECTION, record.key] : [])])
}

function isCorrection(id: string): boolean {
  return (JSON.parse(id) as unknown[])[4] === CORRECTION
}
