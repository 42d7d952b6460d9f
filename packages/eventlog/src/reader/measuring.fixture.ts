import type { Message } from '@parley/kernel'
import type { Collection } from 'mongodb'
import type { ReadEvent } from './batch.ts'
import type { DocumentProjection, ProjectedDocument } from './documents.ts'
import { type Measurement, type MetricDocument, metricProjection } from './metric-projection.ts'

const NOTHING_KEPT = { find: () => ({ toArray: async () => [] }) } as unknown as Collection<ProjectedDocument>

/** Figures of events that say by themselves what they add: what is measured by keeps nothing. */
export function measuringAlone<Event extends Message>(
  figures: Collection<MetricDocument>,
  measure: (event: ReadEvent<Event>) => readonly Measurement[],
): readonly DocumentProjection<any, Event>[] {
  const source: DocumentProjection<ProjectedDocument, Event> = {
    collection: NOTHING_KEPT,
    route: ({ envelope }) => [envelope.streamId],
    measure: (_, event) => measure(event),
    fold: () => undefined,
  }
  return [source, metricProjection(figures, source)]
}
