import { Textarea } from '@mantine/core'
import { type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Message, Row } from '../api/shapes.ts'
import { ACCEPTED_TYPES, LIMITS, saidWith, takesCaption } from '../state/attachments.ts'
import { mentionedIn } from '../state/mentions.ts'
import { unfilled } from '../state/placeholders.ts'
import { type ReplyWindow, replyWindowOf } from '../state/window.ts'
import { pathOf } from '../state/workplace.ts'
import { writtenLanguage } from '../state/written-language.ts'
import { AttachmentList, useAttaching } from './attachment-list.tsx'
import { useMentioning } from './mentioning.tsx'
import { isComposing } from './pressed.ts'
import { VoiceButton } from './voice-button.tsx'
import { isOwnedBy, useFormat, useNow, useSurroundings, useTexts, useWork } from './work.tsx'

export type Mode = 'reply' | 'note'

export interface ComposerHandle {
  begin(mode: Mode): void
  insert(text: string): void
  attach(files: Iterable<File>): void
}

interface ComposerProps {
  readonly row: Row
  readonly ref: Ref<ComposerHandle>
  readonly replyTo: Message | undefined
  readonly onReplyDone: () => void
  readonly onTemplate: () => void
  readonly onQuickReplies: () => void
  readonly onClose: () => void
  /** The field has the focus, or has it no more. */
  readonly onWriting: (isWriting: boolean) => void
}

/** What WhatsApp takes: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages */
const TEXT_CHARACTERS_MAX = 4_096
const CAPTION_CHARACTERS_MAX = 1_024

/** The customer is shown it for 25 s, colleagues for 12. */
const TYPING_EVERY_MS = 10_000

export function Composer({
  row,
  ref,
  replyTo,
  onReplyDone,
  onTemplate,
  onQuickReplies,
  onClose,
  onWriting,
}: ComposerProps) {
  const work = useWork()
  const { texts, format, tell } = useSurroundings()
  const { id } = row
  const { drafts, me } = work
  const [mode, setMode] = useState<Mode>('reply')
  const [note, setNote] = useState(() => work.notes.get(id) ?? '')
  const [caret, setCaret] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const typedAt = useRef(0)
  const files = work.attached.of(id)
  const ready = work.attached.readyOf(id)
  const add = useAttaching(id)
  const now = useNow(1_000)
  const window = replyWindowOf(work.desk.replyWindowEndsAt(row), now)
  const isMine = isOwnedBy(row, me.id)
  const hadIt = useRef(isMine)
  if (isMine) hadIt.current = true
  const mayAnswer = row.lastMessage !== undefined && me.permissions.includes('conversations.answer')
  const isAtIt = isMine && row.stage === 'with_agent'
  const canReply = mayAnswer && isAtIt && (window.kind === 'open' || window.kind === 'ending')
  const words = { reply: drafts.of(id), note }
  const text = words[mode]
  const missing = mode === 'reply' ? unfilled(text) : []
  const { language } = row.contact
  const written = mode === 'reply' ? writtenLanguage(text) : undefined
  const mentioned = mode === 'note' ? mentionedIn(note, me.colleagues ?? []) : []
  const typists = work.desk.typistsIn(id, Date.now()).map((name) => name.split(' ')[0] ?? name)
  const [file] = ready
  const isCaption = mode === 'reply' && file !== undefined && takesCaption(file)
  const charactersMax = isCaption ? CAPTION_CHARACTERS_MAX : TEXT_CHARACTERS_MAX
  const isTooLong = text.trim().length > charactersMax
  const isReady =
    !isTooLong &&
    (text.trim() !== '' || (mode === 'reply' && files.length > 0)) &&
    missing.length === 0 &&
    ready.length === files.length &&
    (mode === 'note' ? mayAnswer : canReply)

  const shown = useRef(text)
  const write = (changed: string) => {
    shown.current = changed
    if (mode === 'note') {
      setNote(changed)
      work.notes.set(id, changed)
    } else drafts.write(id, changed)
    if (!mayAnswer || changed === '' || Date.now() - typedAt.current < TYPING_EVERY_MS) return
    typedAt.current = Date.now()
    // A courtesy: when it gets lost, nothing else does.
    work.client.tell('POST', `${pathOf(id)}/typing`, { isNote: mode === 'note' }).catch(() => {})
  }

  const mentioning = useMentioning(mode === 'note' ? note : '', caret, (head) => {
    flushSync(() => {
      write(head + note.slice(caret))
      setCaret(head.length)
    })
    field.current?.setSelectionRange(head.length, head.length)
  })
  const isJoined = mode === 'reply' && drafts.isJoined(id)
  // What another desk brings in before the words, or takes from there, moves no caret.
  useLayoutEffect(() => {
    const box = field.current
    const before = shown.current
    shown.current = text
    const isOurs = text.endsWith(before) || before.endsWith(text)
    if (text === before || !isOurs || box === null || box !== document.activeElement) return
    const at = Math.max(0, caret + text.length - before.length)
    box.setSelectionRange(at, at)
  }, [text])
  const attach = (given: Iterable<File>) => {
    // Not the reply in its place: what is typed on would be the customer's.
    const isNote = mode === 'note'
    if (isNote || !canReply)
      return tell({ kind: 'trouble', text: texts.attachment[isNote ? 'notInNote' : 'notHere'] })
    for (const file of given) add(file)
  }
  const begin = (wanted: Mode) => {
    // At once: the next key is the first letter of the text.
    flushSync(() => {
      setMode(wanted)
      // A refused one may have been taken back into it.
      setNote(work.notes.get(id) ?? '')
    })
    field.current?.focus()
  }
  useImperativeHandle(ref, () => ({
    attach,
    begin,
    insert(inserted) {
      const before = drafts.of(id)
      flushSync(() => {
        setMode('reply')
        drafts.write(id, before.trim() === '' ? inserted : `${before.trimEnd()} ${inserted}`)
      })
      const box = field.current
      if (box === null) return
      box.focus()
      const [first] = unfilled(box.value)
      const at = first === undefined ? box.value.length : box.value.indexOf(`{${first}}`)
      box.setSelectionRange(at, first === undefined ? at : at + first.length + 2)
    },
  }))

  const send = (): boolean => {
    if (!isReady) return false
    const words = text.trim()
    if (mode === 'note') {
      work.outbox.write(id, { type: 'note', text: words, mentions: mentioned.map(({ id }) => id) })
      work.notes.delete(id)
      setNote('')
      return true
    }
    for (const said of saidWith(ready, words, replyTo?.id)) work.outbox.write(id, said)
    work.attached.clear(id)
    drafts.write(id, '')
    onReplyDone()
    return true
  }

  return (
    <section
      className="composer"
      data-mode={mode}
      aria-label={mode === 'note' ? texts.composer.noteLabel : texts.composer.replyLabel}
    >
      <p className="typing" role="status">
        {typists.length > 0 && texts.composer.typing(typists)}
      </p>
      <Standing row={row} window={window} hadIt={hadIt.current} onTemplate={onTemplate} />
      {replyTo !== undefined && mode === 'reply' && (
        <p className="replying">
          <span>
            <span className="small">{texts.composer.replyingTo}</span>{' '}
            <bdi>{replyTo.text ?? replyTo.type}</bdi>
          </span>
          <button type="button" className="plain" aria-label={texts.composer.remove} onClick={onReplyDone}>
            ✕
          </button>
        </p>
      )}
      <AttachmentList conversationId={id} />
      <div className="modes" role="group" aria-label={texts.composer.mode}>
        {(['reply', 'note'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={mode === each}
            // By keys the field is the next stop.
            onClick={({ detail: clicks }) => (clicks > 0 ? begin(each) : setMode(each))}
          >
            {texts.composer[each]}
            {mode !== each && words[each].trim() !== '' && (
              <span className="begun"> · {texts.list.draft}</span>
            )}
          </button>
        ))}
        <span className="draft-state" role="status">
          {mode === 'reply' &&
            text !== '' &&
            texts.composer[isJoined ? 'joined' : DRAFT_WORDS[drafts.stateOf(id)]]}
        </span>
      </div>
      <Textarea
        ref={field}
        autosize
        minRows={2}
        maxRows={8}
        aria-label={mode === 'note' ? texts.composer.noteLabel : texts.composer.replyLabel}
        placeholder={mode === 'note' ? texts.composer.noteHint : texts.composer.replyHint}
        spellCheck
        lang={mode === 'reply' && language !== null ? language : undefined}
        dir="auto"
        value={text}
        {...mentioning.fieldProps}
        onChange={({ currentTarget }) => {
          setCaret(currentTarget.selectionStart)
          write(currentTarget.value)
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
        onFocus={() => onWriting(true)}
        onBlur={() => onWriting(false)}
        onPaste={(event) => {
          const { files, types } = event.clipboardData
          // Spreadsheets give a picture of the words with them. A file has at most its name beside it, and that for a note is a word.
          const areWords = types.includes('text/plain') && (mode === 'note' || types.includes('text/html'))
          if (files.length === 0 || areWords) return
          event.preventDefault()
          attach(files)
        }}
        onKeyDown={(event) => {
          if (isComposing(event.nativeEvent)) return
          if (mentioning.onKey(event)) event.preventDefault()
          else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
            event.preventDefault()
            send()
          } else if (event.key === 'Escape') {
            // It leaves the field, and declines no offer.
            event.preventDefault()
            event.currentTarget.blur()
          }
        }}
      />
      {mentioning.offered}
      <div className="under" role="status">
        {isTooLong && (
          <p className="warning">
            {texts.composer.tooLong(format.number(text.trim().length), format.number(charactersMax))}
          </p>
        )}
        {missing.length > 0 && <p className="warning">{texts.composer.unfilled(missing.join(', '))}</p>}
        {written !== undefined && language !== null && written !== language && (
          <p className="warning">
            {texts.composer.otherLanguage(
              texts.languages[written] ?? written,
              texts.languages[language] ?? language,
            )}
          </p>
        )}
        {mentioned.length > 0 && (
          <p>{texts.composer.mentions(mentioned.map(({ name }) => name).join(', '))}</p>
        )}
      </div>
      <div className="actions">
        {mode === 'reply' && (
          <>
            <input
              ref={picker}
              type="file"
              hidden
              multiple
              accept={ACCEPTED_TYPES}
              onChange={({ currentTarget }) => {
                attach(currentTarget.files ?? [])
                currentTarget.value = ''
                // What is typed next is said with it.
                field.current?.focus()
              }}
            />
            <button
              type="button"
              className="plain"
              disabled={!canReply}
              title={`${texts.attachment.limits}: ${LIMITS.map(({ kind, bytesMax }) => `${texts.attachment.kinds[kind]} ${format.bytes(bytesMax)}`).join(', ')}`}
              onClick={() => picker.current?.click()}
            >
              {texts.composer.attach}
            </button>
            <VoiceButton
              isDisabled={!canReply}
              onRecorded={(file) => attach([file])}
              onTrouble={(text) => tell({ kind: 'trouble', text })}
            />
            <button type="button" className="plain" disabled={!canReply} onClick={onQuickReplies}>
              {texts.composer.quickReplies}
            </button>
          </>
        )}
        <span className="sends">
          {mode === 'reply' && (
            <button
              type="button"
              className="plain"
              disabled={!isReady}
              onClick={() => {
                if (send()) onClose()
              }}
            >
              {texts.composer.sendAndClose}
            </button>
          )}
          <button
            type="button"
            className="strong"
            disabled={!isReady}
            onClick={() => {
              // The next letter is of the next message, and no key of the desk.
              if (send()) field.current?.focus()
            }}
          >
            {mode === 'note' ? texts.composer.sendNote : texts.composer.send}
          </button>
        </span>
      </div>
    </section>
  )
}

const DRAFT_WORDS = { saved: 'saved', saving: 'saving', unsaved: 'notSaved' } as const

interface StandingProps {
  readonly row: Row
  readonly window: ReplyWindow
  readonly hadIt: boolean
  readonly onTemplate: () => void
}

/** What stands between the person and a reply, or how long the window is still open. */
function Standing({ row, window, hadIt, onTemplate }: StandingProps) {
  const work = useWork()
  const texts = useTexts()
  const format = useFormat()
  const { stage, owner } = row
  const { composer } = texts
  if (!work.me.permissions.includes('conversations.answer'))
    return <p className="standing">{composer.readOnly}</p>
  if (row.lastMessage === undefined)
    return (
      <p className="standing" role="status">
        {composer.outOfSight}
      </p>
    )
  if (stage === 'closed' || stage === 'ending') return <p className="standing">{composer[stage]}</p>
  if (!isOwnedBy(row, work.me.id)) {
    const name = owner?.name ?? ''
    const text =
      owner?.kind === 'agent'
        ? hadIt || work.drafts.of(row.id) !== ''
          ? composer.lost(name)
          : composer.notYours(name)
        : stage === 'with_robot'
          ? composer.withRobot
          : stage === 'offered'
            ? composer.offeredElsewhere
            : composer.inQueue
    return (
      <p className="standing" role="status">
        {text}
      </p>
    )
  }
  if (stage === 'parked')
    return (
      <p className="standing" role="status">
        {texts.refusals['CONVERSATION_PARKED']}
      </p>
    )
  if (window.kind === 'closed' || window.kind === 'never')
    return (
      <p className="standing closed" role="status">
        <span>{window.kind === 'closed' ? composer.windowClosed : composer.windowNever}</span>{' '}
        <button type="button" className="plain" onClick={onTemplate}>
          {composer.template}
        </button>
      </p>
    )
  return (
    <p className="standing" data-window={window.kind}>
      {window.kind === 'ending' && <span aria-hidden="true">⏳ </span>}
      {composer.windowLeft(format.duration(window.leftMs))}
    </p>
  )
}
