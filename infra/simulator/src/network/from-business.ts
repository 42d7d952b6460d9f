import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatBook, ChatFact, Customer } from '../customer/chats.ts'
import { waIdOf } from '../customer/identity.ts'
import { graphError, webhookError, type GraphError } from '../graph/errors.ts'
import { rateLimiter, type RateLimit } from '../graph/limits.ts'
import { isReceipt, readOutbound, readReceipt, type OutboundMessage } from '../graph/outbound.ts'
import type { Parameters } from '../graph/parameters.ts'
import type { TemplateBook } from '../graph/templates.ts'
import type { Posted } from '../webhook/delivery.ts'
import { statusWebhook } from '../webhook/envelope.ts'
import type { Air } from './air.ts'
import type { BusinessNumber } from './numbers.ts'
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

export interface FromBusinessOptions {
  readonly chats: ChatBook
  readonly record: (fact: ChatFact) => void
  readonly templates: TemplateBook
  readonly phones: Phones
  readonly hasMedia: (id: string) => boolean
  readonly throughput: RateLimit | undefined
  readonly pairRate: RateLimit | undefined
  readonly random: () => number
  readonly now: () => number
}

export type SendOutcome =
  | { readonly kind: 'refused'; readonly error: GraphError; readonly delayMs: number }
  | { readonly kind: 'done'; readonly answer: object; readonly delayMs: number; readonly dropAnswer: boolean }

/** A message that was accepted, on its way to the phone. */
interface Accepted {
  readonly customer: Customer
  readonly number: BusinessNumber
  readonly message: OutboundMessage
  readonly id: string
  readonly pricing: object
}

const typingShowsMs = 25_000
const firstStatusWaitMs = 10_000

/** What the business sends: refused as Meta does, or accepted, and then its statuses come one by one. */
export class FromBusiness {
  readonly #options: FromBusinessOptions
  readonly #air: Air
  readonly #sent: (keys: readonly string[], message: SentMessage) => void
  readonly #throughput: ReturnType<typeof rateLimiter>
  readonly #pairRate: ReturnType<typeof rateLimiter>
  /** Messages that wait to be looked at, and how to say that they were. */
  readonly #unread = new Map<string, Map<string, () => void>>()
  /** Accepted messages whose statuses are to come. */
  #due = 0

  /** @param sent each message that was accepted, with the keys of whom it goes to */
  constructor(
    options: FromBusinessOptions,
    air: Air,
    sent: (keys: readonly string[], message: SentMessage) => void,
  ) {
    this.#options = options
    this.#air = air
    this.#sent = sent
    this.#throughput = rateLimiter(options.throughput)
    this.#pairRate = rateLimiter(options.pairRate)
  }

  get due(): number {
    return this.#due
  }

  /** `POST /{phone}/messages`, whichever of its two uses it is. */
  async calls(number: BusinessNumber, body: Parameters): Promise<SendOutcome> {
    return isReceipt(body) ? this.#reads(body) : this.#sends(number, body)
  }

  /** The customer looks at the chat. */
  isLookedAt(customerKey: string, phoneNumberId: string): void {
    const key = unreadKey(customerKey, phoneNumberId)
    const waiting = this.#unread.get(key)
    this.#unread.delete(key)
    for (const wasRead of waiting?.values() ?? []) wasRead()
  }

  /** Nothing is under way any more. */
  clear(): void {
    this.#due = 0
    this.#unread.clear()
  }

  /** Nor was anything sent before. */
  clearRates(): void {
    this.#throughput.clear()
    this.#pairRate.clear()
  }

  async #sends(number: BusinessNumber, body: Parameters): Promise<SendOutcome> {
    const { chats, record, templates, phones, now } = this.#options
    const { faults } = this.#air
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
    const refusal = this.#refusalOf(number, message, key)
    if (refusal !== undefined) return refused(refusal, delayMs)

    const filled = message.template === undefined ? undefined : templates.render(message.template)
    if (filled !== undefined && 'code' in filled) return refused(filled, delayMs)
    if (filled?.category === 'authentication' && address.kind === 'bsuid')
      return refused(graphError(131062, 'Authentication templates need a phone number.'), delayMs)
    const window = chats.window(key, numberId, now())
    const closed = !window.open && filled === undefined ? window.shows : undefined
    if (closed === 'answer') return refused(outsideWindow, delayMs)

    const id = wamid('outbound', addressed)
    record({ kind: 'known', key, ...(address.kind === 'wa_id' ? { waId: address.waId } : {}) })
    const customer = chats.customerAt(key)
    const blocked = chats.chatAt(customer, numberId).blockedByCustomer
    const failure = closed === 'status' ? outsideWindow : blocked ? undeliverable : undefined
    const contextId = fieldOf(body['context'], 'message_id')
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
    this.#sent([key], { id, waId: addressed, userId: customer.userId, acceptedAt, body })

    const accepted: Accepted = { customer, number, message, id, pricing: pricingOf(filled?.category) }
    const isSaidFirst = failure === undefined && faults?.strikes('statusesFirst', key) === true
    if (isSaidFirst) {
      const posted = this.#sayStatus(accepted, 'sent', { pricing: accepted.pricing })
      await Promise.race([posted.tried, sleep(firstStatusWaitMs, undefined, { ref: false })])
    }
    const isStillSaid = this.#air.sinceNow()
    this.#due += 1
    void this.#progress(accepted, failure, isSaidFirst).finally(() => {
      if (isStillSaid()) this.#due -= 1
    })

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

  #refusalOf(number: BusinessNumber, message: OutboundMessage, key: string): GraphError | undefined {
    const { chats, hasMedia, now } = this.#options
    const { address } = message
    const numberId = number.phoneNumberId
    if (address.kind === 'wa_id' && address.waId === waIdOf(number.displayPhoneNumber))
      return graphError(131021, 'Sender and recipient phone number is the same.')
    const mediaId = fieldOf(message.content, 'id')
    if (typeof mediaId === 'string' && !hasMedia(mediaId))
      return graphError(131009, `Media ID ${mediaId} was not uploaded here, or was deleted.`)
    if (!this.#throughput.take(numberId, now()))
      return graphError(
        130429,
        'Message failed to send because there were too many messages from this number.',
      )
    if (!this.#pairRate.take(`${numberId}/${key}`, now()))
      return graphError(131056, 'Too many messages from this number to the same recipient in a short time.')
    return chats.find(key)?.chats.get(numberId)?.blockedByBusiness === true
      ? graphError(131026, 'The business has blocked this customer.')
      : undefined
  }

  async #progress(
    accepted: Accepted,
    failure: GraphError | undefined,
    isSentAlready: boolean,
  ): Promise<void> {
    const { phones, random } = this.#options
    const { customer, number, id, pricing } = accepted
    const isStillSaid = this.#air.sinceNow()
    const pass = async (shortest: number, spread: number): Promise<boolean> => {
      await sleep(shortest + random() * spread, undefined, { ref: false })
      return isStillSaid()
    }
    if (failure !== undefined) {
      if (await pass(5, 20)) this.#sayStatus(accepted, 'failed', { errors: [webhookError(failure)] })
      return
    }
    if (!isSentAlready) {
      if (!(await pass(2, 8))) return
      this.#sayStatus(accepted, 'sent', { pricing })
    }
    if (!(await pass(5, 25))) return
    this.#sayStatus(accepted, 'delivered', { pricing })

    const wasRead = (): void => void this.#sayStatus(accepted, 'read')
    if (customer.onPhone && !phones.isLooking(customer.key, number.phoneNumberId)) {
      const key = unreadKey(customer.key, number.phoneNumberId)
      const waiting = this.#unread.get(key) ?? new Map<string, () => void>()
      this.#unread.set(key, waiting.set(id, wasRead))
      return
    }
    if (await pass(5, 35)) wasRead()
  }

  #sayStatus(
    { customer, number, message, id }: Accepted,
    status: 'sent' | 'delivered' | 'read' | 'failed',
    extra: object = {},
  ): Posted {
    const { record, now } = this.#options
    record({ kind: 'progressed', key: customer.key, number: number.phoneNumberId, id, status })
    const body = statusWebhook(number, customer, {
      id,
      status,
      timestamp: String(Math.floor(now() / 1000)),
      ...(customer.waId === undefined ? {} : { recipient_id: customer.waId }),
      recipient_user_id: customer.userId,
      ...(message.callbackData === undefined ? {} : { biz_opaque_callback_data: message.callbackData }),
      ...extra,
    } as { status: string })
    return this.#air.post('status', [customer.key], body)
  }

  #reads(body: Parameters): SendOutcome {
    const { chats, record, phones, now } = this.#options
    const receipt = readReceipt(body)
    if ('code' in receipt) return refused(receipt)
    const place = chats.whereIs(receipt.messageId)
    const customer = place === undefined ? undefined : chats.find(place.key)
    if (place !== undefined && customer !== undefined) {
      for (const entry of customer.chats.get(place.number)?.entries.values() ?? []) {
        if (entry.direction === 'out' && entry.status !== 'read')
          record({ kind: 'progressed', key: place.key, number: place.number, id: entry.id, status: 'read' })
        if (entry.id === receipt.messageId) break
      }
      if (receipt.typing) phones.typing(place.key, place.number, now() + typingShowsMs)
    }
    return { kind: 'done', answer: { success: true }, delayMs: 0, dropAnswer: false }
  }
}

const unreadKey = (customerKey: string, phoneNumberId: string): string => `${phoneNumberId}/${customerKey}`

const fieldOf = (content: unknown, name: string): unknown =>
  typeof content === 'object' && content !== null && Object.hasOwn(content, name)
    ? (content as Parameters)[name]
    : undefined

/** Since July 2025 Meta charges by the message; what answers a customer within the window is free. */
const pricingOf = (templateCategory: string | undefined): object =>
  templateCategory === undefined
    ? { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' }
    : { billable: true, pricing_model: 'PMP', type: 'regular', category: templateCategory }

const refused = (error: GraphError, delayMs = 0): SendOutcome => ({ kind: 'refused', error, delayMs })

const outsideWindow = graphError(
  131047,
  'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
)

const undeliverable = graphError(131026, 'Message undeliverable.')
