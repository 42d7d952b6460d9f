import type { GatewayServiceClient } from '@parley/proto/gateway'
import { GrpcError, grpcCall, status } from '@parley/service'

/** What the gateway does for desks. */
export interface Channel {
  /** Best effort: the customer's message counts as read, and for up to 25 s they see that an answer is being typed. */
  showTyping(contactId: string, providerMessageId: string): Promise<void>
  /** What may be sent to the contact outside the reply window. */
  templates(contactId: string): Promise<readonly Template[]>
  /** @returns why the channel refuses it, by the gateway's code; undefined when it is done */
  block(contactId: string, reason: string, personId: string): Promise<string | undefined>
  unblock(contactId: string, reason: string, personId: string): Promise<string | undefined>
}

export interface Template {
  readonly name: string
  readonly language: string
  readonly category: string
  /** With {{1}}, {{2}}, … where parameters go. */
  readonly text: string
  readonly parameterCount: number
}

const options = { timeoutMs: 3_000 }
/** It asks the provider first. */
const BLOCKED_WITHIN_MS = 5_000

/** @param onError the gateway is away: nobody waits for it */
export function channelOf(client: GatewayServiceClient, onError: (error: unknown) => void): Channel {
  const blocking =
    (call: 'blockContact' | 'unblockContact') =>
    async (contactId: string, reason: string, person: string): Promise<string | undefined> => {
      try {
        await grpcCall(client, call, { contactId, reason }, { timeoutMs: BLOCKED_WITHIN_MS, person })
        return undefined
      } catch (error) {
        if (error instanceof GrpcError && error.status === status.FAILED_PRECONDITION) return error.code
        throw error
      }
    }
  return {
    block: blocking('blockContact'),
    unblock: blocking('unblockContact'),
    async showTyping(contactId, providerMessageId) {
      try {
        await grpcCall(client, 'showTyping', { contactId, providerMessageId }, options)
      } catch (error) {
        onError(error)
      }
    },
    async templates(contactId) {
      const { templates } = await grpcCall(client, 'listTemplates', { contactId }, options)
      return templates.map(({ name, language, category, text, parameterCount }) => ({
        name,
        language,
        category,
        text,
        parameterCount,
      }))
    },
  }
}
