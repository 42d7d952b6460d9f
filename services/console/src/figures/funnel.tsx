import type { Me } from '../api/shapes.ts'
import { useCalled, useFormat } from '../screen/work.tsx'
import type { Figure } from './shapes.ts'
import { Scrolled } from './table.tsx'
import { useFigureTexts } from './texts.ts'
import { flowsIn, funnelOf } from './worth.ts'

interface FunnelProps {
  readonly me: Pick<Me, 'names' | 'flows'>
  readonly figure: Figure
  readonly before: Figure | undefined
  /** One flow alone. */
  readonly flow: string | undefined
}

/** How many of those who began a flow came to each of its steps. */
export function Funnel({ me, figure, before, flow }: FunnelProps) {
  const called = useCalled(me.names)
  const texts = useFigureTexts()
  const format = useFormat()
  const percent = (value: number | null | undefined) => (value == null ? '–' : format.percent(value / 100))
  const flows = flowsIn(figure.rows).filter((one) => flow === undefined || one === flow)
  return flows.map((name) => {
    const order = me.flows?.find((one) => one.name === name)?.steps ?? []
    const steps = funnelOf(figure.rows, name, order)
    const stepsBefore = new Map(before && funnelOf(before.rows, name, order).map((step) => [step.name, step]))
    const title = texts.funnel(called('flows', name))
    return (
      <div key={name}>
        <h3>{title}</h3>
        <Scrolled label={title}>
          <table className="funnel" data-flow={name}>
            <thead>
              <tr>
                <th scope="col">{texts.step}</th>
                <th scope="col" className="number">
                  {texts.value}
                </th>
                <th scope="col">
                  {texts.numerator} ÷ {texts.denominator}
                </th>
                {before !== undefined && (
                  <th scope="col" className="number">
                    {texts.before}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {steps.map(({ name: step, value, numerator, denominator }, at) => {
                const previous = steps[at - 1]?.numerator
                const lost = previous === undefined || previous === 0 ? 0 : 1 - numerator / previous
                return (
                  <tr key={step} data-step={step}>
                    <th scope="row">{called('steps', step)}</th>
                    <td className="number">
                      <b>{percent(value)}</b>
                    </td>
                    <td>
                      <svg className="bar-of-step" width="100%" height="14" aria-hidden="true">
                        <rect height="14" width={`${Math.min(100, Math.max(0, value ?? 0))}%`} />
                      </svg>
                      <span className="small">
                        {texts.reached(format.number(numerator), format.number(denominator ?? 0))}
                        {lost > 0 && ` · ${texts.lost(format.percent(lost))}`}
                      </span>
                    </td>
                    {before !== undefined && (
                      <td className="number">{percent(stepsBefore.get(step)?.value)}</td>
                    )}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scrolled>
      </div>
    )
  })
}
