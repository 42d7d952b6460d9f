import { Content, MessageBody } from '@parley/proto/content'

/** State is JSON; a message body in it is its protobuf bytes, base64. */
export function packed(message: MessageBody): string {
  return Buffer.from(MessageBody.encode(message).finish()).toString('base64')
}

export function unpacked(body: string): MessageBody {
  return MessageBody.decode(Buffer.from(body, 'base64'))
}

export function textMessage(text: string): MessageBody {
  return MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
}

export function linkMessage(link: { text: string; displayText: string }, url = ''): MessageBody {
  return MessageBody.fromPartial({ body: { $case: 'linkButton', value: { ...link, url } } })
}

export function contentWith(message: MessageBody): Content {
  return { ...Content.fromPartial({}), message }
}

/** What the channel says about the customer, not a word of the customer: on record, and nobody answers it. */
export function isNote(message: MessageBody | undefined): boolean {
  return message?.body?.$case === 'note'
}

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
