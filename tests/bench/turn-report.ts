import { type Aim, verdictOf } from './report.ts'
import type { ChainFigures, TurnFigures } from './turn.ts'

/** What the figures are to be on two cores that load, simulator, services, Kafka and store share. */
const RATIO_MAX = 1.5
const CPU_MS_MAX = new Map([
  [100, 4],
  [200, 3],
])
const P99_MS_MAX = new Map([
  [50, 150],
  [100, 250],
  [200, 600],
])
const RESIDENT_MB_MAX = 256
const IDLE_MAX = 0.03

export function aimsOf(ours: ChainFigures, bare: ChainFigures): Aim[] {
  const atMost = (what: string, value: number, max: number, unit: string): Aim => ({
    what: `${what}: ${rounded(value)} ${unit} (aim: at most ${max})`,
    holds: value <= max,
  })
  return [
    ...ours.rates.flatMap((figures, index) => {
      const { asked, servicesCpuMs, p99, unanswered } = figures
      const cpuMax = CPU_MS_MAX.get(asked)
      const p99Max = P99_MS_MAX.get(asked)
      return [
        ...(unanswered === 0 ? [] : [atMost(`${asked}/s, turns without an answer`, unanswered, 0, '')]),
        atMost(`${asked}/s, ours by bare`, ratio(figures, bare.rates[index]), RATIO_MAX, '×'),
        ...(cpuMax === undefined
          ? []
          : [atMost(`${asked}/s, five services`, servicesCpuMs, cpuMax, 'ms a turn')]),
        ...(p99Max === undefined ? [] : [atMost(`${asked}/s, p99`, p99, p99Max, 'ms')]),
      ]
    }),
    atMost('largest service', largest(ours), RESIDENT_MB_MAX, 'MB resident'),
    atMost('whole stack at rest', ours.idle.all * 100, IDLE_MAX * 100, '% of one core'),
  ]
}

export function turnReport(ours: ChainFigures, bare: ChainFigures, aims: readonly Aim[]): string {
  return [
    'ours',
    ...table(ours),
    '',
    'bare kafkajs + mongodb, as many hops, records and documents',
    ...table(bare),
    '',
    'ours by bare, processor of the five services a turn',
    ...ours.rates.map(
      (figures, index) => `  ${figures.asked}/s  ${rounded(ratio(figures, bare.rates[index]))} ×`,
    ),
    '',
    ...[ours, bare].map(
      ({ idle }, index) =>
        `${index === 0 ? 'ours' : 'bare'} at rest: five services ${rounded(idle.services * 100)} %, with Kafka, store and simulator ${rounded(idle.all * 100)} % of one core`,
    ),
    '',
    ...aims.map(verdictOf),
  ].join('\n')
}

function table({ rates }: ChainFigures): string[] {
  const processes = [...(rates[0]?.cpuMs.keys() ?? [])]
  const head = [
    'turns/s',
    'kept',
    'p50 ms',
    'p99 ms',
    'five ms',
    ...processes,
    'records',
    'to Kafka',
    'to store',
    'MB',
  ]
  const rows = rates.map((figures) => [
    String(figures.asked),
    rounded(figures.kept),
    String(figures.p50),
    String(figures.p99),
    rounded(figures.servicesCpuMs),
    ...processes.map((name) => rounded(figures.cpuMs.get(name) ?? Number.NaN)),
    rounded(figures.recordsPerTurn),
    rounded(figures.requests.kafka),
    rounded(figures.requests.store),
    String(Math.max(...figures.residentMb.values())),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  return [head, ...rows].map(
    (row) => `  ${row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}`,
  )
}

function ratio(ours: TurnFigures, bare: TurnFigures | undefined): number {
  return ours.servicesCpuMs / (bare?.servicesCpuMs ?? Number.NaN)
}

function largest({ rates }: ChainFigures): number {
  return Math.max(...rates.flatMap(({ residentMb }) => [...residentMb.values()]))
}

const rounded = (value: number | undefined): string =>
  value === undefined ? '–' : value < 100 ? value.toFixed(1) : value.toFixed(0)
