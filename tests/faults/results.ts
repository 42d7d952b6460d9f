import { FINDING_KINDS } from '../demo/ledger.ts'
import type { ScenarioOutcome } from './run-scenario.ts'
import type { Scenario } from './scenarios.ts'

export const BEGIN = '<!-- results of npm run faults: begin -->'
export const END = '<!-- results of npm run faults: end -->'

/** What one run of a scenario came to: an outcome, or why there is none. */
export type Result =
  | { readonly outcome: ScenarioOutcome }
  | { readonly failed: string }
  | { readonly notRun: string }

export interface Row {
  readonly name: string
  readonly cells: readonly string[]
}

const HEAD = [
  'scenario',
  'what happens meanwhile',
  'customers',
  'lost',
  'doubled',
  'out of order',
  'broken records',
  'not sent',
  'unanswered',
  'unfinished',
  'two owners',
  'over capacity',
  'stranded',
  'leaked',
  'longest silence',
  'slowest answer',
  'seed',
  'date',
]

export type Verdict = 'clean' | 'not clean' | 'not run'

export function verdictOf(result: Result): Verdict {
  if ('notRun' in result) return 'not run'
  if ('failed' in result) return 'not clean'
  const { ledger, silenceMs } = result.outcome
  return ledger.findings.length === 0 && silenceMs !== undefined ? 'clean' : 'not clean'
}

/** @param areNamed What cannot be run here is left out of a run of all, and fails one that asked for it. */
export function conclusionOf(
  verdicts: readonly Verdict[],
  { areNamed }: { readonly areNamed: boolean },
): { readonly said: string; readonly exitCode: 0 | 1 } {
  const count = (verdict: Verdict) => verdicts.filter((each) => each === verdict).length
  const notRun = count('not run')
  return {
    said: `${verdicts.length - notRun} ran, ${count('clean')} of them clean; ${notRun} not run`,
    exitCode: count('not clean') > 0 || (areNamed && notRun > 0) ? 1 : 0,
  }
}

/** None of what was not run: what the page has of another day still holds. */
export function rowOf({ name, what }: Scenario, result: Result, seed: number, date: string): Row | undefined {
  if ('notRun' in result) return undefined
  if ('failed' in result) {
    return {
      name,
      cells: [
        name,
        `${what} (**failed**: ${result.failed.replaceAll('|', '/').replaceAll('\n', ' ')})`,
        ...Array(HEAD.length - 4).fill(''),
        String(seed),
        date,
      ],
    }
  }
  const { ledger, silenceMs, slowestAnswerMs } = result.outcome
  return {
    name,
    cells: [
      name,
      what,
      String(ledger.customers),
      ...FINDING_KINDS.map((kind) => {
        const count = ledger.findings.filter((finding) => finding.kind === kind).length
        return count === 0 ? '0' : `**${count}**`
      }),
      silenceMs === undefined ? '**never went on**' : seconds(silenceMs),
      seconds(slowestAnswerMs),
      String(seed),
      date,
    ],
  }
}

export function withResults(
  page: string,
  rows: readonly Row[],
  names: readonly string[],
  machine: string,
): string {
  return withTable(page, { begin: BEGIN, end: END, head: HEAD, remark: `On ${machine}.` }, rows, names)
}

export interface Table {
  /** The lines of the page between which it stands. */
  readonly begin: string
  readonly end: string
  readonly head: readonly string[]
  /** Stands before it. */
  readonly remark?: string
}

/** The page with these rows in place of those of the same names; the others stay as they were, those of no name go. */
export function withTable(
  page: string,
  { begin, end, head, remark }: Table,
  rows: readonly Row[],
  names: readonly string[],
): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`The page lacks the lines "${begin}" and "${end}".`)
  const before = page
    .slice(from, to)
    .split('\n')
    .filter((each) => each.startsWith('| '))
    .map((each) => each.slice(2, -2).split(' | '))
    .map((cells): Row => ({ name: cells[0]!, cells }))
  const known = new Map([...before, ...rows].map((row) => [row.name, row]))
  return [
    page.slice(0, from) + begin,
    ...(remark === undefined ? [] : [remark, '']),
    line(head),
    line(head.map(() => '---')),
    ...names.flatMap((name) => known.get(name) ?? []).map(({ cells }) => line(cells)),
    page.slice(to),
  ].join('\n')
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
