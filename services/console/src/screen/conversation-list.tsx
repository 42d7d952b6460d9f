import { TextInput } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import {
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Refused } from '../api/client.ts'
import { type Row, VIEWS, type View } from '../api/shapes.ts'
import type { Called } from '../state/names.ts'
import { plain } from '../state/plain.ts'
import { Empty } from './empty.tsx'
import { useHeldOrder } from './held-order.ts'
import { isComposing } from './pressed.ts'
import { RowLink } from './row-link.tsx'
import { listQuery, useCalled, useFormat, useNow, useSurroundings, useTexts, useWork } from './work.tsx'

export interface ListHandle {
  /** Moves the focus by rows, from the one that has it or is open. */
  step(by: 1 | -1): void
  find(): void
  neighbours(id: string): readonly string[]
  focusRow(id: string): void
}

const ROW_PX = { comfortable: 84, compact: 56 }

interface ConversationListProps {
  readonly view: View
  readonly openId: string | undefined
  readonly open: (id: string) => void
  readonly ref: Ref<ListHandle>
}

export function ConversationList({ view, openId, open, ref }: ConversationListProps) {
  const work = useWork()
  const { texts, settings } = useSurroundings()
  const { desk } = work
  const called = useCalled(work.me.names)
  const now = useNow(10_000)
  const [wanted, setWanted] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const held = useRef<HTMLDivElement>(null)
  const query = useQuery(listQuery(work, view))

  const live = desk.list(view)
  const { shown, newCount, hold, release } = useHeldOrder(view, live, desk.epoch)
  // A row that goes with the focus on it tells nothing of its end, and the list would stand still until the next one has it.
  useLayoutEffect(() => {
    if (!held.current!.contains(document.activeElement)) release('focus')
  })
  const elsewhere = useSearch(wanted)
  const rows = useMemo(() => {
    const here = found(shown, wanted, called)
    const known = new Set(here.map(({ id }) => id))
    return [...here, ...elsewhere.filter(({ id }) => !known.has(id))]
  }, [shown, wanted, elsewhere, called])
  const [focusedId, setFocusedId] = useState<string>()
  // Of one that left the list, as it does when it is closed, the next one takes the place.
  const stood = useRef({ view, at: 0 })
  if (stood.current.view !== view) stood.current = { view, at: 0 }
  const foundAt = [focusedId, openId]
    .map((id) => rows.findIndex((row) => row.id === id))
    .find((at) => at !== -1)
  const stopAt = foundAt ?? Math.min(stood.current.at, rows.length - 1)
  const stopId = rows[stopAt]?.id
  if (foundAt !== undefined) stood.current.at = foundAt
  // The same function while the rows are the same: with another one the place of each of them is reckoned anew, at every frame of a scroll.
  const keyOf = useCallback((index: number) => rows[index]?.id ?? index, [rows])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX[settings.density],
    getItemKey: keyOf,
    overscan: 8,
    // The row that has the focus, or takes it next, is always drawn: the list scrolls to it a frame later, and Enter would open another one.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range)
      if (stopAt === -1 || shown.includes(stopAt)) return shown
      return stopAt < range.startIndex ? [stopAt, ...shown] : [...shown, stopAt]
    },
  })
  useEffect(() => virtual.measure(), [settings.density, virtual])

  const [focusNext, setFocusNext] = useState<string>()
  useEffect(() => {
    if (focusNext === undefined) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(focusNext)}"]`)
    if (row === null || row === undefined) return
    row.focus({ preventScroll: true })
    setFocusNext(undefined)
  })
  const focusAt = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    virtual.scrollToIndex(rows.indexOf(row))
    setFocusedId(row.id)
    setFocusNext(row.id)
  }
  useImperativeHandle(ref, () => ({
    step(by) {
      const isOnIt = scroller.current?.contains(document.activeElement) === true || openId === stopId
      focusAt(isOnIt ? stopAt + by : Math.max(0, stopAt))
    },
    find: () => field.current?.focus(),
    neighbours(id) {
      const at = rows.findIndex((row) => row.id === id)
      return [rows[at + 1]?.id, rows[at - 1]?.id].filter((neighbour) => neighbour !== undefined)
    },
    focusRow: (id) => focusAt(rows.findIndex((row) => row.id === id)),
  }))

  const reach = desk.reachOf(view)
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? -1
  const wantsMore = reach?.cursor != null && lastShown >= rows.length - 10
  const cursor = reach?.cursor ?? null
  useQuery({
    queryKey: ['rows', view, desk.readingOf(view), cursor],
    queryFn: () => work.readRows(view, cursor).then(() => true),
    enabled: wantsMore && query.isSuccess && wanted === '',
  })

  return (
    <section className="list" aria-label={texts.list.label(texts.views[view])}>
      <nav className="views" aria-label={texts.groups.list}>
        {VIEWS.map((each) => (
          <Link
            key={each}
            to="/$view"
            params={{ view: each }}
            aria-current={each === view ? 'page' : undefined}
          >
            {texts.views[each]}
            <Count view={each} />
          </Link>
        ))}
      </nav>
      <TextInput
        ref={field}
        className="find"
        size="sm"
        type="search"
        aria-label={texts.list.find}
        placeholder={texts.list.find}
        title={texts.list.findHint}
        value={wanted}
        autoComplete="off"
        onChange={({ currentTarget }) => setWanted(currentTarget.value)}
        onKeyDown={(event) => {
          if (isComposing(event.nativeEvent)) return
          if (event.key === 'Escape') {
            setWanted('')
            if (stopAt !== -1) focusAt(stopAt)
          } else if (event.key === 'ArrowDown') focusAt(0)
          else if (event.key === 'Enter') {
            const [first] = rows
            if (wanted === '' || first === undefined) return
            focusAt(0)
            open(first.id)
          } else return
          event.preventDefault()
        }}
      />
      <p className="hidden" role="status">
        {wanted === '' ? '' : rows.length === 0 ? texts.list.nothingFound : texts.list.found(rows.length)}
      </p>
      <div
        ref={held}
        className="held"
        onPointerMove={({ pointerType }) => pointerType === 'mouse' && hold('pointer')}
        onPointerLeave={() => release('pointer')}
        onFocus={() => hold('focus')}
        onBlur={({ currentTarget, relatedTarget }) =>
          currentTarget.contains(relatedTarget) || release('focus')
        }
      >
        {newCount > 0 && (
          <button
            type="button"
            className="pill above"
            onMouseDown={(event) => event.preventDefault()}
            onClick={({ detail: clicks }) => {
              release()
              scroller.current?.scrollTo({ top: 0 })
              if (clicks === 0) setFocusNext(live[0]?.id)
            }}
          >
            {texts.list.newOnes(newCount)}
          </button>
        )}
        <div
          ref={scroller}
          className="rows"
          data-density={settings.density}
          tabIndex={-1}
          onScroll={({ currentTarget }) => (currentTarget.scrollTop > 8 ? hold('scroll') : release('scroll'))}
          onKeyDown={(event) => {
            const to = { ArrowDown: stopAt + 1, ArrowUp: stopAt - 1, Home: 0, End: rows.length - 1 }[
              event.key
            ]
            if (to === undefined) return
            event.preventDefault()
            focusAt(to)
          }}
        >
          {rows.length > 0 ? (
            <ul style={{ height: virtual.getTotalSize() }}>
              {items.map(({ index, key, start, size }) => {
                const row = rows[index]
                return (
                  row && (
                    <li
                      key={key}
                      aria-setsize={rows.length}
                      aria-posinset={index + 1}
                      style={{ transform: `translateY(${start}px)`, height: size }}
                    >
                      <RowLink
                        row={row}
                        view={view}
                        isOpen={row.id === openId}
                        isStop={row.id === stopId}
                        hasDraft={work.isBegun(row)}
                        replyWindowEndsAt={desk.replyWindowEndsAt(row)}
                        now={now}
                        called={called}
                        onFocus={setFocusedId}
                      />
                    </li>
                  )
                )
              })}
            </ul>
          ) : (
            <NoRows view={view} wanted={wanted} query={query} />
          )}
        </div>
      </div>
    </section>
  )
}

/** Why there are none, and what to do. */
function NoRows({
  view,
  wanted,
  query,
}: {
  readonly view: View
  readonly wanted: string
  readonly query: Pick<UseQueryResult, 'isPending' | 'error' | 'refetch'>
}) {
  const texts = useTexts()
  if (query.isPending)
    return (
      <p className="quiet" role="status">
        {texts.loading}
      </p>
    )
  if (query.error instanceof Refused)
    return <Empty title={texts.list.notAllowed} hint={texts.list.notAllowedHint} />
  if (query.error !== null)
    return (
      <Empty
        title={texts.list.failed}
        hint={texts.unreachable}
        action={{ label: texts.retry, run: () => void query.refetch() }}
      />
    )
  if (wanted !== '') return <Empty title={texts.list.nothingFound} hint={texts.list.findHint} />
  return <Empty title={texts.list.empty[view]} hint={texts.list.emptyHint[view]} />
}

const SEARCHED_AFTER_MS = 300
const NOTHING: readonly Row[] = []

/** What the service finds beyond the list, once the writing pauses. */
function useSearch(wanted: string): readonly Row[] {
  const work = useWork()
  const [text, setText] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setText(wanted.trim()), SEARCHED_AFTER_MS)
    return () => clearTimeout(timer)
  }, [wanted])
  const { data } = useQuery({
    queryKey: ['search', text],
    queryFn: () => work.search(text),
    enabled: text.length >= 2 && wanted !== '',
    gcTime: 0,
  })
  return useMemo(
    () =>
      wanted === '' || data === undefined
        ? NOTHING
        : data.map((id) => work.desk.row(id)).filter((row) => row !== undefined),
    [data, wanted, work.desk],
  )
}

/** How many are known; of a list that was not read, nothing is. */
function Count({ view }: { readonly view: View }) {
  const { desk } = useWork()
  const format = useFormat()
  const reach = desk.reachOf(view)
  if (reach === undefined) return null
  return (
    <span className="count">
      {format.number(desk.list(view).length)}
      {reach.cursor !== null && '+'}
    </span>
  )
}

function found(rows: readonly Row[], wanted: string, called: Called): readonly Row[] {
  const words = plain(wanted).split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter(({ contact, lastMessage, queue }) => {
    const text = plain(
      `${contact.name} ${lastMessage?.text ?? ''} ${queue === null ? '' : called('queues', queue)}`,
    )
    return words.every((word) => text.includes(word))
  })
}
