import { useCallback } from 'react'
import { useFormat } from '../screen/work.tsx'
import type { Metric } from './catalogue.ts'
import type { Unit } from './worth.ts'

/** How a figure's value is written. */
export function useShown(): (metric: Metric, unit: Unit, value: number | null | undefined) => string {
  const format = useFormat()
  return useCallback(
    (metric, unit, value) => {
      if (value == null) return '–'
      if (unit === 'percent') return format.exactPercent(value / 100)
      if (unit === 'seconds' || metric === 'signed_in_seconds')
        return value < 60 ? format.exactSeconds(value) : format.stopwatch(Math.round(value))
      return unit === 'ratio' ? format.ratio(value) : format.number(value)
    },
    [format],
  )
}
