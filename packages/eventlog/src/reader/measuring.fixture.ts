import type { Message } from '@parley/kernel'
import type { Collection } from 'mongodb'
import type { ReadEvent } from './batch.ts'
import type { DocumentProjection, ProjectedDocument } from './documents.ts'
import { type Measurement, addedUp } from './measurement.ts'
import { type MetricDocument, metricProjection } from './metric-projection.ts'

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

/** What a figure sums to over all partitions, corrections included. */
export async function sumOf(
  figures: Collection<MetricDocument>,
  filter: { readonly metric: string },
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {}
  for await (const document of figures.find(filter))
    for (const [name, value] of Object.entries(document.sums)) sums[name] = addedUp(sums[name] ?? 0, value)
  return sums
}
