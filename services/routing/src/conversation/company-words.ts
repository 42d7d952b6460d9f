import { contentOf } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import type { Outgoing } from './decision.ts'
import type { ConversationPolicy } from './policy.ts'

/** What the company itself says, in the words of its policy. */
export function companyText(text: string): Outgoing {
  return {
    type: 'text',
    content: contentOf({ messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })] }),
  }
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
