import type { Roster } from '@parley/people'
import { type Sight, audienceOfPlace } from '../../conversation/viewing.ts'
import type { PoolNow } from '../../workforce/pool-view.ts'
import { GROUPS, type Wallboard, wallboardOf } from '../../wallboard/wallboard.ts'
import type { Alert } from '../../alerts/alert.ts'
import type { Place as ConversationPlace } from '../../conversation/conversation.ts'
import { placesOf, seenAmong } from '../alerts/sight.ts'
import type { AlertStore } from '../alerts/store.ts'
import {
  type ConversationStore,
  type Narrowing,
  type OpenCount,
  type TeamsPlace,
  isNarrowed,
  placeOfCounted,
} from '../read-models/conversation-store.ts'
import type { DeskFeed } from '../desk/feed.ts'
import { teamOf, vendorOf, vendorsOf } from '../desk/sight.ts'
import { type LiveOverview, liveOverview } from '../live-overview.ts'
import type { FigureViewer, TodaysFigures } from './todays-figures.ts'

/** Of all that one may see. */
export interface WallboardFilter {
  readonly queue?: string | undefined
  readonly team?: string | undefined
  readonly vendor?: string | undefined
  readonly flow?: string | undefined
}

export interface WallboardsOptions {
  readonly conversations: Pick<ConversationStore, 'openCounts' | 'conversations'>
  readonly alerts: Pick<AlertStore, 'openOnes'>
  /** Asked for late: the feed tells the wallboards that something happened. */
  feed(): Pick<DeskFeed, 'position' | 'readPosition'> & { readonly pool: { now(): PoolNow } }
  /** What can be read follows the log. */
  isFollowing(): boolean
  readonly roster: Roster
  readonly figures: Pick<TodaysFigures, 'read' | 'shown' | 'watch'>
  readonly now: () => Date
  readonly onError: (error: unknown) => void
}

/** More than anybody looks after at once; how many there are is told beside them, and `GET /api/alerts` has all. */
const ALERTS_SHOWN_MAX = 50
/** What is open serves all who watch so long: another replica may have opened or ended some. */
const ALERTS_MAX_MS = 1_000

/** A read model changes without an event, too: another version is read from now on, a stream is taken up again. */
const COUNTED_MAX_MS = 5_000

/** Rules of several queues and teams that are looked at together. */
const STORED_MAX_MS = 1_000

/** Boards that are watched at one time: each is read again by itself so soon after something was said. */
const WATCHED_MAX_MS = 250

type Place = Pick<Wallboard, 'position' | 'behindSeconds'> & {
  /** What is read from now on holds all that was told up to the position, or a part of it. `stored`: whatever it holds. */
  readonly reading: 'all' | 'part' | 'stored'
  /** What was read serves so long, though something was said since. */
  readonly servesMs: number
}

/** What is open in the whole company, together or by owner. */
interface Counted {
  /** Nothing that was told up to there is missing. Undefined: that is not known. */
  readonly position: string | undefined
  readonly atMs: number
  /** Of it, what is in somebody's sight. */
  readonly seenBy: Promise<(sight: Sight) => readonly OpenCount[]>
}

/** What is open in the whole company. */
interface OpenAlerts {
  readonly atMs: number
  readonly all: Promise<readonly Alert[]>
  /** Of their conversations, once somebody who sees a part has asked. */
  places: Promise<ReadonlyMap<string, ConversationPlace>> | undefined
}

type AlertsShown = Pick<Wallboard, 'alerts' | 'alertCount'>

interface Watched {
  readonly live: LiveOverview<Wallboard>
  watcherCount: number
}

/** Wallboards that somebody watches: read again whenever something happened, once for all who watch the same. */
export class Wallboards {
  readonly #options: WallboardsOptions
  readonly #watched = new Map<string, Watched>()
  /** When somebody first asked for what could not be read yet, by this process's own clock. */
  #behindSinceMs: number | undefined
  readonly #counted = new Map<'together' | 'by owner', Counted>()
  #open: OpenAlerts | undefined

  constructor(options: WallboardsOptions) {
    this.#options = options
  }

  /** As it is now: all that was decided up to its position is in it. */
  read(sight: Sight, filter: WallboardFilter): Promise<Wallboard> {
    return this.#read(sight, filter, {
      position: () => this.#position(-Infinity),
      alerts: () => this.#alerts(sight, filter, -Infinity),
      figures: () => this.#options.figures.read(figureViewerOf(sight)),
    })
  }

  /** For who watches: what is known now, and told again when the figures of the day are others. @param onOlder something was said that is not in it */
  async #readForWatchers(sight: Sight, filter: WallboardFilter, onOlder: () => void): Promise<Wallboard> {
    const place = await this.#position(WATCHED_MAX_MS)
    const shown = await this.#read(sight, filter, {
      position: async () => place,
      alerts: () => this.#alerts(sight, filter, ALERTS_MAX_MS),
      figures: async () => this.#options.figures.shown(figureViewerOf(sight)),
    })
    if (shown.position !== place.position) onOlder()
    return shown
  }

  /** Its numbers alone, as they are stored: nothing is hurried for them. @param ofTheDay without it those of the day are not known: they are many questions to the archive */
  async totals(sight: Sight, filter: WallboardFilter, ofTheDay: boolean): Promise<Wallboard['totals']> {
    const { figures } = this.#options
    const { totals } = await this.#read(sight, filter, {
      position: async () => ({
        position: this.#options.feed().position(),
        behindSeconds: 0,
        reading: 'stored' as const,
        servesMs: STORED_MAX_MS,
      }),
      alerts: async () => NO_ALERTS,
      figures: async () => (ofTheDay ? figures.read(figureViewerOf(sight)) : undefined),
    })
    return totals
  }

  /** What nobody looks after comes first: however much else is open, it is shown. @param keptMs what was read serves so long */
  async #alerts(
    sight: Sight,
    { queue, team, vendor, flow }: WallboardFilter,
    keptMs: number,
  ): Promise<AlertsShown> {
    // Nothing is watched by flow.
    if (flow !== undefined) return NO_ALERTS
    const { conversations, roster } = this.#options
    const places = [
      ...(team === undefined ? [] : [teamOf(roster, team)]),
      ...(vendor === undefined ? [] : [vendorOf(roster, vendor)]),
    ]
    const open = this.#openAlerts(keptMs)
    const all = await open.all
    const asked = all.filter(
      (alert) =>
        (queue === undefined || alert.queue === queue) && places.every((place) => isOfPlace(alert, place)),
    )
    const seen = await seenAmong(asked, sight, () => (open.places ??= placesOf(all, conversations)))
    return { alerts: seen.slice(0, ALERTS_SHOWN_MAX), alertCount: seen.length }
  }

  /** Hundreds of boards show of the same ones what each may see. */
  #openAlerts(keptMs: number): OpenAlerts {
    const atMs = performance.now()
    if (this.#open !== undefined && atMs - this.#open.atMs <= keptMs) return this.#open
    const open: OpenAlerts = { atMs, all: this.#options.alerts.openOnes(), places: undefined }
    this.#open = open
    // Who asks next would have the same fault, though the store is back.
    open.all.catch(() => {
      if (this.#open === open) this.#open = undefined
    })
    return open
  }

  /** Numbers that are sent are not new by that: since when they are not all that happened is told with them. */
  async #position(servesMs: number): Promise<Place> {
    const askedAtMs = performance.now()
    const feed = this.#options.feed()
    const told = feed.position()
    const position = await feed.readPosition()
    const isAllRead = position === told && this.#options.isFollowing()
    this.#behindSinceMs = isAllRead ? undefined : (this.#behindSinceMs ?? askedAtMs)
    const since = this.#behindSinceMs
    return {
      position,
      behindSeconds: since === undefined ? 0 : Math.floor((performance.now() - since) / 1_000),
      reading: isAllRead ? 'all' : 'part',
      servesMs,
    }
  }

  /**
   * Reading them costs as much as there is open, whoever looks at however little of it. So what the whole company has is read once for all
   * boards, and again only where something was said since. By owner, for who sees a part, it is many more counts.
   * @returns with what they hold: the position, or one shortly before it
   */
  async #counts(
    sight: Sight,
    narrowing: Narrowing,
    { position, reading, servesMs }: Place,
  ): Promise<{ readonly position: string; readonly counts: readonly OpenCount[] }> {
    const how = sight.scope.kind === 'all' ? 'together' : 'by owner'
    const atMs = performance.now()
    const kept = this.#counted.get(how)
    const isOfNow = reading !== 'part' && kept?.position === position
    const isUnknown = reading === 'all' && kept?.position === undefined
    const keptMs = isOfNow ? COUNTED_MAX_MS : isUnknown ? -Infinity : servesMs
    const counted: Counted =
      kept !== undefined && atMs - kept.atMs <= keptMs
        ? kept
        : {
            position: reading === 'all' ? position : undefined,
            atMs,
            seenBy: how === 'together' ? this.#openTogether() : this.#openByOwner(),
          }
    this.#counted.set(how, counted)
    try {
      const seenBy = await counted.seenBy
      const counts = seenBy(sight).filter((one) => isNarrowed(one, narrowing))
      return { position: (reading === 'all' ? counted.position : undefined) ?? position, counts }
    } catch (error) {
      if (this.#counted.get(how) === counted) this.#counted.delete(how)
      throw error
    }
  }

  async #openTogether(): Promise<() => readonly OpenCount[]> {
    const counts = await this.#options.conversations.openCounts(false)
    return () => counts
  }

  /** There are thousands of owners, and hundreds of boards: each is looked at once for all of these. */
  async #openByOwner(): Promise<(sight: Sight) => readonly OpenCount[]> {
    const { conversations, roster } = this.#options
    const counts = (await conversations.openCounts(true)).map((one) => ({ one, place: placeOfCounted(one) }))
    const ofAudience = Map.groupBy(
      counts.flatMap((each) => audienceOfPlace(each.place, roster).map((audience) => ({ audience, each }))),
      ({ audience }) => audience,
    )
    return (sight) => {
      const perhaps = [...sight.audiences].flatMap((audience) => ofAudience.get(audience) ?? [])
      return [...new Set(perhaps.map(({ each }) => each))].flatMap(({ one, place }) =>
        sight.sees(place) ? [one] : [],
      )
    }
  }

  async #read(
    sight: Sight,
    filter: WallboardFilter,
    parts: {
      position(): Promise<Place>
      alerts(): Promise<AlertsShown>
      figures(): ReturnType<TodaysFigures['read']>
    },
  ): Promise<Wallboard> {
    const { roster, now } = this.#options
    const feed = this.#options.feed()
    const { queue, team, vendor, flow } = filter
    const ofTeam = team === undefined ? undefined : teamOf(roster, team)
    const ofVendor = vendor === undefined ? undefined : vendorOf(roster, vendor)
    const place = await parts.position()
    const { behindSeconds } = place
    const [{ position, counts }, day, alerts] = await Promise.all([
      this.#counts(sight, { queue, team: ofTeam, vendor: ofVendor, flow }, place),
      parts.figures(),
      parts.alerts(),
    ])
    const { agents, queues, flows } = feed.pool.now()
    const seesAll = sight.scope.kind === 'all'
    const narrowedBy = GROUPS.filter((by) => filter[by] !== undefined)
    return wallboardOf({
      now: now(),
      position,
      behindSeconds,
      counts,
      figures: day,
      agents: agents
        .filter(({ id }) => sight.seesAgent(id))
        .filter(({ id }) => team === undefined || roster.people.get(id)?.team === team)
        .filter(({ id }) => vendor === undefined || roster.people.get(id)?.vendor === vendor)
        .map((agent) => ({ ...agent, name: roster.people.get(agent.id)?.name ?? null })),
      queues: queues
        .map(({ name }) => name)
        .filter((name) => sight.servesQueue(name))
        .filter((name) => queue === undefined || name === queue)
        .filter((name) => ofTeam === undefined || ofTeam.queues.includes(name))
        .filter((name) => ofVendor === undefined || ofVendor.queues.includes(name)),
      teams: [...roster.teams]
        .filter(([id]) => seesAll || sight.team === id)
        .filter(([id]) => team === undefined || id === team)
        .filter(([, { vendor: whose }]) => vendor === undefined || whose === vendor)
        .map(([id]) => ({ name: id, ...teamOf(roster, id) })),
      vendors: vendorsOf(roster)
        .filter((name) => seesAll || roster.people.get(sight.personId)?.vendor === name)
        .filter((name) => vendor === undefined || name === vendor)
        .map((name) => {
          const place = vendorOf(roster, name)
          return { name, ...place, isWhole: seesAll || place.teams.every((one) => one === sight.team) }
        }),
      flows: flows.map(({ name }) => name).filter((name) => seesAll && (flow === undefined || name === flow)),
      ...alerts,
      seesAll,
      isWhole: seesAll && narrowedBy.length === 0,
      narrowedBy,
      team: team ?? sight.team ?? undefined,
      queue,
      vendor,
      flow,
    })
  }

  /** At once, whenever it changed, and in between, so that silence means that it cannot be read: the same object for all who watch the same. @returns what ends it */
  watch(sight: Sight, filter: WallboardFilter, listener: (wallboard: Wallboard) => void): () => void {
    const key = JSON.stringify([
      sight.scope.kind === 'all' ? null : sight.personId,
      filter.queue ?? null,
      filter.team ?? null,
      filter.vendor ?? null,
      filter.flow ?? null,
    ])
    const watched = this.#watched.get(key) ?? this.#begin(sight, filter)
    this.#watched.set(key, watched)
    watched.watcherCount += 1
    let last: Wallboard | undefined
    const unsubscribe = watched.live.subscribe((word) => {
      if (word.kind === 'state') last = word.state
      else if (last !== undefined) last = { ...last, at: word.at }
      if (last !== undefined) listener(last)
    })
    const unwatch = this.#options.figures.watch(figureViewerOf(sight), () => watched.live.changed())
    return () => {
      unsubscribe()
      unwatch()
      watched.watcherCount -= 1
      if (watched.watcherCount > 0) return
      watched.live.close()
      this.#watched.delete(key)
    }
  }

  /** One was opened, ended or is looked after: what is kept of them serves nobody any more. */
  alertsChanged(): void {
    this.#open = undefined
    this.changed()
  }

  /** Something happened: who watches is told soon. */
  changed(): void {
    for (const { live } of this.#watched.values()) live.changed()
  }

  #begin(sight: Sight, filter: WallboardFilter): Watched {
    const { now, onError } = this.#options
    const live: LiveOverview<Wallboard> = liveOverview({
      read: () => this.#readForWatchers(sight, filter, () => live.changed()),
      now,
      onError,
    })
    return { live, watcherCount: 0 }
  }
}

const NO_ALERTS: AlertsShown = { alerts: [], alertCount: 0 }

/** As its numbers: what is the teams', and what waits in their queues. Another company is told nothing of the rest of this one. */
const isOfPlace = ({ team, queue }: Alert, { teams, queues }: TeamsPlace): boolean =>
  team === null ? queue !== null && queues.includes(queue) : teams.includes(team)

/** Whoever sees all sees all figures; everybody else those of their team. */
function figureViewerOf({ scope, team, personId }: Sight): FigureViewer {
  return { key: scope.kind === 'all' ? 'all' : `team ${team ?? ''}`, personId }
}
