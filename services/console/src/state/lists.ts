import type { Row, View } from '../api/shapes.ts'

/** How far down a list has been read: rows beyond are on pages that are still to come. */
export interface Reach {
  readonly cursor: string | null
  /** The place in the list's order of the last row that was read; null when all were. */
  readonly until: number | null
}

export interface Mine {
  readonly me: string
  readonly offered: ReadonlySet<string>
}

export const activityOf = (row: Row): string =>
  row.lastMessage?.at ?? row.closedAt ?? row.waitingSince ?? row.openedAt

/** Nobody has it yet, also while it is offered to somebody. */
export const isWaiting = ({ stage }: Pick<Row, 'stage'>): boolean =>
  stage === 'waiting' || stage === 'offered'

export function isIn(view: View, row: Row, { me, offered }: Mine): boolean {
  // The last word of a conversation that is no longer this person's to see.
  if (row.lastMessage === undefined) return false
  switch (view) {
    case 'mine':
      return (
        (row.owner?.kind === 'agent' &&
          row.owner.id === me &&
          (row.stage === 'with_agent' || row.stage === 'parked')) ||
        // By its queue, or by the colleague who has it until it is taken.
        offered.has(row.id)
      )
    case 'waiting':
      return isWaiting(row)
    case 'all':
      return row.stage !== 'closed'
    case 'closed':
      return row.stage === 'closed'
  }
}

/** Ascending: who waits longest first, else the newest activity first. */
export const placeIn = (view: View, row: Row): number =>
  view === 'waiting'
    ? Date.parse(row.waitingSince ?? row.openedAt)
    : -Date.parse(view === 'closed' ? (row.closedAt ?? activityOf(row)) : activityOf(row))

/** The list as far as it has been read. A row that came by an event and belongs further down waits for its page. */
export function listOf(
  view: View,
  rows: Iterable<Row>,
  reach: Reach | undefined,
  mine: Mine,
): readonly Row[] {
  const placed: (readonly [place: number, row: Row])[] = []
  for (const row of rows) {
    if (!isIn(view, row, mine)) continue
    const place = placeIn(view, row)
    if (reach !== undefined && reach.until !== null && place > reach.until) continue
    placed.push([place, row])
  }
  return placed.sort(([a, one], [b, other]) => a - b || (one.id < other.id ? -1 : 1)).map(([, row]) => row)
}
