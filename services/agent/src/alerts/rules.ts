import { figureNamed } from '@parley/figures'
import type { AlertRule } from '@parley/proto/workforce-configuration'
import {
  type AlertFigure,
  type AlertSpan,
  type HasWords,
  compileAlertWords,
  isAlertFigure,
  isAlertSpan,
} from '@parley/workforce'

interface Rule {
  readonly name: string
  readonly reason: string
}

interface LimitRule extends Rule {
  readonly limit: number
  readonly isBelow: boolean
  readonly forSeconds: number
  /** Undefined both: of the whole company. */
  readonly queue: string | undefined
  readonly team: string | undefined
}

/** Of a number of the wallboard. */
export interface NumberRule extends LimitRule {
  readonly figure: AlertFigure
  readonly over: undefined
}

/** Of a figure of docs/reference/metrics.md. */
export interface MetricRule extends LimitRule {
  readonly figure: string
  readonly over: AlertSpan
  /** With less than that below its line it says nothing yet. */
  readonly ofAtLeast: number
}

export type FigureRule = NumberRule | MetricRule

export interface WordsRule extends Rule {
  readonly has: HasWords
  /** None: in any queue, and with the robot. */
  readonly queues: readonly string[]
  /** Undefined: by either side. */
  readonly saidBy: 'customer' | 'agent' | undefined
}

export interface AlertRules {
  readonly figures: readonly FigureRule[]
  readonly words: readonly WordsRule[]
}

/** What the configuration in force watches, made ready once for each configuration. */
export class RulesInForce {
  readonly #current: () => readonly AlertRule[] | undefined
  #read: readonly AlertRule[] | undefined
  #rules: AlertRules | undefined

  /** @param current the same list until another configuration is in force; undefined: none is known */
  constructor(current: () => readonly AlertRule[] | undefined) {
    this.#current = current
  }

  /** The same object until another configuration is in force; undefined: none is known yet. */
  now(): AlertRules | undefined {
    const current = this.#current()
    if (current !== this.#read) {
      this.#rules = current && rulesOf(current)
      this.#read = current
    }
    return this.#rules
  }
}

/** What another release accepted and this one does not know is watched by nobody here. */
function rulesOf(alerts: readonly AlertRule[]): AlertRules {
  const figures: FigureRule[] = []
  const words: WordsRule[] = []
  for (const { name, reason, condition } of alerts) {
    if (condition?.$case === 'figure') {
      const { figure, limit, isBelow, forSeconds, queue, team, over, ofAtLeast } = condition.value
      const rule = {
        name,
        reason,
        limit,
        isBelow,
        forSeconds,
        queue: queue || undefined,
        team: team || undefined,
      }
      if (over === '' && isAlertFigure(figure)) figures.push({ ...rule, figure, over: undefined })
      if (isAlertSpan(over) && figureNamed(figure) !== undefined)
        figures.push({ ...rule, figure, over, ofAtLeast })
    } else if (condition?.$case === 'words') {
      const { patterns, queues, saidBy } = condition.value
      const by = saidBy === 'customer' || saidBy === 'agent' ? saidBy : undefined
      words.push({ name, reason, has: compileAlertWords(patterns), queues, saidBy: by })
    }
  }
  return { figures, words }
}

/** Null is beyond nothing: there was nothing to measure. */
export function isBeyond({ limit, isBelow }: FigureRule, value: number | null): boolean {
  return value !== null && (isBelow ? value < limit : value > limit)
}

/** A rule of the same name that watches something else, or has another limit, is another rule. */
export const watchedBy = (rule: FigureRule): string => {
  const { figure, limit, isBelow, queue = null, team = null } = rule
  const measured = rule.over === undefined ? [] : [rule.over, rule.ofAtLeast]
  return JSON.stringify([figure, limit, isBelow, queue, team, ...measured])
}

/** The rules that what was said there breaks, once it is known to have their words. */
export function appliesIn({ queues }: WordsRule, queue: string | null): boolean {
  return queues.length === 0 || (queue !== null && queues.includes(queue))
}
