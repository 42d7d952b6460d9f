export interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
}

/** One part of Parley and a bare loop doing the same number of records, in the same run on the same machine. */
export interface Comparison {
  readonly name: string
  readonly unit: string
  readonly count: number
  readonly ours: Measured
  readonly bare: Measured
  /** What the bare loop costs without the work that no writer of these records can leave out. */
  readonly copied?: Measured
  readonly note: string
  readonly aim: { readonly ratioMin: number; readonly cpuMicrosMax?: number }
}

export function report({ name, unit, count, ours, bare, copied, note, aim }: Comparison): string {
  const perSecond = (measured: Measured): number => Math.round(count / (measured.wallMs / 1000))
  const cpuEach = (measured: Measured): string => ((measured.cpuMs * 1000) / count).toFixed(0)
  const ratio = bare.wallMs / ours.wallMs
  const line = (who: string, measured: Measured): string =>
    `  ${who.padEnd(6)} ${perSecond(measured).toString().padStart(7)} ${unit}/s   ${cpuEach(measured).padStart(5)} CPU µs each`
  return [
    `${name}: ${count} ${unit}`,
    line('ours', ours),
    line('bare', bare),
    ...(copied === undefined ? [] : [line('copied', copied)]),
    `  ratio  ${ratio.toFixed(2)} (aim: at least ${aim.ratioMin}${aim.cpuMicrosMax === undefined ? '' : `, and at most ${aim.cpuMicrosMax} CPU µs each`})`,
    `  ${note}`,
  ].join('\n')
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
