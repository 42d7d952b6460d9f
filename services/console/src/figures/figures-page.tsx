import { DIMENSIONS, type Unit } from '@parley/figures'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Me } from '../api/shapes.ts'
import { useAddress } from '../places/address.ts'
import { Asked } from '../places/asked.tsx'
import { Frame, type PageProps } from '../places/frame.tsx'
import { Empty } from '../screen/empty.tsx'
import { useCalled, useFormat } from '../screen/work.tsx'
import { keyCalled } from '../state/names.ts'
import { type By, FUNNEL, type Metric, caveatsOf } from './catalogue.ts'
import { Course } from './course.tsx'
import { useDefinitions } from './definitions/index.ts'
import { Filters } from './filters.tsx'
import { Funnel } from './funnel.tsx'
import { Glance } from './glance.tsx'
import { type Period, datesIn, periodBefore } from './period.ts'
import { figureQuery } from './figure-query.ts'
import { askedOf, questionIn } from './question.ts'
import { useFigureTexts } from './texts.ts'
import { Totals } from './totals.tsx'
import { byKey } from './worth.ts'

const seesAll = ({ team, roles }: Me): boolean =>
  team === null || roles.some((role) => role === 'auditor' || role === 'administrator')

/** Figures of whatever the person may see, or of their own work. */
export default function FiguresPage({ client, me }: PageProps) {
  const texts = useFigureTexts()
  const format = useFormat()
  const definitions = useDefinitions()
  const [asked, change] = useAddress()
  const isOwn = !me.permissions.includes('metrics.read')
  const timeZone = me.timeZone ?? 'UTC'
  const dateOf = useMemo(() => datesIn(timeZone), [timeZone])
  const today = dateOf(Date.now())
  const bys: readonly By[] = isOwn
    ? ['agent']
    : seesAll(me)
      ? ['', ...DIMENSIONS]
      : ['queue', 'agent', 'team', 'vendor']
  const question = questionIn(asked, today, bys)
  const { by, metric, period, key, isCompared } = question
  const read = (period: Period) => ({
    ...figureQuery(client, question, period, isOwn, { of: 'totals' }),
    placeholderData: keepPreviousData,
  })
  const now = useQuery(read(period))
  const before = useQuery({ ...read(periodBefore(period)), enabled: isCompared })
  const names = useNames(me)
  const called = useCalled(me.names)
  const nameOf = useCallback(
    (key: string): string => {
      if (key === 'all') return texts.together
      return by === 'agent' ? (names.get(key) ?? key) : keyCalled(called, by, key, me.teams)
    },
    [by, names, texts, called, me.teams],
  )
  const [title, is] = definitions[metric]
  const isAsShown = now.data?.metric === metric && !now.isPlaceholderData
  return (
    <Frame me={me} title={isOwn ? texts.ownTitle : texts.title}>
      <Filters
        question={question}
        bys={bys}
        keys={isOwn ? [] : [...new Set(now.data?.rows.map((row) => row.key))].sort()}
        nameOf={nameOf}
        today={today}
        change={change}
      />
      {!isOwn && !seesAll(me) && <p className="small">{texts.notWhole}</p>}
      <Glance
        client={client}
        me={me}
        isOwn={isOwn}
        question={question}
        nameOf={nameOf}
        onMetric={(metric) => change({ metric })}
      />
      <section className="panel" aria-labelledby="figure" aria-busy={now.isFetching}>
        <h2 id="figure">{title}</h2>
        <p>
          <span className="tag">
            {now.data === undefined ? '…' : texts.definition(format.number(now.data.version))}
          </span>{' '}
          {is} <code className="small">{metric}</code>
        </p>
        <Asked query={now}>
          {(figure) =>
            !isAsShown ? null : figure.rows.length === 0 ? (
              <Empty title={texts.nothing} hint={texts.nothingHint} />
            ) : metric === FUNNEL ? (
              <Funnel me={me} figure={figure} before={isCompared ? before.data : undefined} flow={key} />
            ) : (
              <Course
                client={client}
                isOwn={isOwn}
                question={question}
                keys={[...byKey(figure.unit, figure.rows).keys()]}
                timeZone={timeZone}
                nameOf={nameOf}
              >
                <Totals
                  question={question}
                  figure={figure}
                  before={isCompared && !before.isPlaceholderData ? before.data : undefined}
                  nameOf={nameOf}
                  onKey={isOwn ? undefined : (key) => change({ key })}
                />
              </Course>
            )
          }
        </Asked>
        <Caveats
          metric={metric}
          by={by}
          unit={now.data?.unit}
          goesOn={isCompared && period.from <= today && today <= period.to}
        />
        {!isOwn && (
          <p className="actions">
            {(['csv', 'jsonl'] as const).map((kind) => (
              <a
                key={kind}
                className="plain"
                download
                href={`/api/metrics/export?${askedOf(question, period, { of: 'all' })}&format=${kind}`}
              >
                {texts.download}: {kind === 'csv' ? texts.asCsv : texts.asLines}
              </a>
            ))}
            <span className="small">{texts.onRecord}</span>
          </p>
        )}
      </section>
    </Frame>
  )
}

/** Of all whom the person may see. */
function useNames({ id, name, colleagues = [] }: Me): ReadonlyMap<string, string> {
  return useMemo(
    () => new Map([[id, name], ...colleagues.map((one) => [one.id, one.name] as const)]),
    [id, name, colleagues],
  )
}

function Caveats({
  metric,
  by,
  unit,
  goesOn,
}: {
  readonly metric: Metric
  readonly by: By
  readonly unit: Unit | undefined
  readonly goesOn: boolean
}) {
  const texts = useFigureTexts()
  const caveats = caveatsOf(metric, by, unit === 'count', goesOn)
  if (unit === undefined || caveats.length === 0) return null
  return (
    <details className="caveats" open>
      <summary>{texts.caveatsTitle}</summary>
      <ul>
        {caveats.map((one) => (
          <li key={one}>{texts.caveats[one]}</li>
        ))}
      </ul>
    </details>
  )
}
