import { createHash } from 'node:crypto'
import {
  type CommandPayload,
  type NewCommand,
  deterministicId,
  encodeCommand,
  unreachable,
} from '@parley/kernel'
import {
  AddContactAliases,
  EditMessage,
  ReactToMessage,
  ReceiveMessage,
  RecordDeliveryStatus,
  RevokeMessage,
  SetMarketingPreference,
} from '@parley/proto/commands'
import type { Content, DeepPartial } from '@parley/proto/content'
import type { CustomerNames, OddPart, WebhookItem } from './canonical.ts'

/** Kafka takes records of at most 1 MB (1,048,588 bytes); the event made of a command is a little larger than it. */
export const COMMAND_BYTES_MAX = 850_000

/** By what a repeated delivery of the same thing is known. */
export function repeatKey(item: WebhookItem): string {
  switch (item.kind) {
    case 'message':
    case 'edit':
    case 'revocation':
    case 'reaction':
      return `${item.accountId}|${item.providerId}`
    case 'numberChange':
      return `${item.accountId}|${item.providerId}|aliases`
    case 'status':
      return `${item.accountId}|${item.providerId || item.messageId}|${item.status}|${nameOf(item.recipient)}`
    case 'preference':
      return `${item.accountId}|preference|${nameOf(item.sender)}|${item.category}|${item.value}|${item.occurredAt}`
    default:
      return unreachable(item)
  }
}

function nameOf({ waId, userId, parentUserId }: CustomerNames): string {
  return waId || userId || parentUserId
}

export interface CommandOfItem {
  readonly command: NewCommand
  /** When the element is too large for the log: its bytes, for the dead letters. */
  readonly oddPart: OddPart | undefined
}

/** The wish that this item is, for the stream of this contact. */
export function commandOf(item: WebhookItem, contactId: string): CommandOfItem {
  const whole = commandWith(item, contactId, (content) => content)
  if (encodeCommand(whole).length <= COMMAND_BYTES_MAX) return { command: whole, oddPart: undefined }

  const digest = createHash('sha256').update(item.raw).digest('hex')
  const stub = Buffer.from(JSON.stringify({ code: 'RAW_TOO_LARGE', sha256: digest, length: item.raw.length }))
  const oddPart: OddPart = {
    code: 'RAW_TOO_LARGE',
    reason: 'The element does not fit into a record of the log together with what was read from it.',
    value: item.raw,
    accountId: item.accountId,
  }
  const withoutRaw = commandWith(item, contactId, (content) => ({ ...content, raw: stub }))
  if (encodeCommand(withoutRaw).length <= COMMAND_BYTES_MAX) return { command: withoutRaw, oddPart }
  const withoutBody = commandWith(item, contactId, (content) => ({
    ...content,
    raw: stub,
    message: {
      body: {
        $case: 'unsupported',
        value: { providerType: item.kind === 'message' ? item.type : item.kind, errorTitle: 'RAW_TOO_LARGE' },
      },
    },
  }))
  return { command: withoutBody, oddPart }
}

function commandWith(
  item: WebhookItem,
  contactId: string,
  content: (whole: DeepPartial<Content>) => DeepPartial<Content>,
): NewCommand {
  const command = (commandId: string, actor: NewCommand['actor'], payload: CommandPayload): NewCommand => ({
    commandId,
    streamId: contactId,
    occurredAt: item.occurredAt,
    actor,
    payload,
  })
  const customer = { kind: 'customer', id: contactId } as const
  const channel = { kind: 'channel', id: item.accountId } as const
  const { accountId: channelAccountId } = item

  switch (item.kind) {
    case 'message':
      return command(deterministicId('inbound', item.accountId, item.providerId), customer, {
        $case: 'receiveMessage',
        value: ReceiveMessage.fromPartial({
          channelAccountId,
          providerMessageId: item.providerId,
          type: item.type,
          replyToProviderMessageId: item.replyTo,
          forwarded: item.forwarded,
          frequentlyForwarded: item.frequentlyForwarded,
          content: content({
            message: item.body,
            profile: item.sender,
            raw: item.raw,
            ...(item.referral === undefined ? {} : { referral: item.referral }),
          }),
        }),
      })
    case 'edit':
      return command(deterministicId('inbound', item.accountId, item.providerId), customer, {
        $case: 'editMessage',
        value: EditMessage.fromPartial({
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          content: content({ message: item.body, profile: item.sender, raw: item.raw }),
        }),
      })
    case 'revocation':
      return command(deterministicId('inbound', item.accountId, item.providerId), customer, {
        $case: 'revokeMessage',
        value: RevokeMessage.fromPartial({
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          content: content({ profile: item.sender, raw: item.raw }),
        }),
      })
    case 'reaction':
      return command(deterministicId('inbound', item.accountId, item.providerId), customer, {
        $case: 'reactToMessage',
        value: ReactToMessage.fromPartial({
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          content: content({
            message: {
              body: { $case: 'reaction', value: { targetProviderMessageId: item.target, emoji: item.emoji } },
            },
            profile: item.sender,
            raw: item.raw,
          }),
        }),
      })
    case 'numberChange':
      return command(deterministicId('aliases', item.accountId, item.providerId), channel, {
        $case: 'addContactAliases',
        value: AddContactAliases.fromPartial({
          channelAccountId,
          reason: 'number_changed',
          content: content({ profile: { ...item.sender, waId: item.newWaId }, raw: item.raw }),
        }),
      })
    case 'status':
      return command(
        deterministicId('status', item.accountId, item.providerId || item.messageId, item.status),
        channel,
        {
          $case: 'recordDeliveryStatus',
          value: RecordDeliveryStatus.fromPartial({
            providerMessageId: item.providerId,
            messageId: item.messageId,
            status: item.status,
            providerCode: item.providerCode,
            providerTitle: item.providerTitle,
          }),
        },
      )
    case 'preference':
      return command(
        deterministicId(
          'preference',
          item.accountId,
          nameOf(item.sender),
          item.category,
          item.value,
          item.occurredAt,
        ),
        customer,
        {
          $case: 'setMarketingPreference',
          value: SetMarketingPreference.fromPartial({
            channelAccountId,
            category: item.category,
            value: item.value,
            content: content({ profile: item.sender, raw: item.raw }),
          }),
        },
      )
    default:
      return unreachable(item)
  }
}
