import pc from 'picocolors'
import { percentile } from '../bench/report.ts'
import { FINDING_KINDS, type LedgerFinding } from '../demo/ledger.ts'
import type { Latencies } from './clocks.ts'

/** On two cores that everything shares. */
const AIMS = { agents: 500, offeredP99Ms: 100, heardP99Ms: 250 }
const FINDINGS_SHOWN_MAX = 20

export interface StepFigures {
  readonly agents: number
  /** Conversations a second. */
  readonly asked: number
  readonly kept: number
  /** Of customers, robot and agents together. */
  readonly messages: number
  readonly latencies: Latencies
  /** Milliseconds of processor a message, by process. */
  readonly cpuMs: ReadonlyMap<string, number>
  /** What the agent service grew by for each desk that was opened. */
  readonly kbPerDesk: number
  readonly agentResidentMb: number
}

export function loadReport(steps: readonly StepFigures[]): string {
  const processes = [...(steps[0]?.cpuMs.keys() ?? [])]
  return [
    'milliseconds, p50/p99: waiting → offered at a desk, customer → desk, agent → Graph API',
    ...table(
      ['agents', 'conv/s', 'kept', 'messages', 'offered', 'heard', 'said', 'kB a desk', 'agent MB'],
      steps.map(({ agents, asked, kept, messages, latencies, kbPerDesk, agentResidentMb }) => [
        String(agents),
        String(asked),
        kept.toFixed(1),
        String(messages),
        pair(latencies.offered),
        pair(latencies.heard),
        pair(latencies.said),
        kbPerDesk.toFixed(0),
        String(agentResidentMb),
      ]),
    ),
    '',
    'milliseconds of processor a message, by process',
    ...table(
      ['agents', ...processes],
      steps.map(({ agents, cpuMs }) => [
        String(agents),
        ...processes.map((name) => (cpuMs.get(name) ?? Number.NaN).toFixed(2)),
      ]),
    ),
    '',
    ...aimsOf(steps),
  ].join('\n')
}

export function verdict(findings: readonly LedgerFinding[]): string {
  return [
    ...FINDING_KINDS.map((kind) => {
      const found = findings.filter((finding) => finding.kind === kind).length
      return `${kind.padEnd(14)} ${found === 0 ? pc.green('0') : pc.red(String(found))}`
    }),
    ...findings
      .slice(0, FINDINGS_SHOWN_MAX)
      .map(({ waId, kind, what }) => `${kind}: …${waId.slice(-4)} ${what}`),
  ].join('\n')
}

function aimsOf(steps: readonly StepFigures[]): readonly string[] {
  const aimed = steps.find(({ agents }) => agents === AIMS.agents)
  if (aimed === undefined) return []
  const atMost = (what: string, value: number, max: number): string =>
    `${value <= max ? pc.green('holds ') : pc.red('missed')}  ${what} at ${AIMS.agents} agents: ${value} ms (aim: at most ${max})`
  return [
    atMost('waiting → offered p99', percentile(aimed.latencies.offered, 0.99), AIMS.offeredP99Ms),
    atMost('customer → desk p99', percentile(aimed.latencies.heard, 0.99), AIMS.heardP99Ms),
  ]
}

const pair = (sorted: readonly number[]): string => `${percentile(sorted, 0.5)}/${percentile(sorted, 0.99)}`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  return [head, ...rows].map(
    (row) => `  ${row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}`,
  )
}
