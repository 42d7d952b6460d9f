import type { Client } from '../api/client.ts'
import type { Row } from '../api/shapes.ts'
import { isWaiting } from '../state/lists.ts'

export interface LiveRows {
  readonly rows: readonly Row[]
  /** How many there are; more than `rows`: the others are still to be asked for. */
  readonly count: number
}

/**
 * The first of those that a number of the wallboard counts. A conversation in which somebody writes while pages are read goes to the top, and is on none of those that follow: the top is read
 * again until it has nothing new, or rows of a busy list would come and go.
 * @param pageMax so many pages at most: they are read anew with all that happens
 */
export async function liveRows(
  client: Pick<Client, 'liveRows'>,
  query: string,
  pageMax: number,
): Promise<LiveRows> {
  // One that moves from page to page meanwhile is one row.
  const rows = new Map<string, Row>()
  const read = async (cursor: string | null) => {
    const known = rows.size
    const found = await client.liveRows(query, cursor)
    for (const row of found.conversations) rows.set(row.id, row)
    return { ...found, isNew: rows.size > known }
  }
  let { cursor, count } = await read(null)
  const isOnePage = cursor === null
  for (let page = 1; cursor !== null; page += 1) {
    if (page === pageMax) return { rows: [...rows.values()], count: Math.max(count, rows.size + 1) }
    ;({ cursor, count } = await read(cursor))
  }
  for (let again = !isOnePage, top: string | null = null; again;) {
    const { isNew, cursor: next } = await read(top)
    again = isNew && next !== null
    top = next
  }
  return { rows: [...rows.values()], count: rows.size }
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
