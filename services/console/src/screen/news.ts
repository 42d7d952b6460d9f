import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Row } from '../api/shapes.ts'
import { useCall } from './offers.tsx'
import { isOwnedBy, listQuery, useSurroundings, useWork } from './work.tsx'

/** What the desk tells of by itself: in its title, and as it happens. @param open the conversation that somebody is led to */
export function useNews(openId: string | undefined, open: (id: string) => void): void {
  useMine()
  useTitle()
  useLostConversations()
  useTold(openId, open)
  useRefusals(openId, open)
  useUnread()
}

/** What is mine is counted and called for whatever list is looked at: of a list that was never read nothing would be known but what happens since. */
function useMine(): void {
  const work = useWork()
  useQuery(listQuery(work, 'mine'))
}

function useTitle(): void {
  const { desk } = useWork()
  const { texts } = useSurroundings()
  const unread = desk.list('mine').reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  const title = texts.title(desk.offers.length, unread)
  useEffect(() => {
    document.title = title
  }, [title])
}

/** Says who took a conversation that was mine a moment ago, or closed it or handed it on. */
function useLostConversations(): void {
  const { desk, me } = useWork()
  const { texts, tell } = useSurroundings()
  const mine = useRef<ReadonlySet<string>>(new Set())
  useEffect(() => {
    for (const id of mine.current) {
      const { owner, movedBy } = desk.row(id) ?? {}
      if (owner?.kind === 'agent' && owner.id !== me.id)
        tell({ kind: desk.wasHandedOn(id) ? 'told' : 'trouble', text: texts.told.took(owner.name) })
      else if (owner?.kind !== 'agent' && movedBy != null)
        tell({
          kind: 'trouble',
          text: texts.told.moved[owner == null ? 'closed' : owner.kind === 'bot' ? 'robot' : 'queue'](
            movedBy.name,
          ),
        })
    }
    mine.current = new Set([...desk.rows()].filter((row) => isOwnedBy(row, me.id)).map(({ id }) => id))
  }, [desk, desk.revision, me.id, texts, tell])
}

/** What happens elsewhere than in the conversation that is open, and may be opened from here. */
function useTold(openId: string | undefined, open: (id: string) => void): void {
  const { desk } = useWork()
  const { texts, tell } = useSurroundings()
  const call = useCall()
  const now = useRef({ openId, open })
  now.current = { openId, open }
  useEffect(
    () =>
      desk.onNews((news) => {
        if (news.kind === 'offer_ended') {
          const { of, outcome } = news
          if (of === 'handed_on') {
            if (outcome !== 'accepted') tell({ kind: 'trouble', text: texts.offer.handedOn[outcome] })
          } else if (outcome === 'timed_out' || outcome === 'withdrawn')
            tell({ kind: outcome === 'timed_out' ? 'trouble' : 'told', text: texts.offer.ended[outcome] })
          return
        }
        const { conversationId } = news
        const name = desk.row(conversationId)?.contact.name || texts.noName
        const action = { label: texts.mention.open, run: () => now.current.open(conversationId) }
        if (news.kind === 'mentioned') {
          tell({ kind: 'call', text: texts.mention.told(news.by ?? texts.authors.agent), action })
          return call(texts.mention.notification, 'mention')
        }
        if (news.kind === 'snooze_over') call(texts.told.snoozeIsOver, 'snooze')
        if (conversationId === now.current.openId) return
        if (news.kind === 'snooze_over') tell({ kind: 'call', text: texts.told.snoozeOver(name), action })
        else if (news.kind === 'given') tell({ kind: 'told', text: texts.told.given(name), action })
        else tell({ kind: 'trouble', text: texts.told.notDelivered(name), action })
      }),
    [desk, texts, tell, call],
  )
}

/** What was refused stands in its conversation, where nobody may look. */
function useRefusals(openId: string | undefined, open: (id: string) => void): void {
  const { desk, outbox } = useWork()
  const { texts, tell } = useSurroundings()
  const known = useRef<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const refused = outbox.unsent.filter(({ state }) => state.kind === 'failed')
    for (const { key, conversationId } of refused) {
      if (known.current.has(key) || conversationId === openId) continue
      const name = desk.row(conversationId)?.contact.name || texts.noName
      tell({
        kind: 'trouble',
        text: texts.told.notDelivered(name),
        action: { label: texts.mention.open, run: () => open(conversationId) },
      })
    }
    known.current = new Set(refused.map(({ key }) => key))
  }, [desk, outbox.unsent, openId, open, texts, tell])
}

/** Calls whoever looks elsewhere when a customer of theirs has said something new, once until it is read. */
function useUnread(): void {
  const { desk, me } = useWork()
  const { texts } = useSurroundings()
  const call = useCall()
  const told = useRef<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const isUnread = (row: Row) => isOwnedBy(row, me.id) && row.unreadCount > 0
    const unread = desk.list('mine').filter(isUnread)
    if (unread.some(({ id }) => !told.current.has(id))) call(texts.told.customerWrote, 'unread')
    // What is being read again, or is not read yet, has been told all the same.
    told.current = new Set(
      [...told.current, ...unread.map(({ id }) => id)].filter((id) => {
        const row = desk.row(id)
        return row === undefined || isUnread(row)
      }),
    )
  }, [desk, desk.revision, me.id, texts, call])
}
