import { useCallback } from 'react'
import { useFormat } from '../screen/work.tsx'
import type { Metric } from './catalogue.ts'
import { type Unit, shownIn } from './worth.ts'

/** How a figure's value is written. */
export function useShown(): (metric: Metric, unit: Unit, value: number | null | undefined) => string {
  const format = useFormat()
  return useCallback((metric, unit, value) => shownIn(format, metric, unit, value), [format])
}
