import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'

export interface Line {
  readonly name: string
  /** As long as the chart's moments; null: nothing there. */
  readonly values: readonly (number | null)[]
  /** Of the period before: paler, and dashed. */
  readonly isBefore?: boolean
}

interface ChartProps {
  /** Seconds since 1970. */
  readonly moments: readonly number[]
  readonly lines: readonly Line[]
  readonly label: string
  readonly timeZone: string
  /** A percentage: from 0 to 100. */
  readonly isPercent: boolean
  readonly shown: (value: number) => string
  readonly whenShown: (moment: number) => string
  /** The same, short: along the axis. */
  readonly tickShown: (moment: number) => string
  /** No shorter than a window. */
  readonly ticks: readonly number[]
}

const HEIGHT_PX = 280
/** So that no line is told from another by its colour alone. */
const DASHES = [[], [10, 4], [3, 3], [12, 3, 3, 3], [6, 6]] as const
/** More of them nobody can tell apart. */
export const LINES_MAX = DASHES.length

/** Lines over time. It says nothing that the table below does not. */
export function Chart({
  moments,
  lines,
  label,
  timeZone,
  isPercent,
  shown,
  whenShown,
  tickShown,
  ticks,
}: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const colorScheme = useComputedColorScheme()
  const [at, setAt] = useState<number | null>(null)
  useEffect(() => {
    const holder = place.current
    if (holder === null) return
    const style = getComputedStyle(document.documentElement)
    const token = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: token('--soft'),
      grid: { stroke: token('--line') },
      ticks: { stroke: token('--line') },
    }
    const plot = new uPlot(
      {
        width: holder.clientWidth,
        height: HEIGHT_PX,
        // The last day's label stands half beyond its line.
        padding: [null, 32, null, null],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        scales: {
          // One moment alone stands in the middle of its neighbours: of a single one uPlot makes years.
          x: {
            range: (_plot, first, last) =>
              moments.length === 1 ? [first - ticks[0]!, first + ticks[0]!] : [first, last],
          },
          y: { range: (_plot, _low, high) => [0, isPercent ? 100 : Math.max(1, high * 1.1)] },
        },
        axes: [
          { ...axis, incrs: [...ticks], values: (_plot, values) => values.map(tickShown), space: 70 },
          { ...axis, size: 64, values: (_plot, values) => values.map(shown) },
        ],
        series: [
          {},
          ...lines.map(({ name, isBefore = false }, index) => ({
            label: name,
            stroke: token(isBefore ? '--edge' : `--line-${index + 1}`),
            width: isBefore ? 1.5 : 2,
            dash: [...(isBefore ? [4, 6] : (DASHES[index] ?? []))],
            points: { show: moments.length <= 62, size: 6 },
          })),
        ],
        hooks: { setCursor: [({ cursor }) => setAt(cursor.idx ?? null)] },
      },
      [[...moments], ...lines.map(({ values }) => [...values])],
      holder,
    )
    const fits = new ResizeObserver(() => plot.setSize({ width: holder.clientWidth, height: HEIGHT_PX }))
    fits.observe(holder)
    return () => {
      fits.disconnect()
      plot.destroy()
    }
  }, [moments, lines, timeZone, isPercent, shown, tickShown, ticks, colorScheme])
  const moment = at === null ? undefined : moments[at]
  return (
    <figure className="chart">
      <div ref={place} role="img" aria-label={label} />
      <figcaption>
        <ul className="legend">
          {lines.map(({ name, isBefore = false }, index) => (
            <li key={`${name} ${isBefore}`}>
              <svg width="34" height="8" aria-hidden="true">
                <line
                  className={isBefore ? 'before' : `line-${index + 1}`}
                  x1="1"
                  x2="33"
                  y1="4"
                  y2="4"
                  strokeWidth="3"
                  strokeDasharray={(isBefore ? [4, 6] : (DASHES[index] ?? [])).join(' ')}
                />
              </svg>{' '}
              <bdi>{name}</bdi>
              {at !== null && lines[index]?.values[at] != null && <b> {shown(lines[index].values[at])}</b>}
            </li>
          ))}
        </ul>
        <p className="small">{moment === undefined ? '\u00a0' : whenShown(moment)}</p>
      </figcaption>
    </figure>
  )
}
