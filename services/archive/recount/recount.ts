import { contactRecount } from './contacts.ts'
import type { Entry, Recounting } from './entry.ts'
import { type Fact, type FamilyName, type Raw, factsIn } from './facts.ts'
import { poolRecount } from './pool.ts'

/** A figure of a day, or of one of its hours, recounted. */
export interface Recounted {
  readonly metric: string
  readonly version: number
  /** Empty: the whole company. */
  readonly by: '' | 'queue' | 'agent' | 'team' | 'vendor' | 'flow'
  readonly key: string
  /** When the hour begins, ISO 8601 UTC; null: the day. */
  readonly hour: string | null
  readonly numerator: number
  /** Null: a count. */
  readonly denominator: number | null
}

/** A vendor's is made of its teams'. */
type By = Exclude<Recounted['by'], '' | 'vendor'> | 'step'

/** What is above and below the line, in the words of the entries; a minus takes off. docs/reference/metrics.md says the same in sentences. */
const FIGURES: readonly (readonly [
  metric: string,
  by: readonly By[],
  above: string,
  below?: string,
  /** 1 where none is named. */
  version?: number,
])[] = [
  ['waits', ['queue'], 'wait'],
  ['service_level', ['queue'], 'answer in time', 'answer + abandon'],
  ['service_level_of_answered', ['queue', 'agent', 'team'], 'answer in time', 'answer'],
  ['service_level_without_short', ['queue'], 'answer in time', 'answer + abandon - abandon within 5 s'],
  ['service_level_with_abandoned_in_time', ['queue'], 'answer in time + abandon in time', 'answer + abandon'],
  ['average_speed_of_answer', ['queue', 'agent', 'team'], 'answer seconds', 'answer'],
  ['abandonment', ['queue'], 'abandon', 'answer + abandon'],
  [
    'abandonment_without_short',
    ['queue'],
    'abandon - abandon within 5 s',
    'answer + abandon - abandon within 5 s',
  ],
  ['time_to_abandon', ['queue'], 'abandon seconds', 'abandon'],
  ['handled', ['queue', 'agent', 'team'], 'handling'],
  [
    'handle_time',
    ['queue', 'agent', 'team'],
    'handling agent seconds + handling wrap_up seconds',
    'handling',
  ],
  ['wrap_up_time', ['queue', 'agent', 'team'], 'handling wrap_up seconds', 'handling'],
  ['parked_time', ['queue', 'agent', 'team'], 'handling parked seconds', 'handling'],
  ['transfer_rate', ['queue', 'agent', 'team'], 'handling transferred', 'handling'],
  ['return_to_robot_rate', ['queue', 'agent', 'team'], 'handling to robot', 'handling'],
  ['holds', ['queue', 'agent', 'team'], 'hold'],
  ['hold_time', ['queue', 'agent', 'team'], 'hold seconds', 'hold'],
  ['signed_in_seconds', ['agent', 'team'], 'signed in seconds'],
  ['occupancy', ['agent', 'team'], 'occupied seconds', 'there seconds'],
  ['concurrency', ['agent', 'team'], 'work seconds', 'working seconds'],
  ['messages_from_customers', ['queue', 'agent', 'team', 'flow'], 'message from customer'],
  ['messages_from_agents', ['queue', 'agent', 'team'], 'message from agent'],
  ['messages_from_robot', ['flow'], 'message from robot'],
  ['messages_from_app', ['queue', 'agent', 'team', 'flow'], 'message from app'],
  ['messages_from_system', ['queue', 'agent', 'team', 'flow'], 'message from system'],
  ['first_response_time', ['queue', 'agent', 'team'], 'first response seconds', 'first response'],
  ['reply_time', ['queue', 'agent', 'team'], 'agent reply seconds', 'agent reply'],
  ['robot_reply_time', ['flow'], 'robot reply seconds', 'robot reply'],
  ['opened', [], 'opened'],
  ['closed', ['queue', 'agent', 'team', 'flow'], 'closed'],
  ['conversation_time', ['queue', 'agent', 'team', 'flow'], 'open seconds', 'closed'],
  ['hand_over_rate', ['flow'], 'handed over', 'closed'],
  ['containment', ['flow'], 'contained', 'had robot'],
  ['flow_completion', ['flow'], 'flow ended', 'had robot'],
  ['reopen_rate', ['queue', 'agent', 'team', 'flow'], 'reopened of an agent', 'closed with an agent', 2],
  [
    'first_contact_resolution',
    ['queue', 'agent', 'team', 'flow'],
    'closed with an agent - came back to an agent',
    'closed with an agent',
    2,
  ],
  ['reopen_rate', ['queue', 'agent', 'team'], 'reopened', 'closed by people'],
  [
    'first_contact_resolution',
    ['queue', 'agent', 'team'],
    'closed by people - came back',
    'closed by people',
  ],
  ['flow_step_reached', ['step'], 'step reached', 'flow begun'],
  ['surveys_asked', ['queue', 'agent', 'team', 'flow'], 'survey'],
  ['survey_response_rate', ['queue', 'agent', 'team', 'flow'], 'survey answer', 'survey'],
  ['csat', ['queue', 'agent', 'team', 'flow'], 'survey answer of 4 + survey answer of 5', 'survey answer'],
  ['survey_score', ['queue', 'agent', 'team', 'flow'], 'survey points', 'survey answer'],
]

const HOUR_MS = 60 * 60 * 1_000

export interface RecountOptions {
  /** YYYY-MM-DD of the time zone. */
  readonly day: string
  /** IANA name. */
  readonly timeZone: string
  /** Each hour of the day, as its clocks show them, instead of the whole. */
  readonly isByHours?: boolean
  /** Of the raw archive: everything that it holds, in log order within each partition. */
  records(family: FamilyName): AsyncIterable<Raw> | Iterable<Raw>
  /** The teams that are each vendor's today, whatever they were then. None: nothing is recounted by vendor. */
  readonly vendors?: ReadonlyMap<string, readonly string[]>
  /** Undefined: all that the archive holds counts. */
  readonly cut?: Cut | undefined
}

export type Side = 'numerator' | 'denominator'

/** Where the log ends for each row: what it is compared with was read while the log went on. */
export interface Cut {
  /** Everything below it counts for every row. */
  leastOf(family: FamilyName, partition: number): bigint
  /** The first offset that no longer counts for what that key adds to the row; 0: it counts nothing but what counts for all. */
  of(row: Omit<Recounted, Side>, side: Side, partition: number, key: string): bigint
}

/** What was counted, and what counts for the rows alone that are cut behind it. */
interface Tally {
  sure: number
  readonly late: (Pick<Fact, 'partition' | 'offset'> & Pick<Entry, 'amount'>)[]
}

/**
 * The figures of a day, from the bytes of the raw archive alone. It shares nothing with the projections but the wire format and the words of
 * docs/reference/metrics.md: a mistake in the one is no mistake in the other.
 */
export async function recount({
  day,
  timeZone,
  isByHours = false,
  records,
  vendors = new Map(),
  cut,
}: RecountOptions): Promise<readonly Recounted[]> {
  const dateOf = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const offsetOf = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const hourOf = (at: number): string => {
    const shown = offsetOf.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, minutes] = /([+-])\d\d:(\d\d)/.exec(shown) ?? []
    // Hours of a zone that is a quarter of an hour off begin a quarter of an hour off.
    const off = (sign === '-' ? -1 : 1) * Number(minutes ?? 0) * 60_000
    return new Date(Math.floor((at + off) / HOUR_MS) * HOUR_MS - off).toISOString()
  }
  const tallies = new Map<string, Tally>()
  const keys = new Map<By, Set<string>>()
  const hours = new Set<string>()
  const add = (
    family: FamilyName,
    { what, at, amount, ...whose }: Entry,
    { partition, offset }: Fact,
  ): void => {
    if (dateOf.format(at) !== day) return
    const isSure = cut === undefined || offset < cut.leastOf(family, partition)
    const hour = isByHours ? hourOf(at) : null
    if (hour !== null) hours.add(hour)
    const raise = (by: string, key: string) => {
      const place = JSON.stringify([what, by, key, hour])
      const tally = tallies.get(place) ?? { sure: 0, late: [] }
      tallies.set(place, tally)
      if (isSure) tally.sure += amount
      else tally.late.push({ partition, offset, amount })
    }
    raise('', '')
    for (const by of ['queue', 'agent', 'team', 'flow', 'step'] as const) {
      const key = whose[by] ?? ''
      if (key === '') continue
      raise(by, key)
      const known = keys.get(by) ?? new Set()
      keys.set(by, known.add(key))
    }
  }
  const take = async (family: FamilyName, begin: () => Recounting): Promise<void> => {
    const streams = new Map<string, Recounting>()
    for await (const fact of factsIn(family, records(family))) {
      const stream = streams.get(fact.stream) ?? begin()
      streams.set(fact.stream, stream)
      for (const entry of stream.take(fact)) add(family, entry, entry.madeBy ?? fact)
    }
    for (const stream of streams.values()) for (const entry of stream.end()) add(family, entry, entry.madeBy)
  }
  await take('workforce.events', poolRecount)
  await take('conversation.events', contactRecount)

  const total = (formula: string, by: string, key: string, row: Omit<Recounted, Side>, side: Side): number =>
    // `a + b - c`
    [...` + ${formula}`.matchAll(/ ([+-]) (.+?)(?= [+-] |$)/g)].reduce((sum, [, sign, what]) => {
      const { sure, late } = tallies.get(JSON.stringify([what, by, key, row.hour])) ?? { sure: 0, late: [] }
      const counted = late.filter(({ partition, offset }) => offset < cut!.of(row, side, partition, key))
      return sum + (sign === '-' ? -1 : 1) * counted.reduce((all, { amount }) => all + amount, sure)
    }, 0)
  const totalOf: typeof total = (formula, by, key, row, side) =>
    by === 'vendor'
      ? (vendors.get(key) ?? []).reduce((sum, team) => sum + total(formula, 'team', team, row, side), 0)
      : total(formula, by, key, row, side)
  const windows = isByHours ? [...hours] : [null]
  return FIGURES.flatMap(([metric, dimensions, above, below, version = 1]) =>
    [
      ...(dimensions[0] === 'step' ? [] : [['', ''] as const]),
      ...dimensions
        .flatMap(withVendor)
        .flatMap((by) =>
          [...((by === 'vendor' ? vendors : keys.get(by))?.keys() ?? [])].map((key) => [by, key] as const),
        ),
    ].flatMap(([by, key]) => {
      // A step is a share of its flow.
      const whole = by === 'step' ? key.slice(0, key.indexOf('/')) : key
      return (
        windows
          .map((hour) => ({ metric, version, by: askedBy(by), key, hour }))
          .map((row) => ({
            ...row,
            numerator: exact(totalOf(above, by, key, row, 'numerator')),
            denominator:
              below === undefined ? null : exact(totalOf(below, row.by, whole, row, 'denominator')),
          }))
          // A step counts where somebody came to it, not wherever its flow was played.
          .filter(({ numerator }) => by !== 'step' || numerator > 0)
      )
    }),
  )
}

/** Whatever a day had: what may be asked of each figure. */
export const RECOUNTED: readonly Pick<Recounted, 'metric' | 'version' | 'by'>[] = FIGURES.flatMap(
  ([metric, dimensions, , , version = 1]) => [
    ...(dimensions[0] === 'step' ? [] : [{ metric, version, by: '' as const }]),
    ...dimensions.flatMap(withVendor).map((by) => ({ metric, version, by: askedBy(by) })),
  ],
)

/** Times are of thousandths of a second: whatever is added in another order is the same number. */
const exact = (sum: number): number => Math.round(sum * 1_000) / 1_000

/** Whatever is counted by team is shown by vendor. */
function withVendor(by: By): readonly (By | 'vendor')[] {
  return by === 'team' ? [by, 'vendor'] : [by]
}

/** A step is asked for by its flow. */
function askedBy(by: By | 'vendor' | ''): Recounted['by'] {
  return by === 'step' ? 'flow' : by
}
