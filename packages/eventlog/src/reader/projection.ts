import type { Message, TypeOf } from '@parley/kernel'
import type { ReaderBatch } from './batch.ts'
import { type DocumentProjection, projectDocuments } from './documents.ts'
import { type Reader, type ReaderOptions, type Wanted, startReader } from './reader.ts'

export interface ProjectionOptions<Event extends Message, Type extends TypeOf<Event>> extends Omit<
  ReaderOptions<Event, Type>,
  'handle' | 'sharesBatches'
> {
  /** Part of the consumer group and of the checkpoint collections: another version is built from offset zero, beside this one. */
  readonly version: number
  readonly documents: readonly DocumentProjection<any, NoInfer<Wanted<Event, Type>>>[]
  /** Told of what was written. */
  onProjected?(batch: ReaderBatch<Wanted<Event, Type>>): void
}

/** A read model: built from the log alone, so it can be built anew at any time. */
export function runProjection<Event extends Message, Type extends TypeOf<Event>>(
  options: ProjectionOptions<Event, Type>,
): Promise<Reader> {
  const { name, namespace, version, documents, onProjected } = options
  return startReader<Event, Type>(
    {
      ...options,
      async handle(batch) {
        const poisons = await projectDocuments(documents, batch)
        onProjected?.(batch)
        return poisons
      },
    },
    { group: `${namespace}.${name}.v${version}`, prefix: projectionPrefix(name, version) },
  )
}

/** Its collections begin with this. */
export function projectionPrefix(name: string, version: number): string {
  return `${name}_v${version}`
}
