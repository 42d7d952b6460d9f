import { entryOf } from '@parley/kernel'
import type { AdReferral, DeepPartial, MessageBody } from '@parley/proto/content'
import { type JsonObject, int32Of, isObject, listOf, numberOf, objectOf, textOf } from './json-values.ts'

type Body = DeepPartial<MessageBody>

/**
 * One `messages[]` element (or the inner message of an edit) as a MessageBody. What does not have the documented shape is
 * `unsupported`: its raw JSON is kept beside, so nothing is lost and nothing is guessed.
 */
export function messageBody(message: JsonObject, valueErrors: readonly unknown[] = []): Body {
  const type = textOf(message['type'], 64)
  return knownBody(type, message) ?? unsupportedBody(type, message, valueErrors)
}

function knownBody(type: string, message: JsonObject): Body | undefined {
  switch (type) {
    case 'text': {
      const text = objectOf(message['text'])['body']
      return typeof text === 'string' ? { body: { $case: 'text', value: { text: textOf(text) } } } : undefined
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
    case 'sticker':
      return mediaBody(type, objectOf(entryOf(message, type)))
    case 'location':
      return locationBody(objectOf(message['location']))
    case 'contacts':
      return cardsBody(message['contacts'])
    case 'interactive':
      return interactiveBody(objectOf(message['interactive']))
    case 'button': {
      if (!isObject(message['button'])) return undefined
      const { payload, text } = message['button']
      return choice('template_button', textOf(payload), textOf(text), '')
    }
    case 'order':
      return orderBody(message['order'])
    case 'system':
      return systemNote(message)
    default:
      return undefined
  }
}

function mediaBody(type: string, media: JsonObject): Body | undefined {
  const mediaId = textOf(media['id'])
  const caption = textOf(media['caption'])
  // Words are heard, be there no file to fetch: they may say stop.
  if (mediaId === '' && textOf(media['url']) === '' && caption === '') return undefined
  return {
    body: {
      $case: 'media',
      value: {
        type,
        mediaId,
        mimeType: textOf(media['mime_type']),
        sha256: textOf(media['sha256']),
        caption,
        filename: textOf(media['filename']),
        voice: media['voice'] === true,
        animated: media['animated'] === true,
      },
    },
  }
}

function locationBody(location: JsonObject): Body | undefined {
  const latitude = numberOf(location['latitude'])
  const longitude = numberOf(location['longitude'])
  if (latitude === undefined || longitude === undefined) return undefined
  return {
    body: {
      $case: 'location',
      value: {
        latitude,
        longitude,
        name: textOf(location['name']),
        address: textOf(location['address']),
        url: textOf(location['url']),
      },
    },
  }
}

function cardsBody(contacts: unknown): Body | undefined {
  if (!Array.isArray(contacts)) return undefined
  const cards = contacts.map((contact) => {
    const card = objectOf(contact)
    const name = objectOf(card['name'])
    return {
      name:
        textOf(name['formatted_name']) ||
        [textOf(name['first_name']), textOf(name['last_name'])].filter((part) => part !== '').join(' '),
      organization: textOf(objectOf(card['org'])['company']),
      phones: texts(card['phones'], (phone) => textOf(phone['phone']) || textOf(phone['wa_id'])),
      emails: texts(card['emails'], (email) => textOf(email['email'])),
    }
  })
  return { body: { $case: 'contactCards', value: { cards } } }
}

function texts(list: unknown, read: (element: JsonObject) => string): string[] {
  return listOf(list)
    .map((element) => read(objectOf(element)))
    .filter((text) => text !== '')
}

function interactiveBody(interactive: JsonObject): Body | undefined {
  const kind = textOf(interactive['type'], 64)
  const said = entryOf(interactive, kind)
  if (!isObject(said)) return undefined
  switch (kind) {
    case 'button_reply':
    case 'list_reply': {
      const { id, title, description } = said
      return choice(kind, textOf(id), textOf(title), textOf(description))
    }
    case 'nfm_reply': {
      const { name, body, response_json: response } = said
      return {
        body: {
          $case: 'formReply',
          value: { name: textOf(name), text: textOf(body), responseJson: jsonText(response) },
        },
      }
    }
    case 'call_permission_reply':
      return noteBody('call_permission', textOf(said['response']))
    default:
      return undefined
  }
}

/** Documented as text that holds JSON; seen as an object, as text that is not JSON, and missing. It is kept as it is. */
function jsonText(response: unknown): string {
  if (typeof response === 'string') return textOf(response)
  if (response === undefined) return ''
  try {
    return JSON.stringify(response)
  } catch {
    // Nested too deeply to be written again; the raw bytes hold it.
    return ''
  }
}

function choice(source: string, id: string, title: string, description: string): Body {
  return { body: { $case: 'choice', value: { source, id, title, description } } }
}

export function noteBody(kind: string, text: string): Body {
  return { body: { $case: 'note', value: { kind, text } } }
}

function orderBody(order: unknown): Body | undefined {
  if (!isObject(order)) return undefined
  const items = listOf(order['product_items']).map((element) => {
    const item = objectOf(element)
    return {
      productRetailerId: textOf(item['product_retailer_id']),
      quantity: int32Of(item['quantity']),
      itemPrice: numberOf(item['item_price']) ?? 0,
      currency: textOf(item['currency']),
    }
  })
  return {
    body: {
      $case: 'order',
      value: { catalogId: textOf(order['catalog_id']), text: textOf(order['text']), items },
    },
  }
}

function systemNote(message: JsonObject): Body | undefined {
  if (!isObject(message['system'])) return undefined
  const kind = textOf(message['system']['type'], 64)
  return noteBody(SYSTEM_NOTES.get(kind) ?? kind, textOf(message['system']['body']))
}

const SYSTEM_NOTES: ReadonlyMap<string, string> = new Map([
  ['user_changed_number', 'number_changed'],
  ['customer_changed_number', 'number_changed'],
  ['user_changed_user_id', 'user_id_changed'],
  ['customer_identity_changed', 'identity_changed'],
])

function unsupportedBody(type: string, message: JsonObject, valueErrors: readonly unknown[]): Body {
  const error = objectOf(listOf(message['errors'])[0] ?? valueErrors[0])
  return {
    body: {
      $case: 'unsupported',
      value: {
        providerType: textOf(objectOf(message['unsupported'])['type'], 64) || type,
        errorCode: int32Of(error['code']),
        errorTitle: textOf(error['title'], 256),
      },
    },
  }
}

const REFERRAL_CHARACTERS_MAX = 2_048

/** Limited to these fields: an ad's referral is tracking data, and what is not needed is not kept. */
export function referralOf(message: JsonObject): DeepPartial<AdReferral> | undefined {
  const referral = message['referral']
  if (!isObject(referral)) return undefined
  const field = (name: string): string => textOf(referral[name], REFERRAL_CHARACTERS_MAX)
  const welcome = referral['welcome_message']
  return {
    sourceUrl: field('source_url'),
    sourceId: field('source_id'),
    sourceType: field('source_type'),
    headline: field('headline'),
    body: field('body'),
    mediaType: field('media_type'),
    imageUrl: field('image_url'),
    ctwaClid: field('ctwa_clid'),
    welcomeMessage: isObject(welcome)
      ? textOf(welcome['text'], REFERRAL_CHARACTERS_MAX)
      : field('welcome_message'),
  }
}
