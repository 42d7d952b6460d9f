import type { Family, Message } from '@parley/kernel'
import type { Db } from 'mongodb'
import { appendCommands } from '../commands.ts'
import type { EventLog } from '../log.ts'
import { LogClock } from '../log-clock.ts'
import type { Projection } from '../projections/definition.ts'
import { LiveProjection, type ProjectionTrouble } from '../projections/live.ts'
import { type ProjectionReader, observed } from '../reader/index.ts'
import type { FamilyTopics } from '../topics.ts'
import { DeadlineStore } from './deadline-store.ts'
import type { FamilyDeadlines } from './deadlines.ts'
import { Ticker, tick } from './ticker.ts'

export interface DeadlinesOptions<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'],
> extends ProjectionTrouble {
  readonly log: EventLog
  readonly topics: FamilyTopics<Command, Event>
  readonly deadlines: FamilyDeadlines<Command, Event, Type>
  readonly namespace: string
  readonly db: Db
  /** How late a deadline may be noticed. Default 300 ms. */
  readonly everyMs?: number
  /** Milliseconds of a clock that only counts: the time of day is asked of the log. Default: of this process. */
  elapsedMs?(): number
  /** A look at due deadlines failed; the next one tries again. */
  onError(error: unknown): void
}

const EVERY_MS = 300

/**
 * Keeps the deadlines of a family: a projection of its events says which are set, a ticker says the wish of each that has passed.
 * Whoever projects a partition looks after its deadlines, so all that it must know passes through one process.
 */
export async function runDeadlines<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'],
>(options: DeadlinesOptions<Command, Event, Type>): Promise<ProjectionReader> {
  const { log, topics, deadlines, namespace, db, everyMs = EVERY_MS } = options
  const { onParked, onStuck, onFault, onSwitched, onRouteUnreadable, onError } = options
  const elapsedMs = options.elapsedMs ?? (() => performance.now())
  const clock = new LogClock(elapsedMs)
  const projection = deadlinesProjection(topics.family, deadlines, elapsedMs)
  const live = await LiveProjection.start(
    { ...projection, gatherMs: everyMs },
    { log, topics, namespace, db },
    { onParked, onStuck, onFault, onSwitched, onRouteUnreadable },
  )
  const ticker = new Ticker(
    () =>
      tick<Command>({
        family: deadlines,
        store: live.model,
        partitions: () => live.assigned(),
        append: (commands) => appendCommands(log, topics, commands),
        clock,
      }),
    everyMs,
    {
      onError,
      onStuck: (stuck) => {
        for (const partition of live.assigned()) onStuck({ partition, ...stuck })
      },
    },
  )
  const stop = live.stop.bind(live)
  const stuck = live.stuck.bind(live)
  const looking = observed(`${projection.name}_ticker`, {
    assigned: () => live.assigned(),
    isReady: () => true,
    lag: () => [],
    stuck: () => ticker.stuck(live.assigned()),
    stop: () => ticker.stop(),
  })
  return Object.assign(live, {
    stuck: () => [...stuck(), ...looking.stuck()],
    async stop() {
      await looking.stop()
      await stop()
    },
  })
}

/** The deadlines of a family as a read model: built anew, compared and switched like any other. */
export function deadlinesProjection<
  Command extends Message,
  Event extends Message,
  Type extends Event['type'],
>(
  family: Family<Command, Event>,
  deadlines: FamilyDeadlines<Command, Event, Type>,
  elapsedMs: () => number = () => performance.now(),
): Projection<Event, Type, DeadlineStore<Command, any>> {
  const name = `${family.name}_deadlines`
  return {
    name,
    family,
    types: deadlines.types,
    open: (db, version) => DeadlineStore.open<Command, any>(db, name, version, deadlines, elapsedMs),
  }
}
