import { type Decider, refuse } from '@parley/kernel'
import { MessageReceived } from '@parley/proto/events'
import type { PartialCommand } from './given.ts'

/** What the sample decider remembers: the texts in order, and whether it takes more. */
export interface Tally {
  readonly count: number
  readonly last: string
  readonly digest: number
  readonly isBlocked: boolean
}

/**
 * A decider small enough to know by heart, for tests of what runs deciders. A message is one event, a forwarded one is two;
 * a blocked contact's messages are refused; blocking the blocked changes nothing. The digest depends on the order of all messages.
 */
export const tally: Decider<Tally> = {
  name: 'tally',
  version: 1,
  initialState: () => ({ count: 0, last: '', digest: 7, isBlocked: false }),
  decide({ envelope: { payload } }, state) {
    if (payload.$case === 'blockContact')
      return state.isBlocked
        ? []
        : [{ payload: { $case: 'contactBlocked', value: { reason: payload.value.reason } } }]
    if (payload.$case === 'unblockContact')
      return state.isBlocked
        ? [{ payload: { $case: 'contactUnblocked', value: { reason: payload.value.reason } } }]
        : []
    if (payload.$case !== 'receiveMessage') return refuse('NOT_FOR_TALLY')
    if (state.isBlocked) return refuse('CONTACT_BLOCKED', { count: state.count })
    const { providerMessageId, forwarded } = payload.value
    const received = (part: number) => ({
      payload: {
        $case: 'messageReceived' as const,
        value: MessageReceived.fromPartial({
          providerMessageId,
          type: 'text',
          messageId: `${state.count + part}`,
        }),
      },
    })
    return forwarded ? [received(1), received(2)] : [received(1)]
  },
  evolve(state, { payload }) {
    if (payload.$case === 'contactBlocked') return { ...state, isBlocked: true }
    if (payload.$case === 'contactUnblocked') return { ...state, isBlocked: false }
    if (payload.$case !== 'messageReceived') return state
    const { providerMessageId } = payload.value
    let digest = Math.imul(state.digest, 31)
    for (const letter of providerMessageId) digest = Math.imul(digest ^ letter.charCodeAt(0), 16_777_619)
    return { ...state, count: state.count + 1, last: providerMessageId, digest }
  },
}

export const receive = (providerMessageId: string, options: { twice?: boolean } = {}): PartialCommand => ({
  $case: 'receiveMessage',
  value: { providerMessageId, type: 'text', forwarded: options.twice ?? false },
})
export const block: PartialCommand = { $case: 'blockContact', value: { reason: 'asked' } }
export const unblock: PartialCommand = { $case: 'unblockContact', value: { reason: 'asked' } }
