import type { YamlPath } from '@parley/authoring'
import type { ConfigProblem } from '@parley/authoring/config-file'
import { queueName } from '@parley/authoring/queue-name'
import { FIGURES, figureNamed } from '@parley/figures'
import { AlertRule } from '@parley/proto/workforce-configuration'
import { ALERT_FIGURES, ALERT_SPANS, AlertPatternInvalid, checkAlertWords } from '@parley/workforce'
import { z } from 'zod'

export const alertSchema = z.strictObject({
  reason: z.string().trim().min(1, 'it is empty').max(200, 'at most 200 characters'),
  figure: z.string().optional(),
  above: z.number().min(0).optional(),
  below: z.number().min(0).optional(),
  for_seconds: z.number().int().min(0).max(86_400, 'at most a day').optional(),
  over: z.enum(ALERT_SPANS).optional(),
  of_at_least: z.number().int().min(1).max(1_000_000).optional(),
  queue: queueName.optional(),
  team: z.string().optional(),
  words: z.array(z.string().max(500, 'at most 500 characters')).min(1, 'no word').max(200).optional(),
  queues: z.array(queueName).min(1, 'leave it out for all queues').optional(),
  said_by: z.enum(['customer', 'agent']).optional(),
})
export type AlertSection = z.output<typeof alertSchema>

const OF_FIGURES = ['above', 'below', 'for_seconds', 'over', 'of_at_least', 'queue', 'team'] as const
/** Steps are no number of anybody's. */
const METRICS = [...new Set(FIGURES.filter(({ isOfParts }) => !isOfParts).map(({ name: one }) => one))]
/** Neither a queue nor a team has such a number. */
const OF_THE_ROBOT: readonly string[] = ['with_robot', 'containment_percent']
const OF_WORDS = ['queues', 'said_by'] as const

/** @param known says it where a word is none of those that there are */
export function alertProblems(
  alerts: Readonly<Record<string, AlertSection>>,
  { queues, teams }: { readonly queues: readonly string[]; readonly teams: readonly string[] },
  known: (path: YamlPath, word: string, words: readonly string[], what: string) => void,
): readonly ConfigProblem[] {
  return Object.entries(alerts).flatMap(([rule, alert]): ConfigProblem[] => {
    const at = ['alerts', rule]
    const { figure, words, above, below } = alert
    if ((figure === undefined) === (words === undefined))
      return [{ path: at, by: 'key', why: 'a rule watches one thing: a figure, or words' }]
    const strange = (figure === undefined ? OF_FIGURES : OF_WORDS).filter((one) => alert[one] !== undefined)
    const problems: ConfigProblem[] = strange.map((one) => ({
      path: [...at, one],
      by: 'key',
      why: figure === undefined ? 'this is for rules of a figure' : 'this is for rules of words',
    }))
    if (figure !== undefined) {
      known([...at, 'figure'], figure, [...Object.keys(ALERT_FIGURES), ...METRICS], 'figure')
      problems.push(...strangeProblems(at, figure, alert))
      if ((above === undefined) === (below === undefined))
        problems.push({ path: at, by: 'key', why: 'a figure has one limit: above, or below' })
      if (alert.queue !== undefined) known([...at, 'queue'], alert.queue, queues, 'queue')
      if (alert.team !== undefined) known([...at, 'team'], alert.team, teams, 'team in people.yaml')
      if (below === 0 || (above !== undefined && above >= 100 && isPercent(figure)))
        problems.push({
          path: [...at, below === 0 ? 'below' : 'above'],
          why: 'no figure is ever beyond that',
        })
      if (alert.queue !== undefined && alert.team !== undefined)
        problems.push({ path: [...at, 'team'], by: 'key', why: 'of a queue or of a team, not of both' })
    }
    for (const [index, queue] of (alert.queues ?? []).entries())
      known([...at, 'queues', index], queue, queues, 'queue')
    return [...problems, ...patternProblems([...at, 'words'], words ?? [])]
  })
}

const isPercent = (figure: string): boolean =>
  figure.endsWith('_percent') || figureNamed(figure)?.unit === 'percent'

/** What a rule asks of a figure that it does not have: it would never hold. */
function strangeProblems(at: YamlPath, figure: string, alert: AlertSection): readonly ConfigProblem[] {
  const metric = figureNamed(figure)
  const isNumber = Object.hasOwn(ALERT_FIGURES, figure)
  const why = {
    queue: `${figure} is not counted by queue: this never holds`,
    team: `${figure} is not counted by team: this never holds`,
    over: 'the wallboard says which time its numbers are of: this is for figures of docs/reference/metrics.md',
    of_at_least: `${figure} is divided by nothing: this is for shares and means of docs/reference/metrics.md`,
  }
  const isStrange = {
    queue: isNumber ? OF_THE_ROBOT.includes(figure) : metric?.by.includes('queue') === false,
    team: isNumber ? OF_THE_ROBOT.includes(figure) : metric?.by.includes('team') === false,
    over: isNumber,
    of_at_least: isNumber || metric?.unit === 'count',
  }
  return (['queue', 'team', 'over', 'of_at_least'] as const)
    .filter((one) => alert[one] !== undefined && isStrange[one])
    .map((one) => ({ path: [...at, one], by: 'key', why: why[one] }))
}

function patternProblems(path: YamlPath, words: readonly string[]): readonly ConfigProblem[] {
  return words.flatMap((word, index) => {
    try {
      checkAlertWords([word])
      return []
    } catch (error) {
      if (!(error instanceof AlertPatternInvalid)) throw error
      return [{ path: [...path, index], why: error.message }]
    }
  })
}

/** As the file says them, once nothing is wrong with them. */
export function alertRules(alerts: Readonly<Record<string, AlertSection>>): AlertRule[] {
  const figures = new Map<string, string>(Object.entries(ALERT_FIGURES))
  return Object.entries(alerts).map(([rule, alert]) =>
    AlertRule.fromPartial({
      name: rule,
      reason: alert.reason,
      condition:
        alert.figure === undefined
          ? {
              $case: 'words',
              value: {
                patterns: alert.words ?? [],
                queues: alert.queues ?? [],
                saidBy: alert.said_by ?? '',
              },
            }
          : {
              $case: 'figure',
              value: {
                figure: figures.get(alert.figure) ?? alert.figure,
                limit: alert.above ?? alert.below ?? 0,
                isBelow: alert.below !== undefined,
                forSeconds: alert.for_seconds ?? 0,
                queue: alert.queue ?? '',
                team: alert.team ?? '',
                over: METRICS.includes(alert.figure) ? (alert.over ?? 'today') : '',
                ofAtLeast: alert.of_at_least ?? 0,
              },
            },
    }),
  )
}
