import type { Parameters } from '../graph/parameters.ts'
import { bsuidOf, isBsuid, profileNameOf, waIdOf } from './identity.ts'

export interface Customer {
  /** The BSUID that the number (or the BSUID it was first seen by) stands for. */
  readonly key: string
  waId: string | undefined
  /** The BSUID as the product sees it: normally `key`, unless a test gave another one. */
  userId: string
  name: string
  /** Somebody holds this phone: messages are read when they are looked at, not by themselves. */
  onPhone: boolean
  readonly chats: Map<string, Chat>
}

/** `out` was written by the customer, `in` came from the business. */
export type Direction = 'in' | 'out'
export type Progress = 'pending' | 'sent' | 'delivered' | 'read' | 'failed'
const progressOrder: readonly Progress[] = ['pending', 'sent', 'delivered', 'read', 'failed']

/** How a closed window shows: an error answer, or an accepted call and a failed status. */
export type ClosedWindow = 'answer' | 'status'

export interface ChatEntry {
  readonly id: string
  readonly direction: Direction
  readonly at: number
  type: string
  content: unknown
  status: Progress
  readonly contextId: string | undefined
  reactionOfCustomer: string | undefined
  reactionOfBusiness: string | undefined
  edited: boolean
  deleted: boolean
}

export interface Chat {
  readonly entries: Map<string, ChatEntry>
  lastWroteAt: number | undefined
  /** What a test set the window to, until the customer writes. */
  windowSet: 'open' | ClosedWindow | undefined
  /** The business blocked this customer: what they write generates no webhook. */
  blockedByBusiness: boolean
  /** The customer blocked the business: what it sends is accepted and fails. */
  blockedByCustomer: boolean
}

/** Everything that changes customers and chats; these are the lines of the data file, too. */
export type ChatFact =
  | {
      readonly kind: 'known'
      readonly key: string
      readonly waId?: string
      readonly userId?: string
      readonly name?: string
      readonly onPhone?: boolean
    }
  | {
      readonly kind: 'wrote'
      readonly key: string
      readonly number: string
      readonly at: number
      readonly id: string
      readonly element: Parameters
    }
  /** The business wrote, edited or took back something in the WhatsApp Business app. */
  | {
      readonly kind: 'echoed'
      readonly key: string
      readonly number: string
      readonly at: number
      readonly id: string
      readonly element: Parameters
    }
  | {
      readonly kind: 'answered'
      readonly key: string
      readonly number: string
      readonly at: number
      readonly id: string
      readonly type: string
      readonly content: unknown
      readonly contextId?: string
      /** It will fail, so the phone never shows it. */
      readonly undeliverable?: true
    }
  | {
      readonly kind: 'progressed'
      readonly key: string
      readonly number: string
      readonly id: string
      readonly status: Progress
    }
  | {
      readonly kind: 'window'
      readonly key: string
      readonly number: string
      readonly closed: ClosedWindow | 'no'
    }
  | {
      readonly kind: 'blocked'
      readonly key: string
      readonly number: string
      readonly by: 'business' | 'customer'
      readonly blocked: boolean
    }
  | { readonly kind: 'reset' }

export interface ChatChange {
  readonly customer: Customer
  readonly number: string
  readonly entry: ChatEntry
}

const windowMs = 24 * 60 * 60 * 1000
const entriesPerChatMax = 500
const customersMax = 50_000
const locationsMax = 200_000

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const objectOf = (value: unknown): Parameters =>
  typeof value === 'object' && value !== null ? (value as Parameters) : {}

/** What a message holds under the name of its type; the type is the tester's word, and may be "constructor". */
const partOf = (message: Parameters, type: string): unknown =>
  Object.hasOwn(message, type) ? message[type] : undefined

const dropOldest = <K, V>(map: Map<K, V>, most: number, mayGo: (value: V) => boolean = () => true): void => {
  if (map.size <= most) return
  for (const [key, value] of map) {
    if (!mayGo(value)) continue
    map.delete(key)
    return
  }
}

/**
 * Who the customers are and what their phones show. Bounded: 50,000 customers, the last 500 entries of each
 * chat. `changed` hears of every entry that a phone has to draw anew.
 */
export const chatBook = (wabaId: string, changed: (change: ChatChange) => void = () => undefined) => {
  const customers = new Map<string, Customer>()
  const otherNames = new Map<string, string>()
  const whereMessageIs = new Map<string, { readonly key: string; readonly number: string }>()

  const keyOf = (id: string): string => {
    const known = otherNames.get(id)
    if (known !== undefined) return known
    const waId = isBsuid(id) ? undefined : waIdOf(id)
    return waId === undefined ? id : (otherNames.get(waId) ?? bsuidOf(waId, wabaId))
  }

  const customerAt = (key: string): Customer => {
    let customer = customers.get(key)
    if (customer === undefined) {
      customer = {
        key,
        waId: undefined,
        userId: key,
        name: profileNameOf(key),
        onPhone: false,
        chats: new Map(),
      }
      customers.set(key, customer)
      dropOldest(customers, customersMax, ({ onPhone }) => !onPhone)
    }
    return customer
  }

  const chatAt = (customer: Customer, number: string): Chat => {
    let chat = customer.chats.get(number)
    if (chat === undefined) {
      chat = {
        entries: new Map(),
        lastWroteAt: undefined,
        windowSet: undefined,
        blockedByBusiness: false,
        blockedByCustomer: false,
      }
      customer.chats.set(number, chat)
    }
    return chat
  }

  const show = (customer: Customer, number: string, entry: ChatEntry): void =>
    changed({ customer, number, entry })

  const addEntry = (customer: Customer, number: string, entry: ChatEntry): void => {
    const { entries } = chatAt(customer, number)
    entries.set(entry.id, entry)
    dropOldest(entries, entriesPerChatMax)
    whereMessageIs.set(entry.id, { key: customer.key, number })
    dropOldest(whereMessageIs, locationsMax)
    show(customer, number, entry)
  }

  const newEntry = (
    fact: { readonly id: string; readonly at: number },
    direction: Direction,
    type: string,
    content: unknown,
    contextId: string | undefined,
  ): ChatEntry => ({
    id: fact.id,
    at: fact.at,
    direction,
    type,
    content,
    status: direction === 'out' ? 'sent' : 'pending',
    contextId,
    reactionOfCustomer: undefined,
    reactionOfBusiness: undefined,
    edited: false,
    deleted: false,
  })

  /** Shows a reaction, an edit or a deletion on its target; false if there is none to show it on. */
  const changeTarget = (
    customer: Customer,
    number: string,
    targetId: string | undefined,
    change: (entry: ChatEntry) => void,
  ): boolean => {
    const entry = targetId === undefined ? undefined : customer.chats.get(number)?.entries.get(targetId)
    if (entry === undefined) return false
    change(entry)
    show(customer, number, entry)
    return true
  }

  const wrote = (fact: Extract<ChatFact, { kind: 'wrote' }>): void => {
    const chat = chatAt(customerAt(fact.key), fact.number)
    if (fact.element['type'] !== 'system') {
      chat.lastWroteAt = fact.at
      chat.windowSet = undefined
    }
    written(fact, 'out')
  }

  const written = (fact: Extract<ChatFact, { kind: 'wrote' | 'echoed' }>, direction: Direction): void => {
    const customer = customerAt(fact.key)
    const { element } = fact
    const type = textOf(element['type']) ?? 'unknown'
    const content = objectOf(partOf(element, type))
    whereMessageIs.set(fact.id, { key: customer.key, number: fact.number })
    dropOldest(whereMessageIs, locationsMax)
    switch (type) {
      case 'reaction': {
        const emoji = textOf(content['emoji'])
        changeTarget(customer, fact.number, textOf(content['message_id']), (entry) => {
          const reaction = emoji === '' ? undefined : emoji
          if (direction === 'out') entry.reactionOfCustomer = reaction
          else entry.reactionOfBusiness = reaction
        })
        return
      }
      case 'revoke':
        changeTarget(customer, fact.number, textOf(content['original_message_id']), (entry) => {
          entry.deleted = true
        })
        return
      case 'edit': {
        const message = objectOf(content['message'])
        const editedType = textOf(message['type']) ?? 'text'
        changeTarget(customer, fact.number, textOf(content['original_message_id']), (entry) => {
          entry.type = editedType
          entry.content = partOf(message, editedType)
          entry.edited = true
        })
        return
      }
      default:
        addEntry(
          customer,
          fact.number,
          newEntry(fact, direction, type, partOf(element, type), textOf(objectOf(element['context'])['id'])),
        )
    }
  }

  const answered = (fact: Extract<ChatFact, { kind: 'answered' }>): void => {
    const customer = customerAt(fact.key)
    if (fact.type === 'reaction') {
      const { message_id: target, emoji } = objectOf(fact.content)
      changeTarget(customer, fact.number, textOf(target), (entry) => {
        entry.reactionOfBusiness = emoji === '' ? undefined : textOf(emoji)
      })
      return
    }
    const entry = newEntry(fact, 'in', fact.type, fact.content, fact.contextId)
    if (fact.undeliverable === true) entry.status = 'failed'
    addEntry(customer, fact.number, entry)
  }

  const known = (fact: Extract<ChatFact, { kind: 'known' }>): void => {
    const customer = customerAt(fact.key)
    if (fact.waId !== undefined) {
      customer.waId = fact.waId
      if (bsuidOf(fact.waId, wabaId) !== fact.key) otherNames.set(fact.waId, fact.key)
    }
    if (fact.userId !== undefined) {
      customer.userId = fact.userId
      if (fact.userId !== fact.key) otherNames.set(fact.userId, fact.key)
    }
    if (fact.name !== undefined) customer.name = fact.name
    if (fact.onPhone !== undefined) customer.onPhone = fact.onPhone
  }

  const apply = (fact: ChatFact): void => {
    switch (fact.kind) {
      case 'known':
        return known(fact)
      case 'wrote':
        return wrote(fact)
      case 'echoed':
        return written(fact, 'in')
      case 'answered':
        return answered(fact)
      case 'progressed':
        changeTarget(customerAt(fact.key), fact.number, fact.id, (entry) => {
          if (progressOrder.indexOf(fact.status) > progressOrder.indexOf(entry.status))
            entry.status = fact.status
        })
        return
      case 'window': {
        const chat = chatAt(customerAt(fact.key), fact.number)
        chat.windowSet = fact.closed === 'no' ? 'open' : fact.closed
        return
      }
      case 'blocked': {
        const chat = chatAt(customerAt(fact.key), fact.number)
        if (fact.by === 'business') chat.blockedByBusiness = fact.blocked
        else chat.blockedByCustomer = fact.blocked
        return
      }
      case 'reset':
        customers.clear()
        otherNames.clear()
        whereMessageIs.clear()
    }
  }

  return {
    apply,
    keyOf,
    customerAt,
    chatAt,
    find: (key: string): Customer | undefined => customers.get(key),
    /** Whether a `known` fact would change nothing, so that it need not be written down. */
    isOldNews: (fact: Extract<ChatFact, { kind: 'known' }>): boolean => {
      const customer = customers.get(fact.key)
      return (
        customer !== undefined &&
        (fact.waId ?? customer.waId) === customer.waId &&
        (fact.userId ?? customer.userId) === customer.userId &&
        (fact.name ?? customer.name) === customer.name &&
        (fact.onPhone ?? customer.onPhone) === customer.onPhone
      )
    },
    all: (): Iterable<Customer> => customers.values(),
    count: (): number => customers.size,
    whereIs: (messageId: string) => whereMessageIs.get(messageId),

    /**
     * Whether free-form messages may be sent: within 24 hours of the customer's last message. Meta takes what is sent outside them, and
     * tells by a status that it failed.
     */
    window: (
      key: string,
      number: string,
      now: number,
    ): { open: true } | { open: false; shows: ClosedWindow } => {
      const chat = customers.get(key)?.chats.get(number)
      if (chat?.windowSet === 'open') return { open: true }
      if (chat?.windowSet !== undefined) return { open: false, shows: chat.windowSet }
      const isOpen = chat?.lastWroteAt !== undefined && now - chat.lastWroteAt <= windowMs
      return isOpen ? { open: true } : { open: false, shows: 'status' }
    },
  }
}

export type ChatBook = ReturnType<typeof chatBook>
