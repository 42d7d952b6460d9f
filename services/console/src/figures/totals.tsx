import { type Unit, type Worth, worthTogether } from '@parley/figures'
import { useMemo } from 'react'
import { useFormat } from '../screen/work.tsx'
import type { Metric } from './catalogue.ts'
import type { Question } from './question.ts'
import type { Figure } from './shapes.ts'
import { useShown } from './shown.ts'
import { More, ROWS_SHOWN, Scrolled } from './table.tsx'
import { useFigureTexts } from './texts.ts'
import { byKey, changeOf } from './worth.ts'

/** What each key is worth in the period, and what they are together. */
export function Totals({
  question: { metric, key },
  figure: { unit, rows: all },
  before,
  nameOf,
  onKey,
}: {
  readonly question: Pick<Question, 'metric' | 'key'>
  readonly figure: Figure
  readonly before: Figure | undefined
  readonly nameOf: (key: string) => string
  readonly onKey: ((key: string) => void) | undefined
}) {
  const texts = useFigureTexts()
  const format = useFormat()
  const shown = useShown()
  const rows = useMemo(() => (key === undefined ? all : all.filter((row) => row.key === key)), [all, key])
  const rowsBefore = useMemo(
    () => before?.rows.filter((row) => key === undefined || row.key === key),
    [before, key],
  )
  const worths = useMemo(() => byKey(unit, rows), [unit, rows])
  const worthsBefore = useMemo(() => rowsBefore && byKey(unit, rowsBefore), [unit, rowsBefore])
  const change = (now: Worth | undefined, then: Worth | undefined) => {
    const by = changeOf(unit, now, then)
    if (by === undefined) return '–'
    return unit === 'percent' ? texts.points(format.signed(by)) : `${format.signed(by)} %`
  }
  const sum = worthTogether(unit, rows)
  const sumBefore = worthTogether(unit, rowsBefore ?? [])
  const keysBefore = [...(worthsBefore?.keys() ?? [])].filter((one) => !worths.has(one))
  const listed = [...worths.keys(), ...keysBefore]
  return (
    <>
      <h3>{texts.totals}</h3>
      <Scrolled label={texts.totals}>
        <table data-table="totals">
          <thead>
            <tr>
              <th scope="col">{texts.name}</th>
              <WorthHeads unit={unit} />
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
                <WorthCells metric={metric} unit={unit} worth={worths.get(one)} />
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
                <WorthCells metric={metric} unit={unit} worth={sum} />
                {before !== undefined && (
                  <>
                    <td className="number">{shown(metric, unit, sumBefore?.value)}</td>
                    <td className="number">{change(sum, sumBefore)}</td>
                  </>
                )}
              </tr>
            </tfoot>
          )}
        </table>
      </Scrolled>
      <More count={listed.length - ROWS_SHOWN} />
    </>
  )
}

export function WorthHeads({ unit }: { readonly unit: Unit }) {
  const texts = useFigureTexts()
  return (
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
}

export function WorthCells({
  metric,
  unit,
  worth,
}: {
  readonly metric: Metric
  readonly unit: Unit
  readonly worth: Worth | undefined
}) {
  const format = useFormat()
  const shown = useShown()
  return (
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
}
