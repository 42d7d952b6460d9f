import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Message, Offer, View } from '../api/shapes.ts'
import { VIEWS } from '../api/shapes.ts'
import { Composer, type ComposerHandle } from './composer.tsx'
import { ConversationHead } from './conversation-head.tsx'
import { ConversationList, type ListHandle } from './conversation-list.tsx'
import { CustomerCard } from './customer-card.tsx'
import { useDeskActions } from './desk-actions.ts'
import { DeskDialogs, type DialogName, isOfConversation } from './desk-dialogs.tsx'
import { DeskHeader } from './desk-header.tsx'
import { useDrops } from './dropped-files.ts'
import { Empty } from './empty.tsx'
import { useKeptFocus } from './kept-focus.ts'
import { useNews } from './news.ts'
import { Offers } from './offers.tsx'
import { CONVERSATION, conversationShown, isInField, useKeys } from './pressed.ts'
import { usePrefetch, useReadingAgain, useWatching } from './reading.ts'
import { Whispers } from './supervision.tsx'
import { Thread, type ThreadHandle } from './thread.tsx'
import { Toasts } from './toasts.tsx'
import { useWishes } from './wishes.ts'
import { useAct, useSurroundings, useWork } from './work.tsx'

/** Whoever writes goes on writing. */
const placesBehind = (focused: Element) => [
  focused.closest('.composer')?.querySelector('textarea'),
  conversationShown(),
]

export function DeskPage() {
  const work = useWork()
  const { texts } = useSurroundings()
  const { desk } = work
  const params: { view?: string; conversationId?: string } = useParams({ strict: false })
  const view: View = VIEWS.find((name) => name === params.view) ?? 'mine'
  const openId = params.conversationId
  const row = openId === undefined ? undefined : desk.row(openId)
  const navigate = useNavigate()
  const act = useAct()
  const wishes = useWishes(row, openId)
  const [dialog, setDialog] = useState<DialogName>()
  const [replyTo, setReplyTo] = useState<Message>()
  const list = useRef<ListHandle>(null)
  const thread = useRef<ThreadHandle>(null)
  const keptFocus = useKeptFocus(placesBehind)
  const composer = useRef<ComposerHandle>(null)
  const [isWriting, setIsWriting] = useState(false)

  const open = (id: string) =>
    void navigate({ to: '/$view/$conversationId', params: { view, conversationId: id } })
  const openNow = useRef(openId)
  openNow.current = openId
  const takeOffer = async ({ offerId, conversationId }: Offer) => {
    const openBefore = openNow.current
    const isDone = await act('POST', `/api/offers/${encodeURIComponent(offerId)}/accept`)
    // Whoever is writing, or has gone elsewhere meanwhile, stays there: the conversation waits in the list.
    if (isDone && openNow.current === openBefore && !isInField(document.activeElement)) open(conversationId)
  }
  const accept = (offer: Offer) => void takeOffer(offer)
  const decline = (offer: Offer, reason = '') =>
    void act(
      'POST',
      `/api/offers/${encodeURIComponent(offer.offerId)}/decline`,
      reason === '' ? {} : { reason },
    )

  useWatching(row, openId)
  usePrefetch(list, openId)
  useReadingAgain()
  useNews(openId, open)
  useEffect(() => {
    setReplyTo(undefined)
    setIsWriting(false)
    setDialog((dialog) => (isOfConversation(dialog) ? undefined : dialog))
  }, [openId])

  const ask = (about: 'close' | 'snooze') => {
    wishes.asks()
    setDialog(about)
  }

  const actions = useDeskActions({
    row,
    openId,
    view,
    list,
    thread,
    composer,
    wishes,
    show: setDialog,
    ask,
    accept,
    decline,
  })

  useDrops(composer)
  useKeys(actions, dialog !== undefined, desk.offers[0], accept, decline)

  const name = row?.contact.name || texts.noName
  // Of what goes out of sight it stays, and the next letter goes there, be it the first: without the field it would be a key of the desk.
  const isWritten =
    row !== undefined &&
    (isWriting ||
      work.isBegun(row) ||
      work.outbox.unsent.some(({ conversationId }) => conversationId === row.id))
  return (
    <div className="desk" data-open={openId !== undefined} {...keptFocus}>
      <a className="skip" href={`#${CONVERSATION}`}>
        {texts.skip}
      </a>
      <DeskHeader actions={actions} />
      {desk.line === 'lost' && (
        <p className="banner" role="alert">
          {texts.line.banner}
        </p>
      )}
      <main className="panes">
        <ConversationList ref={list} view={view} openId={openId} open={open} />
        <section
          className="conversation"
          id={CONVERSATION}
          tabIndex={-1}
          aria-label={openId === undefined ? texts.thread.choose : name}
        >
          {openId === undefined ? (
            <Empty title={texts.thread.choose} hint={texts.thread.chooseHint} />
          ) : (
            <>
              <ConversationHead
                name={name}
                row={row}
                actions={actions}
                onBack={() =>
                  void navigate({ to: '/$view', params: { view } }).then(() => list.current?.focusRow(openId))
                }
              />
              <p className="privacy-line">
                🔓 <span className="handled-by">{texts.thread.handledBy}</span> {texts.thread.privacy}
              </p>
              <Thread
                key={openId}
                id={openId}
                row={row}
                view={view}
                ref={thread}
                onReplyTo={(message) => {
                  setReplyTo(message)
                  composer.current?.begin('reply')
                }}
                onEdit={({ content, conversationId }) => {
                  if (content.type === 'text') {
                    const { replyTo: answered } = content
                    if (answered !== undefined)
                      setReplyTo(work.desk.thread(conversationId)?.messages.find(({ id }) => id === answered))
                    composer.current?.insert(content.text)
                  }
                  if (content.type !== 'note') return
                  work.notes.set(conversationId, content.text)
                  composer.current?.begin('note')
                }}
              />
              <Whispers key={`whispers ${openId}`} id={openId} />
              {row !== undefined && (row.lastMessage !== undefined || isWritten) && (
                <Composer
                  key={`composer ${openId}`}
                  ref={composer}
                  row={row}
                  replyTo={replyTo}
                  onReplyDone={() => {
                    setReplyTo(undefined)
                    thread.current?.toNewest()
                  }}
                  onTemplate={() => setDialog('template')}
                  onQuickReplies={() => setDialog('quickReplies')}
                  onClose={() => ask('close')}
                  onWriting={setIsWriting}
                />
              )}
            </>
          )}
        </section>
        <section className="context" aria-label={texts.card.title}>
          {row !== undefined && row.lastMessage !== undefined && (
            <CustomerCard key={row.id} row={row} view={view} onBegin={actions.begin} />
          )}
        </section>
      </main>
      <Offers onAccept={accept} onDecline={decline} />
      <Toasts />
      <DeskDialogs
        dialog={dialog}
        show={setDialog}
        row={row}
        view={view}
        actions={actions}
        wishes={wishes}
        composer={composer}
        open={open}
      />
    </div>
  )
}
