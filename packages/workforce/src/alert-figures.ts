import { oneOf } from '@parley/kernel'

/** The numbers of the wallboard that a rule may watch, by their names in workforce.yaml. */
export const ALERT_FIGURES = {
  with_robot: 'withRobot',
  waiting: 'waiting',
  offered: 'offered',
  with_agent: 'withAgent',
  parked: 'parked',
  longest_wait_seconds: 'longestWaitSeconds',
  service_level_percent: 'serviceLevelPercent',
  abandoned_percent: 'abandonedPercent',
  handled_today: 'handledToday',
  containment_percent: 'containmentPercent',
  sends_failed: 'sendsFailed',
  sends_uncertain: 'sendsUncertain',
} as const

export type AlertFigure = (typeof ALERT_FIGURES)[keyof typeof ALERT_FIGURES]

export const isAlertFigure = oneOf(Object.values(ALERT_FIGURES))

/** Of what time a rule watches a figure of docs/reference/metrics.md: the clock hour that runs and the one before it, or since midnight of the company. */
export const ALERT_SPANS = ['last_hours', 'today'] as const
export type AlertSpan = (typeof ALERT_SPANS)[number]

export const isAlertSpan = oneOf(ALERT_SPANS)
