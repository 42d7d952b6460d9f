import { useNavigate } from '@tanstack/react-router'
import { type RefObject, useMemo } from 'react'
import type { Offer, Row, View } from '../api/shapes.ts'
import { placesOf } from '../places/places.ts'
import type { Actions } from '../state/keymap.ts'
import { isWaiting } from '../state/lists.ts'
import { pathOf } from '../state/workplace.ts'
import type { ComposerHandle } from './composer.tsx'
import type { ListHandle } from './conversation-list.tsx'
import type { DialogName } from './desk-dialogs.tsx'
import type { ThreadHandle } from './thread.tsx'
import { latestAsking } from './toasts.tsx'
import type { useWishes } from './wishes.ts'
import { isOwnedBy, useAct, useSurroundings, useWork } from './work.tsx'

interface DeskShown {
  readonly row: Row | undefined
  readonly openId: string | undefined
  readonly view: View
  readonly list: RefObject<ListHandle | null>
  readonly thread: RefObject<ThreadHandle | null>
  readonly composer: RefObject<ComposerHandle | null>
  readonly wishes: ReturnType<typeof useWishes>
  show(dialog: DialogName): void
  ask(about: 'close' | 'snooze'): void
  accept(offer: Offer): void
  decline(offer: Offer): void
}

/** What can be done now, by key, button or palette; what cannot is not in it. */
export function useDeskActions(shown: DeskShown): Actions {
  const { row, openId, view, list, thread, composer, wishes, show, ask, accept, decline } = shown
  const { desk, me } = useWork()
  const { texts, toasts, dismiss } = useSurroundings()
  const navigate = useNavigate()
  const act = useAct()

  const everywhere = (): Actions => {
    const go = (view: View) => () => void navigate({ to: '/$view', params: { view } })
    const [offer] = desk.offers
    const told = toasts.at(-1)
    const asking = latestAsking(toasts)
    return {
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
      presence: () => show('presence'),
      palette: () => show('palette'),
      settings: () => show('settings'),
      help: () => show('help'),
      ...(told && { dismiss: () => dismiss(told.id) }),
      ...(asking && {
        notice: () => {
          dismiss(asking.id)
          asking.action.run()
        },
      }),
      ...(offer && { accept: () => accept(offer), decline: () => decline(offer) }),
    }
  }

  const ofConversation = (row: Row, id: string): Actions => {
    const path = pathOf(id)
    const mayAnswer = me.permissions.includes('conversations.answer')
    const isMine = mayAnswer && isOwnedBy(row, me.id)
    const { stage } = row
    const isHeldByAgent = stage === 'with_agent' || stage === 'parked'
    const maySupervise = me.permissions.includes('conversations.supervise')
    const isHeld = row.isOnHold === true || stage === 'parked'
    const mayBegin = stage === 'closed' && desk.othersOf(row).every(({ stage }) => stage === 'closed')
    return {
      card: () => show('card'),
      newest: () => thread.current?.toNewest(),
      ...(mayAnswer && mayBegin && { begin: () => show('begin') }),
      ...(mayAnswer && { note: () => composer.current?.begin('note') }),
      ...(mayAnswer &&
        stage === 'waiting' && {
          claim: () =>
            void act('POST', `${path}/claim`, {}, texts.told.claimed, (refused) =>
              wishes.whoTook(id, refused),
            ),
        }),
      ...(isMine && isHeldByAgent && { reply: () => composer.current?.begin('reply') }),
      ...(isMine &&
        stage === 'with_agent' && {
          quickReplies: () => show('quickReplies'),
          template: () => show('template'),
        }),
      ...((isMine ? isHeldByAgent : maySupervise && (isHeldByAgent || isWaiting(row))) && {
        transfer: () => show('transfer'),
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
  }

  return useMemo<Actions>(
    () => ({
      ...everywhere(),
      ...(row?.lastMessage !== undefined && openId !== undefined && ofConversation(row, openId)),
    }),
    // What they do is read from the desk, which tells of its changes by its revision.
    [desk.revision, openId, texts, view, toasts],
  )
}
