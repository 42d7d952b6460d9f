import { type Worth, worthTogether } from '@parley/figures'
import { type ReactNode, useCallback, useMemo } from 'react'
import { useSurroundings } from '../screen/work.tsx'
import { Chart, LINES_MAX, type Line } from './chart.tsx'
import { useDefinitions } from './definitions/index.ts'
import { datesIn, periodBefore } from './period.ts'
import type { Question } from './question.ts'
import type { Figure } from './shapes.ts'
import { useShown } from './shown.ts'
import { More, ROWS_SHOWN, Scrolled } from './table.tsx'
import { useFigureTexts } from './texts.ts'
import { byKey, byWindow, changeOf } from './worth.ts'

const HOUR = 60 * 60
const DAY = 24 * HOUR
const DAYS = [DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY]
/** In seconds, by window. */
const TICKS: Readonly<Record<Question['window'], readonly number[]>> = {
  hour: [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, ...DAYS],
  day: DAYS,
  week: DAYS.slice(2),
}

/** One figure: its course as lines, what each is worth in the period, and its course in numbers. */
export function Course({
  question: { metric, window, period, key },
  figure: { unit, rows: all },
  before,
  timeZone,
  nameOf,
  onKey,
}: {
  readonly question: Question
  readonly figure: Figure
  readonly before: Figure | undefined
  readonly timeZone: string
  readonly nameOf: (key: string) => string
  readonly onKey: ((key: string) => void) | undefined
}) {
  const texts = useFigureTexts()
  const definitions = useDefinitions()
  const { texts: desk, format } = useSurroundings()
  const shown = useShown()
  const dateOf = useMemo(() => datesIn(timeZone), [timeZone])
  const rows = useMemo(() => (key === undefined ? all : all.filter((row) => row.key === key)), [all, key])
  const rowsBefore = useMemo(
    () => before?.rows.filter((row) => key === undefined || row.key === key),
    [before, key],
  )
  const worths = useMemo(() => byKey(unit, rows), [unit, rows])
  const worthsBefore = useMemo(() => rowsBefore && byKey(unit, rowsBefore), [unit, rowsBefore])
  const course = useMemo(() => byWindow(unit, rows, window, dateOf), [unit, rows, window, dateOf])
  /** Of the period before, by the moment of this one that it is compared with. */
  const courseBefore = useMemo(() => {
    if (rowsBefore === undefined) return undefined
    const shift = Date.parse(period.from) - Date.parse(periodBefore(period).from)
    const moved = rowsBefore.map((row) => ({
      ...row,
      from: new Date(Date.parse(row.from) + shift).toISOString(),
    }))
    return byWindow(unit, moved, window, dateOf)
  }, [unit, rowsBefore, window, dateOf, period.from, period.to])

  const together = key === undefined ? texts.together : nameOf(key)
  const { moments, lines } = useMemo(() => {
    const begins = [...new Set([...course.keys(), ...(courseBefore?.keys() ?? [])])].sort()
    const valuesOf = (worths: ReadonlyMap<string, Worth>) =>
      begins.map((begin) => worths.get(begin)?.value ?? null)
    const single: Line = { name: together, values: valuesOf(course) }
    const keys = [...worths.keys()].slice(0, LINES_MAX)
    const each = (): readonly Line[] =>
      keys.map((one) => ({
        name: nameOf(one),
        values: valuesOf(
          byWindow(
            unit,
            rows.filter((row) => row.key === one),
            window,
            dateOf,
          ),
        ),
      }))
    const shownLines =
      courseBefore !== undefined
        ? [single, { name: texts.before, values: valuesOf(courseBefore), isBefore: true }]
        : keys.length > 1
          ? each()
          : [single]
    return { moments: begins.map((begin) => Date.parse(begin) / 1_000), lines: shownLines }
  }, [course, courseBefore, worths, rows, unit, window, dateOf, nameOf, together, texts])

  const { when, tick } = useMemo(() => {
    // A week's Monday is a date without a time.
    const zone = { timeZone: window === 'week' ? 'UTC' : timeZone }
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
  }, [desk.tag, timeZone, window, texts, period.from, period.to])
  const valueShown = useCallback((value: number) => shown(metric, unit, value), [shown, metric, unit])
  const change = (now: Worth | undefined, then: Worth | undefined) => {
    const by = changeOf(unit, now, then)
    if (by === undefined) return '–'
    return unit === 'percent' ? texts.points(format.signed(by)) : `${format.signed(by)} %`
  }
  const cells = (worth: Worth | undefined): ReactNode => (
    <>
      <td className="number">
        <b>{shown(metric, unit, worth?.value)}</b>
      </td>
      <td className="number">{worth === undefined ? '–' : format.number(Math.round(worth.numerator))}</td>
      {unit !== 'count' && (
        <td className="number">
          {worth?.denominator == null ? '–' : format.number(Math.round(worth.denominator))}
        </td>
      )}
    </>
  )
  const heads = (
    <>
      <th scope="col" className="number">
        {texts.value}
      </th>
      <th scope="col" className="number">
        {texts.numerator}
      </th>
      {unit !== 'count' && (
        <th scope="col" className="number">
          {texts.denominator}
        </th>
      )}
    </>
  )
  const sum = worthTogether(unit, rows)
  const keysBefore = [...(worthsBefore?.keys() ?? [])].filter((one) => !worths.has(one))
  const listed = [...worths.keys(), ...keysBefore]
  return (
    <>
      <Chart
        moments={moments}
        lines={lines}
        label={texts.chart(definitions[metric][0])}
        timeZone={window === 'week' ? 'UTC' : timeZone}
        isPercent={unit === 'percent'}
        shown={valueShown}
        whenShown={(moment) => when(moment * 1_000)}
        tickShown={tick}
        ticks={TICKS[window]}
      />
      <h3>{texts.totals}</h3>
      <Scrolled label={texts.totals}>
        <table data-table="totals">
          <thead>
            <tr>
              <th scope="col">{texts.name}</th>
              {heads}
              {before !== undefined && (
                <>
                  <th scope="col" className="number">
                    {texts.before}
                  </th>
                  <th scope="col" className="number">
                    {texts.change}
                  </th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {listed.slice(0, ROWS_SHOWN).map((one) => (
              <tr key={one} data-key={one}>
                <th scope="row">
                  {onKey === undefined || key === one || one === 'all' ? (
                    <bdi>{nameOf(one)}</bdi>
                  ) : (
                    <button type="button" className="head" onClick={() => onKey(one)}>
                      <bdi>{nameOf(one)}</bdi>
                    </button>
                  )}
                </th>
                {cells(worths.get(one))}
                {before !== undefined && (
                  <>
                    <td className="number">{shown(metric, unit, worthsBefore?.get(one)?.value)}</td>
                    <td className="number">{change(worths.get(one), worthsBefore?.get(one))}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
          {listed.length > 1 && (
            <tfoot>
              <tr>
                <th scope="row">{texts.together}</th>
                {cells(sum)}
                {before !== undefined && (
                  <>
                    <td className="number">
                      {shown(metric, unit, worthTogether(unit, rowsBefore ?? [])?.value)}
                    </td>
                    <td className="number">{change(sum, worthTogether(unit, rowsBefore ?? []))}</td>
                  </>
                )}
              </tr>
            </tfoot>
          )}
        </table>
      </Scrolled>
      <More count={listed.length - ROWS_SHOWN} />
      <details>
        <summary>{texts.course(together)}</summary>
        <Scrolled label={texts.course(together)}>
          <table data-table="course">
            <thead>
              <tr>
                <th scope="col">{texts.when}</th>
                {heads}
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
                  {cells(worth)}
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
