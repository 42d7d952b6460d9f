import {
  COMMAND,
  type CommandsOf,
  type Decider,
  type EventsOf,
  defineFamily,
  refuse,
  unreachable,
} from '@parley/kernel'
import { Add, Added, AddedV1, Block, Blocked, Repeat, Repeated, Unblock, Unblocked } from './gen/tally.ts'

/** A whole family in one folder: its proto, its contract, its rules. For tests of what runs families. */
export const tallies = defineFamily({
  name: 'tally',
  commands: { Add, Block, Unblock, Repeat },
  events: { Added, Blocked, Unblocked, Repeated },
  upcasts: [
    { type: 'Added', from: 1, codec: AddedV1, change: ({ id }: AddedV1): Added => ({ id, count: 0 }) },
  ],
})
export type TallyCommand = CommandsOf<typeof tallies>
export type TallyEvent = EventsOf<typeof tallies>

/** What the rules remember: how many, the last one and where its words are, and whether more are taken. */
export interface Tally {
  readonly count: number
  readonly last: string
  /** The event whose words may be said again. */
  readonly lastEventId: string
  readonly digest: number
  readonly isBlocked: boolean
}

export interface TallyPolicy {
  readonly countMax: number
}

/**
 * Small enough to know by heart. Something added is one event, something added twice is two; a blocked tally refuses; blocking the
 * blocked changes nothing. The digest depends on the order of all that was added.
 */
export const tally: Decider<Tally, TallyCommand, TallyEvent, TallyPolicy | undefined> = {
  family: tallies,
  version: 1,
  commandsRemembered: 32,
  initialState: () => ({ count: 0, last: '', lastEventId: '', digest: 7, isBlocked: false }),
  decide(wish, state, policy) {
    switch (wish.type) {
      case 'Block':
        return { events: state.isBlocked ? [] : [{ type: 'Blocked', data: Blocked.create() }] }
      case 'Unblock':
        return { events: state.isBlocked ? [{ type: 'Unblocked', data: Unblocked.create() }] : [] }
      case 'Repeat':
        return {
          events:
            state.lastEventId === ''
              ? []
              : [
                  {
                    type: 'Repeated',
                    data: Repeated.create({ id: state.last }),
                    content: [{ from: state.lastEventId, name: 'text' }],
                  },
                ],
        }
      case 'Add': {
        if (state.isBlocked) return refuse('TALLY_BLOCKED', { count: state.count })
        const { id, twice } = wish.data
        if (policy !== undefined && state.count + (twice ? 2 : 1) > policy.countMax)
          return refuse('TALLY_FULL', { countMax: policy.countMax })
        const added = (part: number) => ({
          type: 'Added' as const,
          data: Added.create({ id, count: state.count + part }),
          content: [{ from: COMMAND, name: 'text' }],
        })
        return { events: twice ? [added(1), added(2)] : [added(1)] }
      }
      default:
        return unreachable(wish)
    }
  },
  evolve(state, fact) {
    switch (fact.type) {
      case 'Blocked':
        return { ...state, isBlocked: true }
      case 'Unblocked':
        return { ...state, isBlocked: false }
      case 'Repeated':
        return state
      case 'Added': {
        const { id } = fact.data
        let digest = Math.imul(state.digest, 31)
        for (const letter of id) digest = Math.imul(digest ^ letter.charCodeAt(0), 16_777_619)
        return { ...state, count: state.count + 1, last: id, lastEventId: fact.eventId, digest }
      }
      default:
        return unreachable(fact)
    }
  },
  keeps: ({ lastEventId }) => (lastEventId === '' ? [] : [{ from: lastEventId, name: 'text' }]),
}

export const add = (id: string, options: { twice?: boolean } = {}): TallyCommand => ({
  type: 'Add',
  data: Add.create({ id, twice: options.twice ?? false }),
})
export const block: TallyCommand = { type: 'Block', data: Block.create() }
export const unblock: TallyCommand = { type: 'Unblock', data: Unblock.create() }
export const repeat: TallyCommand = { type: 'Repeat', data: Repeat.create() }
