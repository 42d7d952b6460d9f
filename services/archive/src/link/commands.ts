import { type ConversationCommand, contentOf, conversations } from '@parley/conversation'
import { type Cause, type NewCommand, causedBy, deterministicId } from '@parley/kernel'
import type { TranscriptLink } from './transcript-link.ts'

type Command = NewCommand<ConversationCommand>

/** Of such a link the log must not hold the token. */
export function linkIssued(link: TranscriptLink): Command {
  return { ...issueOf(link, false), commandId: deterministicId('transcript-link-issued', link._id) }
}

/** @param url The customer is sent it: the message needs it. */
export function linkIssuedForEnding(ending: Cause, link: TranscriptLink, url: string): Command {
  return causedBy(ending, 'transcript-link-issued', { ...issueOf(link, true), content: contentOf({ url }) })
}

function issueOf(link: TranscriptLink, forEnding: boolean) {
  const { _id: linkId, conversationId, expiresAt, issuedAt } = link
  return {
    ...conversations.command('RecordTranscriptLinkIssued', {
      conversationId,
      linkId,
      expiresAt: expiresAt.toISOString(),
      forEnding,
    }),
    ...aboutLink(link, issuedAt),
  }
}

/** @param personId who revoked it, where a person did */
export function linkRevoked(link: TranscriptLink, at: Date, personId?: string): Command {
  const { _id: linkId, conversationId } = link
  return {
    ...conversations.command('RecordTranscriptLinkRevoked', { conversationId, linkId }),
    ...aboutLink(link, at),
    ...(personId !== undefined && { actor: { kind: 'agent', id: personId } as const }),
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
