import { useMemo } from 'react'
import { useSurroundings } from '../screen/work.tsx'
import type { Metric } from './catalogue.ts'
import type { Unit } from './worth.ts'

/** How a figure's value is written. */
export function useShown(): (metric: Metric, unit: Unit, value: number | null | undefined) => string {
  const { texts } = useSurroundings()
  return useMemo(() => {
    const one = new Intl.NumberFormat(texts.tag, { maximumFractionDigits: 1 })
    const two = new Intl.NumberFormat(texts.tag, { maximumFractionDigits: 2 })
    const percent = new Intl.NumberFormat(texts.tag, { style: 'percent', maximumFractionDigits: 1 })
    const second = new Intl.NumberFormat(texts.tag, {
      style: 'unit',
      unit: 'second',
      unitDisplay: 'narrow',
      maximumFractionDigits: 1,
    })
    const padded = new Intl.NumberFormat(texts.tag, { minimumIntegerDigits: 2 })
    /** `42.5s`, `1:05`, `1:02:05`. */
    const clock = (seconds: number): string => {
      if (seconds < 60) return second.format(seconds)
      const whole = Math.round(seconds)
      const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60]
      const rest = padded.format(whole % 60)
      return hours > 0
        ? `${one.format(hours)}:${padded.format(minutes)}:${rest}`
        : `${one.format(minutes)}:${rest}`
    }
    return (metric, unit, value) => {
      if (value == null) return '–'
      if (unit === 'percent') return percent.format(value / 100)
      if (unit === 'seconds' || metric === 'signed_in_seconds') return clock(value)
      return unit === 'ratio' ? two.format(value) : one.format(value)
    }
  }, [texts.tag])
}
