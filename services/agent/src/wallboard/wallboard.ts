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
  /** Conversations in which something of ours did not reach the customer, and in which nobody knows. */
  readonly sendsFailed: number
  readonly sendsUncertain: number
}

export type Named = { readonly name: string } & Numbers
/** `queues`: whose waits its service level and abandonment count. */
export type OfTeams = Named & { readonly queues: readonly string[] }

export interface Wallboard {
  readonly at: string
  readonly position: string
  /** For so long the numbers have not been all that happened; 0: they are. */
  readonly behindSeconds: number
  /** The robot's conversations are among what is counted, and flows are told. */
  readonly seesAll: boolean
  readonly totals: Numbers
  readonly queues: readonly Named[]
  readonly teams: readonly OfTeams[]
  readonly vendors: readonly OfTeams[]
  readonly flows: readonly Named[]
  readonly agents: readonly {
    readonly id: string
    /** Null where nobody is named. */
    readonly name: string | null
    readonly status: string
    readonly since: string | null
    readonly load: number
    readonly capacity: number
  }[]
  /** Open ones: first those that nobody looks after, of each the newest first. Of very many not all. */
  readonly alerts: readonly Alert[]
  /** Of all that are open. */
  readonly alertCount: number
}

/** Conversations that are not over, alike in all that they are told by. */
export interface Counted {
  readonly stage: string
  readonly queue: string | null
  readonly flow: string | null
  readonly lastTeam: string | null
  /** Where it waits, is offered, or waited when it began to end. */
  readonly stageQueue: string | null
  readonly count: number
  readonly failedCount: number
  readonly uncertainCount: number
  readonly since: string
}

/** What belongs to a team or a vendor: what its teams have or had last, and what waits in their queues. */
export interface TeamsShown {
  readonly name: string
  readonly teams: readonly string[]
  readonly queues: readonly string[]
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
  readonly handledByVendor: ReadonlyMap<string, number>
  readonly containmentByFlow: ReadonlyMap<string, Share>
  /** Of the whole company; undefined: not for this person, or nothing yet. */
  readonly containment: Share | undefined
}

/** What a wallboard may be narrowed by. */
export const GROUPS = ['queue', 'team', 'vendor', 'flow'] as const
type Group = (typeof GROUPS)[number]

export interface WallboardParts {
  readonly now: Date
  readonly position: string
  readonly behindSeconds: number
  readonly counts: readonly Counted[]
  /** Undefined: the archive does not answer. */
  readonly figures: DayFigures | undefined
  readonly agents: readonly (PoolNow['agents'][number] & { readonly name: string | null })[]
  readonly alerts: readonly Alert[]
  readonly alertCount: number
  /** Those shown, in the order of the configuration. */
  readonly queues: readonly string[]
  readonly teams: readonly TeamsShown[]
  /** `isWhole`: all its teams are shown. What was handled is told of a whole vendor alone. */
  readonly vendors: readonly (TeamsShown & { readonly isWhole: boolean })[]
  readonly flows: readonly string[]
  readonly seesAll: boolean
  /** All that the company has, or a part of it. */
  readonly isWhole: boolean
  /** What is looked at of all that. No figure of the day is counted by two things at once. */
  readonly narrowedBy: readonly Group[]
  /** Undefined: of no one team. */
  readonly team: string | undefined
  /** Undefined: of no one queue; likewise the others. */
  readonly queue: string | undefined
  readonly vendor: string | undefined
  readonly flow: string | undefined
}

/** Pure. */
export function wallboardOf(parts: WallboardParts): Wallboard {
  const {
    now,
    position,
    behindSeconds,
    seesAll,
    counts,
    figures,
    agents,
    alerts,
    alertCount,
    queues,
    teams,
    vendors,
    flows,
    queue,
    narrowedBy,
  } = parts
  /** A team is whole where its vendor is looked at. */
  const isCrossed = (by: Group) =>
    narrowedBy.some((one) => one !== by && !(by === 'team' && one === 'vendor'))
  const ofTeams = (by: Group, shown: TeamsShown, handled: Handled): OfTeams => {
    const waitedIn = shown.queues.filter((name) => queues.includes(name))
    return {
      name: shown.name,
      queues: waitedIn,
      ...liveOf(
        counts.filter((counted) => isOf(shown, counted)),
        now,
      ),
      ...dayOf(figures, { queues: waitedIn, handled: isCrossed(by) ? null : handled }),
    }
  }
  return {
    at: now.toISOString(),
    position,
    behindSeconds,
    seesAll,
    totals: { ...liveOf(counts, now), ...dayOfTotals(parts) },
    queues: queues.map((name) => ({
      name,
      ...liveOf(
        counts.filter((counted) => counted.queue === name),
        now,
      ),
      ...dayOf(figures, {
        queues: [name],
        handled: isCrossed('queue') ? null : figures?.handledByQueue.get(name),
      }),
    })),
    teams: teams.map((team) => ofTeams('team', team, figures?.handledByTeam.get(team.name))),
    vendors: vendors.map((vendor) =>
      ofTeams('vendor', vendor, handledOf(figures?.handledByVendor, vendor.name, vendor.isWhole)),
    ),
    flows: flows.map((name) => ({
      name,
      ...liveOf(
        counts.filter((counted) => counted.flow === name),
        now,
      ),
      ...dayOfFlow(isCrossed('flow') ? undefined : figures, name),
    })),
    agents: agents
      .filter((agent) => queue === undefined || agent.queues.includes(queue))
      .map(({ id, name, status, since, load, capacity }) => ({
        id,
        name,
        status,
        since,
        load,
        capacity,
      })),
    alerts,
    alertCount,
  }
}

type DayNumbers = Pick<
  Numbers,
  'serviceLevelPercent' | 'abandonedPercent' | 'handledToday' | 'containmentPercent'
>

/** Undefined: none; null: it is not counted so, or not told to whoever looks. */
type Handled = number | null | undefined

/** What the archive tells nobody is no number: a 0 would be another one than it says to others. */
const handledOf = (told: ReadonlyMap<string, number> | undefined, key: string, isShown: boolean): Handled =>
  told?.get(key) ?? (isShown ? undefined : null)

/** The robot has no queue, and no part of the company but a flow. */
function dayOf(
  figures: DayFigures | undefined,
  of: { readonly queues: readonly string[]; readonly handled: Handled },
): DayNumbers {
  return {
    serviceLevelPercent: percentOf(sharesOf(figures?.serviceLevel, of.queues)),
    abandonedPercent: percentOf(sharesOf(figures?.abandonment, of.queues)),
    handledToday: figures === undefined || of.handled === null ? null : (of.handled ?? 0),
    containmentPercent: null,
  }
}

/** Waits and handlings are not counted by flow. */
function dayOfFlow(figures: DayFigures | undefined, flow: string): DayNumbers {
  const contained = figures?.containmentByFlow.get(flow)
  return {
    serviceLevelPercent: null,
    abandonedPercent: null,
    handledToday: null,
    containmentPercent: contained === undefined ? null : percentOf([contained]),
  }
}

function dayOfTotals({
  figures,
  isWhole,
  narrowedBy,
  queues,
  teams,
  vendors,
  queue,
  team,
  vendor,
  flow,
}: WallboardParts): DayNumbers {
  const isCrossed = narrowedBy.length > 1
  if (flow !== undefined) return dayOfFlow(isCrossed ? undefined : figures, flow)
  if (isCrossed) return dayOf(figures, { queues, handled: null })
  if (!isWhole) {
    const handled =
      queue !== undefined
        ? handledOf(figures?.handledByQueue, queue, queues.includes(queue))
        : vendor !== undefined
          ? handledOf(
              figures?.handledByVendor,
              vendor,
              vendors.some((one) => one.name === vendor && one.isWhole),
            )
          : team !== undefined
            ? handledOf(
                figures?.handledByTeam,
                team,
                teams.some(({ name }) => name === team),
              )
            : undefined
    return dayOf(figures, { queues, handled })
  }
  // Also what queues had that are none any more.
  const all = [...(figures?.handledByQueue ?? [])]
  return {
    ...dayOf(figures, { queues, handled: all.reduce((sum, [, handled]) => sum + handled, 0) }),
    serviceLevelPercent: percentOf([...(figures?.serviceLevel.values() ?? [])]),
    abandonedPercent: percentOf([...(figures?.abandonment.values() ?? [])]),
    containmentPercent: figures?.containment === undefined ? null : percentOf([figures.containment]),
  }
}

/** As the lists of conversations are narrowed. */
export function isOf(
  { teams, queues }: Pick<TeamsShown, 'teams' | 'queues'>,
  { stageQueue, lastTeam }: Pick<Counted, 'stageQueue' | 'lastTeam'>,
): boolean {
  if (lastTeam !== null && teams.includes(lastTeam)) return true
  return stageQueue !== null && queues.includes(stageQueue)
}

function liveOf(counts: readonly Counted[], now: Date) {
  const of = (stage: string) => counts.filter((counted) => counted.stage === stage)
  const sum = (some: readonly Counted[], field: 'count' | 'failedCount' | 'uncertainCount') =>
    some.reduce((total, counted) => total + counted[field], 0)
  const count = (stage: string) => sum(of(stage), 'count')
  const [longest] = [...of('waiting'), ...of('offered')].map(({ since }) => since).toSorted()
  return {
    withRobot: count('with_robot'),
    waiting: count('waiting'),
    offered: count('offered'),
    withAgent: count('with_agent'),
    parked: count('parked'),
    longestWaitSeconds:
      longest === undefined ? 0 : Math.max(0, Math.floor((now.getTime() - Date.parse(longest)) / 1_000)),
    sendsFailed: sum(counts, 'failedCount'),
    sendsUncertain: sum(counts, 'uncertainCount'),
  }
}

function sharesOf(
  byQueue: ReadonlyMap<string, Share> | undefined,
  queues: readonly string[],
): readonly Share[] {
  return byQueue === undefined ? [] : queues.flatMap((queue) => byQueue.get(queue) ?? [])
}

function percentOf(shares: readonly Share[]): number | null {
  const above = shares.reduce((sum, { numerator }) => sum + numerator, 0)
  const below = shares.reduce((sum, { denominator }) => sum + denominator, 0)
  return below === 0 ? null : (above / below) * 100
}
