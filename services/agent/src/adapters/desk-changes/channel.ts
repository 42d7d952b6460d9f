import type { GatewayServiceClient } from '@parley/proto/gateway'
import { grpcCall } from '@parley/service'

/** What the gateway does for desks. */
export interface Channel {
  /** Best effort: the customer's message counts as read, and for up to 25 s they see that an answer is being typed. */
  showTyping(contactId: string, providerMessageId: string, personId: string): Promise<void>
}

const ANSWERED_WITHIN_MS = 3_000

/** @param onError the gateway is away: nobody waits for it */
export function channelOf(client: GatewayServiceClient, onError: (error: unknown) => void): Channel {
  return {
    async showTyping(contactId, providerMessageId, person) {
      try {
        const options = { timeoutMs: ANSWERED_WITHIN_MS, person }
        await grpcCall(client, 'showTyping', { contactId, providerMessageId }, options)
      } catch (error) {
        onError(error)
      }
    },
  }
}
