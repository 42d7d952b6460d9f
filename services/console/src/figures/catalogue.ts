import { type Dimension, SHORTFALLS, type Shortfall, figureNamed, shortfallsOf } from '@parley/figures'

/** Empty: the whole company. */
export type By = Dimension | ''

/** What is measured, as the page lists it: docs/reference/metrics.md, which a test holds this to. Its words are in `definitions/`. */
export const GROUPS = {
  waits: [
    'waits',
    'service_level',
    'service_level_of_answered',
    'service_level_without_short',
    'service_level_with_abandoned_in_time',
    'average_speed_of_answer',
    'abandonment',
    'abandonment_without_short',
    'time_to_abandon',
  ],
  handling: [
    'handled',
    'handle_time',
    'wrap_up_time',
    'parked_time',
    'transfer_rate',
    'return_to_robot_rate',
    'holds',
    'hold_time',
  ],
  time: ['signed_in_seconds', 'occupancy', 'concurrency'],
  messages: [
    'messages_from_customers',
    'messages_from_agents',
    'messages_from_robot',
    'messages_from_app',
    'messages_from_system',
    'first_response_time',
    'reply_time',
    'robot_reply_time',
  ],
  conversations: [
    'opened',
    'closed',
    'conversation_time',
    'hand_over_rate',
    'containment',
    'flow_completion',
    'flow_step_reached',
    'reopen_rate',
    'first_contact_resolution',
  ],
  surveys: ['surveys_asked', 'survey_response_rate', 'csat', 'survey_score'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Group = keyof typeof GROUPS
export type Metric = (typeof GROUPS)[Group][number]

/** Its rows are steps, `<flow>/<step>`, which are shown as a funnel. */
export const FUNNEL: Metric = 'flow_step_reached'

interface Listed {
  readonly name: Metric
  readonly group: Group
  readonly by: readonly Dimension[]
}

export const CATALOGUE: readonly Listed[] = (Object.keys(GROUPS) as Group[]).flatMap((group) =>
  GROUPS[group].map((name) => ({ name, group, by: figureNamed(name)?.by ?? [] })),
)

export const countedBy = (by: By): readonly Listed[] =>
  by === '' ? CATALOGUE.filter(({ name }) => name !== FUNNEL) : CATALOGUE.filter((one) => one.by.includes(by))

export const metricNamed = (name: string | null): Metric | undefined =>
  CATALOGUE.find((one) => one.name === name)?.name

const PEOPLES: readonly Metric[] = [
  'handled',
  'handle_time',
  'first_response_time',
  'reply_time',
  'occupancy',
  'csat',
]

/** What one looks at first. */
export const AT_A_GLANCE: Readonly<Record<By, readonly Metric[]>> = {
  '': ['opened', 'closed', 'service_level', 'abandonment', 'containment', 'csat'],
  queue: ['waits', 'service_level', 'average_speed_of_answer', 'abandonment', 'handle_time', 'csat'],
  agent: PEOPLES,
  team: PEOPLES,
  vendor: PEOPLES,
  flow: ['closed', 'containment', 'flow_completion', 'hand_over_rate', 'robot_reply_time'],
}

/** Where sums of what is shown are not the scope's above, and what else to know before one reckons with it: words in `texts.ts`. */
export const CAVEATS = [
  'sums',
  ...SHORTFALLS,
  'allTheirs',
  'teamsOfToday',
  'lastOfEach',
  'whileThere',
  'notFinal',
  'asked',
  'goesOn',
  'steps',
] as const
export type Caveat = (typeof CAVEATS)[number]

/** @param goesOn what is compared with the period before is not over */
export function caveatsOf(name: Metric, by: By, isCount: boolean, goesOn = false): readonly Caveat[] {
  const group = CATALOGUE.find((one) => one.name === name)?.group
  const isOf = (...names: readonly Metric[]) => names.includes(name)
  const figure = figureNamed(name)
  const shortfalls = by === '' || figure === undefined || name === FUNNEL ? [] : shortfallsOf(figure, by)
  const applies: Readonly<Record<Exclude<Caveat, Shortfall>, boolean>> = {
    sums: !isCount && name !== FUNNEL,
    allTheirs: by === 'agent',
    teamsOfToday: by === 'vendor',
    lastOfEach: by !== '' && group === 'conversations' && name !== FUNNEL,
    whileThere: group === 'time',
    notFinal: isOf('first_contact_resolution'),
    asked: group === 'surveys',
    goesOn,
    steps: name === FUNNEL,
  }
  const isShortfall = (one: Caveat): one is Shortfall => SHORTFALLS.some((shortfall) => shortfall === one)
  return CAVEATS.filter((one) => (isShortfall(one) ? shortfalls.includes(one) : applies[one]))
}
