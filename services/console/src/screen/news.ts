import { useEffect, useRef } from 'react'
import { useCall } from './offers.tsx'
import { isOwnedBy, useSurroundings, useWork } from './work.tsx'

/** What the desk tells of by itself: in its title, and as it happens. @param open the conversation that somebody is called into */
export function useNews(open: (id: string) => void): void {
  useTitle()
  useLostConversations()
  useOfferEnds()
  useMentions(open)
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
        tell({ kind: 'trouble', text: texts.told.took(owner.name) })
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

function useOfferEnds(): void {
  const { desk } = useWork()
  const { texts, tell } = useSurroundings()
  useEffect(
    () =>
      desk.onOfferEnd(({ of, outcome }) => {
        if (of === 'handed_on') {
          if (outcome !== 'accepted') tell({ kind: 'trouble', text: texts.offer.handedOn[outcome] })
        } else if (outcome === 'timed_out' || outcome === 'withdrawn')
          tell({ kind: outcome === 'timed_out' ? 'trouble' : 'told', text: texts.offer.ended[outcome] })
      }),
    [desk, texts, tell],
  )
}

function useMentions(open: (id: string) => void): void {
  const { desk } = useWork()
  const { texts, tell } = useSurroundings()
  const call = useCall()
  const latest = useRef(open)
  latest.current = open
  useEffect(
    () =>
      desk.onMention(({ conversationId, by }) => {
        const text = texts.mention.told(by ?? texts.authors.agent)
        tell({
          kind: 'call',
          text,
          action: { label: texts.mention.open, run: () => latest.current(conversationId) },
        })
        call(texts.mention.notification, 'mention')
      }),
    [desk, texts, tell, call],
  )
}
