import type { Worth } from '@parley/figures'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useCallback, useMemo } from 'react'
import type { Client } from '../api/client.ts'
import { Asked } from '../places/asked.tsx'
import { useSurroundings } from '../screen/work.tsx'
import { Chart, LINES_MAX, type Line } from './chart.tsx'
import { useDefinitions } from './definitions/index.ts'
import { daysIn, periodBefore } from './period.ts'
import { figureQuery } from './figure-query.ts'
import type { Part, Question } from './question.ts'
import type { Figure } from './shapes.ts'
import { useShown } from './shown.ts'
import { More, ROWS_SHOWN, Scrolled } from './table.tsx'
import { useFigureTexts } from './texts.ts'
import { WorthCells, WorthHeads } from './totals.tsx'
import { byWindow, windowsIn } from './worth.ts'

const HOUR = 60 * 60
const DAY = 24 * HOUR
const DAYS = [DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY]
/** In seconds, by window. */
const TICKS: Readonly<Record<Question['window'], readonly number[]>> = {
  hour: [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, ...DAYS],
  day: DAYS,
  week: DAYS.slice(2),
}

interface CourseProps {
  readonly client: Client
  readonly isOwn: boolean
  readonly question: Question
  /** What counts most first. */
  readonly keys: readonly string[]
  readonly timeZone: string
  readonly nameOf: (key: string) => string
  /** What stands between the lines and their numbers. */
  readonly children: ReactNode
}

/** How a figure went: as lines, of the keys that count most where none is chosen, and in numbers. */
export function Course({ client, isOwn, question, keys, children, ...shown }: CourseProps) {
  const { period, key, isCompared } = question
  const asking = (part: Part, of = period) => figureQuery(client, question, of, isOwn, part)
  const most = keys.slice(0, LINES_MAX)
  const isEach = !isCompared && key === undefined && most.length > 1
  const course = useQuery(asking({ of: 'course' }))
  const before = useQuery({ ...asking({ of: 'course' }, periodBefore(period)), enabled: isCompared })
  const lines = useQuery({ ...asking({ of: 'lines', keys: most }), enabled: isEach })
  // All that stands in one chart comes from one of these; the first that is not there says why.
  const parts = [course, ...(isCompared ? [before] : []), ...(isEach ? [lines] : [])]
  const lacking = parts.find(({ data, error }) => data === undefined || error !== null)
  if (lacking !== undefined)
    return (
      <>
        <Asked query={lacking}>{() => null}</Asked>
        {children}
      </>
    )
  return (
    <CourseShown
      {...shown}
      question={question}
      keys={most}
      course={course.data!}
      before={isCompared ? before.data : undefined}
      lines={isEach ? lines.data : undefined}
    >
      {children}
    </CourseShown>
  )
}

function CourseShown({
  question: { metric, window, period, key },
  keys,
  course: figure,
  before,
  lines: each,
  timeZone,
  nameOf,
  children,
}: Omit<CourseProps, 'client' | 'isOwn'> & {
  readonly course: Figure
  readonly before: Figure | undefined
  /** Of the keys; undefined: one line for all of it. */
  readonly lines: Figure | undefined
}) {
  const texts = useFigureTexts()
  const definitions = useDefinitions()
  const { texts: desk } = useSurroundings()
  const shown = useShown()
  const { unit } = figure
  const beginOf = useMemo(() => windowsIn(window, timeZone), [window, timeZone])
  // A date has no time zone.
  const windowZone = window === 'hour' ? timeZone : 'UTC'
  const course = useMemo(() => byWindow(unit, figure.rows, beginOf), [unit, figure, beginOf])
  /** Of the period before, by the moment of this one that it is compared with. */
  const courseBefore = useMemo(() => {
    if (before === undefined) return undefined
    return byWindow(unit, before.rows, windowsIn(window, timeZone, daysIn(period)))
  }, [unit, before, window, timeZone, period.from, period.to])

  const together = key === undefined ? texts.together : nameOf(key)
  const { moments, lines } = useMemo(() => {
    const begins = [...new Set([...course.keys(), ...(courseBefore?.keys() ?? [])])].sort()
    const valuesOf = (worths: ReadonlyMap<string, Worth>) =>
      begins.map((begin) => worths.get(begin)?.value ?? null)
    const single: Line = { name: together, values: valuesOf(course) }
    const lineOf = (one: string): Line => {
      const rows = each?.rows.filter((row) => row.key === one) ?? []
      return { name: nameOf(one), values: valuesOf(byWindow(unit, rows, beginOf)) }
    }
    const shownLines =
      courseBefore !== undefined
        ? [single, { name: texts.before, values: valuesOf(courseBefore), isBefore: true }]
        : each === undefined
          ? [single]
          : keys.map(lineOf)
    return { moments: begins.map((begin) => Date.parse(begin) / 1_000), lines: shownLines }
  }, [course, courseBefore, keys.join(), each, unit, beginOf, nameOf, together, texts])

  const { when, tick } = useMemo(() => {
    const zone = { timeZone: windowZone }
    const long = new Intl.DateTimeFormat(desk.tag, {
      ...zone,
      dateStyle: 'medium',
      ...(window === 'hour' && { timeStyle: 'short' }),
    })
    const short = new Intl.DateTimeFormat(
      desk.tag,
      window === 'hour'
        ? {
            ...zone,
            ...(period.from !== period.to && { day: 'numeric' }),
            hour: 'numeric',
            minute: '2-digit',
          }
        : { ...zone, day: 'numeric', month: 'short' },
    )
    return {
      when(begin: string | number) {
        const text = long.format(new Date(begin))
        return window === 'week' ? texts.weekOf(text) : text
      },
      tick: (moment: number) => short.format(new Date(moment * 1_000)),
    }
  }, [desk.tag, windowZone, window, texts, period.from, period.to])
  const valueShown = useCallback((value: number) => shown(metric, unit, value), [shown, metric, unit])
  return (
    <>
      <Chart
        moments={moments}
        lines={lines}
        label={texts.chart(definitions[metric][0])}
        timeZone={windowZone}
        isPercent={unit === 'percent'}
        shown={valueShown}
        whenShown={(moment) => when(moment * 1_000)}
        tickShown={tick}
        ticks={TICKS[window]}
      />
      {children}
      <details>
        <summary>{texts.course(together)}</summary>
        <Scrolled label={texts.course(together)}>
          <table data-table="course">
            <thead>
              <tr>
                <th scope="col">{texts.when}</th>
                <WorthHeads unit={unit} />
                {courseBefore !== undefined && (
                  <th scope="col" className="number">
                    {texts.before}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {[...course].slice(0, ROWS_SHOWN).map(([begin, worth]) => (
                <tr key={begin}>
                  <th scope="row">{when(begin)}</th>
                  <WorthCells metric={metric} unit={unit} worth={worth} />
                  {courseBefore !== undefined && (
                    <td className="number">{shown(metric, unit, courseBefore.get(begin)?.value)}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolled>
        <More count={course.size - ROWS_SHOWN} />
      </details>
    </>
  )
}
