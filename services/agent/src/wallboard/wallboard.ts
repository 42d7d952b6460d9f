import type { Alert } from '../alerts/alert.ts'
import type { PoolNow } from '../workforce/pool-view.ts'

/** What a wallboard shows of the company, a team or a queue. */
export interface Numbers {
  readonly withRobot: number
  readonly waiting: number
  readonly offered: number
  readonly withAgent: number
  readonly parked: number
  /** Of who waits or is offered; 0: nobody. */
  readonly longestWaitSeconds: number
  /** Today's figures, as docs/reference/metrics.md defines them. Null: nothing to divide by, not counted so, or the archive is away. */
  readonly serviceLevelPercent: number | null
  readonly abandonedPercent: number | null
  readonly handledToday: number | null
  readonly containmentPercent: number | null
}

export interface Wallboard {
  readonly at: string
  readonly position: string
  readonly totals: Numbers
  readonly queues: readonly ({ readonly name: string } & Numbers)[]
  readonly agents: readonly {
    readonly id: string
    readonly status: string
    readonly since: string | null
    readonly load: number
    readonly capacity: number
  }[]
  /** Open ones, newest first. */
  readonly alerts: readonly Alert[]
}

/** Conversations that are not over, of one stage in one queue. */
export interface Counted {
  readonly stage: string
  readonly queue: string | null
  readonly count: number
  readonly since: string
}

/** Above and below the line, so that shares of several queues make the share of all of them. */
export interface Share {
  readonly numerator: number
  readonly denominator: number
}

/** Of today, as far as whoever looks may see them. */
export interface DayFigures {
  readonly serviceLevel: ReadonlyMap<string, Share>
  readonly abandonment: ReadonlyMap<string, Share>
  readonly handledByQueue: ReadonlyMap<string, number>
  readonly handledByTeam: ReadonlyMap<string, number>
  /** Of the whole company; undefined: not for this person, or nothing yet. */
  readonly containment: Share | undefined
}

export interface WallboardParts {
  readonly now: Date
  readonly position: string
  readonly counts: readonly Counted[]
  /** Undefined: the archive does not answer. */
  readonly figures: DayFigures | undefined
  readonly agents: PoolNow['agents']
  readonly alerts: readonly Alert[]
  /** Those shown, in the order of the configuration. */
  readonly queues: readonly string[]
  /** All that the company has, or a part of it. */
  readonly isWhole: boolean
  /** Undefined: of no one team. */
  readonly team: string | undefined
  /** Undefined: of no one queue. */
  readonly queue: string | undefined
}

/** Pure. */
export function wallboardOf(parts: WallboardParts): Wallboard {
  const { now, position, counts, figures, agents, alerts, queues, isWhole, queue } = parts
  return {
    at: now.toISOString(),
    position,
    totals: {
      ...liveOf(counts, now),
      serviceLevelPercent: percentOf(sharesOf(figures?.serviceLevel, isWhole, queues)),
      abandonedPercent: percentOf(sharesOf(figures?.abandonment, isWhole, queues)),
      handledToday: handledOf(parts),
      containmentPercent:
        isWhole && figures?.containment !== undefined ? percentOf([figures.containment]) : null,
    },
    queues: queues.map((name) => ({
      name,
      ...liveOf(
        counts.filter((counted) => counted.queue === name),
        now,
      ),
      serviceLevelPercent: percentOf(sharesOf(figures?.serviceLevel, false, [name])),
      abandonedPercent: percentOf(sharesOf(figures?.abandonment, false, [name])),
      handledToday: figures === undefined ? null : (figures.handledByQueue.get(name) ?? 0),
      // The robot has no queue.
      containmentPercent: null,
    })),
    agents: agents
      .filter((agent) => queue === undefined || agent.queues.includes(queue))
      .map(({ id, status, since, load, capacity }) => ({ id, status, since, load, capacity })),
    alerts,
  }
}

function handledOf({ figures, isWhole, team, queue }: WallboardParts): number | null {
  if (figures === undefined) return null
  if (queue !== undefined) return figures.handledByQueue.get(queue) ?? 0
  if (!isWhole) return team === undefined ? 0 : (figures.handledByTeam.get(team) ?? 0)
  return [...figures.handledByQueue.values()].reduce((sum, handled) => sum + handled, 0)
}

function liveOf(counts: readonly Counted[], now: Date) {
  const of = (stage: string) => counts.filter((counted) => counted.stage === stage)
  const count = (stage: string) => of(stage).reduce((sum, counted) => sum + counted.count, 0)
  const [longest] = [...of('waiting'), ...of('offered')].map(({ since }) => since).toSorted()
  return {
    withRobot: count('with_robot'),
    waiting: count('waiting'),
    offered: count('offered'),
    withAgent: count('with_agent'),
    parked: count('parked'),
    longestWaitSeconds:
      longest === undefined ? 0 : Math.max(0, Math.floor((now.getTime() - Date.parse(longest)) / 1_000)),
  }
}

/** Of the whole company also what queues had that are none any more. */
function sharesOf(
  byQueue: ReadonlyMap<string, Share> | undefined,
  isWhole: boolean,
  queues: readonly string[],
): readonly Share[] {
  if (byQueue === undefined) return []
  if (isWhole) return [...byQueue.values()]
  return queues.flatMap((queue) => byQueue.get(queue) ?? [])
}

function percentOf(shares: readonly Share[]): number | null {
  const above = shares.reduce((sum, { numerator }) => sum + numerator, 0)
  const below = shares.reduce((sum, { denominator }) => sum + denominator, 0)
  return below === 0 ? null : (above / below) * 100
}
