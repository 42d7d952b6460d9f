import { type ConversationCommand, conversations } from '@parley/conversation'
import { type NewCommand, deterministicId } from '@parley/kernel'
import type { OutboxMessage, SendOutcome } from './outbox.ts'

/** Said again after a crash it is the same wish; two attempts that were both taken are two. */
export function outcomeCommand(
  message: OutboxMessage,
  outcome: SendOutcome,
  occurredAt: string,
): NewCommand<ConversationCommand> {
  const { messageId } = message
  switch (outcome.status) {
    case 'sent': {
      const { providerId: providerMessageId } = outcome
      const record = conversations.command('RecordMessageSent', { messageId, providerMessageId })
      return commandOf(message, ['sent', messageId, providerMessageId], occurredAt, record)
    }
    case 'failed': {
      const { code: providerCode, title: providerTitle } = outcome
      const record = conversations.command('RecordMessageFailed', { messageId, providerCode, providerTitle })
      return commandOf(message, ['failed', messageId], occurredAt, record)
    }
    case 'uncertain': {
      const record = conversations.command('RecordMessageUncertain', { messageId })
      return commandOf(message, ['uncertain', messageId], occurredAt, record)
    }
  }
}

/** There is evidence that the first attempt did not go out: the rules are asked for the second. */
export function resentCommand(message: OutboxMessage, occurredAt: string): NewCommand<ConversationCommand> {
  const { messageId } = message
  const record = conversations.command('RecordMessageResent', { messageId, attempt: 2 })
  return commandOf(message, ['resent', messageId], occurredAt, record)
}

function commandOf(
  { contactId, accountId, causationId, conversationId }: OutboxMessage,
  id: readonly [string, ...string[]],
  occurredAt: string,
  command: ConversationCommand,
): NewCommand<ConversationCommand> {
  return {
    ...command,
    commandId: deterministicId(...id),
    streamId: contactId,
    occurredAt,
    actor: { kind: 'channel', id: accountId },
    causationId,
    correlationId: conversationId,
  }
}
