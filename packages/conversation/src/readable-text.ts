import { unreachable } from '@parley/kernel'
import type { ContactCard, ListSection, MessageBody, OrderItem } from '@parley/proto/content'

/** The words that a body needs where it has none of its own. */
export interface BodyWords {
  media(type: string, voice: boolean): string
  location: string
  contactCard: string
  template: string
  order: string
  form: string
  unsupported(providerType: string): string
  empty: string
}

export const ENGLISH_BODY_WORDS: BodyWords = {
  media: (type, voice) => (voice ? 'voice message' : type),
  location: 'location',
  contactCard: 'contact',
  template: 'template',
  order: 'order',
  form: 'form',
  unsupported: (providerType) =>
    providerType === '' ? 'unsupported message' : `unsupported message: ${providerType}`,
  empty: 'message without content',
}

/**
 * What was said as plain text, with what a person would have seen around it: options in brackets, one a line.
 * A text is given as it is, to the letter.
 */
export function readableText(message: MessageBody, words: BodyWords = ENGLISH_BODY_WORDS): string {
  const { body } = message
  switch (body?.$case) {
    case undefined:
      return `[${words.empty}]`
    case 'text':
      return body.value.text
    case 'media': {
      const { type, voice, filename, caption } = body.value
      const what = words.media(type, voice)
      return lines([filename === '' ? `[${what}]` : `[${what}: ${line(filename)}]`, caption])
    }
    case 'location': {
      const { latitude, longitude, name, address, url } = body.value
      return lines([`[${words.location}: ${latitude}, ${longitude}]`, line(name), line(address), line(url)])
    }
    case 'contactCards':
      return lines(body.value.cards.map((card) => contactCardText(card, words)))
    case 'buttons':
      return lines([
        body.value.header,
        body.value.text,
        body.value.footer,
        ...body.value.buttons.map(({ title }) => `[${line(title)}]`),
      ])
    case 'list':
      return lines([
        body.value.header,
        body.value.text,
        body.value.footer,
        body.value.button === '' ? '' : `[${line(body.value.button)}]`,
        ...body.value.sections.flatMap(sectionLines),
      ])
    case 'linkButton':
      return lines([body.value.text, `[${line(body.value.displayText)}]`, body.value.url])
    case 'template':
      if (body.value.text !== '') return line(body.value.text)
      return lines([
        `[${words.template}: ${body.value.name}${body.value.language === '' ? '' : ` (${body.value.language})`}]`,
        ...body.value.parameters,
      ])
    case 'choice':
      return line(body.value.title || body.value.id)
    case 'formReply':
      return lines([
        `[${words.form}${body.value.name === '' ? '' : `: ${line(body.value.name)}`}]`,
        body.value.text,
        ...formLines(body.value.responseJson),
      ])
    case 'order':
      return lines([`[${words.order}]`, body.value.text, ...body.value.items.map(orderLine)])
    case 'reaction':
      return body.value.emoji
    case 'note':
      return body.value.text || `[${body.value.kind}]`
    case 'unsupported':
      return lines([`[${words.unsupported(body.value.providerType)}]`, body.value.errorTitle])
    default:
      return unreachable(body)
  }
}

/** What stands on a line of its own makes no other. */
function line(value: string): string {
  return value.replaceAll(/[\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
}

function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}

function sectionLines({ title, rows }: ListSection): readonly string[] {
  return [
    title,
    ...rows.map((row) =>
      row.description === '' ? `[${line(row.title)}]` : `[${line(row.title)}] ${line(row.description)}`,
    ),
  ]
}

function contactCardText({ name, organization, phones, emails }: ContactCard, words: BodyWords): string {
  return lines([
    `[${words.contactCard}: ${line(organization === '' ? name : `${name}, ${organization}`)}]`,
    ...phones.map(line),
    ...emails.map(line),
  ])
}

export function orderLine({ productRetailerId, quantity, itemPrice, currency }: OrderItem): string {
  return line(`${quantity} × ${productRetailerId} · ${itemPrice} ${currency}`).trim()
}

/** Deeper than any form; what writes JSON again does so by recursion, and would end in a full stack. */
const NESTING_MAX = 32

/** The answers of a form, one a line, whatever was typed into them: a line break would forge another answer. What is not a JSON object, or nests deeper than a form, is shown as it came. */
export function formLines(responseJson: string): readonly string[] {
  if (responseJson === '') return []
  let response: unknown
  try {
    response = nestingOf(responseJson) > NESTING_MAX ? undefined : JSON.parse(responseJson)
  } catch {
    return [responseJson]
  }
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return [responseJson]
  return Object.entries(response)
    .filter(([name]) => name !== 'flow_token')
    .map(([name, value]) => line(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`))
}

/** How deep the brackets of a JSON text go. */
function nestingOf(json: string): number {
  let depth = 0
  let deepest = 0
  let isText = false
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (isText) {
      if (character === '\\') at++
      else if (character === '"') isText = false
    } else if (character === '"') isText = true
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}
