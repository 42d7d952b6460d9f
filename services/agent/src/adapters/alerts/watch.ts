import type { Person, Roster } from '@parley/people'
import { type Resource, Rounds } from '@parley/service'
import { type Alert, figureAlert } from '../../alerts/alert.ts'
import {
  type AlertRules,
  type FigureRule,
  type NumberRule,
  type RulesInForce,
  isBeyond,
  watchedBy,
} from '../../alerts/rules.ts'
import { Sight } from '../../conversation/viewing.ts'
import type { Wallboards } from '../wallboard/wallboards.ts'
import type { Measured } from './measured.ts'
import type { AlertStore, Condition } from './store.ts'

export interface AlertWatchOptions {
  readonly store: AlertStore
  readonly rules: RulesInForce
  readonly wallboards: Pick<Wallboards, 'totals' | 'alertsChanged'>
  readonly measured: Pick<Measured, 'values'>
  readonly roster: Roster
  /** Somebody who sees everything, in whose name the figures of the day are asked. */
  watcher(): Promise<Person | undefined>
  readonly now: () => Date
  readonly onError: (error: unknown) => void
  readonly everyMs?: number
}

const EVERY_MS = 2_000
/** Whoever took a turn and is not heard of any more has died. */
const TURN_MS = 5_000
/** So long a figure is within its limit before its alert is over: one that goes to and fro at its limit would else be told, and sound, each time. */
const OVER_AFTER_MS = 15_000

/** What a look began with. */
interface Seen {
  readonly conditions: ReadonlyMap<string, Condition>
  readonly open: readonly Alert[]
}

class NobodyWatches extends Error {
  constructor() {
    super(
      'Nobody in people.yaml sees everything (an auditor, an administrator, a supervisor of no team), so no figure is watched.',
    )
  }
}

/**
 * Looks at the figures every two seconds, on one replica at a time, and opens and ends the alerts of their rules. All that a look must know of
 * earlier ones is in the store, so it does not matter who looks: docs/adr/0031.
 */
export class AlertWatch {
  readonly #options: AlertWatchOptions
  readonly #everyMs: number
  readonly #rounds: Rounds
  /** No figure is watched, and what earlier rules left is cleared away: nothing to do until others are in force. */
  #idleUnder: AlertRules | undefined

  constructor(options: AlertWatchOptions) {
    this.#options = options
    this.#everyMs = options.everyMs ?? EVERY_MS
    this.#rounds = new Rounds({
      everyMs: this.#everyMs,
      round: () => this.#round(),
      onError: options.onError,
    })
  }

  get resource(): Resource {
    return { name: 'alert watch', close: () => this.#rounds.close() }
  }

  async #round(): Promise<'idle' | void> {
    const { store, rules, now } = this.#options
    const inForce = rules.now()
    // Who does not know yet what is watched would take every alert for one of a rule that is gone.
    if (inForce === undefined || inForce === this.#idleUnder) return 'idle'
    const at = now()
    if (!(await store.takeTurn(at, TURN_MS))) return 'idle'
    const leftBehind = await this.#look(at, inForce)
    await store.nextTurn(new Date(at.getTime() + this.#everyMs))
    if (inForce.figures.length === 0 && leftBehind === 0) this.#idleUnder = inForce
    return undefined
  }

  /** @returns how many rules of words are in force no more whose alerts it ended: there may be others */
  async #look(now: Date, { figures, words }: AlertRules): Promise<number> {
    const { store, wallboards } = this.#options
    // Before their conditions: an alert is opened behind the beginning of its own, so none that is read here seems to have none.
    const open = await store.openOfFigures()
    const [conditions, leftBehind] = await Promise.all([
      store.conditions(),
      store.openRulesOfWordsBut(words.map(({ name }) => name)),
    ])
    const at = now.toISOString()
    for (const rule of leftBehind) await store.endOfWords(rule, at)
    if (leftBehind.size > 0) wallboards.alertsChanged()
    const seen = { conditions, open }
    const known = new Set(figures.map(({ name }) => name))
    const watchedOnce = new Set([...conditions.keys(), ...open.map(({ rule }) => rule)])
    for (const rule of watchedOnce) if (!known.has(rule)) await this.#ended(rule, seen, at)

    for await (const [rule, value] of this.#values(figures, now)) {
      const seenSince = await this.#sinceOf(rule, seen, now)
      if (!isBeyond(rule, value)) {
        if (seenSince !== undefined) await this.#within(rule.name, seenSince, seen, now)
        continue
      }
      if (seenSince !== undefined && conditions.get(rule.name)?.withinSince !== undefined)
        await store.wentBeyond(rule.name, seenSince)
      const since =
        seenSince ?? (await store.conditionBegan(rule.name, { since: at, of: watchedBy(rule) })).since
      const alert = figureAlert(rule, value, since, at)
      const isDue = now.getTime() - Date.parse(alert.since) >= rule.forSeconds * 1_000
      if (!isDue || open.some(({ id }) => id === alert.id)) continue
      await store.begin([alert])
      wallboards.alertsChanged()
    }
    return leftBehind.size
  }

  /** What nobody was told of is over at once. An alert is when it has been so for a while, by a clock that did not go back meanwhile. */
  async #within(rule: string, since: string, seen: Seen, now: Date): Promise<void> {
    const at = now.toISOString()
    const isOpen = seen.open.some((alert) => alert.rule === rule)
    const { withinSince } = seen.conditions.get(rule) ?? {}
    if (isOpen && withinSince === undefined) return this.#options.store.cameWithin(rule, since, at)
    const forMs = now.getTime() - Date.parse(withinSince ?? at)
    if (!isOpen || forMs >= OVER_AFTER_MS || forMs < -TURN_MS) await this.#ended(rule, seen, at)
  }

  async #ended(rule: string, { conditions, open }: Seen, at: string): Promise<void> {
    const { store, wallboards } = this.#options
    const begun = [conditions.get(rule), ...open.filter((alert) => alert.rule === rule)]
    const since = begun.flatMap((one) => one?.since ?? [])
    await store.conditionEnded(rule, since, at)
    wallboards.alertsChanged()
  }

  /**
   * Since when it is so, as somebody has seen: of this very rule, and at no time that a clock that went back has yet to reach. An alert that is open of another time is over:
   * a replica whose turn had run out while it looked opened it behind the end of what it had seen, and no other end would come.
   */
  async #sinceOf(rule: FigureRule, seen: Seen, now: Date): Promise<string | undefined> {
    const { name } = rule
    const { conditions, open } = seen
    const { since, of = watchedBy(rule) } = conditions.get(name) ?? {}
    const alerts = open.filter((alert) => alert.rule === name)
    if (since === undefined && alerts.length === 0) return undefined
    const isSame = of === watchedBy(rule) && alerts.every((alert) => alert.since === since)
    // Whose alert is open goes by the same name until it is over.
    if (since !== undefined && isSame && (Date.parse(since) <= now.getTime() + TURN_MS || alerts.length > 0))
      return since
    await this.#ended(name, seen, now.toISOString())
    return undefined
  }

  /** Those that are known: what is not is neither beyond its limit nor within it. Numbers of now first, which wait for no archive. */
  async *#values(
    figures: readonly FigureRule[],
    now: Date,
  ): AsyncGenerator<readonly [FigureRule, number | null]> {
    if (figures.length === 0) return
    const { measured, roster, watcher } = this.#options
    const person = await watcher()
    if (person === undefined) throw new NobodyWatches()
    yield* await this.#numbers(
      figures.filter((rule) => rule.over === undefined),
      new Sight(person, roster),
    )
    yield* await measured.values(
      figures.filter((rule) => rule.over !== undefined),
      person.id,
      now,
    )
  }

  /** What is of one queue, one team, or all, is read once. */
  async #numbers(
    figures: readonly NumberRule[],
    sight: Sight,
  ): Promise<ReadonlyMap<NumberRule, number | null>> {
    const values = new Map<NumberRule, number | null>()
    const { wallboards } = this.#options
    const scopes = Map.groupBy(figures, ({ queue, team }) => JSON.stringify([queue, team]))
    for (const rules of scopes.values()) {
      const { queue, team } = rules[0]!
      const ofTheDay = rules.some(({ figure }) => OF_THE_DAY.has(figure))
      const totals = await wallboards.totals(sight, { queue, team }, ofTheDay)
      // Without the archive none of the day's figures is known.
      const isDayKnown = totals.handledToday !== null
      for (const rule of rules)
        if (isDayKnown || !OF_THE_DAY.has(rule.figure)) values.set(rule, totals[rule.figure])
    }
    return values
  }
}

const OF_THE_DAY: ReadonlySet<string> = new Set([
  'serviceLevelPercent',
  'abandonedPercent',
  'handledToday',
  'containmentPercent',
])
