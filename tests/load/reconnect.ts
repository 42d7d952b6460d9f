import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '../bench/report.ts'
import type { Row } from '../demo/clerk.ts'
import type { Desk, DeskEvent, DeskPerson } from '../demo/desk.ts'
import type { LedgerFinding } from '../demo/ledger.ts'

const AWAY_MS = 10_000
const WHOLE_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 10

/** A desk that only looks on, and writes down each row that it is told. */
export class Onlooker {
  readonly person: DeskPerson & { readonly team: string | null }
  readonly desk: Desk
  /** Conversations and versions, in the order in which they came. */
  readonly told: string[] = []
  refetches = 0
  isConnected = false

  constructor(person: Onlooker['person'], desk: Desk) {
    this.person = person
    this.desk = desk
  }

  async begin(): Promise<void> {
    this.desk.follow((event) => this.#hear(event))
    while (!this.isConnected) await pause(LOOK_EVERY_MS)
  }

  #hear({ name, data }: DeskEvent): void {
    if (name === 'ready') this.isConnected = true
    if (name === 'refetch') this.refetches += 1
    if (name === 'conversation') this.told.push(placeOf(data as unknown as Row))
  }
}

/** Made once for all desks that are told the same. */
const places = new WeakMap<Row, string>()
function placeOf(row: Row): string {
  const known = places.get(row)
  if (known !== undefined) return known
  const place = `${row.id} ${row.version}`
  places.set(row, place)
  return place
}

export interface Reconnected {
  readonly desks: number
  /** Rows that a desk missed while it was away, of the one that missed most. */
  readonly missedMax: number
  /** Milliseconds from the moment that all may come back until each has what it missed. Ascending. */
  readonly wholeAfterMs: readonly number[]
}

/** Cuts the lines of all of them at once, lets them all come back at once, and takes the time until each has what was told meanwhile. */
export async function reconnectAll(
  onlookers: readonly Onlooker[],
  steady: ReadonlyMap<string | null, Onlooker>,
): Promise<Reconnected> {
  const { promise: mayComeBack, resolve: comeBack } = Promise.withResolvers<void>()
  for (const onlooker of onlookers) onlooker.desk.cut(mayComeBack)
  await pause(AWAY_MS)
  const wanted = new Map([...steady].map(([team, { told }]) => [team, told.length]))
  const missed = onlookers.map(({ person, told }) => (wanted.get(person.team) ?? 0) - told.length)
  const wholeAfterMs: number[] = []
  const begun = performance.now()
  comeBack()
  let left = [...onlookers]
  while (left.length > 0) {
    await pause(LOOK_EVERY_MS)
    const afterMs = performance.now() - begun
    const still = left.filter(({ person, told }) => told.length < (wanted.get(person.team) ?? 0))
    for (let count = still.length; count < left.length; count += 1) wholeAfterMs.push(Math.round(afterMs))
    left = still
    if (afterMs > WHOLE_WITHIN_MS)
      throw new Error(
        `${left.length} desks are not whole ${WHOLE_WITHIN_MS / 1_000} s after they may come back.`,
      )
  }
  return { desks: onlookers.length, missedMax: Math.max(...missed), wholeAfterMs }
}

/** Each desk that came back against one of the same team whose line never broke: nothing missing, nothing twice, in order. */
export function compareOnlookers(
  onlookers: readonly Onlooker[],
  steady: ReadonlyMap<string | null, Onlooker>,
): LedgerFinding[] {
  const findings: LedgerFinding[] = []
  for (const { person, told, refetches } of onlookers) {
    const find = (kind: LedgerFinding['kind'], what: string): void =>
      void findings.push({ waId: person.login, kind, what: `the desk of ${person.login}: ${what}` })
    const all = steady.get(person.team)?.told ?? []
    const [mine, theirs] = [new Set(told), new Set(all)]
    const missing = all.filter((place) => !mine.has(place))
    const extra = told.filter((place) => !theirs.has(place))
    if (missing.length > 0) find('lost', `${missing.length} rows, the first ${missing[0]}`)
    if (extra.length > 0) find('broken_record', `${extra.length} rows that nobody else had`)
    if (mine.size < told.length) find('doubled', `${told.length - mine.size} rows`)
    if (refetches > 0) find('broken_record', 'it was told to fetch anew')
    const versions = new Map<string, number>()
    for (const [id, version] of told.map((place) => place.split(' ') as [string, string])) {
      if ((versions.get(id) ?? 0) > Number(version)) find('disordered', `${id} at version ${version}`)
      versions.set(id, Number(version))
    }
  }
  return findings
}

export const reconnectReport = ({ desks, missedMax, wholeAfterMs }: Reconnected): string =>
  `${desks} desks were cut off and came back at once, up to ${missedMax} rows behind: whole again after p50 ${percentile(wholeAfterMs, 0.5)} ms, p99 ${percentile(wholeAfterMs, 0.99)} ms, the last after ${wholeAfterMs.at(-1)} ms (aim: 5000)`
