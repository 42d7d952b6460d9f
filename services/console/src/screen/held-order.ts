import { useMemo, useRef, useState } from 'react'
import type { Row, View } from '../api/shapes.ts'
import { placeIn } from '../state/lists.ts'

type Reason = 'pointer' | 'focus' | 'scroll'

/**
 * The list as it is shown: while somebody points at it, has the focus in it or has scrolled, rows change where they stand and none of them
 * moves, or the click would hit another one. What would have come is counted.
 */
export function useHeldOrder(view: View, live: readonly Row[], epoch: number) {
  const [reasons, setReasons] = useState<ReadonlySet<Reason>>(new Set())
  const held = useRef<{ key: string; order: readonly string[] }>({ key: '', order: [] })
  const key = `${view} ${epoch}`
  // Of 10,000 rows that takes as long as a frame lasts: only where the list is another one.
  const shown = useMemo(() => {
    const byId = new Map(live.map((row) => [row.id, row]))
    if (reasons.size === 0 || held.current.key !== key || held.current.order.length === 0)
      held.current = { key, order: live.map(({ id }) => id) }
    else {
      // What a further page brought stands below all that is shown, so nothing moves.
      const known = new Set(held.current.order)
      let lowest = -Infinity
      for (const id of known) {
        const row = byId.get(id)
        if (row !== undefined) lowest = Math.max(lowest, placeIn(view, row))
      }
      const below = live
        .filter((row) => !known.has(row.id) && placeIn(view, row) > lowest)
        .map(({ id }) => id)
      if (below.length > 0) held.current = { key, order: [...held.current.order, ...below] }
    }
    return held.current.order.map((id) => byId.get(id)).filter((row) => row !== undefined)
  }, [live, reasons, key, view])
  return {
    shown,
    newCount: live.length - shown.length,
    hold: (reason: Reason) => {
      if (!reasons.has(reason)) setReasons(new Set([...reasons, reason]))
    },
    release: (reason?: Reason) => {
      if (reason === undefined) {
        held.current = { key: '', order: [] }
        setReasons(new Set())
      } else if (reasons.has(reason)) setReasons(new Set([...reasons].filter((each) => each !== reason)))
    },
  }
}
