import { outgoingMessageIn } from '@parley/conversation'
import { UnreadableRecord, unreachable } from '@parley/kernel'
import type { MessageBody, StoredFile } from '@parley/proto/content'
import type { OutboxMessage } from './outbox.ts'

/** Where a customer can be written to. */
export interface Address {
  readonly waId: string
  readonly userId: string
  readonly parentUserId: string
}

export type GraphRequest =
  | { readonly sendable: true; readonly body: Readonly<Record<string, unknown>> }
  /** Our own mistake, found before Meta would have found it. */
  | { readonly sendable: false; readonly code: 100; readonly title: string }

/** https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages; lengths in characters. */
export const LIMITS = {
  text: 4_096,
  interactiveBody: 1_024,
  header: 60,
  footer: 60,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  listRows: 10,
  listSections: 10,
  listButton: 20,
  sectionTitle: 24,
  rowTitle: 24,
  rowDescription: 72,
  rowId: 200,
  caption: 1_024,
} as const

class TooLong extends Error {}

/**
 * The body of `POST /{version}/{phone_number_id}/messages`, within Meta's limits.
 * @param channelMediaId of the file of ours that the message has, once the channel was given it
 */
export function graphRequest(
  message: Pick<OutboxMessage, 'messageId' | 'replyToProviderMessageId' | 'content'>,
  address: Address | undefined,
  channelMediaId = '',
): GraphRequest {
  const recipient = address === undefined ? undefined : recipientOf(address)
  if (recipient === undefined) return refused('The contact has no address on the channel.')
  try {
    const body = outgoingMessageIn(message.content)?.body
    if (body === undefined) return refused('The message has no content.')
    const said = contentOf(body, channelMediaId)
    if (said === undefined) return refused(`Messages of this kind (${body.$case}) cannot be sent.`)
    return {
      sendable: true,
      body: {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        ...recipient,
        ...(message.replyToProviderMessageId === ''
          ? {}
          : { context: { message_id: message.replyToProviderMessageId } }),
        ...said,
        biz_opaque_callback_data: message.messageId,
      },
    }
  } catch (error) {
    if (error instanceof TooLong) return refused(error.message)
    if (error instanceof UnreadableRecord) return refused('The words of the message cannot be read.')
    throw error
  }
}

/** A BSUID goes into `recipient`; `to` is for phone numbers, and would win over it. */
export function recipientOf({ waId, userId, parentUserId }: Address): Record<string, string> | undefined {
  if (waId !== '') return { to: waId }
  const bsuid = userId || parentUserId
  return bsuid === '' ? undefined : { recipient: bsuid }
}

function refused(title: string): GraphRequest {
  return { sendable: false, code: 100, title }
}

function within(what: string, text: string, charactersMax: number, charactersMin = 1): string {
  // A character beyond the basic plane is one for Meta and two for .length.
  const characters = text.length <= charactersMax ? text.length : Array.from(text).length
  if (characters > charactersMax) throw new TooLong(`The ${what} is longer than ${charactersMax} characters.`)
  if (characters < charactersMin) throw new TooLong(`The ${what} is empty.`)
  return text
}

function counted<Element>(what: string, list: readonly Element[], max: number): readonly Element[] {
  if (list.length === 0) throw new TooLong(`There are no ${what}.`)
  if (list.length > max) throw new TooLong(`There are more than ${max} ${what}.`)
  return list
}

type Body = NonNullable<MessageBody['body']>

function contentOf(body: Body, channelMediaId: string): Record<string, unknown> | undefined {
  switch (body.$case) {
    case 'text':
      return {
        type: 'text',
        text: { body: within('text', body.value.text, LIMITS.text), preview_url: false },
      }
    case 'buttons': {
      const { text, buttons, header, footer } = body.value
      return interactive('button', text, header, footer, {
        buttons: counted('buttons', buttons, LIMITS.buttons).map(({ id, title }) => ({
          type: 'reply',
          reply: {
            id: within('id of a button', id, LIMITS.buttonId),
            title: within('title of a button', title, LIMITS.buttonTitle),
          },
        })),
      })
    }
    case 'list': {
      const { text, button, sections, header, footer } = body.value
      counted(
        'rows',
        sections.flatMap(({ rows }) => rows),
        LIMITS.listRows,
      )
      return interactive('list', text, header, footer, {
        button: within('button of the list', button, LIMITS.listButton),
        sections: counted('sections', sections, LIMITS.listSections).map(({ title, rows }) => ({
          ...(title === '' ? {} : { title: within('title of a section', title, LIMITS.sectionTitle) }),
          rows: rows.map((row) => ({
            id: within('id of a row', row.id, LIMITS.rowId),
            title: within('title of a row', row.title, LIMITS.rowTitle),
            ...(row.description === ''
              ? {}
              : { description: within('description of a row', row.description, LIMITS.rowDescription) }),
          })),
        })),
      })
    }
    case 'linkButton': {
      const { text, displayText, url } = body.value
      return interactive('cta_url', text, '', '', {
        name: 'cta_url',
        parameters: {
          display_text: within('text of the link button', displayText, LIMITS.buttonTitle),
          url: within('address of the link button', url, 2_000),
        },
      })
    }
    case 'template': {
      const { name, language, parameters } = body.value
      return {
        type: 'template',
        template: {
          name: within('name of the template', name, 512),
          language: { code: language },
          ...(parameters.length === 0
            ? {}
            : {
                components: [
                  { type: 'body', parameters: parameters.map((text) => ({ type: 'text', text })) },
                ],
              }),
        },
      }
    }
    case 'media': {
      const { type, link, caption, filename } = body.value
      const mediaId = channelMediaId || body.value.mediaId
      if (mediaId === '' && link === '') throw new TooLong('The media has neither an id nor a link.')
      const mayHaveCaption = type === 'image' || type === 'video' || type === 'document'
      return {
        type,
        [type]: {
          ...(link === '' ? { id: mediaId } : { link }),
          ...(mayHaveCaption && caption !== ''
            ? { caption: within('caption', caption, LIMITS.caption) }
            : {}),
          ...(type === 'document' && filename !== '' ? { filename } : {}),
        },
      }
    }
    case 'location': {
      const { latitude, longitude, name, address } = body.value
      return { type: 'location', location: { latitude, longitude, name, address } }
    }
    case 'reaction': {
      const { targetProviderMessageId, emoji } = body.value
      return { type: 'reaction', reaction: { message_id: targetProviderMessageId, emoji } }
    }
    case 'contactCards':
    case 'choice':
    case 'formReply':
    case 'order':
    case 'note':
    case 'unsupported':
      return undefined
    default:
      return unreachable(body)
  }
}

function interactive(
  type: string,
  text: string,
  header: string,
  footer: string,
  action: Record<string, unknown>,
): Record<string, unknown> {
  return {
    type: 'interactive',
    interactive: {
      type,
      ...(header === '' ? {} : { header: { type: 'text', text: within('header', header, LIMITS.header) } }),
      body: { text: within('text', text, LIMITS.interactiveBody) },
      ...(footer === '' ? {} : { footer: { text: within('footer', footer, LIMITS.footer) } }),
      action,
    },
  }
}

/** Marks the customer's message as read and shows "typing…" until we answer, for 25 s at most. */
export function typingRequest(providerMessageId: string): Readonly<Record<string, unknown>> {
  return {
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: providerMessageId,
    typing_indicator: { type: 'text' },
  }
}

/** The file of ours that a message has, to be given to the channel before it. Words that cannot be read have none: the request says so. */
export function storedFileIn(content: OutboxMessage['content']): StoredFile | undefined {
  try {
    const body = outgoingMessageIn(content)?.body
    return body?.$case === 'media' ? body.value.stored : undefined
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined
    throw error
  }
}
