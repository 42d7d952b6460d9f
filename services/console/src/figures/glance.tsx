import { useQueries } from '@tanstack/react-query'
import type { PageProps } from '../places/frame.tsx'
import { AT_A_GLANCE, type Metric } from './catalogue.ts'
import { useDefinitions } from './definitions/index.ts'
import { figureQuery } from './figure-query.ts'
import type { Question } from './question.ts'
import { useShown } from './shown.ts'
import { More, ROWS_SHOWN, Scrolled } from './table.tsx'
import { useFigureTexts } from './texts.ts'
import { byKey } from './worth.ts'

/** The figures that one looks at first, for each of what is chosen, over the whole period. */
export function Glance({
  client,
  me,
  isOwn,
  question,
  nameOf,
  onMetric,
}: PageProps & {
  readonly isOwn: boolean
  readonly question: Question
  readonly nameOf: (key: string) => string
  readonly onMetric: (metric: Metric) => void
}) {
  const texts = useFigureTexts()
  const definitions = useDefinitions()
  const shown = useShown()
  const { by, period, key } = question
  const metrics = AT_A_GLANCE[by]
  const asked = useQueries({
    queries: metrics.map((metric) =>
      figureQuery(client, { ...question, metric }, period, isOwn, { of: 'totals' }),
    ),
  })
  const columns = metrics.map((metric, index) => {
    const figure = asked[index]?.data
    return { metric, figure, worths: figure && byKey(figure.unit, figure.rows) }
  })
  const keys = [...new Set(columns.flatMap(({ worths }) => [...(worths?.keys() ?? [])]))]
    .filter((one) => key === undefined || one === key)
    .sort((one, other) => nameOf(one).localeCompare(nameOf(other)))
  if (keys.length === 0) return null
  return (
    <div className="panel">
      <h2>
        {texts.glance}
        {isOwn && <span className="small"> · {me.name}</span>}
      </h2>
      <Scrolled label={texts.glance}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.bys[by]}</th>
              {columns.map(({ metric }) => (
                <th key={metric} scope="col" className="number">
                  <button
                    type="button"
                    className="head"
                    aria-pressed={metric === question.metric}
                    onClick={() => onMetric(metric)}
                  >
                    {definitions[metric][0]}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keys.slice(0, ROWS_SHOWN).map((key) => (
              <tr key={key}>
                <th scope="row">
                  <bdi>{nameOf(key)}</bdi>
                </th>
                {columns.map(({ metric, figure, worths }) => (
                  <td key={metric} className="number">
                    {figure === undefined ? '…' : shown(metric, figure.unit, worths?.get(key)?.value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      <More count={keys.length - ROWS_SHOWN} />
    </div>
  )
}
