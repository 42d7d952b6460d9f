import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import type { Refused } from '../api/client.ts'
import type { Row, Template } from '../api/shapes.ts'
import { isWaiting } from '../state/lists.ts'
import { pathOf } from '../state/workplace.ts'
import type { TransferTarget } from './dialogs.tsx'
import { useAct, useSurroundings, useWork } from './work.tsx'

const UNDO_SECONDS = 5

/** What the person wishes of the conversation that is open, and what is said with it. */
export function useWishes(row: Row | undefined, openId: string | undefined) {
  const work = useWork()
  const { desk, me } = work
  const { texts, tell } = useSurroundings()
  const act = useAct()
  const navigate = useNavigate()
  const openNow = useRef(openId)
  openNow.current = openId
  /** What comes while one chooses, behind the dialog, or while one's last words go out, was not seen. Empty: the thread was still being read. */
  const seenWhenAsked = useRef<{ readonly seen?: string }>({})

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

  const asks = (): void => {
    seenWhenAsked.current = seen()
  }

  const park = () =>
    openId === undefined ? undefined : act('POST', `${pathOf(openId)}/park`, seen(), texts.told.parked)

  const snooze = (until: Date) =>
    openId === undefined
      ? undefined
      : act(
          'POST',
          `${pathOf(openId)}/snooze`,
          { until: until.toISOString(), ...seen(), ...seenWhenAsked.current },
          texts.told.snoozed,
        )

  const begin = async ({ name, language }: Template, parameters: readonly string[]) => {
    if (row === undefined) return
    // The one that it was in may be none any more.
    const queue = row.queue !== null && Object.hasOwn(me.closeReasons ?? {}, row.queue) ? row.queue : ''
    const answer = await act(
      'POST',
      `/api/contacts/${encodeURIComponent(row.contact.id)}/conversations`,
      { template: { name, language, parameters }, queue },
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

  return { whoTook, asks, park, snooze, begin, transfer, close }
}
