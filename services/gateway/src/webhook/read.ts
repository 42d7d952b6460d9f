import { createHash } from 'node:crypto'
import { type ConsentWish, consentWishOf } from '@parley/conversation'
import { type DeepPartial, MessageBody } from '@parley/proto/content'
import type { OddPart, ReadWebhook, Webhook, WebhookItem } from './canonical.ts'
import {
  CustomersBeside,
  contactNames,
  hasIdentity,
  namesIn,
  nextNamesOf,
  receiverOf,
  senderOf,
} from './customer-names.ts'
import { type JsonObject, int32Of, isObject, listOf, objectOf, textOf, timeOf } from './json-values.ts'
import { type Located, bytesOf, elementsOf, locateJson, membersOf } from './located-json.ts'
import { messageBody, noteBody, referralOf } from './message-body.ts'

const ODD_PARTS_MAX = 1_000
/** Meta gathers at most 1,000 of them; each costs time in which nothing else of this gateway goes on. */
const ELEMENTS_MAX = 20_000
const PROVIDER_ID_CHARACTERS_MAX = 512
const STATUSES: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'played', 'failed'])
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Of each field that is read, the lists in its value. */
const LISTS = new Map([
  ['messages', ['messages', 'statuses', 'errors']],
  ['smb_message_echoes', ['message_echoes', 'errors']],
  ['message_echoes', ['message_echoes', 'errors']],
  ['user_preferences', ['user_preferences']],
  ['user_id_update', ['user_id_update']],
] as const satisfies readonly (readonly [string, readonly string[]])[]) as ReadonlyMap<
  string,
  readonly ListName[]
>

type ListName = 'messages' | 'message_echoes' | 'statuses' | 'errors' | 'user_preferences' | 'user_id_update'

export interface ReadingContext {
  readonly receivedAt: number
  readonly knownAccounts: { has(accountId: string): boolean }
}

/**
 * One webhook body in our words. One odd element never costs the others beside it: whatever is not understood becomes an
 * `unsupported` message or an odd part with its exact bytes.
 */
export function readWebhook(body: Buffer, context: ReadingContext): Webhook {
  let root: Located
  try {
    root = locateJson(body)
  } catch {
    return { readable: false, reason: 'The body is not JSON.' }
  }
  if (!isObject(root.value)) return { readable: false, reason: 'The body is JSON, but not an object.' }

  const reading = new Reading(body, context)
  reading.readRoot(root)
  return { readable: true, ...reading.result() }
}

interface Scope {
  readonly accountId: string
  readonly beside: CustomersBeside
  readonly valueErrors: readonly unknown[]
  readonly messageCount: number
}

type Common = Pick<
  Extract<WebhookItem, { kind: 'preference' }>,
  'accountId' | 'occurredAt' | 'isUntimed' | 'sender' | 'raw'
>

class Reading {
  readonly #body: Buffer
  readonly #context: ReadingContext
  readonly #items: WebhookItem[] = []
  #oddParts: OddPart[] = []
  #tooManyOddParts = false
  #elementCount = 0

  constructor(body: Buffer, context: ReadingContext) {
    this.#body = body
    this.#context = context
  }

  result(): ReadWebhook {
    if (this.#tooManyOddParts)
      this.#oddParts = [
        {
          code: 'TOO_MANY_ODD_PARTS',
          reason: `More than ${ODD_PARTS_MAX} parts were not understood: the whole body is kept once instead.`,
          value: this.#body,
          accountId: '',
        },
      ]
    return { items: this.#items, oddParts: this.#oddParts, bytes: this.#body.length }
  }

  readRoot(root: Located): void {
    const members = membersOf(this.#body, root)
    if (members.get('object')?.value !== 'whatsapp_business_account')
      return this.#odd('UNKNOWN_OBJECT', 'The object is not whatsapp_business_account.', root)
    const entries = elementsOf(this.#body, members.get('entry'))
    if (entries === undefined || entries.length === 0)
      return this.#odd('UNKNOWN_ENTRY', 'There is no list of entries, or an empty one.', root)
    for (const entry of entries) {
      const changes = elementsOf(this.#body, membersOf(this.#body, entry).get('changes'))
      if (changes === undefined || changes.length === 0)
        this.#odd('UNKNOWN_ENTRY', 'The entry has no list of changes, or an empty one.', entry)
      else for (const change of changes) this.#readChange(change)
    }
  }

  #readChange(change: Located): void {
    const members = membersOf(this.#body, change)
    const field = members.get('field')?.value
    const value = members.get('value')
    const known = typeof field === 'string' ? LISTS.get(field) : undefined
    if (known === undefined)
      return this.#odd('UNKNOWN_FIELD', `The field is none of: ${[...LISTS.keys()].join(', ')}.`, change)
    if (value === undefined || !isObject(value.value))
      return this.#odd('UNKNOWN_ELEMENT', 'The value of the change is not an object.', change)
    const accountId = textOf(objectOf(value.value['metadata'])['phone_number_id'])
    if (!this.#context.knownAccounts.has(accountId))
      return this.#odd('UNKNOWN_NUMBER', 'The phone_number_id is not one of our channel accounts.', change)

    const parts = membersOf(this.#body, value)
    if (!known.some((name) => parts.has(name)))
      return this.#odd('UNKNOWN_ELEMENT', `The value has none of: ${known.join(', ')}.`, change, accountId)

    const messages = elementsOf(this.#body, parts.get('messages') ?? parts.get('message_echoes'))
    const scope: Scope = {
      accountId,
      beside: new CustomersBeside(listOf(value.value['contacts']).map(contactNames)),
      valueErrors: listOf(value.value['errors']),
      messageCount: messages?.length ?? 0,
    }
    for (const name of known) {
      const part = parts.get(name)
      if (part === undefined) continue
      const elements = elementsOf(this.#body, part)
      if (elements === undefined) this.#odd('UNKNOWN_ELEMENT', `${name} is not a list.`, change, accountId)
      else
        for (const element of elements) {
          this.#elementCount += 1
          if (this.#elementCount <= ELEMENTS_MAX) this.#readElement(name, element, scope)
          else this.#odd('TOO_MANY_ELEMENTS', `It comes after ${ELEMENTS_MAX} others.`, element, accountId)
        }
    }
  }

  #readElement(list: ListName, element: Located, scope: Scope): void {
    const object = element.value
    if (!isObject(object))
      return this.#odd('UNKNOWN_ELEMENT', `An element of ${list} is not an object.`, element, scope.accountId)
    switch (list) {
      case 'messages':
        return this.#readMessage(object, element, scope)
      case 'message_echoes':
        return this.#readEcho(object, element, scope)
      case 'statuses':
        return this.#readStatus(object, element, scope)
      case 'errors':
        return this.#odd(
          'PROVIDER_ERROR',
          `The provider reports error ${int32Of(object['code'])}.`,
          element,
          scope.accountId,
        )
      case 'user_preferences':
        return this.#readPreference(object, element, scope)
      case 'user_id_update':
        return this.#readUserIdUpdate(object, element, scope)
    }
  }

  #readMessage(message: JsonObject, element: Located, scope: Scope): void {
    const { accountId } = scope
    if (textOf(message['group_id']) !== '')
      return this.#odd('GROUP_NOT_SUPPORTED', 'The message was written in a group.', element, accountId)
    const next = nextNamesOf(message)
    const former = senderOf(message, scope.beside, scope.messageCount === 1, next)
    const sender = hasIdentity(former) ? former : (next ?? former)
    if (!hasIdentity(sender))
      return this.#odd('NO_SENDER', 'The message names nobody who could have written it.', element, accountId)

    const raw = bytesOf(this.#body, element)
    const common = {
      accountId,
      providerId: this.#providerId(message, raw),
      ...timeOf(message['timestamp'], this.#context.receivedAt),
      sender,
      raw,
    }
    const type = textOf(message['type'], 64)
    const about = aboutAnother(type, message)
    if (about !== undefined) {
      if (about.kind === 'edit') this.#keepMarketingWish(about.consent, common)
      return this.#add({ ...common, ...about })
    }
    if (next !== undefined && sender !== next) this.#add({ ...common, kind: 'namesChange', next })

    const context = objectOf(message['context'])
    const body = messageBody(message, scope.valueErrors)
    const consent = consentIn(body)
    this.#keepMarketingWish(consent, common)
    return this.#add({
      ...common,
      kind: 'message',
      type,
      body,
      consent,
      replyTo: targetOf(context['id']),
      forwarded: context['forwarded'] === true,
      frequentlyForwarded: context['frequently_forwarded'] === true,
      referral: referralOf(message),
    })
  }

  #readEcho(echo: JsonObject, element: Located, scope: Scope): void {
    const { accountId } = scope
    if (textOf(echo['group_id']) !== '')
      return this.#odd('GROUP_NOT_SUPPORTED', 'The message was written in a group.', element, accountId)
    const sender = receiverOf(echo, scope.beside, scope.messageCount === 1)
    if (!hasIdentity(sender))
      return this.#odd('NO_SENDER', 'The message names nobody to whom it was written.', element, accountId)
    const raw = bytesOf(this.#body, element)
    const common = {
      accountId,
      providerId: this.#providerId(echo, raw),
      ...timeOf(echo['timestamp'], this.#context.receivedAt),
      sender,
      isEcho: true,
      raw,
    } as const
    const type = textOf(echo['type'], 64)
    this.#add({
      ...common,
      ...(aboutAnother(type, echo) ?? {
        kind: 'echo',
        type,
        body: messageBody(echo, scope.valueErrors),
        replyTo: targetOf(objectOf(echo['context'])['id']),
      }),
    })
  }

  /** `Stop promotions`: the message stays one, and beside it is the preference that WhatsApp itself would report. */
  #keepMarketingWish(consent: ConsentWish | undefined, common: Common): void {
    if (consent?.wish !== 'stop_marketing') return
    const category = 'marketing_messages'
    const { accountId, occurredAt, isUntimed, sender, raw } = common
    this.#add({
      kind: 'preference',
      accountId,
      occurredAt,
      ...(isUntimed && { isUntimed }),
      sender,
      category,
      value: 'stop',
      raw,
    })
  }

  #readStatus(status: JsonObject, element: Located, scope: Scope): void {
    const { accountId } = scope
    const providerId = textOf(status['id'])
    const word = textOf(status['status'])
    const ours = textOf(status['biz_opaque_callback_data'])
    const messageId = UUID.test(ours) ? ours : ''
    if (!STATUSES.has(word) || providerId.length > PROVIDER_ID_CHARACTERS_MAX)
      return this.#odd('UNKNOWN_STATUS', 'The status is not one that we know.', element, accountId)
    if (providerId === '' && messageId === '')
      return this.#odd('UNKNOWN_STATUS', 'The status does not say of which message.', element, accountId)
    const error = objectOf(listOf(status['errors'])[0])
    this.#add({
      kind: 'status',
      accountId,
      providerId,
      ...timeOf(status['timestamp'], this.#context.receivedAt),
      messageId,
      recipient: namesIn(status, {
        wa: 'recipient_id',
        user: 'recipient_user_id',
        parent: 'recipient_parent_user_id',
      }),
      status: word,
      providerCode: int32Of(error['code']),
      providerTitle: textOf(error['title'], 256),
      raw: bytesOf(this.#body, element),
    })
  }

  #readPreference(preference: JsonObject, element: Located, scope: Scope): void {
    const named = namesIn(preference, { wa: 'wa_id', user: 'user_id', parent: 'parent_user_id' })
    const only = scope.beside.only()
    const sender = hasIdentity(named) || only === undefined ? named : only
    if (!hasIdentity(sender))
      return this.#odd('NO_SENDER', 'The preference names nobody whose it is.', element, scope.accountId)
    this.#add({
      kind: 'preference',
      accountId: scope.accountId,
      ...timeOf(preference['timestamp'], this.#context.receivedAt),
      sender,
      category: textOf(preference['category'], 128),
      value: textOf(preference['value'], 128),
      raw: bytesOf(this.#body, element),
    })
  }

  /**
   * What system messages tell since August 2026 came under a field of its own before. Its `wa_id` is said to be the old number here and the
   * new one there, so it names nobody.
   */
  #readUserIdUpdate(update: JsonObject, element: Located, { accountId }: Scope): void {
    const user = objectOf(update['user_id'])
    const parent = objectOf(update['parent_user_id'])
    const called = (when: 'previous' | 'current') =>
      namesIn({ user: user[when], parent: parent[when] }, { wa: '', user: 'user', parent: 'parent' })
    const next = called('current')
    if (!hasIdentity(next) || !hasIdentity(called('previous')))
      return this.#odd(
        'NO_SENDER',
        'The update does not tell both the old and the new id.',
        element,
        accountId,
      )
    const raw = bytesOf(this.#body, element)
    const common = {
      accountId,
      providerId: this.#providerId(update, raw),
      ...timeOf(update['timestamp'], this.#context.receivedAt),
      sender: called('previous'),
      raw,
    }
    this.#add({ ...common, kind: 'namesChange', next })
    this.#add({
      ...common,
      kind: 'message',
      type: 'system',
      body: noteBody('user_id_changed', textOf(update['detail'])),
      consent: undefined,
      replyTo: '',
      forwarded: false,
      frequentlyForwarded: false,
      referral: undefined,
    })
  }

  /** A message without an id of its own is known by its bytes, so that it too is taken only once. */
  #providerId(message: JsonObject, raw: Buffer): string {
    const id = textOf(message['id'])
    if (id !== '' && id.length <= PROVIDER_ID_CHARACTERS_MAX) return id
    return `sha256:${createHash('sha256').update(raw).digest('hex')}`
  }

  #add(item: WebhookItem): void {
    this.#items.push(item)
  }

  #odd(code: OddPart['code'], reason: string, part: Located, accountId = ''): void {
    if (this.#oddParts.length >= ODD_PARTS_MAX) this.#tooManyOddParts = true
    else this.#oddParts.push({ code, reason, value: bytesOf(this.#body, part), accountId })
  }
}

/** What an element says of another message, where it does. */
function aboutAnother(type: string, message: JsonObject) {
  if (type === 'reaction' && isObject(message['reaction'])) {
    const { message_id: target, emoji } = message['reaction']
    return { kind: 'reaction', target: targetOf(target), emoji: textOf(emoji) } as const
  }
  if (type === 'revoke' && isObject(message['revoke']))
    return { kind: 'revocation', target: targetOf(message['revoke']['original_message_id']) } as const
  if (type === 'edit' && isObject(message['edit'])) {
    const { original_message_id: target, message: edited } = message['edit']
    const body = messageBody(objectOf(edited))
    return { kind: 'edit', target: targetOf(target), body, consent: consentIn(body) } as const
  }
  return undefined
}

const consentIn = (body: DeepPartial<MessageBody>) => consentWishOf(MessageBody.fromPartial(body))

function targetOf(id: unknown): string {
  return textOf(id, PROVIDER_ID_CHARACTERS_MAX)
}
