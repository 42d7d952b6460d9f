import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatBook, ChatFact, ClosedWindow, Customer } from '../customer/chats.ts'
import { isBsuid, waIdOf } from '../customer/identity.ts'
import { faultPlan, type FaultPlan, type Faults } from '../faults/faults.ts'
import { graphError, webhookError, type GraphError } from '../graph/errors.ts'
import { rateLimiter, type RateLimit } from '../graph/limits.ts'
import { isReceipt, readOutbound, readReceipt, type OutboundMessage } from '../graph/outbound.ts'
import { parseJson, type Parameters } from '../graph/parameters.ts'
import type { TemplateBook } from '../graph/templates.ts'
import type { Posted, SentWebhook, WebhookDelivery } from '../webhook/delivery.ts'
import { faultyLanes } from '../webhook/faulty-lanes.ts'
import {
  echoWebhook,
  messageWebhook,
  statusWebhook,
  withAbsentFields,
  type ContactShown,
} from '../webhook/envelope.ts'
import type { BusinessNumber } from './numbers.ts'
import { recordLog } from './record-log.ts'
import { wamid } from './wamid.ts'

export interface SentMessage {
  readonly id: string
  /** How the product addressed the customer: a wa_id, or a BSUID. */
  readonly waId: string
  readonly userId: string
  readonly acceptedAt: string
  readonly body: Parameters
}

/** What the phones in customers' hands do for the network. */
export interface Phones {
  /** Somebody has this chat on screen now. */
  isLooking(customerKey: string, phoneNumberId: string): boolean
  typing(customerKey: string, phoneNumberId: string, until: number): void
  reset(): void
}

export interface NetworkOptions {
  readonly numbers: ReadonlyMap<string, BusinessNumber>
  readonly chats: ChatBook
  readonly record: (fact: ChatFact) => void
  readonly delivery: (
    began: (customerKeys: readonly string[], webhook: SentWebhook) => void,
  ) => WebhookDelivery
  readonly templates: TemplateBook
  readonly phones: Phones
  readonly hasMedia: (id: string) => boolean
  readonly throughput: RateLimit | undefined
  readonly pairRate: RateLimit | undefined
  readonly webhooksKeptMax: number
  readonly sentKeptMax: number
  readonly random: () => number
  readonly now: () => number
}

export type SendOutcome =
  | { readonly kind: 'refused'; readonly error: GraphError; readonly delayMs: number }
  | { readonly kind: 'done'; readonly answer: object; readonly delayMs: number; readonly dropAnswer: boolean }

const typingShowsMs = 25_000
const firstStatusWaitMs = 10_000
const idOf = (content: unknown, name: string): unknown =>
  typeof content === 'object' && content !== null ? (content as Parameters)[name] : undefined

const notACustomer = 'The customer must be a wa_id (5 to 20 digits) or a BSUID like BR.13491208655302741918.'

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

/** Since July 2025 Meta charges by the message; what answers a customer within the window is free. */
const pricingOf = (templateCategory: string | undefined): object =>
  templateCategory === undefined
    ? { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' }
    : { billable: true, pricing_model: 'PMP', type: 'regular', category: templateCategory }

/** WhatsApp as both sides know it: customers' messages go in, the business's come out, and both hear of it. */
export const whatsAppNetwork = (options: NetworkOptions) => {
  const { numbers, chats, record, templates, phones, random, now } = options
  const sent = recordLog<SentMessage>(options.sentKeptMax)
  const webhooks = recordLog<SentWebhook>(options.webhooksKeptMax)
  const delivery = options.delivery((customerKeys, webhook) => webhooks.add(customerKeys, webhook))
  const throughput = rateLimiter(options.throughput)
  const pairRate = rateLimiter(options.pairRate)
  const lanes = faultyLanes(delivery, random)
  let faults: FaultPlan | undefined
  /** Accepted messages whose statuses are to come. */
  let due = 0
  let era = 0

  const contactOf = (customer: Customer): ContactShown => ({
    name: customer.name,
    waId: customer.waId,
    userId: customer.userId,
  })

  // --- from the customer ---

  const deliverMessage = (
    customer: Customer,
    number: BusinessNumber,
    id: string,
    customerKeys: readonly string[],
    body: Buffer,
  ): void => {
    const bornIn = era
    const wasDelivered = (): void => {
      if (era !== bornIn) return
      record({ kind: 'progressed', key: customer.key, number: number.phoneNumberId, id, status: 'delivered' })
    }
    void lanes.post('message', customerKeys, body, faults).delivered.then(wasDelivered)
  }

  const customerWrites = (
    number: BusinessNumber,
    customerId: string,
    elementJson: string,
    profileName: string | undefined,
  ): { readonly id: unknown } | { readonly problem: string } => {
    const waId = isBsuid(customerId) ? undefined : waIdOf(customerId)
    if (waId === undefined && !isBsuid(customerId)) {
      return { problem: notACustomer }
    }
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
      deliverMessage(customer, number, recordedId, [...keys], body)
    }
    return { id }
  }

  /** Coexistence: somebody of the business writes to a customer in the WhatsApp Business app, and the product hears of it. */
  const businessWritesInApp = (
    number: BusinessNumber,
    customerId: string,
    elementJson: string,
  ): { readonly id: unknown } | { readonly problem: string } => {
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
    lanes.post('message', [key], echoWebhook(number, contactOf(customer), echoed), faults)
    return { id }
  }

  /** After a restart: what the product had not taken yet goes out again. */
  const redeliver = (): void => {
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
          deliverMessage(
            customer,
            number,
            entry.id,
            [customer.key],
            messageWebhook(number, contactOf(customer), element),
          )
        }
      }
    }
  }

  // --- from the business ---

  const sendStatus = (
    customer: Customer,
    number: BusinessNumber,
    message: OutboundMessage,
    id: string,
    status: 'sent' | 'delivered' | 'read' | 'failed',
    extra: object = {},
  ): Posted => {
    record({ kind: 'progressed', key: customer.key, number: number.phoneNumberId, id, status })
    const body = statusWebhook(number, contactOf(customer), {
      id,
      status,
      timestamp: String(Math.floor(now() / 1000)),
      ...(customer.waId === undefined ? {} : { recipient_id: customer.waId }),
      recipient_user_id: customer.userId,
      ...(message.callbackData === undefined ? {} : { biz_opaque_callback_data: message.callbackData }),
      ...extra,
    } as { status: string })
    return lanes.post('status', [customer.key], body, faults)
  }

  /** The business's messages that wait to be looked at, and how to say that they were. */
  const unread = new Map<string, Map<string, () => void>>()
  const unreadKey = (customerKey: string, phoneNumberId: string): string => `${phoneNumberId}/${customerKey}`

  const progress = async (
    customer: Customer,
    number: BusinessNumber,
    message: OutboundMessage,
    id: string,
    pricing: object,
    failure: GraphError | undefined,
    sentAlready: boolean,
  ): Promise<void> => {
    const bornIn = era
    const pass = async (shortest: number, spread: number): Promise<boolean> => {
      await sleep(shortest + random() * spread, undefined, { ref: false })
      return era === bornIn
    }
    if (failure !== undefined) {
      if (await pass(5, 20))
        sendStatus(customer, number, message, id, 'failed', { errors: [webhookError(failure)] })
      return
    }
    if (!sentAlready) {
      if (!(await pass(2, 8))) return
      sendStatus(customer, number, message, id, 'sent', { pricing })
    }
    if (!(await pass(5, 25))) return
    sendStatus(customer, number, message, id, 'delivered', { pricing })

    const wasRead = (): void => void sendStatus(customer, number, message, id, 'read')
    if (customer.onPhone && !phones.isLooking(customer.key, number.phoneNumberId)) {
      const key = unreadKey(customer.key, number.phoneNumberId)
      const waiting = unread.get(key) ?? new Map<string, () => void>()
      unread.set(key, waiting.set(id, wasRead))
      return
    }
    if (await pass(5, 35)) wasRead()
  }

  const refusalOf = (
    number: BusinessNumber,
    message: OutboundMessage,
    key: string,
  ): GraphError | undefined => {
    const { address } = message
    const numberId = number.phoneNumberId
    if (address.kind === 'wa_id' && address.waId === waIdOf(number.displayPhoneNumber)) {
      return graphError(131021, 'Sender and recipient phone number is the same.')
    }
    const mediaId = idOf(message.content, 'id')
    if (typeof mediaId === 'string' && !options.hasMedia(mediaId)) {
      return graphError(131009, `Media ID ${mediaId} was not uploaded here, or was deleted.`)
    }
    if (!throughput.take(numberId, now())) {
      return graphError(
        130429,
        'Message failed to send because there were too many messages from this number.',
      )
    }
    if (!pairRate.take(`${numberId}/${key}`, now())) {
      return graphError(131056, 'Too many messages from this number to the same recipient in a short time.')
    }
    const chat = chats.find(key)?.chats.get(numberId)
    if (chat?.blockedByBusiness === true) {
      return graphError(131026, 'The business has blocked this customer.')
    }
    return undefined
  }

  const outsideWindow = graphError(
    131047,
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  )

  const undeliverable = graphError(131026, 'Message undeliverable.')

  const refused = (error: GraphError, delayMs = 0): SendOutcome => ({ kind: 'refused', error, delayMs })

  const businessSends = async (number: BusinessNumber, body: Parameters): Promise<SendOutcome> => {
    const message = readOutbound(body)
    if ('code' in message) return refused(message)
    const numberId = number.phoneNumberId
    const { address } = message
    const addressed = address.kind === 'wa_id' ? address.waId : address.userId
    const key = chats.keyOf(addressed)

    const delayMs = faults?.delayMs(key) ?? 0
    const struck = faults?.settings.error
    if (struck !== undefined && faults?.strikes('error', key) === true) {
      const error = graphError(struck.code ?? 131000, 'Simulated fault.')
      return refused({ ...error, httpStatus: struck.status ?? error.httpStatus }, delayMs)
    }
    const refusal = refusalOf(number, message, key)
    if (refusal !== undefined) return refused(refusal, delayMs)

    const filled = message.template === undefined ? undefined : templates.render(message.template)
    if (filled !== undefined && 'code' in filled) return refused(filled, delayMs)
    if (filled?.category === 'authentication' && address.kind === 'bsuid') {
      return refused(graphError(131062, 'Authentication templates need a phone number.'), delayMs)
    }
    const window = chats.window(key, numberId, now())
    const closed = !window.open && filled === undefined ? window.shows : undefined
    if (closed === 'answer') return refused(outsideWindow, delayMs)

    const id = wamid('outbound', addressed)
    record({ kind: 'known', key, ...(address.kind === 'wa_id' ? { waId: address.waId } : {}) })
    const customer = chats.customerAt(key)
    const blocked = chats.chatAt(customer, numberId).blockedByCustomer
    const failure = closed === 'status' ? outsideWindow : blocked ? undeliverable : undefined
    const contextId = idOf(body['context'], 'message_id')
    record({
      kind: 'answered',
      key,
      number: numberId,
      at: now(),
      id,
      type: message.type,
      content: filled === undefined ? message.content : { ...(message.content as object), text: filled.text },
      ...(typeof contextId === 'string' ? { contextId } : {}),
      ...(failure === undefined ? {} : { undeliverable: true }),
    })
    phones.typing(key, numberId, 0)
    const acceptedAt = new Date(now()).toISOString()
    sent.add([key], { id, waId: addressed, userId: customer.userId, acceptedAt, body })

    const pricing = pricingOf(filled?.category)

    const first = failure === undefined && faults?.strikes('statusesFirst', key) === true
    if (first) {
      const posted = sendStatus(customer, number, message, id, 'sent', { pricing })
      await Promise.race([posted.tried, sleep(firstStatusWaitMs, undefined, { ref: false })])
    }
    const bornIn = era
    due += 1
    const progressed = (): void => {
      if (era === bornIn) due -= 1
    }
    void progress(customer, number, message, id, pricing, failure, first).finally(progressed)

    return {
      kind: 'done',
      delayMs,
      dropAnswer: faults?.strikes('dropAnswer', key) === true,
      answer: {
        messaging_product: 'whatsapp',
        contacts: [
          {
            input: message.input,
            ...(address.kind === 'wa_id' ? { wa_id: addressed } : { user_id: addressed }),
          },
        ],
        messages: [{ id, message_status: 'accepted' }],
      },
    }
  }

  const businessReads = (body: Parameters): SendOutcome => {
    const receipt = readReceipt(body)
    if ('code' in receipt) return refused(receipt)
    const place = chats.whereIs(receipt.messageId)
    const customer = place === undefined ? undefined : chats.find(place.key)
    if (place !== undefined && customer !== undefined) {
      for (const entry of customer.chats.get(place.number)?.entries.values() ?? []) {
        if (entry.direction === 'out' && entry.status !== 'read') {
          record({ kind: 'progressed', key: place.key, number: place.number, id: entry.id, status: 'read' })
        }
        if (entry.id === receipt.messageId) break
      }
      if (receipt.typing) phones.typing(place.key, place.number, now() + typingShowsMs)
    }
    return { kind: 'done', answer: { success: true }, delayMs: 0, dropAnswer: false }
  }

  return {
    customerWrites,
    businessWritesInApp,
    redeliver,
    /** `POST /{phone}/messages`, whichever of its two uses it is. */
    businessCalls: async (number: BusinessNumber, body: Parameters): Promise<SendOutcome> =>
      isReceipt(body) ? businessReads(body) : businessSends(number, body),

    /** The customer looks at the chat. */
    looksAt: (customerKey: string, phoneNumberId: string): void => {
      const key = unreadKey(customerKey, phoneNumberId)
      const waiting = unread.get(key)
      unread.delete(key)
      for (const wasRead of waiting?.values() ?? []) wasRead()
    },

    /** Business → customer block. Only who wrote in the last 24 h can be blocked. */
    block: (number: BusinessNumber, customerId: string, blocked: boolean): GraphError | undefined => {
      const key = chats.keyOf(customerId)
      if (blocked && !chats.window(key, number.phoneNumberId, now()).open) {
        return graphError(131047, 'User has not messaged in the last 24 hours')
      }
      const waId = waIdOf(customerId)
      record({ kind: 'known', key, ...(isBsuid(customerId) || waId === undefined ? {} : { waId }) })
      record({ kind: 'blocked', key, number: number.phoneNumberId, by: 'business', blocked })
      return undefined
    },
    customerBlocks: (number: BusinessNumber, customerId: string, blocked: boolean): void =>
      record({
        kind: 'blocked',
        key: chats.keyOf(customerId),
        number: number.phoneNumberId,
        by: 'customer',
        blocked,
      }),
    setWindow: (number: BusinessNumber, customerId: string, closed: ClosedWindow | 'no'): void =>
      record({ kind: 'window', key: chats.keyOf(customerId), number: number.phoneNumberId, closed }),

    setFaults: (settings: Faults): Faults => {
      faults = Object.keys(settings).length === 0 ? undefined : faultPlan(settings, chats.keyOf)
      lanes.letGo()
      return faults === undefined ? {} : { ...settings, seed: faults.seed }
    },
    sentTo: (customerId: string | undefined): readonly SentMessage[] =>
      customerId === undefined ? sent.all() : sent.of(chats.keyOf(customerId)),
    sentFrom: (index: number) => sent.from(index),
    webhooksAbout: (customerId: string | undefined): readonly SentWebhook[] =>
      customerId === undefined ? webhooks.all() : webhooks.of(chats.keyOf(customerId)),
    state: () => ({
      pendingWebhooks: lanes.pending() + due,
      customers: chats.count(),
      sent: sent.count(),
      webhooks: webhooks.count(),
      faults: faults?.settings ?? {},
    }),
    reset: (): void => {
      stop()
      faults = undefined
      sent.clear()
      webhooks.clear()
      throughput.clear()
      pairRate.clear()
      record({ kind: 'reset' })
      phones.reset()
    },
    close: (): void => stop(),
  }

  function stop(): void {
    era += 1
    due = 0
    lanes.clear()
    unread.clear()
  }
}

export type WhatsAppNetwork = ReturnType<typeof whatsAppNetwork>
