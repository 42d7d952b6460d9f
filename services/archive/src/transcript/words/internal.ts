import { unreachable } from '@parley/kernel'
import type { InternalLine } from '../entry.ts'
import type { Speech } from './words.ts'

/** In English, for people of the company. */
export function describeInternal(line: Exclude<InternalLine, { name: 'note' }>, { agent }: Speech): string {
  const who = (id: string) => agent(id) ?? id
  switch (line.name) {
    case 'offered':
      return line.fromAgentId === ''
        ? `Offered to ${who(line.agentId)}`
        : `Offered by ${who(line.fromAgentId)} to ${who(line.agentId)}`
    case 'offer_ended':
      return `The offer to ${who(line.agentId)} ended: ${line.outcome}`
    case 'close_announced':
      return `${who(line.agentId)} closes the conversation: ${line.reason}`
    case 'close_undone':
      return line.by === 'customer'
        ? 'It was not closed: the customer wrote'
        : 'It was not closed: the agent took that back'
    case 'wish_refused':
      return `${line.commandType} was refused: ${line.code}`
    default:
      return unreachable(line)
  }
}
