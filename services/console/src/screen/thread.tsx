import { Link } from '@tanstack/react-router'
import {
  type Ref,
  type RefObject,
  memo,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Refused } from '../api/client.ts'
import type { Message, Row, View } from '../api/shapes.ts'
import type { Thread as KnownThread } from '../state/desk.ts'
import type { Unsent } from '../state/outbox.ts'
import { asRevealed, itemsOf, saysAnything, stillUnsent } from '../state/thread.ts'
import { useAnnouncement } from './announcement.ts'
import { BubbleContent } from './bubble.tsx'
import { Empty } from './empty.tsx'
import { useMarkRead } from './mark-read.ts'
import { MessageItem, Tool, UnsentItem } from './message-item.tsx'
import { isOwnedBy, useReveal, useSurroundings, useTexts, useThread, useWork } from './work.tsx'

export interface ThreadHandle {
  toNewest(): void
}

interface ThreadProps {
  readonly id: string
  readonly row: Row | undefined
  readonly view: View
  readonly ref: Ref<ThreadHandle>
  readonly onReplyTo: (message: Message) => void
  readonly onEdit: (entry: Unsent) => void
}

/** A shade above the bottom counts as the bottom. */
const BOTTOM_PX = 40
const NOBODY: readonly Message[] = []

/**
 * What is read stays where it is, whatever comes in above it: older messages, and pictures, whose height nobody knows before they are
 * there. At the bottom the newest one stays in sight. The browsers' own anchoring is off, for not all have one, and two would add up.
 */
function usePlace(scroller: RefObject<HTMLDivElement | null>, isAtBottom: RefObject<boolean>) {
  /** The first message that is whole in sight, and where it stands in the list: a picture that comes into sight from above grows out of it. */
  const anchor = useRef<{ readonly message: Element; readonly at: number }>(undefined)
  return useMemo(() => {
    const placeOf = (message: Element): number =>
      message.getBoundingClientRect().top -
      (scroller.current?.firstElementChild?.getBoundingClientRect().top ?? 0)
    const keepPlace = (): void => {
      const box = scroller.current
      if (box === null) return
      if (isAtBottom.current) {
        box.scrollTop = box.scrollHeight
        return
      }
      if (anchor.current?.message.isConnected !== true) return
      const { message, at } = anchor.current
      const now = placeOf(message)
      anchor.current = { message, at: now }
      if (now !== at) box.scrollTop += now - at
    }
    const lookFrom = (): void => {
      const box = scroller.current
      if (box === null) return
      // What came in above since the last frame comes before the scroll.
      if (!isAtBottom.current) keepPlace()
      const edge = box.getBoundingClientRect().top
      const messages = box.querySelectorAll('[data-message]')
      let [from, to] = [0, messages.length - 1]
      while (from < to) {
        const middle = (from + to) >> 1
        if (messages[middle]!.getBoundingClientRect().top >= edge) to = middle
        else from = middle + 1
      }
      const message = messages[from]
      anchor.current = message && { message, at: placeOf(message) }
    }
    return { keepPlace, lookFrom }
  }, [scroller, isAtBottom])
}

export function Thread({ id, row, view, ref, onReplyTo, onEdit }: ThreadProps) {
  const work = useWork()
  const { texts, format, tell } = useSurroundings()
  const { desk, outbox } = work
  const query = useThread(work, id)
  const thread = desk.thread(id)
  const messages = useMemo(() => thread?.messages.filter(saysAnything) ?? NOBODY, [thread?.messages])
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
  const { keepPlace, lookFrom } = usePlace(scroller, isAtBottom)

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
    const known = desk.thread(id)?.messages.filter(saysAnything) ?? NOBODY
    const fromCustomer = known.filter(({ author }) => author.kind === 'customer')
    const firstUnread = unread === 0 ? undefined : fromCustomer.at(-unread)
    setLeftAt(firstUnread && known[known.indexOf(firstUnread) - 1]?.id)
  }, [desk, id, isLoaded])

  useLayoutEffect(() => {
    keepPlace()
    if (isAtBottom.current && lastId !== undefined) setSeenId(lastId)
  }, [messages, unsent.length, lastId, keepPlace])

  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const resized = new ResizeObserver(keepPlace)
    resized.observe(box)
    if (box.firstElementChild) resized.observe(box.firstElementChild)
    return () => resized.disconnect()
  }, [isLoaded, keepPlace])

  useMarkRead(id, row, messages, !isAway)
  const { revealed, reveal } = useReveal(id)
  const isMine = isOwnedBy(row, work.me.id)
  const mayReveal = isMine || work.me.permissions.includes('conversations.supervise')
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
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages])
  const on = useRef<MessageActions>(undefined)
  on.current = {
    focus: setCurrentId,
    jump,
    replyTo: onReplyTo,
    reveal: (messageId) => reveal(messageId, { messageId }),
    copied: () => tell({ kind: 'told', text: texts.told.copied }),
  }
  const move = (by: number) => {
    const at = messages.findIndex((message) => message.id === currentId)
    const next =
      messages[at === -1 ? messages.length - 1 : Math.max(0, Math.min(messages.length - 1, at + by))]
    if (next === undefined) return
    const there = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(next.id)}"]`)
    there?.focus()
  }

  // Read while it was theirs, and gone with that.
  const isOutOfSight = row !== undefined && row.lastMessage === undefined
  const leftOver = unsent.map((entry) => (
    <UnsentItem key={entry.key} entry={entry} onEdit={() => onEdit(entry)} />
  ))
  if (isOutOfSight || (query.isError && thread === undefined))
    return (
      <div className="thread-box">
        <div className="thread">
          {isOutOfSight || query.error instanceof Refused ? (
            <Empty title={texts.thread.notSeen} hint={texts.thread.notSeenHint} />
          ) : (
            <Empty
              title={texts.thread.failed}
              hint={texts.unreachable}
              action={{ label: texts.retry, run: () => void query.refetch() }}
            />
          )}
          {leftOver.length > 0 && <ol>{leftOver}</ol>}
        </div>
      </div>
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
          lookFrom()
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
            <li className="system">
              <span role="status">{texts.loading}</span>
            </li>
          )}
          {thread !== undefined && <ThreadBegin id={id} thread={thread} row={row} view={view} />}
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
              case 'message': {
                const { message, isFirstOfGroup } = item
                return (
                  <ThreadMessage
                    key={message.id}
                    message={message}
                    conversationId={id}
                    isFirstOfGroup={isFirstOfGroup}
                    isCurrent={message.id === currentId}
                    words={revealed.get(message.id)}
                    answered={message.replyTo == null ? undefined : byId.get(message.replyTo)}
                    takenId={taken.get(message.id)}
                    isMine={isMine}
                    mayReveal={mayReveal}
                    on={on}
                  />
                )
              }
            }
          })}
          {leftOver}
        </ol>
      </div>
      {isAway && (
        <button
          type="button"
          className="pill below"
          // Whoever writes goes on writing.
          onMouseDown={(event) => event.preventDefault()}
          onClick={toNewest}
        >
          {newBelow > 0 ? texts.thread.newBelow(newBelow) : texts.thread.newest}
        </button>
      )}
      <p className="hidden" role="status">
        {announced}
      </p>
    </div>
  )
}

/** What stands above the first message that was read. */
function ThreadBegin({
  id,
  thread: { before },
  row,
  view,
}: Pick<ThreadProps, 'id' | 'row' | 'view'> & { readonly thread: KnownThread }) {
  const work = useWork()
  const { texts, tell } = useSurroundings()
  return (
    <li className="system">
      {before === null ? (
        <>
          {texts.thread.start}
          {/* What the customer said across the end of the one before stands there. */}
          {row?.continues != null && (
            <>
              {' '}
              <Link to="/$view/$conversationId" params={{ view, conversationId: row.continues }}>
                {texts.card.continues}
              </Link>
            </>
          )}
        </>
      ) : (
        <button
          type="button"
          className="plain"
          onClick={() =>
            void work.readOlder(id, before).catch(() => tell({ kind: 'trouble', text: texts.unreachable }))
          }
        >
          {texts.thread.older}
        </button>
      )}
    </li>
  )
}

interface MessageActions {
  focus(messageId: string): void
  jump(messageId: string): void
  replyTo(message: Message): void
  reveal(messageId: string): void
  copied(): void
}

interface ThreadMessageProps {
  readonly message: Message
  readonly conversationId: string
  readonly isFirstOfGroup: boolean
  readonly isCurrent: boolean
  /** What it says, once that was revealed. */
  readonly words: string | undefined
  readonly answered: Message | undefined
  readonly takenId: string | undefined
  /** The conversation is the person's. */
  readonly isMine: boolean
  readonly mayReveal: boolean
  readonly on: RefObject<MessageActions | undefined>
}

/** Drawn again only when something of it changes: each letter that is typed draws the desk, and a thread of a long day has hundreds. */
const ThreadMessage = memo(function ThreadMessage({
  message,
  conversationId,
  isFirstOfGroup,
  isCurrent,
  words,
  answered,
  takenId,
  isMine,
  mayReveal,
  on,
}: ThreadMessageProps) {
  const texts = useTexts()
  return (
    <MessageItem
      message={message}
      isFirstOfGroup={isFirstOfGroup}
      isCurrent={isCurrent}
      onFocus={() => on.current?.focus(message.id)}
      tools={
        <>
          {isMine && !message.isNote && (
            <Tool
              sign="↩"
              label={texts.bubble.reply}
              isCurrent={isCurrent}
              onUse={() => on.current?.replyTo(message)}
            />
          )}
          {message.isSensitive === true && mayReveal && words === undefined && (
            <Tool
              sign="👁"
              label={texts.reveal}
              isCurrent={isCurrent}
              onUse={() => on.current?.reveal(message.id)}
            />
          )}
          {/* Over plain http a page has no clipboard. */}
          {message.text !== null && isSecureContext && (
            <Tool
              sign="⧉"
              label={texts.bubble.copy}
              isCurrent={isCurrent}
              onUse={() =>
                void navigator.clipboard.writeText(message.text ?? '').then(() => on.current?.copied())
              }
            />
          )}
        </>
      }
    >
      <BubbleContent
        message={words === undefined ? message : asRevealed(message, words)}
        conversationId={conversationId}
        tab={isCurrent ? 0 : -1}
        answered={answered}
        jump={(messageId) => on.current?.jump(messageId)}
        takenId={takenId}
      />
    </MessageItem>
  )
})
