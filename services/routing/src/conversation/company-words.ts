import { type Language, contentOf } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { hoursNow } from '../company/hours.ts'
import type { Outgoing } from './decision.ts'
import type { ConversationPolicy } from './policy.ts'

/** What the company itself says, in the words of its policy. */
export function companyText(text: string): Outgoing {
  return {
    type: 'text',
    content: contentOf({ messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })] }),
  }
}

/** Whether people are there, as it is when this is said. @param at ISO 8601 */
export function waitingWords(
  { waitingNotice, hours }: Pick<ConversationPolicy, 'waitingNotice' | 'hours'>,
  language: Language,
  at: string,
): string {
  return waitingNotice[language].replaceAll('{now}', () => hoursNow(hours, at, language))
}

/** The message that will carry a transcript link. */
export function companyLink({ text, displayText }: ConversationPolicy['link']['en']): Outgoing {
  return {
    type: 'interactive',
    content: contentOf({
      messages: [MessageBody.fromPartial({ body: { $case: 'linkButton', value: { text, displayText } } })],
    }),
  }
}
