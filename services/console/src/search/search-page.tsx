import { isDate } from '@parley/time-zone'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Refused } from '../api/client.ts'
import { type FoundRow, type Me, authorShown } from '../api/shapes.ts'
import { metricNamed } from '../figures/catalogue.ts'
import { useDefinitions } from '../figures/definitions/index.ts'
import { dayAfter } from '../figures/period.ts'
import { useAddress } from '../places/address.ts'
import { Asked, usePageTexts } from '../places/asked.tsx'
import { Choice, DateField } from '../places/fields.tsx'
import { Frame, type PageProps } from '../places/frame.tsx'
import { Empty } from '../screen/empty.tsx'
import { keyCalled } from '../state/names.ts'
import { useCalled, useFormat, useTexts } from '../screen/work.tsx'
import { useSearchTexts } from './texts.ts'
import { refusalText } from '../state/refusal-text.ts'

/** Ids, codes and dates: what may stand in an address. */
const FILTERS = [
  'agent',
  'queue',
  'from',
  'to',
  'reason',
  'scoreBelow',
  'judgedBelow',
  'metric',
  'by',
  'part',
] as const
const SCORES = [2, 3, 4, 5] as const
const JUDGED = [50, 70, 80, 90, 100] as const
/** The desk's memory of what is closed: docs/reference/services/agent.md */
const READABLE_MS = 30 * 24 * 60 * 60 * 1_000

/** All conversations that there ever were, of those the person may see. */
export default function SearchPage({ client, me }: PageProps) {
  const texts = useSearchTexts()
  const page = usePageTexts()
  const format = useFormat()
  const definitions = useDefinitions()
  const called = useCalled(me.names)
  const [address, change] = useAddress()
  /** As it is being written, and as it was asked last: both are here and nowhere else. */
  const [written, setWritten] = useState('')
  const [words, setWords] = useState('')
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = address.get(name)
      return value === null ? [] : [[name, value] as const]
    }),
  )
  const { to } = filters
  const metric = metricNamed(filters['metric'] ?? null)
  const keys = address.getAll('key')
  const asked = {
    ...filters,
    ...(to !== undefined && { to: dayAfterIf(to) }),
    ...(words !== '' && { text: words }),
    ...(keys.length > 0 && { key: keys }),
  }
  const isAsked = Object.keys(asked).length > 0
  const query = useInfiniteQuery({
    queryKey: ['search', asked],
    queryFn: ({ pageParam, signal }) =>
      client.searchArchive({ ...asked, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    enabled: isAsked,
    // Words and what they found are not kept when nobody looks at them.
    gcTime: 0,
  })
  const { agents, queues, reasons } = useChoices(me)
  const among = (name: string, known: readonly (readonly [string, string])[]) => {
    const now = address.get(name) ?? ''
    const isKnown = now === '' || known.some(([value]) => value === now)
    return [['', texts.any] as const, ...known, ...(isKnown ? [] : [[now, now] as const])]
  }
  return (
    <Frame me={me} title={texts.title}>
      <form
        className="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          const now = written.trim()
          // The same words are asked again: what was said last is found seconds later.
          if (now === words && isAsked) void query.refetch()
          else setWords(now)
        }}
      >
        <label className="wide">
          {texts.words}
          <input
            type="search"
            value={written}
            maxLength={200}
            autoComplete="off"
            aria-describedby="words-hint"
            onChange={({ currentTarget }) => setWritten(currentTarget.value)}
          />
        </label>
        <Choice
          label={texts.agent}
          value={filters['agent'] ?? ''}
          choices={among('agent', agents)}
          onChoose={(agent) => change({ agent })}
        />
        <Choice
          label={page.queue}
          value={filters['queue'] ?? ''}
          choices={among('queue', queues)}
          onChoose={(queue) => change({ queue })}
        />
        <DateField label={page.from} value={filters['from'] ?? ''} onDate={(from) => change({ from })} />
        <DateField label={page.to} value={to ?? ''} onDate={(to) => change({ to })} />
        <Choice
          label={texts.reason}
          value={filters['reason'] ?? ''}
          choices={among('reason', reasons)}
          onChoose={(reason) => change({ reason })}
        />
        <Choice
          label={texts.score}
          value={filters['scoreBelow'] ?? ''}
          choices={among(
            'scoreBelow',
            SCORES.map((score) => [String(score), texts.scores(format.number(score))]),
          )}
          onChoose={(scoreBelow) => change({ scoreBelow })}
        />
        <Choice
          label={texts.judged}
          value={filters['judgedBelow'] ?? ''}
          choices={among(
            'judgedBelow',
            JUDGED.map((percent) => [String(percent), texts.scores(`${format.number(percent)} %`)]),
          )}
          onChoose={(judgedBelow) => change({ judgedBelow })}
        />
        <button type="submit" className="strong">
          {texts.find}
        </button>
      </form>
      <p className="small" id="words-hint">
        {texts.wordsHint}
      </p>
      {metric !== undefined && (
        <p className="actions">
          <span className="tag">
            {texts.counts(
              [
                definitions[metric][0],
                ...keys.map((key) => keyCalled(called, filters['by'], key, me.teams)),
              ].join(' · '),
              filters['part'] === 'denominator',
            )}
          </span>
          <button
            type="button"
            className="plain"
            onClick={() => change({ metric: null, by: null, key: null, part: null })}
          >
            {texts.countsNoMore}
          </button>
        </p>
      )}
      {isAsked && (
        <Asked query={query}>
          {({ pages }) => (
            <Results
              rows={pages.flatMap(({ conversations }) => conversations)}
              countedInAll={pages[0]?.countedInAll ?? 0}
              isBehind={pages.some((page) => page.isBehind === true)}
              me={me}
              client={client}
              isMore={query.hasNextPage}
              isFetching={query.isFetching}
              onMore={() => void query.fetchNextPage()}
            />
          )}
        </Asked>
      )}
    </Frame>
  )
}

/** The day itself is asked for, too. What is no date stays what it is: the service says so. */
const dayAfterIf = (date: string): string => (isDate(date) ? dayAfter(date, 1) : date)

function useChoices({ id, name, colleagues = [], closeReasons = {}, names }: Me) {
  const called = useCalled(names)
  const desk = useTexts()
  return useMemo(() => {
    const agents = [[id, name] as const, ...colleagues.map((one) => [one.id, one.name] as const)]
    const byName = ([, one]: readonly [string, string], [, other]: readonly [string, string]) =>
      one.localeCompare(other)
    const reasons = [...new Set([...Object.values(closeReasons).flat(), ...Object.keys(desk.closeReasons)])]
    return {
      agents: agents.sort(byName),
      queues: Object.keys(closeReasons)
        .map((queue) => [queue, called('queues', queue)] as const)
        .sort(byName),
      reasons: reasons.map((reason) => [reason, called('closeReasons', reason)] as const).sort(byName),
    }
  }, [id, name, colleagues, closeReasons, called, desk])
}

interface ResultsProps extends PageProps {
  readonly rows: readonly FoundRow[]
  /** Seen or not; 0: nothing is said of that. */
  readonly countedInAll: number
  /** What was counted last may be missing. */
  readonly isBehind: boolean
  readonly isMore: boolean
  readonly isFetching: boolean
  readonly onMore: () => void
}

function Results({ rows, countedInAll, isBehind, client, me, isMore, isFetching, onMore }: ResultsProps) {
  const texts = useSearchTexts()
  const format = useFormat()
  const counted = rows.reduce((sum, row) => sum + (row.counted ?? 0), 0)
  // What is missing for that is nobody else's.
  const missing = isBehind ? (
    <p role="note" data-behind>
      {texts.behind}
    </p>
  ) : !isMore && countedInAll > counted ? (
    <p role="note" data-counted-in-all={countedInAll}>
      {texts.others(format.number(countedInAll), format.number(counted))}
    </p>
  ) : null
  if (rows.length === 0) return missing ?? <Empty title={texts.nothing} hint={texts.nothingHint} />
  return (
    <section className="panel" aria-labelledby="results" aria-busy={isFetching}>
      <h2 id="results" className="hidden">
        {texts.results}
      </h2>
      <p role="status" data-counted={counted}>
        {texts.found(format.number(rows.length), isMore)}
        {counted > 0 && ` · ${texts.counted(format.number(counted))}`}
      </p>
      {missing}
      <ul className="results">
        {rows.map((row) => (
          <Result key={row.id} row={row} me={me} client={client} />
        ))}
      </ul>
      {isMore && (
        <p>
          <button type="button" className="plain" disabled={isFetching} onClick={onMore}>
            {texts.more}
          </button>
        </p>
      )}
    </section>
  )
}

function Result({ row, client, me }: PageProps & { readonly row: FoundRow }) {
  const texts = useSearchTexts()
  const desk = useTexts()
  const format = useFormat()
  const { id, contact, stage, queue, owner, lastMessage, openedAt, closedAt, closeReason } = row
  const called = useCalled(me.names)
  const [trouble, setTrouble] = useState('')
  const mayExport = me.permissions.includes('conversations.export')
  // They are found by the company's days: by another clock a row would stand under a day that nobody asked for.
  const momentOfCompany = (at: string) => format.moment(at, me.timeZone ?? 'UTC')
  const isReadable = closedAt === null || Date.now() - Date.parse(closedAt) < READABLE_MS
  const mayJudge = me.permissions.includes('conversations.supervise')
  return (
    <li data-id={id}>
      <p>
        <strong>
          <bdi>{contact.name || texts.noName}</bdi>
        </strong>{' '}
        <span className="tag">{desk.stages[stage]}</span> {queue !== null && called('queues', queue)}
        {owner?.kind === 'agent' && (
          <>
            {' '}
            · <bdi>{owner.name}</bdi>
          </>
        )}
      </p>
      {lastMessage != null && lastMessage.text !== null && (
        <p className="words">
          {desk.authors[authorShown(lastMessage.author, lastMessage.isFromApp)]}:{' '}
          <bdi>{lastMessage.text}</bdi>
        </p>
      )}
      <p className="small">
        {texts.opened} {momentOfCompany(openedAt)}
        {closedAt !== null && ` · ${texts.closed} ${momentOfCompany(closedAt)}`}
        {(row.counted ?? 0) > 1 && ` · ${texts.times(format.number(row.counted ?? 0))}`}
        {closeReason !== null && ` · ${called('closeReasons', closeReason)}`}
      </p>
      <p className="actions">
        {isReadable ? (
          <a href={`/desk/${stage === 'closed' ? 'closed' : 'all'}/${encodeURIComponent(id)}`}>
            {texts.readAlong}
          </a>
        ) : (
          <span className="small">{texts.gone}</span>
        )}
        {mayJudge && isReadable && stage === 'closed' && (
          <a href={`/judging/${encodeURIComponent(id)}`}>{texts.judge}</a>
        )}
        {mayExport && stage === 'closed' && (
          <button
            type="button"
            className="head"
            onClick={() =>
              void client.transcriptLink(id).then(
                (url) => location.assign(url),
                (error: unknown) =>
                  setTrouble(error instanceof Refused ? refusalText(desk, error) : desk.unreachable),
              )
            }
          >
            {texts.transcript}
          </button>
        )}
        {trouble !== '' && <span role="alert">{trouble}</span>}
      </p>
    </li>
  )
}
