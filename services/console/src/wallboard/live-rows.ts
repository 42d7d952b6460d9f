import type { Client } from '../api/client.ts'
import type { Row } from '../api/shapes.ts'
import { isWaiting } from '../state/lists.ts'

export interface LiveRows {
  readonly rows: readonly Row[]
  /** How many there are; more than `rows`: the others are still to be asked for. */
  readonly count: number
}

/** The first of those that a number of the wallboard counts. @param pageMax so many pages at most: they are read anew with all that happens */
export async function liveRows(
  client: Pick<Client, 'liveRows'>,
  query: string,
  pageMax: number,
): Promise<LiveRows> {
  // One that moves from page to page meanwhile is one row.
  const rows = new Map<string, Row>()
  let cursor: string | null = null
  let count = 0
  for (let page = 0; page < pageMax; page += 1) {
    const found = await client.liveRows(query, cursor)
    for (const row of found.conversations) rows.set(row.id, row)
    count = found.count
    cursor = found.cursor
    if (cursor === null) return { rows: [...rows.values()], count: rows.size }
  }
  return { rows: [...rows.values()], count: Math.max(count, rows.size + 1) }
}

/** So many are moved by one wish at most. */
const MOVED_MAX = 100

/** Which of those shown go to another queue: those that were picked, or all; who waits longest goes first. */
export function toMove(rows: readonly Row[], picked: ReadonlySet<string>): readonly string[] {
  const waiting = rows.filter(isWaiting)
  const chosen = waiting.filter(({ id }) => picked.has(id))
  return (chosen.length > 0 ? chosen : waiting)
    .toSorted((one, other) => (one.waitingSince ?? '').localeCompare(other.waitingSince ?? ''))
    .slice(0, MOVED_MAX)
    .map(({ id }) => id)
}
