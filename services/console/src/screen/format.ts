/** Numbers and times as the desk's language writes them. */
export interface Format {
  readonly number: (value: number) => string
  /** Two units at most: `3 h 20 min`. */
  readonly duration: (milliseconds: number) => string
  readonly seconds: (milliseconds: number) => string
  readonly clock: (at: string) => string
  readonly moment: (at: string) => string
  readonly day: (at: string) => string
  readonly bytes: (bytes: number) => string
  readonly percent: (share: number) => string
}

export function formatOf(tag: string): Format {
  const number = new Intl.NumberFormat(tag)
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
  const moment = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' })
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'full' })
  const percent = new Intl.NumberFormat(tag, { style: 'percent' })
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
    clock: (at) => clock.format(new Date(at)),
    moment: (at) => moment.format(new Date(at)),
    day: (at) => day.format(new Date(at)),
    bytes: (bytes) =>
      bytes < 1_000_000
        ? units.kilobyte.format(Math.max(1, Math.round(bytes / 1_000)))
        : units.megabyte.format(bytes / 1_000_000),
    percent: (share) => percent.format(share),
  }
}
