/** What is measured, and by whose: docs/reference/metrics.md, which a test holds this to. Its words are in `definitions/`. */

export const DIMENSIONS = ['queue', 'agent', 'team', 'vendor', 'flow'] as const
export type Dimension = (typeof DIMENSIONS)[number]
/** Empty: the whole company. */
export type By = Dimension | ''

const PEOPLE = ['agent', 'team', 'vendor'] as const
const QUEUES_AND_PEOPLE = ['queue', ...PEOPLE] as const
const ALL = [...QUEUES_AND_PEOPLE, 'flow'] as const

export const GROUPS = {
  waits: {
    waits: ['queue'],
    service_level: ['queue'],
    service_level_of_answered: QUEUES_AND_PEOPLE,
    service_level_without_short: ['queue'],
    service_level_with_abandoned_in_time: ['queue'],
    average_speed_of_answer: QUEUES_AND_PEOPLE,
    abandonment: ['queue'],
    abandonment_without_short: ['queue'],
    time_to_abandon: ['queue'],
  },
  handling: {
    handled: QUEUES_AND_PEOPLE,
    handle_time: QUEUES_AND_PEOPLE,
    wrap_up_time: QUEUES_AND_PEOPLE,
    parked_time: QUEUES_AND_PEOPLE,
    transfer_rate: QUEUES_AND_PEOPLE,
    return_to_robot_rate: QUEUES_AND_PEOPLE,
    holds: QUEUES_AND_PEOPLE,
    hold_time: QUEUES_AND_PEOPLE,
  },
  time: {
    signed_in_seconds: PEOPLE,
    occupancy: PEOPLE,
    concurrency: PEOPLE,
  },
  messages: {
    messages_from_customers: ALL,
    messages_from_agents: QUEUES_AND_PEOPLE,
    messages_from_robot: ['flow'],
    messages_from_app: ALL,
    messages_from_system: ALL,
    first_response_time: QUEUES_AND_PEOPLE,
    reply_time: QUEUES_AND_PEOPLE,
    robot_reply_time: ['flow'],
  },
  conversations: {
    opened: [],
    closed: ALL,
    conversation_time: ALL,
    hand_over_rate: ['flow'],
    containment: ['flow'],
    flow_completion: ['flow'],
    flow_step_reached: ['flow'],
    reopen_rate: ALL,
    first_contact_resolution: ALL,
  },
  surveys: {
    surveys_asked: ALL,
    survey_response_rate: ALL,
    csat: ALL,
    survey_score: ALL,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly Dimension[]>>>>

export type Group = keyof typeof GROUPS
export type Metric = { [Name in Group]: keyof (typeof GROUPS)[Name] }[Group]

/** Its rows are steps, `<flow>/<step>`, which are shown as a funnel. */
export const FUNNEL: Metric = 'flow_step_reached'

interface Listed {
  readonly name: Metric
  readonly group: Group
  readonly by: readonly Dimension[]
}

export const CATALOGUE: readonly Listed[] = Object.entries(GROUPS).flatMap(([group, figures]) =>
  Object.entries(figures).map(([name, by]) => ({
    name: name as Metric,
    group: group as Group,
    by: by as readonly Dimension[],
  })),
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
  'noQueue',
  'noOne',
  'noTeam',
  'lastOfEach',
  'whileThere',
  'notFinal',
  'asked',
  'steps',
] as const
export type Caveat = (typeof CAVEATS)[number]

export function caveatsOf(name: Metric, by: By, isCount: boolean): readonly Caveat[] {
  const group = CATALOGUE.find((one) => one.name === name)?.group
  const isOf = (...names: readonly Metric[]) => names.includes(name)
  const applies: Readonly<Record<Caveat, boolean>> = {
    sums: !isCount && name !== FUNNEL,
    noQueue: by !== '' && by !== 'flow' && isOf('closed', 'conversation_time'),
    noOne: by !== '' && name.startsWith('messages_'),
    noTeam: by === 'team' || by === 'vendor',
    lastOfEach: by !== '' && group === 'conversations' && name !== FUNNEL,
    whileThere: group === 'time',
    notFinal: isOf('first_contact_resolution'),
    asked: group === 'surveys',
    steps: name === FUNNEL,
  }
  return CAVEATS.filter((one) => applies[one])
}
