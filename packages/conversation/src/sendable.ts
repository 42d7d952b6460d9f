import type { MessageBody } from '@parley/proto/content'

/** The provider's word for a message that we may send; undefined for what only customers and the channel say. */
export function sendableType(message: MessageBody | undefined): string | undefined {
  const body = message?.body
  switch (body?.$case) {
    case 'text':
    case 'location':
    case 'template':
    case 'reaction':
      return body.$case
    case 'media':
      return body.value.type
    case 'contactCards':
      return 'contacts'
    case 'buttons':
    case 'list':
    case 'linkButton':
      return 'interactive'
    case 'choice':
    case 'formReply':
    case 'order':
    case 'note':
    case 'unsupported':
    case undefined:
      return undefined
    default:
      return body satisfies never
  }
}
