import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Refused } from '../api/client.ts'
import type { Message, Offer, Row, Template, View } from '../api/shapes.ts'
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
  type TransferTarget,
} from './dialogs.tsx'
import { Empty } from './empty.tsx'
import { useNews } from './news.ts'
import { Offers } from './offers.tsx'
import { Dialog } from './picker.tsx'
import { type PresenceDialog, PresenceDialogs } from './presence.tsx'
import { actionPressed, isInField } from './pressed.ts'
import { Supervision, Whispers } from './supervision.tsx'
import { Thread, type ThreadHandle } from './thread.tsx'
import { Toasts, latestAsking } from './toasts.tsx'
import { isOwnedBy, useAct, useSurroundings, useWork } from './work.tsx'

/** What they do is done to the conversation that is open. */
const OF_CONVERSATION = ['transfer', 'snooze', 'close', 'quickReplies', 'template', 'begin', 'card'] as const
type DialogName = 'palette' | 'help' | 'settings' | (typeof OF_CONVERSATION)[number] | PresenceDialog

const isOfConversation = (dialog: DialogName | undefined): boolean =>
  OF_CONVERSATION.some((name) => name === dialog)

const UNDO_SECONDS = 5

export function DeskPage() {
  const work = useWork()
  const { texts, format, tell, toasts, dismiss } = useSurroundings()
  const { desk, me } = work
  const params: { view?: string; conversationId?: string } = useParams({ strict: false })
  const view: View = VIEWS.find((name) => name === params.view) ?? 'mine'
  const openId = params.conversationId
  const row = openId === undefined ? undefined : desk.row(openId)
  const navigate = useNavigate()
  const act = useAct()
  const [dialog, setDialog] = useState<DialogName>()
  const [replyTo, setReplyTo] = useState<Message>()
  const list = useRef<ListHandle>(null)
  const thread = useRef<ThreadHandle>(null)
  const composer = useRef<ComposerHandle>(null)
  /** What comes while one chooses, behind the dialog, or while one's last words go out, was not seen. Empty: the thread was still being read. */
  const seenWhenAsked = useRef<{ readonly seen?: string }>({})
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
            void act('POST', `${path}/claim`, {}, texts.told.claimed, (refused) => whoTook(openId, refused)),
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
          park: () => void act('POST', `${path}/park`, seen(), texts.told.parked),
        }),
      ...(isMine &&
        stage === 'with_agent' &&
        !isHeld && { hold: () => void act('POST', `${path}/hold`, {}, texts.told.held) }),
      ...(isMine && isHeld && { resume: () => void act('POST', `${path}/resume`, {}, texts.told.resumed) }),
    }
    // What they do is read from the desk, which tells of its changes by its revision.
  }, [desk.revision, openId, texts, view, toasts])

  /** Of two who take one conversation, the other is told by name who has it. */
  const whoTook = async (id: string, { code }: Refused): Promise<string | undefined> => {
    if (code !== 'NOT_WAITING') return undefined
    await work.readThread(id).catch(() => {})
    const owner = desk.row(id)?.owner
    return owner?.kind === 'agent' ? texts.told.tookFirst(owner.name) : undefined
  }

  /** What of the customer had been seen, or what came before any word of theirs: nobody parks or closes over one that crossed. */
  const seen = (): { readonly seen?: string } => {
    const messages = (openId === undefined ? undefined : desk.thread(openId)?.messages) ?? []
    const last = messages.findLast(({ author }) => author.kind === 'customer') ?? messages.at(-1)
    return last === undefined ? {} : { seen: last.id }
  }

  const ask = (about: 'close' | 'snooze') => {
    seenWhenAsked.current = seen()
    setDialog(about)
  }

  const begin = async ({ name, language }: Template, parameters: readonly string[]) => {
    if (row === undefined) return
    const answer = await act(
      'POST',
      `/api/contacts/${encodeURIComponent(row.contact.id)}/conversations`,
      { template: { name, language, parameters }, queue: row.queue ?? '' },
      texts.told.begun,
    )
    if (answer?.conversationId !== undefined && openNow.current === row.id)
      void navigate({
        to: '/$view/$conversationId',
        params: { view: 'mine', conversationId: answer.conversationId },
      })
  }

  const transfer = async (to: TransferTarget, note: string) => {
    if (openId === undefined) return
    const path = `${pathOf(openId)}/transfer`
    work.unsaid.set(path, note)
    if (await act('POST', path, { to, note }, texts.told.transferred)) work.unsaid.delete(path)
  }

  const close = async (reason: string, text: string) => {
    if (openId === undefined) return
    const path = `${pathOf(openId)}/close`
    work.unsaid.set(path, text)
    if (!(await work.outbox.settled(openId))) return tell({ kind: 'trouble', text: texts.unsent.leave })
    const isAtOnce = row !== undefined && isWaiting(row)
    const undoSeconds = isAtOnce ? 0 : UNDO_SECONDS
    const closing = { reason, undoSeconds, ...(text !== '' && { text }), ...seen(), ...seenWhenAsked.current }
    if (!(await act('POST', path, closing))) return
    work.unsaid.delete(path)
    if (isAtOnce) return
    tell({
      kind: 'told',
      text: texts.told.closing,
      action: {
        label: texts.undo,
        run: () => void act('POST', `${path}/undo`, {}, texts.told.notClosed),
      },
    })
  }

  useDrops(composer)
  useKeys(actions, dialog !== undefined, desk.offers[0], accept, decline)

  const name = row?.contact.name || texts.noName
  return (
    <div className="desk" data-open={openId !== undefined}>
      <a className="skip" href="#thread">
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
          id="thread"
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
              <p className="privacy-line">🔓 {texts.thread.privacy}</p>
              <Thread
                key={openId}
                id={openId}
                row={row}
                ref={thread}
                onReplyTo={(message) => {
                  setReplyTo(message)
                  composer.current?.begin('reply')
                }}
                onEdit={({ content, conversationId }) => {
                  if (content.type === 'text') composer.current?.insert(content.text)
                  if (content.type !== 'note') return
                  work.notes.set(conversationId, content.text)
                  composer.current?.begin('note')
                }}
              />
              <Whispers key={`whispers ${openId}`} id={openId} />
              {row !== undefined && row.lastMessage !== undefined && (
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
              onTransfer={(to, note) => void transfer(to, note)}
              onClose={closeDialog}
            />
          )}
          {dialog === 'snooze' && (
            <SnoozeDialog
              onSnooze={(until) =>
                void act(
                  'POST',
                  `${pathOf(openId)}/snooze`,
                  { until: until.toISOString(), ...seen(), ...seenWhenAsked.current },
                  texts.told.snoozed,
                )
              }
              onClose={closeDialog}
            />
          )}
          {dialog === 'close' && (
            <CloseDialog row={row} onReason={(...how) => void close(...how)} onClose={closeDialog} />
          )}
          {dialog === 'quickReplies' && (
            <QuickReplies row={row} onText={(text) => composer.current?.insert(text)} onClose={closeDialog} />
          )}
          {dialog === 'begin' && (
            <TemplateDialog
              row={row}
              title={texts.dialogs.begin}
              onSend={(template, parameters) => void begin(template, parameters)}
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

/** Binds the keymap. Where nothing has the focus, Enter and Esc answer the offer. */
function useKeys(
  actions: Actions,
  isDialogOpen: boolean,
  offer: Offer | undefined,
  accept: (offer: Offer) => void,
  decline: (offer: Offer) => void,
): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isDialogOpen || event.repeat) return
      if (offer !== undefined && document.activeElement === document.body) {
        if (event.key === 'Enter') return accept(offer)
        if (event.key === 'Escape') return decline(offer)
      }
      const name = actionPressed(event)
      const action = name && actions[name]
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  })
}

/** A file that is dropped anywhere goes to the next reply, or the person is told that it cannot: the browser would open it in place of the desk. */
function useDrops(composer: React.RefObject<ComposerHandle | null>): void {
  const { texts, tell } = useSurroundings()
  useEffect(() => {
    const taken = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return
      event.preventDefault()
      if (event.type !== 'drop') return
      if (composer.current === null) tell({ kind: 'trouble', text: texts.attachment.notHere })
      else composer.current.attach(event.dataTransfer.files)
    }
    window.addEventListener('dragover', taken)
    window.addEventListener('drop', taken)
    return () => {
      window.removeEventListener('dragover', taken)
      window.removeEventListener('drop', taken)
    }
  }, [composer, texts, tell])
}

/** Messages of what is mine come anyway; of what else is open only when they are asked for. */
function useWatching(row: Row | undefined, openId: string | undefined): void {
  const work = useWork()
  const watched = openId === undefined || isOwnedBy(row, work.me.id) ? undefined : openId
  useEffect(() => work.watch(watched), [work, watched])
}

/** What could not be read while the service was away is read once it is back. */
function useReadingAgain(): void {
  const { desk } = useWork()
  const queries = useQueryClient()
  useEffect(() => {
    if (desk.line !== 'live') return
    void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
  }, [desk.line, queries])
}

/** The next and the one before are read ahead. Of mine alone: to read another's is on record as having opened it. */
function usePrefetch(list: React.RefObject<ListHandle | null>, openId: string | undefined): void {
  const work = useWork()
  const queries = useQueryClient()
  const isRead = openId !== undefined && work.desk.thread(openId) !== undefined
  useEffect(() => {
    if (!isRead || openId === undefined) return
    for (const id of list.current?.neighbours(openId) ?? [])
      if (isOwnedBy(work.desk.row(id), work.me.id))
        void queries.prefetchQuery({
          queryKey: ['thread', id, work.desk.epoch],
          queryFn: () => work.readThread(id).then(() => true),
          staleTime: Infinity,
        })
  }, [work, queries, list, openId, isRead])
}
