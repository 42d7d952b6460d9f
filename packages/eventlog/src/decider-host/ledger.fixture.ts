import { type Decider, Table, unreachable } from '@parley/kernel'
import { type TallyCommand, type TallyEvent, tallies } from '@parley/testkit'

export interface Entry {
  readonly times: number
  /** Makes an entry as large as one of a pool. */
  readonly note: string
}

/** A large state: how often each was added, the newest of them, and what was taken out. */
export interface Ledger {
  readonly entries: Table<Entry>
  readonly removed: Table<string>
  readonly newest: string
}

/** Rules with tables, over the commands of the tally family. `unblock` takes out what was added last. */
export const ledger: Decider<Ledger, TallyCommand, TallyEvent> = {
  family: tallies,
  version: 1,
  commandsRemembered: 32,
  initialState: () => ({ entries: Table.empty(), removed: Table.empty(), newest: '' }),
  decide(wish, { entries, newest }) {
    switch (wish.type) {
      case 'Add': {
        const { id } = wish.data
        const count = (entries.get(id)?.times ?? 0) + 1
        return { events: [tallies.event('Added', { id, count })] }
      }
      case 'Unblock':
        return { events: entries.has(newest) ? [tallies.event('Unblocked')] : [] }
      case 'Block':
        return { events: [tallies.event('Blocked')] }
      case 'Repeat':
        return { events: [] }
      default:
        return unreachable(wish)
    }
  },
  evolve(state, fact) {
    const { entries, removed, newest } = state
    switch (fact.type) {
      case 'Added': {
        const { id } = fact.data
        // By what the state says, not the fact: folded twice, it shows.
        const times = (entries.get(id)?.times ?? 0) + 1
        return {
          entries: entries.set(id, { times, note: `${id}: ${fact.eventId} `.repeat(4) }),
          removed: removed.delete(id),
          newest: id,
        }
      }
      case 'Unblocked':
        return { ...state, entries: entries.delete(newest), removed: removed.set(newest, fact.eventId) }
      case 'Blocked':
      case 'Repeated':
        return state
      default:
        return unreachable(fact)
    }
  },
}
