import { createHash } from 'node:crypto'
import {
  type ConversationCommand,
  contentOf,
  conversations,
  isCourtesy,
  languageByCountry,
  surveyAnswerOf,
  waitWishOf,
} from '@parley/conversation'
import { type NewCommand, deterministicId, unreachable } from '@parley/kernel'
import { AdReferral, MessageBody } from '@parley/proto/content'
import type { CustomerNames, OddPart, WebhookItem } from './canonical.ts'
import type { Resolved } from '../identity/resolve.ts'
import { factsOf } from './facts.ts'
import type { ProfileDigest } from './profile-digest.ts'

/** Kafka takes records of at most 1 MB (1,048,588 bytes); the event made of a command is a little larger than it. */
export const COMMAND_BYTES_MAX = 850_000

/** By what a repeated delivery of the same thing is known. */
export function repeatKey(item: WebhookItem): string {
  switch (item.kind) {
    case 'message':
    case 'echo':
    case 'edit':
    case 'revocation':
    case 'reaction':
      return `${item.accountId}|${item.providerId}`
    case 'namesChange':
      return `${item.accountId}|${item.providerId}|aliases`
    case 'status':
      return `${item.accountId}|${item.providerId || item.messageId}|${item.status}|${nameOf(item.recipient)}`
    case 'preference':
      return `${item.accountId}|preference|${nameOf(item.sender)}|${item.category}|${item.value}|${momentOf(item)}`
    default:
      return unreachable(item)
  }
}

/** By its bytes where it has no time: that of receipt is another one each time it comes. */
function momentOf({ occurredAt, isUntimed, raw }: WebhookItem): string {
  return isUntimed ? createHash('sha256').update(raw).digest('hex') : occurredAt
}

function surveyFacts(message: MessageBody) {
  const { score, reason, conversationId } = surveyAnswerOf(message)
  return { surveyScore: score, surveyReason: reason, surveyConversationId: conversationId }
}

function nameOf({ waId, userId, parentUserId }: CustomerNames): string {
  return waId || userId || parentUserId
}

/** With the number the BSUID changes too; a notice that does not tell the new one leaves the old one, which is all there is to write to. */
function namesSince({ sender, next }: Extract<WebhookItem, { kind: 'namesChange' }>): CustomerNames {
  return {
    waId: next.waId,
    userId: next.userId || sender.userId,
    parentUserId: next.parentUserId || sender.parentUserId,
    name: next.name || sender.name,
    username: next.username || sender.username,
  }
}

export interface CommandOfItem {
  readonly command: NewCommand<ConversationCommand>
  /** When the element is too large for the log: its bytes, for the dead letters. */
  readonly oddPart: OddPart | undefined
}

/** Whose an item is, and whether the number that it tells is theirs by now: one that is another person's never gets into their record as a name. */
export type Customer = Pick<Resolved, 'contactId' | 'ownsNumber'>

/** What the customer is called from this item on. */
export function namesOf(
  item: Exclude<WebhookItem, { kind: 'status' }>,
  { ownsNumber }: Pick<Customer, 'ownsNumber'>,
): CustomerNames {
  const told = item.kind === 'namesChange' ? namesSince(item) : item.sender
  return ownsNumber ? told : { ...told, waId: '' }
}

/** The wish that this item is, for the stream of this contact. */
export function commandOf(item: WebhookItem, customer: Customer, digestOf: ProfileDigest): CommandOfItem {
  const message = messageIn(item)
  const whole = commandWith(item, customer, digestOf, { message, raw: item.raw })
  if (fits(whole)) return { command: whole, oddPart: undefined }

  const digest = createHash('sha256').update(item.raw).digest('hex')
  const raw = Buffer.from(JSON.stringify({ code: 'RAW_TOO_LARGE', sha256: digest, length: item.raw.length }))
  const oddPart: OddPart = {
    code: 'RAW_TOO_LARGE',
    reason: 'The element does not fit into a record of the log together with what was read from it.',
    value: item.raw,
    accountId: item.accountId,
  }
  const withoutRaw = commandWith(item, customer, digestOf, { message, raw })
  if (fits(withoutRaw)) return { command: withoutRaw, oddPart }
  const providerType = item.kind === 'message' || item.kind === 'echo' ? item.type : item.kind
  const unsupported = MessageBody.fromPartial({
    body: { $case: 'unsupported', value: { providerType, errorTitle: 'RAW_TOO_LARGE' } },
  })
  return { command: commandWith(item, customer, digestOf, { message: unsupported, raw }), oddPart }
}

/** By its words: the facts beside them are ids, codes and numbers, some kilobytes at the very most. */
function fits({ content = [] }: NewCommand<ConversationCommand>): boolean {
  return content.reduce((bytes, { value }) => bytes + value.length, 0) <= COMMAND_BYTES_MAX
}

const NOTHING_SAID = MessageBody.fromPartial({})

function messageIn(item: WebhookItem): MessageBody {
  switch (item.kind) {
    case 'message':
    case 'echo':
    case 'edit':
      return MessageBody.fromPartial(item.body)
    case 'reaction':
      return MessageBody.fromPartial({
        body: {
          $case: 'reaction',
          value: { targetProviderMessageId: item.target, emoji: item.emoji },
        },
      })
    case 'revocation':
    case 'namesChange':
    case 'status':
    case 'preference':
      return NOTHING_SAID
    default:
      return unreachable(item)
  }
}

interface Said {
  readonly message: MessageBody
  readonly raw: Buffer
}

function commandWith(
  item: WebhookItem,
  customer: Customer,
  digestOf: ProfileDigest,
  { message, raw }: Said,
): NewCommand<ConversationCommand> {
  const { contactId } = customer
  const company = { kind: 'company', id: 'whatsapp_business_app' } as const
  const author = 'isEcho' in item ? company : ({ kind: 'customer', id: contactId } as const)
  const channel = { kind: 'channel', id: item.accountId } as const
  const common = { streamId: contactId, occurredAt: item.occurredAt }
  const { accountId: channelAccountId } = item
  if (item.kind === 'status')
    return {
      ...common,
      ...conversations.command('RecordDeliveryStatus', {
        providerMessageId: item.providerId,
        messageId: item.messageId,
        status: item.status,
        providerCode: item.providerCode,
        providerTitle: item.providerTitle,
      }),
      commandId: deterministicId('status', item.accountId, item.providerId || item.messageId, item.status),
      actor: channel,
    }

  const profile = namesOf(item, customer)
  const observed = {
    profileDigest: digestOf(profile, item.kind === 'namesChange' ? item.providerId : ''),
    // A country is told by a number that went to somebody else as well.
    languageHint: languageByCountry(item.kind === 'namesChange' ? namesSince(item) : item.sender),
  }
  switch (item.kind) {
    case 'message':
      return {
        ...common,
        ...conversations.command('ReceiveMessage', {
          channelAccountId,
          providerMessageId: item.providerId,
          type: item.type,
          replyToProviderMessageId: item.replyTo,
          forwarded: item.forwarded,
          frequentlyForwarded: item.frequentlyForwarded,
          isNote: message.body?.$case === 'note',
          isCourtesy: isCourtesy(message),
          waitWish: waitWishOf(message),
          ...surveyFacts(message),
          ...factsOf(message, item.consent),
          observed,
        }),
        commandId: deterministicId('inbound', item.accountId, item.providerId),
        actor: author,
        content: contentOf({
          messages: [message],
          profile,
          referral: item.referral === undefined ? undefined : AdReferral.fromPartial(item.referral),
          raw,
        }),
      }
    case 'echo':
      return {
        ...common,
        ...conversations.command('RecordAppMessage', {
          channelAccountId,
          providerMessageId: item.providerId,
          type: item.type,
          replyToProviderMessageId: item.replyTo,
          observed,
        }),
        commandId: deterministicId('echo', item.accountId, item.providerId),
        actor: company,
        content: contentOf({ messages: [message], profile, raw }),
      }
    case 'edit':
      return {
        ...common,
        ...conversations.command('EditMessage', {
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          hasMessage: message.body?.$case !== 'unsupported',
          ...factsOf(message, item.consent),
          observed,
        }),
        commandId: deterministicId('inbound', item.accountId, item.providerId),
        actor: author,
        content: contentOf({ messages: [message], profile, raw }),
      }
    case 'revocation':
      return {
        ...common,
        ...conversations.command('RevokeMessage', {
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          observed,
        }),
        commandId: deterministicId('inbound', item.accountId, item.providerId),
        actor: author,
        content: contentOf({ profile, raw }),
      }
    case 'reaction':
      return {
        ...common,
        ...conversations.command('ReactToMessage', {
          channelAccountId,
          providerMessageId: item.providerId,
          targetProviderMessageId: item.target,
          observed,
        }),
        commandId: deterministicId('inbound', item.accountId, item.providerId),
        actor: author,
        content: contentOf({ messages: [message], profile, raw }),
      }
    case 'namesChange':
      // The bytes of the element go with the note that is received beside this.
      return {
        ...common,
        ...conversations.command('AddContactAliases', {
          channelAccountId,
          reason: item.next.waId === '' ? 'user_id_changed' : 'number_changed',
          observed,
        }),
        commandId: deterministicId('aliases', item.accountId, item.providerId),
        actor: channel,
        content: contentOf({ profile }),
      }
    case 'preference':
      return {
        ...common,
        ...conversations.command('SetMarketingPreference', {
          channelAccountId,
          category: item.category,
          value: item.value,
          observed,
        }),
        commandId: deterministicId(
          'preference',
          item.accountId,
          nameOf(item.sender),
          item.category,
          item.value,
          momentOf(item),
        ),
        actor: author,
        content: contentOf({ profile, raw }),
      }
    default:
      return unreachable(item)
  }
}
