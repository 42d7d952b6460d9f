import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Message, Offer, Row, View } from '../api/shapes.ts'
import { VIEWS } from '../api/shapes.ts'
import { placesOf } from '../places/places.ts'
import type { Actions } from '../state/keymap.ts'
import { isWaiting } from '../state/lists.ts'
import { pathOf } from '../state/workplace.ts'
import { Composer, type ComposerHandle } from './composer.tsx'
import { ConversationList, type ListHandle } from './conversation-list.tsx'
import { CustomerCard } from './customer-card.tsx'
import {
  CloseDialog,
  Help,
  Palette,
  QuickReplies,
  SettingsDialog,
  SnoozeDialog,
  TemplateDialog,
  TransferDialog,
} from './dialogs.tsx'
import { useDrops } from './dropped-files.ts'
import { Empty } from './empty.tsx'
import { useKeptFocus } from './kept-focus.ts'
import { useNews } from './news.ts'
import { Offers } from './offers.tsx'
import { Dialog } from './picker.tsx'
import { type PresenceDialog, PresenceDialogs } from './presence.tsx'
import { CONVERSATION, conversationShown, isInField, useKeys } from './pressed.ts'
import { usePrefetch, useReadingAgain, useWatching } from './reading.ts'
import { Supervision, Whispers } from './supervision.tsx'
import { Thread, type ThreadHandle } from './thread.tsx'
import { Toasts, latestAsking } from './toasts.tsx'
import { useWishes } from './wishes.ts'
import { isOwnedBy, useAct, useSurroundings, useWork } from './work.tsx'

/** What they do is done to the conversation that is open. */
const OF_CONVERSATION = ['transfer', 'snooze', 'close', 'quickReplies', 'template', 'begin', 'card'] as const
type DialogName = 'palette' | 'help' | 'settings' | (typeof OF_CONVERSATION)[number] | PresenceDialog

const isOfConversation = (dialog: DialogName | undefined): boolean =>
  OF_CONVERSATION.some((name) => name === dialog)

/** Whoever writes goes on writing. */
const placesBehind = (focused: Element) => [
  focused.closest('.composer')?.querySelector('textarea'),
  conversationShown(),
]

export function DeskPage() {
  const work = useWork()
  const { texts, format, toasts, dismiss } = useSurroundings()
  const { desk, me } = work
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
  const closeDialog = () => setDialog(undefined)

  const open = (id: string) =>
    void navigate({ to: '/$view/$conversationId', params: { view, conversationId: id } })
  const status = desk.presenceOf(me.id)
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

  const actions = useMemo<Actions>(() => {
    const go = (view: View) => () => void navigate({ to: '/$view', params: { view } })
    const [offer] = desk.offers
    const told = toasts.at(-1)
    const asking = latestAsking(toasts)
    const everywhere: Actions = {
      next: () => list.current?.step(1),
      previous: () => list.current?.step(-1),
      mine: go('mine'),
      waiting: go('waiting'),
      all: go('all'),
      closed: go('closed'),
      find: () => list.current?.find(),
      ...Object.fromEntries(
        placesOf(me.permissions)
          .filter(({ name }) => name !== 'mine')
          .map(({ name, path }) => [name, () => location.assign(path)]),
      ),
      presence: () => setDialog('presence'),
      palette: () => setDialog('palette'),
      settings: () => setDialog('settings'),
      help: () => setDialog('help'),
      ...(told && { dismiss: () => dismiss(told.id) }),
      ...(asking && {
        notice: () => {
          dismiss(asking.id)
          asking.action.run()
        },
      }),
      ...(offer && { accept: () => accept(offer), decline: () => decline(offer) }),
    }
    if (row === undefined || openId === undefined || row.lastMessage === undefined) return everywhere
    const path = pathOf(openId)
    const mayAnswer = me.permissions.includes('conversations.answer')
    const isMine = mayAnswer && isOwnedBy(row, me.id)
    const { stage } = row
    const isHeldByAgent = stage === 'with_agent' || stage === 'parked'
    const maySupervise = me.permissions.includes('conversations.supervise')
    const isHeld = row.isOnHold === true || stage === 'parked'
    const mayBegin = stage === 'closed' && desk.othersOf(row).every(({ stage }) => stage === 'closed')
    return {
      ...everywhere,
      card: () => setDialog('card'),
      newest: () => thread.current?.toNewest(),
      ...(mayAnswer && mayBegin && { begin: () => setDialog('begin') }),
      ...(mayAnswer && { note: () => composer.current?.begin('note') }),
      ...(mayAnswer &&
        stage === 'waiting' && {
          claim: () =>
            void act('POST', `${path}/claim`, {}, texts.told.claimed, (refused) =>
              wishes.whoTook(openId, refused),
            ),
        }),
      ...(isMine && isHeldByAgent && { reply: () => composer.current?.begin('reply') }),
      ...(isMine &&
        stage === 'with_agent' && {
          quickReplies: () => setDialog('quickReplies'),
          template: () => setDialog('template'),
        }),
      ...((isMine ? isHeldByAgent : maySupervise && (isHeldByAgent || isWaiting(row))) && {
        transfer: () => setDialog('transfer'),
        close: () => ask('close'),
      }),
      ...(isMine &&
        stage === 'with_agent' && {
          snooze: () => ask('snooze'),
          park: () => void wishes.park(),
        }),
      ...(isMine &&
        stage === 'with_agent' &&
        !isHeld && { hold: () => void act('POST', `${path}/hold`, {}, texts.told.held) }),
      ...(isMine && isHeld && { resume: () => void act('POST', `${path}/resume`, {}, texts.told.resumed) }),
    }
    // What they do is read from the desk, which tells of its changes by its revision.
  }, [desk.revision, openId, texts, view, toasts])

  const ask = (about: 'close' | 'snooze') => {
    wishes.asks()
    setDialog(about)
  }

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
      <header>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> Parley <span>{texts.desk}</span>
        </h1>
        <p className="line" data-line={desk.line} role="status">
          <span className="dot" aria-hidden="true" /> <span>{texts.line[desk.line]}</span>
        </p>
        <span className="space" />
        <button type="button" className="bar" aria-label={texts.actions.palette} onClick={actions.palette}>
          <span aria-hidden="true">☰</span>
        </button>
        <button type="button" className="bar" aria-label={texts.actions.help} onClick={actions.help}>
          <span aria-hidden="true">?</span>
        </button>
        <button type="button" className="bar" aria-label={texts.actions.settings} onClick={actions.settings}>
          <span aria-hidden="true">⚙</span>
        </button>
        <button
          type="button"
          className="presence"
          data-status={status ?? 'offline'}
          aria-haspopup="dialog"
          onClick={actions.presence}
        >
          <span className="dot" aria-hidden="true" />
          <span className="hidden">{texts.presence.label}: </span>
          {texts.presence[status ?? 'offline']}
          {desk.madeSoBy === 'missed_offers' && ` · ${texts.presence.missedOffers}`}
        </button>
      </header>
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
              <div className="conversation-head">
                <button
                  type="button"
                  className="plain back"
                  aria-label={texts.back}
                  onClick={() => {
                    void navigate({ to: '/$view', params: { view } }).then(() =>
                      list.current?.focusRow(openId),
                    )
                  }}
                >
                  ←
                </button>
                <h2>
                  <bdi>{name}</bdi>
                </h2>
                {row !== undefined && (
                  <span className="tag">
                    {row.isOnHold === true
                      ? texts.onHold
                      : row.snoozedUntil != null
                        ? texts.snoozedUntil(format.moment(row.snoozedUntil))
                        : texts.stages[row.stage]}
                  </span>
                )}
                <span className="space" />
                <div className="conversation-actions">
                  {(['claim', 'resume', 'begin', 'transfer', 'snooze', 'park', 'hold', 'close'] as const).map(
                    (action) =>
                      actions[action] && (
                        <button key={action} type="button" className="plain" onClick={actions[action]}>
                          {texts.actions[action]}
                        </button>
                      ),
                  )}
                  {row !== undefined && row.lastMessage !== undefined && (
                    <Supervision key={row.id} row={row} />
                  )}
                  {actions.card && (
                    <button type="button" className="plain card-button" onClick={actions.card}>
                      {texts.actions.card}
                    </button>
                  )}
                </div>
              </div>
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
      {dialog === 'palette' && (
        <Palette actions={actions} onOpen={({ id }: Row) => open(id)} onClose={closeDialog} />
      )}
      {dialog === 'help' && <Help onClose={closeDialog} />}
      {dialog === 'settings' && <SettingsDialog onClose={closeDialog} />}
      <PresenceDialogs dialog={dialog} onDialog={setDialog} />
      {row !== undefined && openId !== undefined && (
        <>
          {dialog === 'card' && (
            <Dialog title={texts.card.title} onClose={closeDialog}>
              <CustomerCard key={row.id} row={row} view={view} onBegin={actions.begin} />
            </Dialog>
          )}
          {dialog === 'transfer' && (
            <TransferDialog
              row={row}
              onTransfer={(to, note) => void wishes.transfer(to, note)}
              onClose={closeDialog}
            />
          )}
          {dialog === 'snooze' && (
            <SnoozeDialog onSnooze={(until) => void wishes.snooze(until)} onClose={closeDialog} />
          )}
          {dialog === 'close' && (
            <CloseDialog row={row} onReason={(...how) => void wishes.close(...how)} onClose={closeDialog} />
          )}
          {dialog === 'quickReplies' && (
            <QuickReplies row={row} onText={(text) => composer.current?.insert(text)} onClose={closeDialog} />
          )}
          {dialog === 'begin' && (
            <TemplateDialog
              row={row}
              title={texts.dialogs.begin}
              onSend={(template, parameters) => void wishes.begin(template, parameters)}
              onClose={closeDialog}
            />
          )}
          {dialog === 'template' && (
            <TemplateDialog
              row={row}
              title={texts.dialogs.template}
              onSend={({ name, language }, parameters, preview) =>
                work.outbox.write(openId, { type: 'template', name, language, parameters, preview })
              }
              onClose={closeDialog}
            />
          )}
        </>
      )}
    </div>
  )
}
