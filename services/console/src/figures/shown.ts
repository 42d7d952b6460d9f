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
    return (metric, unit, value) => {
      if (value == null) return '–'
      if (unit === 'percent') return percent.format(value / 100)
      if (unit === 'seconds' || metric === 'signed_in_seconds') return clock(value, one)
      return unit === 'ratio' ? two.format(value) : one.format(value)
    }
  }, [texts.tag])
}

/** `42.5 s`, `1:05`, `1:02:05`. */
function clock(seconds: number, number: Intl.NumberFormat): string {
  if (seconds < 60) return `${number.format(seconds)} s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60]
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`
}
