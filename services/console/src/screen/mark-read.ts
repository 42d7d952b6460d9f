import { useEffect, useRef } from 'react'
import type { Message, Row } from '../api/shapes.ts'
import { pathOf } from '../state/workplace.ts'
import { isOwnedBy, useWork } from './work.tsx'

/** Tells the service how far the owner has read: when the newest is in sight and the window is looked at. */
export function useMarkRead(
  id: string,
  row: Row | undefined,
  messages: readonly Message[],
  isAtNewest: boolean,
): void {
  const work = useWork()
  const lastOfCustomer = messages.findLast(({ author }) => author.kind === 'customer')?.id
  const isUnread = isOwnedBy(row, work.me.id) && (row?.unreadCount ?? 0) > 0
  const told = useRef('')
  useEffect(() => {
    if (!isUnread || !isAtNewest || lastOfCustomer === undefined) return
    const tellIt = () => {
      if (!document.hasFocus() || told.current === lastOfCustomer) return
      told.current = lastOfCustomer
      work.client
        .tell('POST', `${pathOf(id)}/read`, { upTo: lastOfCustomer })
        .then(() => work.desk.hasRead(id, lastOfCustomer))
        .catch(() => (told.current = ''))
    }
    tellIt()
    window.addEventListener('focus', tellIt)
    return () => window.removeEventListener('focus', tellIt)
  }, [work, id, isUnread, isAtNewest, lastOfCustomer])
}
