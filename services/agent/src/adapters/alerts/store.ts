import { type PagePlace, insertNew } from '@parley/eventlog'
import { dueBy } from '@parley/service'
import type { Collection, Db, Filter, UpdateFilter } from 'mongodb'
import type { Alert } from '../../alerts/alert.ts'

/** What a receiver outside is told of an alert, in this order. */
export type Telling = 'opened' | 'ended'

interface AlertDocument extends Omit<Alert, 'id' | 'over'> {
  readonly _id: string
  /** Undefined: of an earlier release, which watched numbers of the wallboard alone. */
  readonly over?: Alert['over']
  /** What the receiver was not told yet, oldest first. */
  readonly untold: readonly Telling[]
  /** Nobody tells it before: it waits for its next try, or somebody is at it. Null: there is nothing to tell. */
  readonly dueAt: Date | null
  /** Of the oldest one. */
  readonly tries: number
  /** Null while it is open. */
  readonly leavesAt: Date | null
}

/** Since when a figure is beyond the limit of a rule. */
export interface Condition {
  readonly since: string
  /** What the rule watched, as `watchedBy` says it. Undefined: an earlier release began it, which did not say. */
  readonly of?: string
  /** Its alert is open, and the figure has been within its limit since. Undefined: it is beyond it. */
  readonly withinSince?: string
}

interface ConditionDocument extends Condition {
  readonly _id: string
}

export interface ClosedConversation {
  readonly id: string
  readonly at: string
}

interface TurnDocument {
  readonly _id: string
  readonly dueAt: Date
}

export interface TellingJob {
  readonly alert: Alert
  readonly telling: Telling
  readonly tries: number
}

/** Where it is taken up again when nobody looks at it any more. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000
/** More rules at a time are ended by the next looks. */
const LEFT_BEHIND_MAX = 1_000
/** More than a shift looks after in its whole life: of a rule whose words everybody says. */
export const OPEN_ALERTS_MAX = 10_000
export const ALERTS_A_PAGE = 200

/**
 * Alerts and what is known of their conditions, shared by all replicas: whoever's turn it is goes on where another one stopped. Each change
 * is one conditional write, so two who do the same thing do it once.
 */
export class AlertStore {
  readonly #alerts: Collection<AlertDocument>
  readonly #conditions: Collection<ConditionDocument>
  readonly #turns: Collection<TurnDocument>
  readonly #isTold: boolean

  /** @param isTold there is a receiver outside */
  static async open(db: Db, isTold: boolean): Promise<AlertStore> {
    const alerts = db.collection<AlertDocument>('alerts')
    await alerts.createIndexes([
      { key: { endedAt: 1, openedAt: -1 } },
      { key: { openedAt: -1, _id: -1 } },
      { key: { conversationId: 1 } },
      { key: { rule: 1, endedAt: 1 } },
      { key: { dueAt: 1 } },
      { key: { leavesAt: 1 }, expireAfterSeconds: 0 },
    ])
    const turns = db.collection<TurnDocument>('alert_turns')
    await insertNew(turns, [{ _id: 'look', dueAt: new Date(0) }])
    return new AlertStore(alerts, db.collection<ConditionDocument>('alert_conditions'), turns, isTold)
  }

  private constructor(
    alerts: Collection<AlertDocument>,
    conditions: Collection<ConditionDocument>,
    turns: Collection<TurnDocument>,
    isTold: boolean,
  ) {
    this.#alerts = alerts
    this.#conditions = conditions
    this.#turns = turns
    this.#isTold = isTold
  }

  /** Those that are there already stay as they are. */
  async begin(alerts: readonly Alert[]): Promise<void> {
    await insertNew(
      this.#alerts,
      alerts.map(({ id, ...alert }) => ({
        ...alert,
        _id: id,
        untold: this.#isTold ? (['opened'] as const) : [],
        dueAt: this.#isTold ? new Date() : null,
        tries: 0,
        leavesAt: null,
      })),
    )
  }

  /** Of all conversations in which the words of that rule were said. */
  async endOfWords(rule: string, at: string): Promise<void> {
    await this.#end({ rule, conversationId: { $ne: null } }, at)
  }

  /** Of the few that have any: most of what is closed alerted nobody. */
  async endOfConversations(closed: readonly ClosedConversation[]): Promise<void> {
    if (closed.length === 0) return
    const open = await this.#alerts
      .find({ conversationId: { $in: closed.map(({ id }) => id) }, endedAt: null })
      .project<Pick<Alert, 'conversationId'>>({ conversationId: 1 })
      .toArray()
    const alerted = new Set(open.map(({ conversationId }) => conversationId))
    for (const { id, at } of closed) if (alerted.has(id)) await this.#end({ conversationId: id }, at)
  }

  async #end(which: Filter<AlertDocument>, endedAt: string): Promise<void> {
    const open = { ...which, endedAt: null }
    const ended = { endedAt, leavesAt: new Date(Date.parse(endedAt) + KEPT_MS) }
    if (!this.#isTold) {
      await this.#alerts.updateMany(open, { $set: ended })
      return
    }
    const push: UpdateFilter<AlertDocument> = { $push: { untold: 'ended' } }
    // Behind what waits still, in its turn; of all others at once.
    await this.#alerts.updateMany({ ...open, 'untold.0': { $exists: true } }, { ...push, $set: ended })
    await this.#alerts.updateMany(open, { ...push, $set: { ...ended, dueAt: new Date(), tries: 0 } })
  }

  /** @returns as it is then; undefined: there is none. Whoever was first stays. */
  async acknowledge(id: string, personId: string, at: string): Promise<Alert | undefined> {
    await this.#alerts.updateOne(
      { _id: id, acknowledgedAt: null },
      { $set: { acknowledgedAt: at, acknowledgedBy: personId } },
    )
    return this.byId(id)
  }

  async byId(id: string): Promise<Alert | undefined> {
    const found = await this.#alerts.findOne({ _id: id })
    return found === null ? undefined : alertOf(found)
  }

  /** All of them: there is one at most of each rule that is in force. */
  async openOfFigures(): Promise<readonly Alert[]> {
    const found = await this.#alerts.find({ conversationId: null, endedAt: null }).toArray()
    return found.map(alertOf)
  }

  /** Rules of words, other than these, of which an alert is open; of very many alerts not all at once. */
  async openRulesOfWordsBut(rules: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.#alerts
      .find({ conversationId: { $ne: null }, endedAt: null, rule: { $nin: [...rules] } })
      .limit(LEFT_BEHIND_MAX)
      .project<Pick<Alert, 'rule'>>({ rule: 1 })
      .toArray()
    return new Set(found.map(({ rule }) => rule))
  }

  /** First those that nobody looks after, then the others, of each newest first: `OPEN_ALERTS_MAX` at most, among them all of figures. */
  async openOnes(): Promise<readonly Alert[]> {
    const newest = async (which: Filter<AlertDocument>, limit: number) =>
      limit === 0
        ? []
        : this.#alerts
            .find({ ...which, endedAt: null })
            .sort({ openedAt: -1 })
            .limit(limit)
            .toArray()
    const ofFigures = await newest({ conversationId: null }, OPEN_ALERTS_MAX)
    const ofWords = { conversationId: { $ne: null } }
    const room = OPEN_ALERTS_MAX - ofFigures.length
    const unseen = await newest({ ...ofWords, acknowledgedAt: null }, room)
    const seen = await newest({ ...ofWords, acknowledgedAt: { $ne: null } }, room - unseen.length)
    return [...ofFigures, ...unseen, ...seen].map(alertOf).toSorted(byUrgency)
  }

  /** What is open, and what ended after that: newest first. @returns fewer than `ALERTS_A_PAGE`: there are no more */
  async page(endedAfter: string, behind: PagePlace | undefined): Promise<readonly Alert[]> {
    const parts: Filter<AlertDocument>[] = [{ $or: [{ endedAt: null }, { endedAt: { $gt: endedAfter } }] }]
    if (behind !== undefined)
      parts.push({
        $or: [{ openedAt: { $lt: behind.at } }, { openedAt: behind.at, _id: { $lt: behind.id } }],
      })
    const found = await this.#alerts
      .find({ $and: parts })
      .sort({ openedAt: -1, _id: -1 })
      .limit(ALERTS_A_PAGE)
      .toArray()
    return found.map(alertOf)
  }

  /** By the name of the rule. */
  async conditions(): Promise<ReadonlyMap<string, Condition>> {
    const found = await this.#conditions.find().toArray()
    return new Map(found.map(({ _id, ...condition }) => [_id, condition]))
  }

  /** Whoever saw it first stays: two who look at once open one alert. @returns as it is then */
  async conditionBegan(rule: string, condition: Condition): Promise<Condition> {
    await insertNew(this.#conditions, [{ _id: rule, ...condition }])
    return (await this.#conditions.findOne({ _id: rule })) ?? condition
  }

  /** The figure is within its limit again. Whoever saw it first stays. */
  async cameWithin(rule: string, since: string, at: string): Promise<void> {
    await this.#conditions.updateOne(
      { _id: rule, since, withinSince: { $exists: false } },
      { $set: { withinSince: at } },
    )
  }

  /** It went beyond it once more before that was over. */
  async wentBeyond(rule: string, since: string): Promise<void> {
    await this.#conditions.updateOne({ _id: rule, since }, { $unset: { withinSince: true } })
  }

  /**
   * What began at these times: what another replica began since then goes on. The condition first: an alert that is open without one is found
   * to be over, but a condition whose alert has ended opens no other, and its rule is silent for as long as it stands.
   */
  async conditionEnded(rule: string, since: readonly string[], at: string): Promise<void> {
    await this.#conditions.deleteOne({ _id: rule, since: { $in: [...since] } })
    await this.#end({ rule, conversationId: null, since: { $in: [...since] } }, at)
  }

  /** One replica at a time looks. @returns whether it is this one; if it dies, another one's turn comes after `withinMs` */
  async takeTurn(now: Date, withinMs: number): Promise<boolean> {
    const taken = await this.#turns.findOneAndUpdate(
      { _id: 'look', ...dueBy('dueAt', now, withinMs) },
      { $set: { dueAt: new Date(now.getTime() + withinMs) } },
    )
    return taken !== null
  }

  async nextTurn(dueAt: Date): Promise<void> {
    await this.#turns.updateOne({ _id: 'look' }, { $set: { dueAt } })
  }

  /** What is due, for whoever asks first. Nobody else gets it for `leaseMs`. @param waitMaxMs nobody waits longer for a try */
  async claimTelling(now: Date, leaseMs: number, waitMaxMs: number): Promise<TellingJob | undefined> {
    const claimed = await this.#alerts.findOneAndUpdate(
      { ...dueBy('dueAt', now, waitMaxMs), 'untold.0': { $exists: true } },
      { $set: { dueAt: new Date(now.getTime() + leaseMs) }, $inc: { tries: 1 } },
      { sort: { dueAt: 1 }, returnDocument: 'after' },
    )
    const telling = claimed?.untold[0]
    if (!claimed || telling === undefined) return undefined
    return { alert: alertOf(claimed), telling, tries: claimed.tries }
  }

  /** Or given up. What came behind it meanwhile is due at once. */
  async told(id: string, telling: Telling, now: Date): Promise<void> {
    await this.#alerts.updateOne(
      { _id: id, 'untold.0': telling },
      { $pull: { untold: telling }, $set: { dueAt: now, tries: 0 } },
    )
    await this.#alerts.updateOne({ _id: id, untold: { $size: 0 } }, { $set: { dueAt: null } })
  }

  async tellAgain(id: string, dueAt: Date): Promise<void> {
    await this.#alerts.updateOne({ _id: id }, { $set: { dueAt } })
  }
}

function byUrgency(one: Alert, other: Alert): number {
  const isSeen = ({ acknowledgedAt }: Alert) => Number(acknowledgedAt !== null)
  return isSeen(one) - isSeen(other) || Date.parse(other.openedAt) - Date.parse(one.openedAt)
}

function alertOf({
  _id,
  untold: _untold,
  dueAt: _due,
  tries: _tries,
  leavesAt: _leaves,
  over = null,
  ...alert
}: AlertDocument): Alert {
  return { id: _id, over, ...alert }
}
