import { CONVERSATIONS, HANDLING, HOLDS, MESSAGES, PRESENCE, STEPS, SURVEYS, WAITS } from './subjects.ts'

/** A vendor's is the sum of its teams'. */
export const DIMENSIONS = ['queue', 'agent', 'team', 'vendor', 'flow'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Rows that are one: of all windows of a key, or of all keys in a window. */
export const TOGETHER = ['windows', 'keys'] as const
export type Together = (typeof TOGETHER)[number]

export type Unit = 'percent' | 'seconds' | 'count' | 'ratio'

/** How a figure is made of what is counted. docs/reference/metrics.md says what it means; a test holds the two together. */
export interface Figure {
  readonly name: string
  /** One that is changed is another version, in this list beside the old one: what was reported by the old one can be read still. */
  readonly version: number
  readonly unit: Unit
  readonly subject: string
  readonly by: readonly Dimension[]
  /** Names of what is counted; one with a minus is taken off. */
  readonly numerator: readonly string[]
  /** Undefined: the figure is a count. */
  readonly denominator?: readonly string[]
  /** Its keys are parts of a whole (`flow/step`): what is below the line is the whole's (`flow`). There is none of the company. */
  readonly isOfParts?: true
}

const PEOPLE: readonly Dimension[] = ['agent', 'team', 'vendor']
const QUEUES_AND_PEOPLE: readonly Dimension[] = ['queue', ...PEOPLE]

const percent = (
  name: string,
  subject: string,
  by: readonly Dimension[],
  numerator: readonly string[],
  denominator: readonly string[],
): Figure => ({ name, version: 1, unit: 'percent', subject, by, numerator, denominator })

const mean = (
  name: string,
  subject: string,
  by: readonly Dimension[],
  numerator: readonly string[],
  denominator: readonly string[],
): Figure => ({ name, version: 1, unit: 'seconds', subject, by, numerator, denominator })

const number = (name: string, subject: string, by: readonly Dimension[], counted: string): Figure => ({
  name,
  version: 1,
  unit: 'count',
  subject,
  by,
  numerator: [counted],
})

const ENDED = ['answered', 'abandoned']

export const FIGURES: readonly Figure[] = [
  number('waits', WAITS, ['queue'], 'entered'),
  percent('service_level', WAITS, ['queue'], ['inTime'], ENDED),
  percent('service_level_of_answered', WAITS, QUEUES_AND_PEOPLE, ['inTime'], ['answered']),
  percent('service_level_without_short', WAITS, ['queue'], ['inTime'], [...ENDED, '-abandonedSoon']),
  percent('service_level_with_abandoned_in_time', WAITS, ['queue'], ['inTime', 'abandonedInTime'], ENDED),
  mean('average_speed_of_answer', WAITS, QUEUES_AND_PEOPLE, ['answerSeconds'], ['answered']),
  percent('abandonment', WAITS, ['queue'], ['abandoned'], ENDED),
  percent(
    'abandonment_without_short',
    WAITS,
    ['queue'],
    ['abandoned', '-abandonedSoon'],
    [...ENDED, '-abandonedSoon'],
  ),
  mean('time_to_abandon', WAITS, ['queue'], ['abandonSeconds'], ['abandoned']),

  number('handled', HANDLING, QUEUES_AND_PEOPLE, 'handled'),
  mean('handle_time', HANDLING, QUEUES_AND_PEOPLE, ['withSeconds', 'wrapUpSeconds'], ['handled']),
  mean('wrap_up_time', HANDLING, QUEUES_AND_PEOPLE, ['wrapUpSeconds'], ['handled']),
  mean('parked_time', HANDLING, QUEUES_AND_PEOPLE, ['parkedSeconds'], ['handled']),
  percent('transfer_rate', HANDLING, QUEUES_AND_PEOPLE, ['transferred'], ['handled']),
  percent('return_to_robot_rate', HANDLING, QUEUES_AND_PEOPLE, ['toRobot'], ['handled']),
  number('holds', HOLDS, QUEUES_AND_PEOPLE, 'holds'),
  mean('hold_time', HOLDS, QUEUES_AND_PEOPLE, ['holdSeconds'], ['holds']),

  number('signed_in_seconds', PRESENCE, PEOPLE, 'signedInSeconds'),
  percent('occupancy', PRESENCE, PEOPLE, ['occupiedSeconds'], ['thereSeconds']),
  {
    name: 'concurrency',
    version: 1,
    unit: 'ratio',
    subject: PRESENCE,
    by: PEOPLE,
    numerator: ['workSeconds'],
    denominator: ['workingSeconds'],
  },

  number('messages_from_customers', MESSAGES, [...QUEUES_AND_PEOPLE, 'flow'], 'fromCustomer'),
  number('messages_from_agents', MESSAGES, QUEUES_AND_PEOPLE, 'fromAgent'),
  number('messages_from_robot', MESSAGES, ['flow'], 'fromRobot'),
  number('messages_from_app', MESSAGES, [...QUEUES_AND_PEOPLE, 'flow'], 'fromApp'),
  number('messages_from_system', MESSAGES, [...QUEUES_AND_PEOPLE, 'flow'], 'fromSystem'),
  mean('first_response_time', MESSAGES, QUEUES_AND_PEOPLE, ['firstResponseSeconds'], ['firstResponse']),
  mean('reply_time', MESSAGES, QUEUES_AND_PEOPLE, ['replySeconds'], ['reply']),
  mean('robot_reply_time', MESSAGES, ['flow'], ['robotReplySeconds'], ['robotReply']),

  number('opened', CONVERSATIONS, [], 'opened'),
  number('closed', CONVERSATIONS, DIMENSIONS, 'closed'),
  mean('conversation_time', CONVERSATIONS, DIMENSIONS, ['openSeconds'], ['closed']),
  percent('hand_over_rate', CONVERSATIONS, ['flow'], ['handedOver'], ['closed']),
  percent('containment', CONVERSATIONS, ['flow'], ['contained'], ['hadRobot']),
  percent('flow_completion', CONVERSATIONS, ['flow'], ['flowEnded'], ['hadRobot']),
  {
    ...percent('reopen_rate', CONVERSATIONS, DIMENSIONS, ['reopenedOfAgent'], ['closedWithAgent']),
    version: 2,
  },
  {
    ...percent(
      'first_contact_resolution',
      CONVERSATIONS,
      DIMENSIONS,
      ['closedWithAgent', '-cameBackToAgent'],
      ['closedWithAgent'],
    ),
    version: 2,
  },
  percent('reopen_rate', CONVERSATIONS, QUEUES_AND_PEOPLE, ['reopened'], ['closedByPeople']),
  percent(
    'first_contact_resolution',
    CONVERSATIONS,
    QUEUES_AND_PEOPLE,
    ['closedByPeople', '-cameBack'],
    ['closedByPeople'],
  ),

  {
    ...percent('flow_step_reached', STEPS, ['flow'], ['reached'], ['reached']),
    isOfParts: true,
  },

  number('surveys_asked', SURVEYS, DIMENSIONS, 'asked'),
  percent('survey_response_rate', SURVEYS, DIMENSIONS, ['surveyed'], ['asked']),
  percent('csat', SURVEYS, DIMENSIONS, ['satisfied'], ['surveyed']),
  {
    name: 'survey_score',
    version: 1,
    unit: 'ratio',
    subject: SURVEYS,
    by: DIMENSIONS,
    numerator: ['score'],
    denominator: ['surveyed'],
  },
]

/** @param version 0: the newest. */
export function figureNamed(name: string, version = 0): Figure | undefined {
  const versions = FIGURES.filter((figure) => figure.name === name)
  return version === 0
    ? versions.toSorted((one, other) => other.version - one.version)[0]
    : versions.find((figure) => figure.version === version)
}

export interface Worth {
  /** Null: nothing to divide by. */
  readonly value: number | null
  readonly numerator: number
  /** Null: the figure is a count. */
  readonly denominator: number | null
}

/** @param whole Of a figure of parts: the sums of the whole. */
export function worthOf(
  { unit, numerator: above, denominator: below }: Figure,
  sums: Readonly<Record<string, number>>,
  whole = sums,
): Worth {
  const numerator = totalOf(above, sums)
  return worth(unit, numerator, below === undefined ? null : totalOf(below, whole))
}

/** What rows of a figure are worth together: of their sums, never the mean of their values. Undefined: of nothing. */
export function worthTogether(unit: string, rows: readonly Worth[]): Worth | undefined {
  const [first] = rows
  if (first === undefined) return undefined
  const numerator = exact(rows.reduce((sum, row) => sum + row.numerator, 0))
  if (first.denominator === null) return worth(unit, numerator, null)
  return worth(unit, numerator, exact(rows.reduce((sum, row) => sum + (row.denominator ?? 0), 0)))
}

function worth(unit: string, numerator: number, denominator: number | null): Worth {
  if (denominator === null) return { value: numerator, numerator, denominator }
  if (denominator === 0) return { value: null, numerator, denominator }
  return { value: (numerator / denominator) * (unit === 'percent' ? 100 : 1), numerator, denominator }
}

/** Of which whole a key of parts is one; undefined: it is the whole. */
export function wholeOf(key: string): string | undefined {
  const slash = key.indexOf('/')
  return slash < 0 ? undefined : key.slice(0, slash)
}

/** `name` or `-name`. */
export function termOf(term: string): { readonly name: string; readonly sign: 1 | -1 } {
  return term.startsWith('-') ? { name: term.slice(1), sign: -1 } : { name: term, sign: 1 }
}

/** Of three decimals, as what is counted: sums of the same are the same, in whatever order and of however many rows they were made. */
const exact = (sum: number): number => Math.round(sum * 1_000) / 1_000

function totalOf(terms: readonly string[], sums: Readonly<Record<string, number>>): number {
  return exact(
    terms.reduce((total, term) => {
      const { name, sign } = termOf(term)
      return total + sign * (Object.hasOwn(sums, name) ? sums[name]! : 0)
    }, 0),
  )
}
