import type { ChatBook, ChatFact, Customer } from '../customer/chats.ts'
import { isBsuid, waIdOf } from '../customer/identity.ts'
import { parseJson, type Parameters } from '../graph/parameters.ts'
import { echoWebhook, messageWebhook, withAbsentFields } from '../webhook/envelope.ts'
import type { Air } from './air.ts'
import type { BusinessNumber } from './numbers.ts'
import { wamid } from './wamid.ts'

export interface FromCustomersOptions {
  readonly numbers: ReadonlyMap<string, BusinessNumber>
  readonly chats: ChatBook
  readonly record: (fact: ChatFact) => void
  readonly now: () => number
}

type Written = { readonly id: unknown } | { readonly problem: string }

const notACustomer = 'The customer must be a wa_id (5 to 20 digits) or a BSUID like BR.13491208655302741918.'

/** What is written on phones, customers' and the business's own: the product hears of it. */
export class FromCustomers {
  readonly #options: FromCustomersOptions
  readonly #air: Air

  constructor(options: FromCustomersOptions, air: Air) {
    this.#options = options
    this.#air = air
  }

  writes(
    number: BusinessNumber,
    customerId: string,
    elementJson: string,
    profileName: string | undefined,
  ): Written {
    const { chats, record, now } = this.#options
    const waId = isBsuid(customerId) ? undefined : waIdOf(customerId)
    if (waId === undefined && !isBsuid(customerId)) return { problem: notACustomer }
    const given = readElement(elementJson)
    if (typeof given === 'string') return { problem: given }
    const key = chats.keyOf(customerId)
    const givenUserId = given['from_user_id']
    record({
      kind: 'known',
      key,
      ...(waId === undefined ? {} : { waId }),
      ...(typeof givenUserId === 'string' && waId !== undefined ? { userId: givenUserId } : {}),
      ...(profileName === undefined ? {} : { name: profileName }),
    })
    const customer = chats.customerAt(key)
    const at = now()
    const fresh = wamid('inbound', waId ?? customerId)
    const sentJson = withAbsentFields(elementJson, given, {
      ...(waId === undefined ? {} : { from: waId }),
      from_user_id: waId === undefined ? customerId : customer.userId,
      id: fresh,
      timestamp: String(Math.floor(at / 1000)),
    })
    const id = 'id' in given ? given['id'] : fresh
    const recordedId = typeof id === 'string' ? id : fresh
    record({ kind: 'wrote', key, number: number.phoneNumberId, at, id: recordedId, element: given })

    if (!chats.chatAt(customer, number.phoneNumberId).blockedByBusiness) {
      const from = typeof given['from'] === 'string' ? given['from'] : waId
      const userId =
        typeof givenUserId === 'string' ? givenUserId : waId === undefined ? customerId : customer.userId
      const keys = new Set([key, ...(from === undefined ? [] : [chats.keyOf(from)])])
      const body = messageWebhook(number, { name: customer.name, waId: from, userId }, sentJson)
      this.#deliver(customer, number, recordedId, [...keys], body)
    }
    return { id }
  }

  /** Coexistence: somebody of the business writes to a customer in the WhatsApp Business app. */
  businessWritesInApp(number: BusinessNumber, customerId: string, elementJson: string): Written {
    const { chats, record, now } = this.#options
    const waId = isBsuid(customerId) ? undefined : waIdOf(customerId)
    if (waId === undefined && !isBsuid(customerId)) return { problem: notACustomer }
    const given = readElement(elementJson)
    if (typeof given === 'string') return { problem: given }
    const key = chats.keyOf(customerId)
    record({ kind: 'known', key, ...(waId === undefined ? {} : { waId }) })
    const customer = chats.customerAt(key)
    const at = now()
    const fresh = wamid('outbound', customerId)
    const echoed = withAbsentFields(elementJson, given, {
      from: number.displayPhoneNumber,
      ...(waId === undefined ? {} : { to: waId }),
      to_user_id: waId === undefined ? customerId : customer.userId,
      id: fresh,
      timestamp: String(Math.floor(at / 1000)),
    })
    const id = 'id' in given ? given['id'] : fresh
    record({
      kind: 'echoed',
      key,
      number: number.phoneNumberId,
      at,
      id: typeof id === 'string' ? id : fresh,
      element: given,
    })
    this.#air.post('message', [key], echoWebhook(number, customer, echoed))
    return { id }
  }

  /** After a restart: what the product had not taken yet goes out again. */
  redeliver(): void {
    const { numbers, chats } = this.#options
    for (const customer of chats.all()) {
      for (const [phoneNumberId, chat] of customer.chats) {
        const number = numbers.get(phoneNumberId)
        if (number === undefined || chat.blockedByBusiness) continue
        for (const entry of chat.entries.values()) {
          if (entry.direction !== 'out' || entry.status !== 'sent') continue
          const element = JSON.stringify({
            ...(customer.waId === undefined ? {} : { from: customer.waId }),
            from_user_id: customer.userId,
            id: entry.id,
            timestamp: String(Math.floor(entry.at / 1000)),
            type: entry.type,
            [entry.type]: entry.content,
            ...(entry.contextId === undefined
              ? {}
              : { context: { from: number.displayPhoneNumber, id: entry.contextId } }),
          })
          const body = messageWebhook(number, customer, element)
          this.#deliver(customer, number, entry.id, [customer.key], body)
        }
      }
    }
  }

  #deliver(
    { key }: Customer,
    { phoneNumberId }: BusinessNumber,
    id: string,
    customerKeys: readonly string[],
    body: Buffer,
  ): void {
    const isStillSaid = this.#air.sinceNow()
    const wasDelivered = (): void => {
      if (isStillSaid())
        this.#options.record({ kind: 'progressed', key, number: phoneNumberId, id, status: 'delivered' })
    }
    void this.#air.post('message', customerKeys, body).delivered.then(wasDelivered)
  }
}

/** One element of `messages[]` or `message_echoes[]`, or what is wrong with it. */
const readElement = (elementJson: string): Parameters | string => {
  let element: unknown
  try {
    element = parseJson(elementJson)
  } catch (error) {
    return `The body is not JSON: ${error instanceof Error ? error.message : ''}`
  }
  return typeof element !== 'object' || element === null || Array.isArray(element)
    ? 'The body must be a JSON object: one element of messages[] or message_echoes[].'
    : (element as Parameters)
}
