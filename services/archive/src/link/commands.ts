import { type NewCommand, deterministicId } from '@parley/kernel'
import { Content } from '@parley/proto/content'
import type { TranscriptLink } from './transcript-link.ts'

const ARCHIVE = { kind: 'system', id: 'archive' } as const

export interface LinkIssue {
  readonly link: TranscriptLink
  /** Only for the link that the customer is sent: the rules need it for the message. Of any other link the log must not hold the token. */
  readonly urlForEnding?: string
  /** The ConversationEnding that asked for it. */
  readonly causationId?: string
  readonly traceparent?: string
}

export function linkIssued({ link, urlForEnding, causationId, traceparent }: LinkIssue): NewCommand {
  return {
    commandId: deterministicId('transcript-link-issued', link._id),
    streamId: link.contactId,
    correlationId: link.conversationId,
    occurredAt: link.issuedAt.toISOString(),
    actor: ARCHIVE,
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    payload: {
      $case: 'recordTranscriptLinkIssued',
      value: {
        conversationId: link.conversationId,
        linkId: link._id,
        expiresAt: link.expiresAt.toISOString(),
        content: Content.fromPartial({ url: urlForEnding ?? '' }),
        forEnding: urlForEnding !== undefined,
      },
    },
  }
}

export function linkRevoked(link: TranscriptLink, at: Date): NewCommand {
  return {
    commandId: deterministicId('transcript-link-revoked', link._id),
    streamId: link.contactId,
    correlationId: link.conversationId,
    occurredAt: at.toISOString(),
    actor: ARCHIVE,
    payload: {
      $case: 'recordTranscriptLinkRevoked',
      value: { conversationId: link.conversationId, linkId: link._id },
    },
  }
}

export type ViewFormat = 'page' | 'print' | 'json'

/** Who looked is not known, and not asked: no address, no browser. */
export function transcriptViewed(
  link: TranscriptLink,
  format: ViewFormat,
  { viewId, at }: { readonly viewId: string; readonly at: Date },
): NewCommand {
  return {
    commandId: deterministicId('transcript-viewed', viewId),
    streamId: link.contactId,
    correlationId: link.conversationId,
    occurredAt: at.toISOString(),
    actor: ARCHIVE,
    payload: {
      $case: 'recordTranscriptViewed',
      value: { conversationId: link.conversationId, linkId: link._id, format },
    },
  }
}
