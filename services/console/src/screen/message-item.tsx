import type { ReactNode } from 'react'
import { Refused } from '../api/client.ts'
import { type Message, authorShown } from '../api/shapes.ts'
import type { Unsent } from '../state/outbox.ts'
import { wordsOf } from '../state/thread.ts'
import { useFormat, useTexts, useWork } from './work.tsx'
import { refusalText } from '../state/refusal-text.ts'

interface MessageItemProps {
  readonly message: Message
  readonly isFirstOfGroup: boolean
  readonly isCurrent: boolean
  readonly onFocus: () => void
  readonly tools: ReactNode
  readonly children: ReactNode
}

export function MessageItem({
  message,
  isFirstOfGroup,
  isCurrent,
  onFocus,
  tools,
  children,
}: MessageItemProps) {
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
      {isFirstOfGroup && (
        <bdi className="author">
          {author.name ?? texts.authors[authorShown(author.kind, message.isFromApp)]}
        </bdi>
      )}
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

export function UnsentItem({ entry, onEdit }: { readonly entry: Unsent; readonly onEdit: () => void }) {
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

/** Something to do with a message. By Tab only those of the one that has the focus are reached. */
export function Tool({
  sign,
  label,
  isCurrent,
  onUse,
}: {
  readonly sign: string
  readonly label: string
  readonly isCurrent: boolean
  readonly onUse: () => void
}) {
  return (
    <button
      type="button"
      className="plain"
      tabIndex={isCurrent ? 0 : -1}
      aria-label={label}
      title={label}
      onClick={onUse}
    >
      {sign}
    </button>
  )
}
