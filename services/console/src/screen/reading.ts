import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Row } from '../api/shapes.ts'
import type { ListHandle } from './conversation-list.tsx'
import { isOwnedBy, useWork } from './work.tsx'

/** What is open stays known. Messages of what is mine come anyway; of what else is open only when they are asked for. */
export function useWatching(row: Row | undefined, openId: string | undefined): void {
  const work = useWork()
  const watched = openId === undefined || isOwnedBy(row, work.me.id) ? undefined : openId
  useEffect(() => work.desk.opens(openId), [work, openId])
  useEffect(() => work.watch(watched), [work, watched])
}

/** What could not be read while the service was away is read once it is back. */
export function useReadingAgain(): void {
  const { desk } = useWork()
  const queries = useQueryClient()
  useEffect(() => {
    if (desk.line !== 'live') return
    void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
  }, [desk.line, queries])
}

/** The next and the one before are read ahead. Of mine alone: to read another's is on record as having opened it. */
export function usePrefetch(list: React.RefObject<ListHandle | null>, openId: string | undefined): void {
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
