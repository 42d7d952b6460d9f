import type { Unit } from '@parley/figures'
import { useCallback } from 'react'
import { useFormat } from '../screen/work.tsx'
import type { Metric } from './catalogue.ts'
import { shownIn } from './worth.ts'

export function useShown(): (metric: Metric, unit: Unit, value: number | null | undefined) => string {
  const format = useFormat()
  return useCallback((metric, unit, value) => shownIn(format, metric, unit, value), [format])
}
