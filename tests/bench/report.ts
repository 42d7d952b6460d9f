import pc from 'picocolors'

export interface Aim {
  readonly what: string
  readonly holds: boolean
}

export function verdictOf({ what, holds }: Aim): string {
  return `${holds ? pc.green('holds ') : pc.red('missed')}  ${what}`
}

export interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
}

/** One part of Parley and a bare loop doing the same number of records, in the same run on the same machine. */
export interface Comparison {
  readonly name: string
  /** Who it is beside; undefined: the bare loop. */
  readonly peer?: string
  readonly unit: string
  readonly count: number
  readonly ours: Measured
  readonly bare: Measured
  /** What the bare loop costs without the work that no writer of these records can leave out. */
  readonly copied?: Measured
  readonly note: string
  /** The largest heap of ours in each third of the time. */
  readonly heapMb?: readonly number[]
  /** The same of the peer. */
  readonly bareHeapMb?: readonly number[]
  readonly aim: { readonly ratioMin: number; readonly cpuMicrosMax?: number }
}

/** What varies of itself, with the rest of the machine. */
const FLAT_MAX = 1.2

export function aimsOfLoop({ count, ours, bare, heapMb, aim }: Comparison): readonly Aim[] {
  const ratio = bare.wallMs / ours.wallMs
  const cpuMicros = (ours.cpuMs * 1000) / count
  const [first = 0, second = 0, third = 0] = heapMb ?? []
  return [
    { what: `ratio ${ratio.toFixed(2)} (aim: at least ${aim.ratioMin})`, holds: ratio >= aim.ratioMin },
    ...(aim.cpuMicrosMax === undefined
      ? []
      : [
          {
            what: `${cpuMicros.toFixed(0)} CPU µs each (aim: at most ${aim.cpuMicrosMax})`,
            holds: cpuMicros <= aim.cpuMicrosMax,
          },
        ]),
    ...(heapMb === undefined
      ? []
      : [
          {
            what: `the largest heap in each third of the time: ${heapMb.join(', ')} MB (aim: flat)`,
            holds: third <= FLAT_MAX * Math.max(first, second),
          },
        ]),
  ]
}

export function report(comparison: Comparison): string {
  const { name, peer = 'bare', unit, count, ours, bare, copied, bareHeapMb, note } = comparison
  const perSecond = (measured: Measured): number => Math.round(count / (measured.wallMs / 1000))
  const cpuEach = (measured: Measured): string => ((measured.cpuMs * 1000) / count).toFixed(0)
  const line = (who: string, measured: Measured): string =>
    `  ${who.padEnd(6)} ${perSecond(measured).toString().padStart(7)} ${unit}/s   ${cpuEach(measured).padStart(5)} CPU µs each`
  return [
    `${name}: ${count} ${unit}`,
    line('ours', ours),
    line(peer, bare),
    ...(copied === undefined ? [] : [line('copied', copied)]),
    ...aimsOfLoop(comparison).map((one) => `  ${verdictOf(one)}`),
    ...(bareHeapMb === undefined
      ? []
      : [`  its own largest heap in each third of the time: ${bareHeapMb.join(', ')} MB`]),
    `  ${note}`,
  ].join('\n')
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
