import type { Message } from '@parley/kernel'
import type { Collection } from 'mongodb'
import type { ReadEvent } from './batch.ts'
import { DocumentCache, type DocumentProjection, type ProjectedDocument } from './documents.ts'
import { type Measurement, addedUp } from './measurement.ts'

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
  // An event adds to some ten figures, which are asked for by their ids again and again: they are worked out when it is routed.
  const counted = new WeakMap<ReadEvent<Event>, Counted>()
  return {
    collection,
    cache: new DocumentCache(),
    isMetric: true,
    countsFrom,
    route(event, isLate, measured) {
      const byId = Map.groupBy(measured, (measurement) => idOf(measurement, event, isLate))
      counted.set(event, { byId, isLate })
      return [...byId.keys()]
    },
    fold(doc, event, id) {
      const sums = { ...doc?.sums }
      const mine = counted.get(event)!.byId.get(id)!
      for (const { add } of mine) addTo(sums, add)
      const { metric, key, window } = mine[0]!
      return { metric, key, window, partition: event.record.partition, sums }
    },
    seen: (event) => ({
      streamId: counted.get(event)!.isLate ? event.record.key : '',
      seenVersion: Number(event.record.offset),
    }),
  }
}

/** What one event adds, by the documents that it adds to. */
interface Counted {
  readonly byId: ReadonlyMap<string, readonly Measurement[]>
  readonly isLate: boolean
}

function addTo(sums: Record<string, number>, add: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(add))
    sums[name] = addedUp(Object.hasOwn(sums, name) ? sums[name]! : 0, value)
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

/** The ids of one key's documents, corrections included, of windows from one name on and before another. */
export function figureIdsWithin(
  { metric, key }: Pick<MetricDocument, 'metric' | 'key'>,
  from: string,
  to: string,
): { readonly $gte: string; readonly $lt: string } {
  const idBegin = (window: string) => JSON.stringify([metric, key, window]).slice(0, -2)
  return { $gte: idBegin(from), $lt: idBegin(to) }
}

function idOf({ metric, key, window }: Measurement, { record }: ReadEvent, isLate: boolean): string {
  return JSON.stringify([metric, key, window, record.partition, ...(isLate ? [CORRECTION, record.key] : [])])
}
