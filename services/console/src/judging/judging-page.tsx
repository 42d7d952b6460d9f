import { type UseInfiniteQueryResult, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query'
import type { Me, Row } from '../api/shapes.ts'
import { useAddress } from '../places/address.ts'
import { Asked } from '../places/asked.tsx'
import { Frame, type PageProps } from '../places/frame.tsx'
import { Empty } from '../screen/empty.tsx'
import { useCalled, useFormat, useSurroundings } from '../screen/work.tsx'
import { EvaluationCard } from './evaluation-card.tsx'
import { JudgedConversation } from './judged-conversation.tsx'
import { type JudgingProps, newestOf, useFormTitle } from './forms.ts'
import type { EvaluationView, Scorecards } from './shapes.ts'
import { useJudgingTexts } from './texts.ts'

const VIEWS = ['to_judge', 'appealed', 'made', 'about_me', 'calibration'] as const
type JudgingView = (typeof VIEWS)[number]

/** What is to be judged, what was, and what is said to that; an agent finds what is about them. */
export default function JudgingPage({ client, me }: PageProps) {
  const texts = useJudgingTexts()
  const mayJudge = me.permissions.includes('conversations.supervise')
  const [, conversationId] = /^\/judging\/([^/]+)$/.exec(location.pathname) ?? []
  const scorecards = useQuery({ queryKey: ['scorecards'], queryFn: client.scorecards, staleTime: Infinity })
  return (
    <Frame me={me} title={mayJudge ? texts.title : texts.ownTitle}>
      <Asked query={scorecards}>
        {(known) =>
          conversationId === undefined ? (
            <Overview client={client} me={me} scorecards={known} mayJudge={mayJudge} />
          ) : (
            <JudgedConversation
              client={client}
              me={me}
              scorecards={known}
              mayJudge={mayJudge}
              id={decodeURIComponent(conversationId)}
            />
          )
        }
      </Asked>
    </Frame>
  )
}

function Overview(props: JudgingProps) {
  const texts = useJudgingTexts()
  const [address] = useAddress()
  const views: readonly JudgingView[] = props.mayJudge ? VIEWS : ['about_me']
  const view = views.find((one) => one === address.get('view')) ?? views[0] ?? 'about_me'
  return (
    <>
      {views.length > 1 && (
        <nav className="tabs" aria-label={texts.title}>
          {views.map((one) => (
            <a key={one} href={`/judging?view=${one}`} aria-current={one === view ? 'page' : undefined}>
              {texts.views[one]}
            </a>
          ))}
        </nav>
      )}
      {view === 'to_judge' ? (
        <ToJudge {...props} />
      ) : view === 'calibration' ? (
        <Calibrations {...props} />
      ) : (
        <Evaluations {...props} view={view} />
      )}
    </>
  )
}

function ToJudge(props: JudgingProps) {
  const texts = useJudgingTexts()
  const { samples } = props.scorecards
  if (samples.length === 0) return <Empty title={texts.noRules} hint={texts.noRulesHint} />
  return samples.map((rule) => <Drawn key={rule.name} {...props} rule={rule} />)
}

function Drawn({
  client,
  me,
  scorecards: { forms },
  rule: { name, title, form, judges },
}: JudgingProps & { readonly rule: Scorecards['samples'][number] }) {
  const texts = useJudgingTexts()
  const titleOf = useFormTitle(forms)
  const called = title[useSurroundings().settings.language]
  const query = useInfiniteQuery({
    queryKey: ['samples', name],
    queryFn: ({ pageParam }) => client.samples(name, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  })
  return (
    <section className="panel" aria-label={called} data-rule={name}>
      <h2>{texts.rule(called, titleOf(form))}</h2>
      {judges > 1 && <p className="small">{texts.blind}</p>}
      <Asked query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(({ conversations }) => conversations)
          return rows.length === 0 ? (
            <Empty title={texts.nothingDrawn} hint={texts.nothingDrawnHint} />
          ) : (
            <ul className="results">
              {rows.map((row) => (
                <Sample key={row.id} row={row} form={form} me={me} />
              ))}
            </ul>
          )
        }}
      </Asked>
      <FurtherBack query={query} />
    </section>
  )
}

function Sample({ row, form, me }: { readonly row: Row; readonly form: string; readonly me: Me }) {
  const called = useCalled(me.names)
  const texts = useJudgingTexts()
  const format = useFormat()
  const { id, contact, queue, closedAt, closeReason } = row
  return (
    <li data-id={id}>
      <p>
        <strong>
          <bdi>{contact.name || texts.noName}</bdi>
        </strong>{' '}
        <span className="small">
          {queue !== null && called('queues', queue)}{' '}
          {closeReason !== null && ` · ${called('closeReasons', closeReason)}`}
          {closedAt !== null && ` · ${texts.closed(format.moment(closedAt))}`}
        </span>
      </p>
      <p className="actions">
        <a className="plain" href={`/judging/${encodeURIComponent(id)}?form=${encodeURIComponent(form)}`}>
          {texts.judge}
        </a>
      </p>
    </li>
  )
}

function Evaluations({ view, ...props }: JudgingProps & { readonly view: EvaluationView }) {
  const texts = useJudgingTexts()
  const query = useInfiniteQuery({
    queryKey: ['evaluations', view],
    queryFn: ({ pageParam }) => props.client.evaluations(view, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor ?? null,
  })
  return (
    <>
      <Asked query={query}>
        {({ pages }) => {
          const known = pages.flatMap(({ evaluations }) => evaluations)
          return known.length === 0 ? (
            <Empty title={texts.empty[view]} hint={texts.emptyHint[view]} />
          ) : (
            <>
              <h2 className="hidden">{texts.views[view]}</h2>
              {known.map((one) => (
                <EvaluationCard
                  key={one.id}
                  {...props}
                  evaluation={one}
                  withConversation
                  onChanged={() => void query.refetch()}
                />
              ))}
            </>
          )
        }}
      </Asked>
      <FurtherBack query={query} />
    </>
  )
}

function FurtherBack({
  query: { hasNextPage, isFetchingNextPage, fetchNextPage },
}: {
  readonly query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
}) {
  const texts = useJudgingTexts()
  if (!hasNextPage) return null
  return (
    <button
      type="button"
      className="plain"
      disabled={isFetchingNextPage}
      onClick={() => void fetchNextPage()}
    >
      {texts.furtherBack}
    </button>
  )
}

function Calibrations({ client, scorecards: { forms, samples } }: JudgingProps) {
  const texts = useJudgingTexts()
  const format = useFormat()
  const { settings } = useSurroundings()
  const titleOf = useFormTitle(forms)
  const names = [...new Set(samples.flatMap(({ form, judges }) => (judges > 1 ? [form] : [])))]
  const asked = useQueries({
    queries: names.map((name) => ({
      queryKey: ['calibration', name],
      queryFn: () => client.calibration(name),
    })),
  })
  const kappa = (value: number | null) => (value === null ? '–' : format.ratio(value))
  const share = (value: number | null) => (value === null ? '–' : format.percent(value))
  if (names.length === 0) return <Empty title={texts.noRules} hint={texts.noRulesHint} />
  return names.map((name, at) => (
    <section key={name} className="panel" aria-label={name} data-form={name}>
      <h2>{texts.calibrationOf(titleOf(name))}</h2>
      <p className="small">{texts.kappaHint}</p>
      {asked[at] !== undefined && (
        <Asked query={asked[at]}>
          {({ count, observed, kappa: whole, items }) =>
            count === 0 ? (
              <Empty title={texts.noPairs} hint={texts.blind} />
            ) : (
              <div className="scrolled" role="region" aria-label={titleOf(name)} tabIndex={0}>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{texts.item}</th>
                      <th scope="col" className="number">
                        {texts.kappa}
                      </th>
                      <th scope="col" className="number">
                        {texts.observed}
                      </th>
                      <th scope="col" className="number">
                        {texts.count}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((one) => (
                      <tr key={one.item} data-item={one.item}>
                        <th scope="row">
                          {newestOf(forms, name)?.items.find(({ id }) => id === one.item)?.text[
                            settings.language
                          ] ?? one.item}
                        </th>
                        <td className="number">{kappa(one.kappa)}</td>
                        <td className="number">{share(one.observed)}</td>
                        <td className="number">{format.number(one.count)}</td>
                      </tr>
                    ))}
                  </tbody>
                  <tfoot>
                    <tr data-item="">
                      <th scope="row">{titleOf(name)}</th>
                      <td className="number">{kappa(whole)}</td>
                      <td className="number">{share(observed)}</td>
                      <td className="number">{format.number(count)}</td>
                    </tr>
                  </tfoot>
                </table>
              </div>
            )
          }
        </Asked>
      )}
    </section>
  ))
}
