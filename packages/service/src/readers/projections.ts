import {
  LiveProjection,
  type LiveProjectionOptions,
  type Projection,
  type ProjectionPlace,
  type ReadModel,
  type Wanted,
} from '@parley/eventlog'
import type { Message, TypeOf } from '@parley/kernel'
import { projectionTrouble } from './trouble.ts'
import type { ServiceContext } from '../run-service.ts'

/** A read model of a service, which says under its own name what is wrong with it. */
export function startProjection<
  Event extends Message,
  Type extends TypeOf<Event>,
  Model extends ReadModel<Wanted<Event, Type>>,
>(
  projection: Projection<Event, Type, Model>,
  place: ProjectionPlace,
  { log, fault }: Pick<ServiceContext, 'log' | 'fault'>,
  options: Pick<LiveProjectionOptions, 'commitEveryMs' | 'onProjected'> = {},
): Promise<LiveProjection<Event, Type, Model>> {
  return LiveProjection.start(projection, place, {
    ...projectionTrouble(log, fault, projection.name),
    ...options,
  })
}
