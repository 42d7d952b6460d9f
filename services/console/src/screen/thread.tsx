import { Link } from '@tanstack/react-router'
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Refused } from '../api/client.ts'
import type { Message, Row, View } from '../api/shapes.ts'
import type { Unsent } from '../state/outbox.ts'
import { asRevealed, itemsOf, saysAnything, stillUnsent } from '../state/thread.ts'
import { useAnnouncement } from './announcement.ts'
import { BubbleContent } from './bubble.tsx'
import { Empty } from './empty.tsx'
import { useMarkRead } from './mark-read.ts'
import { MessageItem, Tool, UnsentItem } from './message-item.tsx'
import { isOwnedBy, useReveal, useSurroundings, useThread, useWork } from './work.tsx'

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
    const known = desk.thread(id)?.messages.filter(saysAnything) ?? NOBODY
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
              case 'message': {
                const { message, isFirstOfGroup } = item
                const isCurrent = message.id === currentId
                const words = revealed.get(message.id)
                return (
                  <MessageItem
                    key={message.id}
                    message={message}
                    isFirstOfGroup={isFirstOfGroup}
                    isCurrent={isCurrent}
                    onFocus={() => setCurrentId(message.id)}
                    tools={
                      <>
                        {row !== undefined && isOwnedBy(row, work.me.id) && !message.isNote && (
                          <Tool
                            sign="↩"
                            label={texts.bubble.reply}
                            isCurrent={isCurrent}
                            onUse={() => onReplyTo(message)}
                          />
                        )}
                        {message.isSensitive === true && mayReveal && words === undefined && (
                          <Tool
                            sign="👁"
                            label={texts.reveal}
                            isCurrent={isCurrent}
                            onUse={() => reveal(message.id, { messageId: message.id })}
                          />
                        )}
                        {/* Over plain http a page has no clipboard. */}
                        {message.text !== null && isSecureContext && (
                          <Tool
                            sign="⧉"
                            label={texts.bubble.copy}
                            isCurrent={isCurrent}
                            onUse={() =>
                              void navigator.clipboard
                                .writeText(message.text ?? '')
                                .then(() => tell({ kind: 'told', text: texts.told.copied }))
                            }
                          />
                        )}
                      </>
                    }
                  >
                    <BubbleContent
                      message={words === undefined ? message : asRevealed(message, words)}
                      conversationId={id}
                      tab={isCurrent ? 0 : -1}
                      find={find}
                      jump={jump}
                      takenId={taken.get(message.id)}
                    />
                  </MessageItem>
                )
              }
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
