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
import { type Worth, byKey, byWindow, changeOf, worthOf } from './worth.ts'

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
  const { texts: desk } = useSurroundings()
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

  const when = useMemo(() => {
    const hour = new Intl.DateTimeFormat(desk.tag, { timeZone, dateStyle: 'medium', timeStyle: 'short' })
    const day = new Intl.DateTimeFormat(desk.tag, { timeZone, dateStyle: 'medium', weekday: undefined })
    // A week's Monday is a date without a time.
    const week = new Intl.DateTimeFormat(desk.tag, { timeZone: 'UTC', dateStyle: 'medium' })
    return (begin: string | number) =>
      window === 'hour'
        ? hour.format(new Date(begin))
        : window === 'day'
          ? day.format(new Date(begin))
          : texts.weekOf(week.format(new Date(begin)))
  }, [desk.tag, timeZone, window, texts])
  const valueShown = useCallback((value: number) => shown(metric, unit, value), [shown, metric, unit])
  const change = (now: Worth | undefined, then: Worth | undefined) => {
    const by = changeOf(unit, now, then)
    if (by === undefined) return '–'
    const signed = new Intl.NumberFormat(desk.tag, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
    return unit === 'percent' ? texts.points(signed.format(by)) : `${signed.format(by)} %`
  }
  const number = new Intl.NumberFormat(desk.tag, { maximumFractionDigits: 0 })
  const cells = (worth: Worth | undefined): ReactNode => (
    <>
      <td className="number">
        <b>{shown(metric, unit, worth?.value)}</b>
      </td>
      <td className="number">{worth === undefined ? '–' : number.format(worth.numerator)}</td>
      {unit !== 'count' && (
        <td className="number">{worth?.denominator == null ? '–' : number.format(worth.denominator)}</td>
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
  const sum = worthOf(unit, rows)
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
                    <td className="number">{shown(metric, unit, worthOf(unit, rowsBefore ?? [])?.value)}</td>
                    <td className="number">{change(sum, worthOf(unit, rowsBefore ?? []))}</td>
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
