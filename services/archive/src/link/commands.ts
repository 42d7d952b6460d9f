import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { type NewCommand, deterministicId } from '@parley/kernel'
import type { TranscriptLink } from './transcript-link.ts'

type Command = NewCommand<ConversationCommand>

export interface LinkIssue {
  readonly link: TranscriptLink
  /** Only for the link that the customer is sent: the message needs it. Of any other link the log must not hold the token. */
  readonly urlForEnding?: string
  /** The ConversationEnding that asked for it. */
  readonly causationId?: string
  readonly traceparent?: string
}

export function linkIssued({ link, urlForEnding, causationId, traceparent }: LinkIssue): Command {
  const { _id: linkId, conversationId, expiresAt, issuedAt } = link
  return {
    ...conversations.command('RecordTranscriptLinkIssued', {
      conversationId,
      linkId,
      expiresAt: expiresAt.toISOString(),
      forEnding: urlForEnding !== undefined,
    }),
    ...aboutLink(link, issuedAt),
    commandId: deterministicId('transcript-link-issued', linkId),
    ...(urlForEnding === undefined ? {} : { content: contentOf({ url: urlForEnding }) }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

export function linkRevoked(link: TranscriptLink, at: Date): Command {
  const { _id: linkId, conversationId } = link
  return {
    ...conversations.command('RecordTranscriptLinkRevoked', { conversationId, linkId }),
    ...aboutLink(link, at),
    commandId: deterministicId('transcript-link-revoked', linkId),
  }
}

export type ViewFormat = 'page' | 'print' | 'json'

const QUARTER_MS = 15 * 60 * 1000

/** Views of one link in one format within one quarter of an hour are one: a page that is reloaded must not fill the contact's record. */
export function viewIdOf(link: TranscriptLink, format: ViewFormat, at: Date): string {
  return deterministicId('transcript-viewed', link._id, format, String(Math.floor(at.getTime() / QUARTER_MS)))
}

/** Who looked is not known, and not asked: no address, no browser. */
export function transcriptViewed(link: TranscriptLink, format: ViewFormat, at: Date): Command {
  const { _id: linkId, conversationId } = link
  return {
    ...conversations.command('RecordTranscriptViewed', { conversationId, linkId, format }),
    ...aboutLink(link, at),
    commandId: viewIdOf(link, format, at),
  }
}

function aboutLink({ contactId, conversationId }: TranscriptLink, at: Date) {
  return {
    streamId: contactId,
    correlationId: conversationId,
    occurredAt: at.toISOString(),
    actor: { kind: 'system', id: 'archive' },
  } as const
}
