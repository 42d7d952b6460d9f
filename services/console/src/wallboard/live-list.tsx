import { useEffect, useMemo, useRef, useState } from 'react'
import { Refused, newKey } from '../api/client.ts'
import { type Me, type Row, STAGES, authorShown } from '../api/shapes.ts'
import { type Format, formatOf } from '../screen/format.ts'
import { type Called, calledIn, keyCalled } from '../state/names.ts'
import { pathOf } from '../state/workplace.ts'
import { isWaiting } from '../state/lists.ts'
import { Head, type Shared } from './head.tsx'
import { type LiveRows, liveRows, toMove } from './live-rows.ts'
import { useWallboard } from './read.ts'
import { GROUPINGS } from './shapes.ts'
import type { WallboardTexts } from './texts.ts'
import { WhisperForm } from './whisper-form.tsx'

/** What is read anew when something happened, at this pace. */
const EVERY_MS = 1_000
const PAGES_AT_ONCE = 10

/** What the wallboard counts as waiting: of two stages. */
const WAITING_VIEW = 'view waiting'

/** Conversations as they go on: exactly those that a number of the wallboard counts. The filters are in the address. */
export function LiveList({
  texts,
  language,
  onLanguage,
  client,
  me,
  onRefused,
}: Shared & { readonly me: Me }) {
  const [query, setQuery] = useState(location.search)
  // Of all: what may be chosen, not what was.
  const shown = useWallboard('/api/wallboard', onRefused, '')
  const [pageMax, setPageMax] = useState(PAGES_AT_ONCE)
  const { found, read } = useRows(client, query, pageMax, shown?.wallboard.position)
  const { rows, count = 0 } = found ?? {}
  const format = useMemo(() => formatOf(texts.tag), [texts.tag])
  const called = useMemo(() => calledIn(me.names, language), [me.names, language])
  const [told, setTold] = useState('')
  const filters = new URLSearchParams(query)
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(query)
    // Another stage than the one that was opened.
    if (name === 'stage') next.delete('view')
    if (value === WAITING_VIEW) next.set('view', 'waiting')
    if (value === '' || value === WAITING_VIEW) next.delete(name)
    else next.set(name, value)
    history.replaceState(null, '', `?${next}`)
    setQuery(`?${next}`)
    setPageMax(PAGES_AT_ONCE)
  }
  const act = async (row: Row, what: string, body: object, done: string): Promise<boolean> => {
    try {
      await client.change('POST', `${pathOf(row.id)}/${what}`, body, newKey())
      setTold(done)
      read()
      return true
    } catch (error) {
      setTold(error instanceof Refused ? texts.refused(error.message) : texts.failed)
      return false
    }
  }
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const maySupervise = me.permissions.includes('conversations.supervise')
  const isOfWaiting = rows !== undefined && rows.length > 0 && rows.every(isWaiting)
  const pickedCount = (rows ?? []).filter((row) => isWaiting(row) && picked.has(row.id)).length
  const pick = ({ id }: Row) =>
    setPicked((before) =>
      before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]),
    )
  const move = async (queue: string) => {
    try {
      const answer = await client.reassign([...toMove(rows ?? [], picked)], queue)
      setPicked(new Set())
      setTold(texts.moved(format.number(answer.moved.length)))
      read()
    } catch (error) {
      setTold(error instanceof Refused ? texts.refused(error.message) : texts.failed)
    }
  }
  const { queues = [], teams = [], vendors = [], flows = [] } = shown?.wallboard ?? {}
  const named = { queue: queues, team: teams, vendor: vendors, flow: flows }
  const now = shown && Date.parse(shown.wallboard.at)
  const stages = STAGES.filter((stage) => stage !== 'closed')
  return (
    <div className="live-list">
      <Head
        title={texts.liveList}
        texts={texts}
        language={language}
        onLanguage={onLanguage}
        shown={shown}
        format={format}
        permissions={me.permissions}
      />
      <main>
        <p className="filters">
          <label>
            {texts.stage}{' '}
            <select
              value={filters.get('stage') ?? (filters.get('view') === 'waiting' ? WAITING_VIEW : '')}
              onChange={(event) => choose('stage', event.currentTarget.value)}
            >
              <option value="">{texts.all}</option>
              <option value={WAITING_VIEW}>
                {texts.stages['waiting']} + {texts.stages['offered']}
              </option>
              {stages.map((stage) => (
                <option key={stage} value={stage}>
                  {texts.stages[stage]}
                </option>
              ))}
            </select>
          </label>
          {GROUPINGS.map((by) => (
            <label key={by}>
              {texts.groups[by]}{' '}
              <select
                value={filters.get(by) ?? ''}
                onChange={(event) => choose(by, event.currentTarget.value)}
              >
                <option value="">{texts.all}</option>
                {named[by].map(({ name }) => (
                  <option key={name} value={name}>
                    {keyCalled(called, by, name, me.teams)}
                  </option>
                ))}
              </select>
            </label>
          ))}
          <label>
            {texts.sends}{' '}
            <select
              value={filters.get('sends') ?? ''}
              onChange={(event) => choose('sends', event.currentTarget.value)}
            >
              <option value="">{texts.all}</option>
              <option value="failed">{texts.numbers.sendsFailed}</option>
              <option value="uncertain">{texts.numbers.sendsUncertain}</option>
            </select>
          </label>
          <output data-count={rows && count}>
            {rows !== undefined &&
              (rows.length < count
                ? texts.rowsOf(format.number(rows.length), format.number(count))
                : texts.rows(format.number(count)))}
          </output>
        </p>
        {maySupervise && (isOfWaiting || pickedCount > 0) && (
          <form
            className="filters"
            onSubmit={(event) => {
              event.preventDefault()
              const queue = new FormData(event.currentTarget).get('queue')
              if (typeof queue === 'string' && queue !== '') void move(queue)
            }}
          >
            <label>
              {pickedCount > 0 ? texts.movePicked(format.number(pickedCount)) : texts.moveAll}{' '}
              <select name="queue">
                {queues.map(({ name }) => (
                  <option key={name} value={name}>
                    {called('queues', name)}
                  </option>
                ))}
              </select>
            </label>
            <button type="submit">{texts.move}</button>
          </form>
        )}
        <p role="status" className="told">
          {told}
        </p>
        {rows?.length === 0 && <p className="quiet">{texts.nothing}</p>}
        <ul>
          {rows?.map((row) => (
            <LiveRow
              key={row.id}
              row={row}
              now={now}
              me={me}
              texts={texts}
              format={format}
              called={called}
              isPicked={picked.has(row.id)}
              onPick={pick}
              act={act}
            />
          ))}
        </ul>
        {rows !== undefined && rows.length < count && (
          <button type="button" onClick={() => setPageMax(pageMax + PAGES_AT_ONCE)}>
            {texts.showMore}
          </button>
        )}
      </main>
    </div>
  )
}

function LiveRow({
  row,
  now,
  me,
  texts,
  format,
  called,
  isPicked,
  onPick,
  act,
}: {
  readonly row: Row
  /** By the service's clock, whose times the row has: the viewer's may say anything. */
  readonly now: number | undefined
  readonly me: Me
  readonly texts: WallboardTexts
  readonly format: Format
  readonly called: Called
  readonly isPicked: boolean
  readonly onPick: (row: Row) => void
  readonly act: (row: Row, what: string, body: object, done: string) => Promise<boolean>
}) {
  const [isWhispering, setIsWhispering] = useState(false)
  const ago = (at: string | null | undefined) =>
    at == null || now === undefined ? '–' : format.duration(now - Date.parse(at))
  const { lastMessage, owner } = row
  const isMine = owner?.kind === 'agent' && owner.id === me.id
  const maySupervise = me.permissions.includes('conversations.supervise')
  const isAnothers = owner?.kind === 'agent' && !isMine
  return (
    <li data-id={row.id} data-stage={row.stage}>
      <p>
        {maySupervise && isWaiting(row) && (
          <input
            type="checkbox"
            aria-label={texts.pick(row.contact.name || texts.noName)}
            checked={isPicked}
            onChange={() => onPick(row)}
          />
        )}{' '}
        <strong>
          <bdi>{row.contact.name || texts.noName}</bdi>
        </strong>{' '}
        <span className="tag">{texts.stages[row.stage]}</span>{' '}
        {row.queue !== null && <span>{called('queues', row.queue)}</span>}
        {owner?.kind === 'agent' && (
          <span>
            {' '}
            · {texts.owner} <bdi>{owner.name}</bdi>
          </span>
        )}
      </p>
      {lastMessage != null && (
        <p className="words">
          {texts.authors[authorShown(lastMessage.author, lastMessage.isFromApp)]}:{' '}
          <bdi>{lastMessage.text}</bdi>
        </p>
      )}
      <p className="small">
        {texts.since} {ago(row.openedAt)} · {texts.idle} {ago(lastMessage?.at)}
        {row.waitingSince !== null && ` · ${texts.waits} ${ago(row.waitingSince)}`}
        {row.mood != null && (
          <>
            {' '}
            · {texts.mood}: <bdi>{row.mood}</bdi>
          </>
        )}
      </p>
      <p className="acts">
        <a href={`/desk/all/${encodeURIComponent(row.id)}`}>{texts.readAlong}</a>
        {maySupervise && isAnothers && (
          <button type="button" onClick={() => setIsWhispering(!isWhispering)}>
            {texts.whisper}
          </button>
        )}
        {maySupervise && !isMine && owner !== null && owner.kind !== 'bot' && (
          <button type="button" onClick={() => void act(row, 'take-over', {}, texts.taken)}>
            {texts.takeOver}
          </button>
        )}
        {isMine && row.isTakenOver === true && (
          <button type="button" onClick={() => void act(row, 'give-back', {}, texts.given)}>
            {texts.giveBack}
          </button>
        )}
      </p>
      {isWhispering && (
        <WhisperForm
          to={owner?.name ?? ''}
          texts={texts}
          onWhisper={(text) =>
            act(row, 'whispers', { text }, texts.whispered).then((isDone) => isDone && setIsWhispering(false))
          }
        />
      )}
    </li>
  )
}

function useRows(client: Shared['client'], query: string, pageMax: number, position: string | undefined) {
  const [found, setFound] = useState<LiveRows>()
  const [asked, setAsked] = useState(0)
  const readAtMs = useRef(-Infinity)
  const running = useRef(0)
  useEffect(() => {
    const waitMs = Math.max(0, readAtMs.current + EVERY_MS - performance.now())
    const timer = setTimeout(() => {
      readAtMs.current = performance.now()
      const run = (running.current += 1)
      void liveRows(client, query, pageMax).then(
        (now) => run === running.current && setFound(now),
        // What is shown is old until something happens, which may take long.
        () => run === running.current && setAsked((count) => count + 1),
      )
    }, waitMs)
    return () => clearTimeout(timer)
  }, [client, query, pageMax, position, asked])
  return { found, read: () => setAsked((count) => count + 1) }
}
