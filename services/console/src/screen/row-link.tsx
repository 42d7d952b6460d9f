import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { Row, View } from '../api/shapes.ts'
import type { Called } from '../state/names.ts'
import { activityOf, isWaiting } from '../state/lists.ts'
import { replyWindowOf } from '../state/window.ts'
import { useFormat, useTexts } from './work.tsx'

interface RowLinkProps {
  readonly row: Row
  readonly view: View
  readonly isOpen: boolean
  readonly isStop: boolean
  readonly hasDraft: boolean
  /** Of the customer: `Desk.replyWindowEndsAt`. */
  readonly replyWindowEndsAt: string | null
  readonly now: number
  readonly called: Called
  readonly onFocus: (id: string) => void
}

/** Drawn again only when something of it changes: a scroll draws the rows that come into sight. */
export const RowLink = memo(function RowLink({
  row,
  view,
  isOpen,
  isStop,
  hasDraft,
  replyWindowEndsAt,
  now,
  called,
  onFocus,
}: RowLinkProps) {
  const texts = useTexts()
  const format = useFormat()
  const { contact, stage, queue, owner, lastMessage, unreadCount, waitingSince } = row
  const window = replyWindowOf(replyWindowEndsAt, now)
  const waits = isWaiting(row)
  return (
    <Link
      to="/$view/$conversationId"
      params={{ view, conversationId: row.id }}
      className="row"
      data-id={row.id}
      data-stage={stage}
      tabIndex={isStop ? 0 : -1}
      aria-current={isOpen ? 'true' : undefined}
      onFocus={() => onFocus(row.id)}
    >
      <span className="row-top">
        <bdi className="row-name">{contact.name || texts.noName}</bdi>
        <time dateTime={activityOf(row)}>{format.when(activityOf(row), now)}</time>
      </span>
      <span className="row-text" dir="auto">
        {lastMessage?.text ?? texts.list.noText}
      </span>
      <span className="row-facts">
        {unreadCount > 0 && (
          <span className="unread">
            <span aria-hidden="true">{format.number(unreadCount)}</span>
            <span className="hidden">{texts.list.unread(unreadCount)}</span>
          </span>
        )}
        {hasDraft && <span className="tag draft">{texts.list.draft}</span>}
        <span className="tag">
          {row.isOnHold === true
            ? texts.onHold
            : row.snoozedUntil != null
              ? texts.snoozedUntil(format.moment(row.snoozedUntil))
              : waits && waitingSince !== null
                ? texts.list.waited(format.duration(now - Date.parse(waitingSince)))
                : texts.stages[stage]}
        </span>
        {queue !== null && <span className="tag">{called('queues', queue)}</span>}
        {contact.language !== null && <span className="tag">{contact.language}</span>}
        {owner?.kind === 'agent' && view !== 'mine' && <bdi className="tag">{owner.name}</bdi>}
        {stage !== 'closed' && window.kind === 'ending' && (
          <span className="tag ending">{texts.list.windowLeft(format.duration(window.leftMs))}</span>
        )}
        {stage !== 'closed' && window.kind === 'closed' && (
          <span className="tag closed">{texts.list.windowClosed}</span>
        )}
      </span>
    </Link>
  )
})
