import type { ChatEntry, ChatChange } from '../customer/chats.ts'
import type { Phones } from '../network/from-business.ts'

interface Phone {
  readonly phoneNumberId: string
  readonly send: (event: string, data: unknown) => void
  visible: boolean
}

/** What cannot be delivered never reaches the phone. */
export const reachesPhone = (entry: ChatEntry): boolean =>
  entry.direction === 'out' || entry.status !== 'failed'

/** What a phone gets to see of an entry. */
export const shownEntry = (entry: ChatEntry): object => ({
  id: entry.id,
  direction: entry.direction,
  at: entry.at,
  type: entry.type,
  content: entry.deleted ? null : (entry.content ?? null),
  status: entry.status,
  contextId: entry.contextId ?? null,
  reactions: [entry.reactionOfCustomer, entry.reactionOfBusiness].filter((emoji) => emoji !== undefined),
  ownReaction: entry.reactionOfCustomer ?? null,
  edited: entry.edited,
  deleted: entry.deleted,
})

/** The phone pages that are open now, by customer. */
export const phoneHub = () => {
  const byCustomer = new Map<string, Map<string, Phone>>()

  const each = (customerKey: string, phoneNumberId: string, act: (phone: Phone) => void): void => {
    for (const phone of byCustomer.get(customerKey)?.values() ?? []) {
      if (phone.phoneNumberId === phoneNumberId) act(phone)
    }
  }

  return {
    open: (customerKey: string, connection: string, phone: Phone): void => {
      const own = byCustomer.get(customerKey) ?? new Map<string, Phone>()
      byCustomer.set(customerKey, own.set(connection, phone))
    },
    close: (customerKey: string, connection: string): void => {
      const own = byCustomer.get(customerKey)
      own?.delete(connection)
      if (own?.size === 0) byCustomer.delete(customerKey)
    },
    setVisible: (customerKey: string, connection: string, visible: boolean): void => {
      const phone = byCustomer.get(customerKey)?.get(connection)
      if (phone !== undefined) phone.visible = visible
    },
    show: ({ customer, number, entry }: ChatChange): void => {
      if (reachesPhone(entry)) each(customer.key, number, (phone) => phone.send('entry', shownEntry(entry)))
    },

    isLooking: (customerKey: string, phoneNumberId: string): boolean => {
      let looking = false
      each(customerKey, phoneNumberId, (phone) => (looking ||= phone.visible))
      return looking
    },
    typing: (customerKey: string, phoneNumberId: string, until: number): void =>
      each(customerKey, phoneNumberId, (phone) => phone.send('typing', { until })),
    reset: (): void => {
      for (const own of byCustomer.values()) for (const phone of own.values()) phone.send('reset', {})
    },
  } satisfies Phones & Record<string, unknown>
}

export type PhoneHub = ReturnType<typeof phoneHub>
