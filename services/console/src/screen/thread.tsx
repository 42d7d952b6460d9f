import {
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Refused } from '../api/client.ts'
import type { Message, Row } from '../api/shapes.ts'
import type { Unsent } from '../state/outbox.ts'
import { itemsOf, stillUnsent, wordsOf } from '../state/thread.ts'
import { pathOf } from '../state/workplace.ts'
import { BubbleContent } from './bubble.tsx'
import { Empty } from './empty.tsx'
import {
  isOwnedBy,
  refusalText,
  useFormat,
  useReveal,
  useSurroundings,
  useTexts,
  useThread,
  useWork,
} from './work.tsx'

export interface ThreadHandle {
  toNewest(): void
}

interface ThreadProps {
  readonly id: string
  readonly row: Row | undefined
  readonly ref: Ref<ThreadHandle>
  readonly onReplyTo: (message: Message) => void
  readonly onEdit: (entry: Unsent) => void
}

/** A shade above the bottom counts as the bottom. */
const BOTTOM_PX = 40
const NOBODY: readonly Message[] = []

export function Thread({ id, row, ref, onReplyTo, onEdit }: ThreadProps) {
  const work = useWork()
  const { texts, format, tell } = useSurroundings()
  const { desk, outbox } = work
  const query = useThread(work, id)
  const thread = desk.thread(id)
  const messages = thread?.messages ?? NOBODY
  const unsent = stillUnsent(
    outbox.unsent.filter(({ conversationId }) => conversationId === id),
    messages,
    work.me.id,
  )
  const scroller = useRef<HTMLDivElement>(null)
  const [currentId, setCurrentId] = useState<string>()
  /** What had been seen when the conversation was opened, and what has been seen since. */
  const [leftAt, setLeftAt] = useState<string>()
  const [seenId, setSeenId] = useState<string>()
  const isAtBottom = useRef(true)
  const [isAway, setIsAway] = useState(false)
  const firstShown = useRef<{ id: string; height: number }>(undefined)

  const items = useMemo(
    () => itemsOf(messages, (at) => new Date(at).toDateString(), leftAt),
    [messages, leftAt],
  )
  const lastId = messages.at(-1)?.id
  const isLoaded = thread !== undefined

  // The line of what is new stands where the unread ones began when the conversation was opened.
  useEffect(() => {
    if (!isLoaded) return
    const unread = desk.row(id)?.unreadCount ?? 0
    const known = desk.thread(id)?.messages ?? NOBODY
    const fromCustomer = known.filter(({ author }) => author.kind === 'customer')
    const firstUnread = unread === 0 ? undefined : fromCustomer.at(-unread)
    setLeftAt(firstUnread && known[known.indexOf(firstUnread) - 1]?.id)
  }, [desk, id, isLoaded])

  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    const first = firstShown.current
    const top = messages[0]?.id
    if (isAtBottom.current) box.scrollTop = box.scrollHeight
    // Older ones came in above: what is read stays where it is.
    else if (first !== undefined && first.id !== top) box.scrollTop += box.scrollHeight - first.height
    firstShown.current = top === undefined ? undefined : { id: top, height: box.scrollHeight }
    if (isAtBottom.current && lastId !== undefined) setSeenId(lastId)
  }, [messages, unsent.length, lastId])

  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    // Pictures that load late, and a composer that grows, leave the newest message in sight.
    const resized = new ResizeObserver(() => {
      if (isAtBottom.current) box.scrollTop = box.scrollHeight
    })
    resized.observe(box)
    if (box.firstElementChild) resized.observe(box.firstElementChild)
    return () => resized.disconnect()
  }, [isLoaded])

  useMarkRead(id, row, messages, !isAway)
  const { revealed, reveal } = useReveal(id)
  const mayReveal = isOwnedBy(row, work.me.id) || work.me.permissions.includes('conversations.supervise')
  const announced = useAnnouncement(messages, isLoaded)

  const toNewest = () => {
    const box = scroller.current
    if (box === null) return
    isAtBottom.current = true
    box.scrollTop = box.scrollHeight
    setIsAway(false)
    setSeenId(lastId)
  }
  useImperativeHandle(ref, () => ({ toNewest }))

  const jump = (messageId: string) => {
    const there = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"]`)
    there?.scrollIntoView({ block: 'center' })
    there?.focus({ preventScroll: true })
  }
  const taken = useMemo(
    () =>
      new Map(
        messages.flatMap(({ replyTo, chosenId }) =>
          replyTo && chosenId ? [[replyTo, chosenId] as const] : [],
        ),
      ),
    [messages],
  )
  const find = (messageId: string) => messages.find((message) => message.id === messageId)
  const move = (by: number) => {
    const at = messages.findIndex((message) => message.id === currentId)
    const next =
      messages[at === -1 ? messages.length - 1 : Math.max(0, Math.min(messages.length - 1, at + by))]
    if (next === undefined) return
    const there = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(next.id)}"]`)
    there?.focus()
  }

  if (query.isError && thread === undefined)
    return query.error instanceof Refused ? (
      <Empty title={texts.thread.notSeen} hint={texts.thread.notSeenHint} />
    ) : (
      <Empty
        title={texts.thread.failed}
        hint={texts.unreachable}
        action={{ label: texts.retry, run: () => void query.refetch() }}
      />
    )
  const name = row?.contact.name || texts.noName
  const newBelow = isAway ? messages.length - 1 - messages.findIndex((message) => message.id === seenId) : 0
  return (
    <div className="thread-box">
      <div
        ref={scroller}
        className="thread"
        role="log"
        // What is new is said by the line below, so that a burst is said once.
        aria-live="off"
        aria-label={texts.thread.label(name)}
        aria-busy={thread === undefined}
        tabIndex={0}
        onScroll={({ currentTarget: box }) => {
          const isNow = box.scrollHeight - box.scrollTop - box.clientHeight < BOTTOM_PX
          isAtBottom.current = isNow
          setIsAway(!isNow)
          if (isNow && lastId !== undefined) setSeenId(lastId)
        }}
        onKeyDown={(event) => {
          if (event.target instanceof HTMLElement && event.target.closest('audio, video, summary')) return
          const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
          if (by === undefined) return
          event.preventDefault()
          move(by)
        }}
      >
        <ol>
          {thread === undefined && (
            <li className="system" role="status">
              {texts.loading}
            </li>
          )}
          {thread !== undefined && (
            <li className="system">
              {thread.before === null ? (
                texts.thread.start
              ) : (
                <button
                  type="button"
                  className="plain"
                  onClick={() =>
                    thread.before !== null &&
                    work
                      .readOlder(id, thread.before)
                      .catch(() => tell({ kind: 'trouble', text: texts.unreachable }))
                  }
                >
                  {texts.thread.older}
                </button>
              )}
            </li>
          )}
          {items.map((item) => {
            switch (item.kind) {
              case 'date':
                return (
                  <li key={`day ${item.day}`} className="system date">
                    <time dateTime={item.at}>{format.day(item.at)}</time>
                  </li>
                )
              case 'new':
                return (
                  <li key="new" className="new-line">
                    <span>{texts.thread.newLine}</span>
                  </li>
                )
              case 'message':
                return (
                  <MessageItem
                    key={item.message.id}
                    message={item.message}
                    isFirstOfGroup={item.isFirstOfGroup}
                    isCurrent={item.message.id === currentId}
                    onFocus={() => setCurrentId(item.message.id)}
                    tools={
                      <>
                        {row !== undefined && isOwnedBy(row, work.me.id) && !item.message.isNote && (
                          <button
                            type="button"
                            className="plain"
                            tabIndex={item.message.id === currentId ? 0 : -1}
                            aria-label={texts.bubble.reply}
                            title={texts.bubble.reply}
                            onClick={() => onReplyTo(item.message)}
                          >
                            ↩
                          </button>
                        )}
                        {item.message.isSensitive === true && mayReveal && !revealed.has(item.message.id) && (
                          <button
                            type="button"
                            className="plain"
                            tabIndex={item.message.id === currentId ? 0 : -1}
                            aria-label={texts.reveal}
                            title={texts.reveal}
                            onClick={() => reveal(item.message.id, { messageId: item.message.id })}
                          >
                            👁
                          </button>
                        )}
                        {item.message.text !== null && (
                          <button
                            type="button"
                            className="plain"
                            tabIndex={item.message.id === currentId ? 0 : -1}
                            aria-label={texts.bubble.copy}
                            title={texts.bubble.copy}
                            onClick={() =>
                              void navigator.clipboard
                                .writeText(item.message.text ?? '')
                                .then(() => tell({ kind: 'told', text: texts.told.copied }))
                            }
                          >
                            ⧉
                          </button>
                        )}
                      </>
                    }
                  >
                    <BubbleContent
                      message={
                        revealed.has(item.message.id)
                          ? { ...item.message, text: revealed.get(item.message.id) ?? null }
                          : item.message
                      }
                      conversationId={id}
                      tab={item.message.id === currentId ? 0 : -1}
                      find={find}
                      jump={jump}
                      takenId={taken.get(item.message.id)}
                    />
                  </MessageItem>
                )
            }
          })}
          {unsent.map((entry) => (
            <UnsentItem key={entry.key} entry={entry} onEdit={() => onEdit(entry)} />
          ))}
        </ol>
      </div>
      {isAway && (
        <button type="button" className="pill below" onClick={toNewest}>
          {newBelow > 0 ? texts.thread.newBelow(newBelow) : texts.thread.newest}
        </button>
      )}
      <p className="hidden" role="status">
        {announced}
      </p>
    </div>
  )
}

interface MessageItemProps {
  readonly message: Message
  readonly isFirstOfGroup: boolean
  readonly isCurrent: boolean
  readonly onFocus: () => void
  readonly tools: ReactNode
  readonly children: ReactNode
}

function MessageItem({ message, isFirstOfGroup, isCurrent, onFocus, tools, children }: MessageItemProps) {
  const texts = useTexts()
  const format = useFormat()
  const { author, isNote, status, recordedAt } = message
  if (author.kind === 'system')
    return (
      <li className="system" data-message={message.id} tabIndex={-1} onFocus={onFocus}>
        {children} <time dateTime={recordedAt}>{format.clock(recordedAt)}</time>
      </li>
    )
  return (
    <li
      className="message"
      data-message={message.id}
      data-author={author.kind}
      data-note={isNote}
      data-current={isCurrent}
      tabIndex={-1}
      onFocus={onFocus}
    >
      {isFirstOfGroup && <bdi className="author">{author.name ?? texts.authors[author.kind]}</bdi>}
      <div className="bubble">
        {isNote && <p className="note-mark">🔒 {texts.bubble.note}</p>}
        {children}
        <p className="meta">
          <time dateTime={recordedAt}>{format.clock(recordedAt)}</time>
          {status !== null && (
            <span className="status" data-status={status}>
              <span aria-hidden="true">{TICKS[status]}</span>{' '}
              <span className={status === 'failed' || status === 'uncertain' ? '' : 'hidden'}>
                {texts.status[status]}
              </span>
            </span>
          )}
        </p>
        {(status === 'failed' || status === 'uncertain') && (
          <p className="why">
            {message.failure != null && `${message.failure.message} (${message.failure.code}). `}
            {texts.statusHelp[status]}
          </p>
        )}
        <span className="tools">{tools}</span>
      </div>
    </li>
  )
}

const TICKS = { queued: '🕓', sent: '✓', delivered: '✓✓', read: '✓✓', failed: '⚠', uncertain: '❓' }

function UnsentItem({ entry, onEdit }: { readonly entry: Unsent; readonly onEdit: () => void }) {
  const { outbox } = useWork()
  const texts = useTexts()
  const format = useFormat()
  const { content, state, key, at } = entry
  const isNote = content.type === 'note'
  return (
    <li className="message" data-author="agent" data-note={isNote} data-unsent={state.kind}>
      <div className="bubble">
        {isNote && <p className="note-mark">🔒 {texts.bubble.note}</p>}
        <p className="words" dir="auto">
          {wordsOf(content)}
        </p>
        <p className="meta">
          <time dateTime={at}>{format.clock(at)}</time>
          <span className="status">
            <span aria-hidden="true">{state.kind === 'failed' ? '⚠' : '🕓'}</span>{' '}
            {state.kind === 'failed' ? (
              <b>{texts.unsent.failed}</b>
            ) : state.kind === 'unsent' ? (
              texts.status.unsent
            ) : (
              <span className="hidden">{texts.status.queued}</span>
            )}
          </span>
        </p>
        {state.kind === 'failed' && (
          <div className="why" role="alert">
            <p>{refusalText(texts, new Refused(409, state))}</p>
            <p className="choices-of-failed">
              <button type="button" className="plain" onClick={() => outbox.retry(key)}>
                {texts.unsent.retry}
              </button>
              {(content.type === 'text' || content.type === 'note') && (
                <button
                  type="button"
                  className="plain"
                  onClick={() => {
                    onEdit()
                    outbox.discard(key)
                  }}
                >
                  {texts.unsent.edit}
                </button>
              )}
              <button type="button" className="plain" onClick={() => outbox.discard(key)}>
                {texts.unsent.discard}
              </button>
            </p>
          </div>
        )}
      </div>
    </li>
  )
}

/** Tells the service how far the owner has read: when the newest is in sight and the window is looked at. */
function useMarkRead(
  id: string,
  row: Row | undefined,
  messages: readonly Message[],
  isAtNewest: boolean,
): void {
  const work = useWork()
  const lastOfCustomer = messages.findLast(({ author }) => author.kind === 'customer')?.id
  const isUnread = isOwnedBy(row, work.me.id) && (row?.unreadCount ?? 0) > 0
  const told = useRef('')
  useEffect(() => {
    if (!isUnread || !isAtNewest || lastOfCustomer === undefined) return
    const tellIt = () => {
      if (!document.hasFocus() || told.current === lastOfCustomer) return
      told.current = lastOfCustomer
      work.client
        .tell('POST', `${pathOf(id)}/read`, { upTo: lastOfCustomer })
        .then(() => work.desk.hasRead(id, lastOfCustomer))
        .catch(() => (told.current = ''))
    }
    tellIt()
    window.addEventListener('focus', tellIt)
    return () => window.removeEventListener('focus', tellIt)
  }, [work, id, isUnread, isAtNewest, lastOfCustomer])
}

const ANNOUNCED_EVERY_MS = 2_000

/** What to say of messages that came: one as it is, several in a row as their number. */
function useAnnouncement(messages: readonly Message[], isLoaded: boolean): string {
  const texts = useTexts()
  const [said, setSaid] = useState('')
  const upTo = useRef<string>(undefined)
  const latest = useRef(messages)
  latest.current = messages
  const lastId = messages.at(-1)?.id
  useEffect(() => {
    if (!isLoaded) return
    if (upTo.current === undefined) {
      upTo.current = lastId ?? ''
      return
    }
    if (upTo.current === lastId) return
    const timer = setTimeout(() => {
      const all = latest.current
      const fresh = all
        .slice(all.findIndex(({ id }) => id === upTo.current) + 1)
        .filter(({ author }) => author.kind !== 'agent')
      upTo.current = all.at(-1)?.id ?? ''
      const [one] = fresh
      if (one === undefined) return
      setSaid(
        fresh.length === 1
          ? texts.thread.announced(one.author.name ?? texts.authors[one.author.kind], one.text ?? one.type)
          : texts.thread.announcedMany(fresh.length),
      )
    }, ANNOUNCED_EVERY_MS)
    return () => clearTimeout(timer)
  }, [isLoaded, lastId, texts])
  return said
}
