import { type Language, contentOf, isLanguage } from '@parley/conversation'
import { type Choice, MessageBody, type TemplateBody } from '@parley/proto/content'
import type { Outgoing } from './decision.ts'
import type { ConversationPolicy } from './policy.ts'
import type { Contact } from './state.ts'

/** The language in which the company speaks to a contact. */
export function languageOf({ language }: Contact): Language {
  return isLanguage(language) ? language : 'en'
}

/** What the company itself says, in the words of its policy. */
export function companyText(text: string): Outgoing {
  return said('text', { $case: 'text', value: { text } })
}

export function companyChoice(text: string, buttons: readonly Pick<Choice, 'id' | 'title'>[]): Outgoing {
  const all = buttons.map((button) => ({ ...button, description: '' }))
  return said('interactive', { $case: 'buttons', value: { text, buttons: all, header: '', footer: '' } })
}

/** The message that will carry a transcript link. */
export function companyLink({ text, displayText }: ConversationPolicy['link']['en']): Outgoing {
  return said('interactive', { $case: 'linkButton', value: { text, displayText, url: '' } })
}

export function companyTemplate({ name, language }: Pick<TemplateBody, 'name' | 'language'>): Outgoing {
  return said('template', { $case: 'template', value: { name, language, parameters: [], text: '' } })
}

function said(type: string, body: NonNullable<MessageBody['body']>): Outgoing {
  return { type, content: contentOf({ messages: [MessageBody.fromPartial({ body })] }) }
}
