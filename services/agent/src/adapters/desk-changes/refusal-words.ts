/** What people are told of a refusal of the rules, by its code (docs/reference/refusals.md). */
export const REFUSAL_WORDS: Readonly<Record<string, string>> = {
  AGENT_AT_CAPACITY: 'There is no room for another conversation: finish, park or hand over one first.',
  AGENT_NOT_AVAILABLE: 'That agent takes nothing at the moment.',
  CLOSE_REASON_MISSING: 'Say why the conversation is closed.',
  CONTACT_BLOCKED: 'The customer is blocked: nothing is sent to them.',
  CONTACT_OPTED_OUT: 'The customer asked not to be written to.',
  CONVERSATION_NOT_OPEN: 'The conversation is over.',
  CONVERSATION_PARKED: 'The conversation is parked: resume it first.',
  CUSTOMER_WROTE: 'The customer wrote meanwhile: read it first.',
  MESSAGE_NOT_SENDABLE: 'A message of this kind cannot be sent.',
  NOT_CLOSING: 'Nothing is being closed: its time is over, or the customer wrote.',
  NOT_PARKED: 'The conversation is not parked.',
  NOT_THE_OWNER: 'The conversation is not yours.',
  NOT_WAITING: 'The conversation does not wait any more.',
  OFFER_ENDED: 'The offer has ended.',
  OUTSIDE_REPLY_WINDOW: 'The customer last wrote more than 24 hours ago: send an approved template.',
  QUEUE_NOT_CLAIMABLE: 'Conversations of this queue are given out, not taken.',
  REPLY_TO_UNKNOWN: 'The message that this answers is not there, or cannot be answered yet.',
  QUEUE_NOT_SERVED: 'You do not serve this queue.',
  SKILL_MISSING: 'A required skill is lacking.',
  TEMPLATE_NOT_FILLED: 'The template needs another number of parameters.',
  TEMPLATE_UNKNOWN: 'The account has no such approved template.',
  TRANSFER_PENDING: 'Another agent is offered it already.',
  TRANSFER_TO_ONE: 'Name one agent, one queue or one flow.',
  TRANSFER_TO_ONESELF: 'It is yours already.',
  UNKNOWN_AGENT: 'The workforce in force has no such agent.',
  UNKNOWN_CONVERSATION: 'Nobody of the people has the conversation.',
  UPLOAD_UNKNOWN: 'There is no such upload.',
  UNKNOWN_QUEUE: 'There is no such queue.',
}

export function refusalWords(code: string): string {
  return Object.hasOwn(REFUSAL_WORDS, code) ? REFUSAL_WORDS[code]! : `The rules do not allow it (${code}).`
}
