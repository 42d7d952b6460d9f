import { type Aim, percentile, verdictOf } from './report.ts'
import type { TurnFigures } from './turn.ts'

/** How much larger the last third of the minutes may be than the ones before: by so much a figure varies of itself. */
const FLAT = { latency: 1.5, tail: 2, work: 1.2, memory: 1.25 } as const

/** As after a minute: what only grows has a larger last third, and what varies has not. */
export function growthOf(minutes: readonly TurnFigures[]): Aim[] {
  const flat = (
    what: string,
    unit: string,
    max: number,
    values: readonly number[],
    of: typeof median,
  ): Aim => {
    const thirds = inThirds(values).map(of)
    const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = thirds
    return {
      what: `${what} by thirds: ${thirds.map(rounded).join(', ')} ${unit} (aim: the last at most ${max} times the others)`,
      // Nothing known is nothing shown.
      holds: third <= max * Math.max(first, second),
    }
  }
  const each = (of: (figures: TurnFigures) => number | undefined) =>
    minutes.map((figures) => of(figures) ?? Number.NaN)
  const [opening] = minutes
  const unanswered = minutes.reduce((total, figures) => total + figures.unanswered, 0)
  return [
    { what: `turns without an answer: ${unanswered} (aim: 0)`, holds: unanswered === 0 },
    flat(
      'p50',
      'ms',
      FLAT.latency,
      each(({ p50 }) => p50),
      median,
    ),
    flat(
      'p99',
      'ms',
      FLAT.tail,
      each(({ p99 }) => p99),
      median,
    ),
    flat(
      'five services a turn',
      'ms',
      FLAT.work,
      each(({ servicesCpuMs }) => servicesCpuMs),
      median,
    ),
    flat(
      'requests to Kafka a turn',
      '',
      FLAT.work,
      each(({ requests }) => requests.kafka),
      median,
    ),
    flat(
      'requests to the store a turn',
      '',
      FLAT.work,
      each(({ requests }) => requests.store),
      median,
    ),
    ...[...(opening?.residentMb.keys() ?? [])].map((name) =>
      flat(
        `${name}, resident`,
        'MB',
        FLAT.memory,
        each(({ residentMb }) => residentMb.get(name)),
        largest,
      ),
    ),
    // Between two collections it grows by 40 %: the least is what is held.
    ...[...(opening?.heapMb.keys() ?? [])].map((name) =>
      flat(
        `${name}, heap`,
        'MB',
        FLAT.memory,
        each(({ heapMb }) => heapMb.get(name)),
        least,
      ),
    ),
  ]
}

/** A line for each minute: of each service what is resident, and what of the heap is in use. */
export function soakReport(minutes: readonly TurnFigures[], aims: readonly Aim[]): string {
  const services = [...(minutes[0]?.residentMb.keys() ?? [])]
  const head = ['minute', 'kept', 'p50 ms', 'p99 ms', 'five ms', 'to Kafka', 'to store', ...services]
  const rows = minutes.map((figures, index) => [
    String(index + 1),
    rounded(figures.kept),
    String(figures.p50),
    String(figures.p99),
    rounded(figures.servicesCpuMs),
    rounded(figures.requests.kafka),
    rounded(figures.requests.store),
    ...services.map((name) => `${figures.residentMb.get(name)}/${rounded(figures.heapMb.get(name))}`),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const lines = [head, ...rows].map(
    (row) => `  ${row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}`,
  )
  return [...lines, '', ...aims.map(verdictOf)].join('\n')
}

/** The last of a length that three does not divide are the longer ones. */
function inThirds(values: readonly number[]): readonly (readonly number[])[] {
  const ends = [0, 1, 2, 3].map((third) => Math.floor((values.length * third) / 3))
  return [0, 1, 2].map((third) => values.slice(ends[third], ends[third + 1]))
}

const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((one, other) => one - other),
    0.5,
  )
const largest = (values: readonly number[]): number => Math.max(...values)
const least = (values: readonly number[]): number => Math.min(...values)

const rounded = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value < 100 ? value.toFixed(1) : value.toFixed(0)
