import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { type NewCommand, deterministicId } from '@parley/kernel'
import { GatewayServiceService } from '@parley/proto/gateway'
import {
  type GrpcCallContext,
  type GrpcService,
  type RecordAct,
  grpcError,
  grpcService,
  operatorActs,
  status,
} from '@parley/service'
import type { ChannelAccount } from '../config.ts'
import type { TypingSign } from '../reacting/reactions.ts'
import type { CallResult } from '../sending/answer.ts'
import { type BlockAnswer, blockAnswer, blockRequest } from '../sending/blocking.ts'
import type { Gate } from '../sending/schedule.ts'
import type { MediaHandlers } from './media-grpc.ts'
import type { TemplateLists } from './template-lists.ts'
import type { StoredContact } from './mongo-contacts.ts'

export interface GatewayGrpcPorts {
  readonly accounts: ReadonlyMap<string, ChannelAccount>
  gateOf(accountId: string): Gate
  contact(contactId: string): Promise<StoredContact | undefined>
  callBlocking(
    account: ChannelAccount,
    method: 'POST' | 'DELETE',
    body: Readonly<Record<string, unknown>>,
  ): Promise<CallResult>
  showTyping(sign: TypingSign): void
  readonly templatesOf: TemplateLists
  append(commands: readonly NewCommand<ConversationCommand>[]): Promise<void>
  readonly record: RecordAct
  readonly media: MediaHandlers
  readonly now: () => number
  readonly newId: () => string
}

export function gatewayGrpc(ports: GatewayGrpcPorts): GrpcService {
  const operated = operatorActs(ports.record)
  const change = async (
    wish: 'block' | 'unblock',
    { contactId, reason }: { readonly contactId: string; readonly reason: string },
    call: GrpcCallContext,
  ): Promise<void> => {
    const contact = await ports.contact(contactId)
    const account = contact === undefined ? undefined : ports.accounts.get(contact.accountId)
    if (contact === undefined || account === undefined)
      throw grpcError(status.NOT_FOUND, 'UNKNOWN_CONTACT', 'The gateway knows no such contact.')
    const body = blockRequest(contact)
    if (body === undefined)
      throw grpcError(status.FAILED_PRECONDITION, 'NO_ADDRESS', 'The contact has no address on the channel.')
    if (call.person === undefined)
      await operated({ kind: 'contact', id: contactId }, call, { act: `${wish}_contact`, reason })
    refuseUnlessDone(
      blockAnswer(wish, await ports.callBlocking(account, wish === 'block' ? 'POST' : 'DELETE', body)),
    )
    await ports.append([
      {
        ...conversations.command(wish === 'block' ? 'BlockContact' : 'UnblockContact', {}),
        commandId: deterministicId(wish, contactId, ports.newId()),
        streamId: contactId,
        occurredAt: new Date(ports.now()).toISOString(),
        actor:
          call.person === undefined ? { kind: 'system', id: 'gateway' } : { kind: 'agent', id: call.person },
        content: contentOf(reason === '' ? {} : { note: reason }),
      },
    ])
  }

  return grpcService(GatewayServiceService, {
    ...ports.media,
    listChannelAccounts: async () => ({
      channelAccounts: [...ports.accounts.values()].map((account) => {
        const gate = ports.gateOf(account.phoneNumberId)
        return {
          channelAccountId: account.phoneNumberId,
          channel: 'whatsapp',
          displayName: account.displayName || account.displayPhoneNumber,
          state: gate.state === 'stopped' ? 'paused' : 'sending',
          pausedCode: gate.state === 'stopped' ? String(gate.code) : '',
        }
      }),
    }),
    blockContact: async (request, _metadata, call) => {
      await change('block', request, call)
      return {}
    },
    unblockContact: async (request, _metadata, call) => {
      await change('unblock', request, call)
      return {}
    },
    listTemplates: async ({ contactId }) => {
      const contact = await ports.contact(contactId)
      const account = contact === undefined ? undefined : ports.accounts.get(contact.accountId)
      if (account === undefined)
        throw grpcError(status.NOT_FOUND, 'UNKNOWN_CONTACT', 'The gateway knows no such contact.')
      const templates = await ports.templatesOf(account)
      if (templates !== undefined) return { templates: [...templates] }
      throw grpcError(
        status.UNAVAILABLE,
        'PROVIDER_UNAVAILABLE',
        'The provider gave no usable answer. Try again.',
      )
    },
    showTyping: async ({ contactId, providerMessageId }) => {
      const contact = await ports.contact(contactId)
      if (contact !== undefined) ports.showTyping({ accountId: contact.accountId, providerMessageId })
      return {}
    },
  })
}

function refuseUnlessDone(answer: BlockAnswer): void {
  switch (answer.outcome) {
    case 'done':
      return
    case 'refused':
      throw grpcError(
        status.FAILED_PRECONDITION,
        'PROVIDER_REFUSED',
        `The provider refuses with code ${answer.code}. Only customers who wrote in the last 24 hours can be blocked.`,
      )
    case 'unknown':
      throw grpcError(
        status.UNAVAILABLE,
        'PROVIDER_UNAVAILABLE',
        'The provider gave no usable answer. Try again.',
      )
  }
}
