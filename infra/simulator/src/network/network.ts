import type { ClosedWindow } from '../customer/chats.ts'
import { isBsuid, waIdOf } from '../customer/identity.ts'
import { faultPlan, type Faults } from '../faults/faults.ts'
import { graphError, type GraphError } from '../graph/errors.ts'
import type { SentWebhook, WebhookDelivery } from '../webhook/delivery.ts'
import { Air } from './air.ts'
import { FromBusiness, type FromBusinessOptions, type SentMessage } from './from-business.ts'
import { FromCustomers, type FromCustomersOptions } from './from-customers.ts'
import type { BusinessNumber } from './numbers.ts'
import { recordLog } from './record-log.ts'

export interface NetworkOptions extends FromCustomersOptions, FromBusinessOptions {
  readonly delivery: (
    began: (customerKeys: readonly string[], webhook: SentWebhook) => void,
  ) => WebhookDelivery
  readonly webhooksKeptMax: number
  readonly sentKeptMax: number
}

/** WhatsApp as both sides know it: customers' messages go in, the business's come out, and both hear of it. */
export const whatsAppNetwork = (options: NetworkOptions) => {
  const { chats, record, phones, random, now } = options
  const sent = recordLog<SentMessage>(options.sentKeptMax)
  const webhooks = recordLog<SentWebhook>(options.webhooksKeptMax)
  const delivery = options.delivery((customerKeys, webhook) => webhooks.add(customerKeys, webhook))
  const air = new Air(delivery, random)
  const customers = new FromCustomers(options, air)
  const business = new FromBusiness(options, air, (keys, message) => sent.add(keys, message))
  const stop = (): void => {
    air.clear()
    business.clear()
  }

  return {
    customers,
    business,

    /** Business → customer block. Only who wrote in the last 24 h can be blocked. */
    block: (number: BusinessNumber, customerId: string, blocked: boolean): GraphError | undefined => {
      const key = chats.keyOf(customerId)
      if (blocked && !chats.window(key, number.phoneNumberId, now()).open)
        return graphError(131047, 'User has not messaged in the last 24 hours')
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
      const faults = Object.keys(settings).length === 0 ? undefined : faultPlan(settings, chats.keyOf)
      air.struckBy(faults)
      return faults === undefined ? {} : { ...settings, seed: faults.seed }
    },
    sentTo: (customerId: string | undefined): readonly SentMessage[] =>
      customerId === undefined ? sent.all() : sent.of(chats.keyOf(customerId)),
    sentFrom: (index: number) => sent.from(index),
    webhooksAbout: (customerId: string | undefined): readonly SentWebhook[] =>
      customerId === undefined ? webhooks.all() : webhooks.of(chats.keyOf(customerId)),
    state: () => ({
      pendingWebhooks: air.pending() + business.due,
      customers: chats.count(),
      sent: sent.count(),
      webhooks: webhooks.count(),
      faults: air.faults?.settings ?? {},
    }),
    reset: (): void => {
      stop()
      air.faults = undefined
      sent.clear()
      webhooks.clear()
      business.clearRates()
      record({ kind: 'reset' })
      phones.reset()
    },
    close: (): void => stop(),
  }
}

export type WhatsAppNetwork = ReturnType<typeof whatsAppNetwork>
