import type { BusinessNumber } from '../network/numbers.ts'
import { escapeUnicode } from './wire.ts'

export interface ContactShown {
  readonly name: string
  readonly waId?: string | undefined
  readonly userId: string
}

const contactJson = (contact: ContactShown): string =>
  JSON.stringify({
    profile: { name: contact.name },
    ...(contact.waId === undefined ? {} : { wa_id: contact.waId }),
    user_id: contact.userId,
  })

const envelope = (number: BusinessNumber, content: string, field = 'messages'): Buffer =>
  Buffer.from(
    escapeUnicode(
      `{"object":"whatsapp_business_account","entry":[{"id":${JSON.stringify(number.wabaId)},"changes":[{"value":{` +
        `"messaging_product":"whatsapp","metadata":${JSON.stringify({
          display_phone_number: number.displayPhoneNumber,
          phone_number_id: number.phoneNumberId,
        })},${content}},"field":"${field}"}]}]}`,
    ),
    'latin1',
  )

/** A message webhook around the JSON text of one element of `messages[]`, which goes out as it is written. */
export const messageWebhook = (number: BusinessNumber, contact: ContactShown, elementJson: string): Buffer =>
  envelope(number, `"contacts":[${contactJson(contact)}],"messages":[${elementJson}]`)

/** Of what the business wrote in the WhatsApp Business app, around the JSON text of one element of `message_echoes[]`. */
export const echoWebhook = (number: BusinessNumber, contact: ContactShown, elementJson: string): Buffer =>
  envelope(
    number,
    `"contacts":[${contactJson(contact)}],"message_echoes":[${elementJson}]`,
    'smb_message_echoes',
  )

/** A status webhook; Meta leaves `contacts` out of failed ones. */
export const statusWebhook = (
  number: BusinessNumber,
  contact: ContactShown,
  status: { readonly status: string },
): Buffer =>
  envelope(
    number,
    `${status.status === 'failed' ? '' : `"contacts":[${contactJson(contact)}],`}"statuses":[${JSON.stringify(status)}]`,
  )

/**
 * Puts the fields that are absent in front of an element's own text. The text is not parsed and written
 * again, so numbers, key order and repeated keys reach the product exactly as they were given.
 */
export const withAbsentFields = (
  elementJson: string,
  element: Readonly<Record<string, unknown>>,
  absent: Readonly<Record<string, string>>,
): string => {
  const added = Object.entries(absent).filter(([field]) => !(field in element))
  if (added.length === 0) return elementJson
  const inner = elementJson.trim().slice(1)
  const separator = Object.keys(element).length === 0 ? '' : ','
  return `{${added.map(([field, value]) => `${JSON.stringify(field)}:${JSON.stringify(value)}`).join(',')}${separator}${inner}`
}
