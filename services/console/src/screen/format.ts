/** Numbers and times as the language of the page writes them: nothing else does, or digits of two scripts stand beside each other. */
export interface Format {
  readonly number: (value: number) => string
  /** Two units at most: `3 h 20 min`. */
  readonly duration: (milliseconds: number) => string
  readonly seconds: (milliseconds: number) => string
  /** `42.5s`. */
  readonly exactSeconds: (seconds: number) => string
  /** `1:05`, `1:02:05`. */
  readonly stopwatch: (seconds: number) => string
  readonly clock: (at: string) => string
  /** By the clock of whoever looks, or of a time zone. */
  readonly moment: (at: string, timeZone?: string) => string
  /** The time of today, the day of what is older. */
  readonly when: (at: string, nowMs: number) => string
  readonly day: (at: string) => string
  readonly bytes: (bytes: number) => string
  readonly percent: (share: number) => string
  /** With a decimal. */
  readonly exactPercent: (share: number) => string
  /** With two decimals. */
  readonly ratio: (value: number) => string
  /** With its sign, unless it is 0. */
  readonly signed: (value: number) => string
}

export function formatOf(tag: string): Format {
  const number = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 })
  const signed = new Intl.NumberFormat(tag, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const ratio = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const padded = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 })
  const exactSecond = new Intl.NumberFormat(tag, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: 1,
  })
  const unit = (name: string) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 })
  const units = {
    second: unit('second'),
    minute: unit('minute'),
    hour: unit('hour'),
    day: unit('day'),
    kilobyte: unit('kilobyte'),
    megabyte: unit('megabyte'),
  }
  const clock = new Intl.DateTimeFormat(tag, { timeStyle: 'short' })
  const moments = { dateStyle: 'medium', timeStyle: 'short' } as const
  const moment = new Intl.DateTimeFormat(tag, moments)
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'full' })
  const shortDay = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' })
  const shortDate = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', year: 'numeric' })
  const percent = new Intl.NumberFormat(tag, { style: 'percent' })
  const exactPercent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 })
  return {
    number: (value) => number.format(value),
    duration(milliseconds) {
      const minutes = Math.floor(Math.max(0, milliseconds) / 60_000)
      if (minutes < 1) return units.second.format(Math.floor(Math.max(0, milliseconds) / 1_000))
      if (minutes < 60) return units.minute.format(minutes)
      if (minutes < 1_440)
        return `${units.hour.format(Math.floor(minutes / 60))} ${units.minute.format(minutes % 60)}`
      return `${units.day.format(Math.floor(minutes / 1_440))} ${units.hour.format(Math.floor((minutes % 1_440) / 60))}`
    },
    seconds: (milliseconds) => units.second.format(Math.ceil(Math.max(0, milliseconds) / 1_000)),
    exactSeconds: (seconds) => exactSecond.format(seconds),
    stopwatch(seconds) {
      const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
      const rest = padded.format(Math.floor(seconds) % 60)
      return hours > 0
        ? `${number.format(hours)}:${padded.format(minutes)}:${rest}`
        : `${number.format(minutes)}:${rest}`
    },
    clock: (at) => clock.format(new Date(at)),
    moment: (at, timeZone) =>
      (timeZone === undefined ? moment : new Intl.DateTimeFormat(tag, { ...moments, timeZone })).format(
        new Date(at),
      ),
    when(at, nowMs) {
      const [then, now] = [new Date(at), new Date(nowMs)]
      if (then.toDateString() === now.toDateString()) return clock.format(then)
      return (then.getFullYear() === now.getFullYear() ? shortDay : shortDate).format(then)
    },
    day: (at) => day.format(new Date(at)),
    bytes: (bytes) =>
      bytes < 1_000_000
        ? units.kilobyte.format(Math.max(1, Math.round(bytes / 1_000)))
        : units.megabyte.format(bytes / 1_000_000),
    percent: (share) => percent.format(share),
    exactPercent: (share) => exactPercent.format(share),
    ratio: (value) => ratio.format(value),
    signed: (value) => signed.format(value),
  }
}
