import {
  type ConversationCommand,
  type ConversationEvent,
  contentOf,
  conversations,
  messageIn,
} from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { type NewCommand, UnreadableRecord, deterministicId } from '@parley/kernel'
import { isMediaType } from './kinds.ts'
import type { Received, UnavailableReason, WantedFile } from './receiving.ts'

/** The file of one message, to be fetched. */
export interface MediaJob extends WantedFile {
  readonly messageId: string
  readonly contactId: string
  readonly conversationId: string
  /** The event that told of it. */
  readonly causationId: string
  readonly traceparent: string
}

/** The first try counts. */
export interface ClaimedJob extends MediaJob {
  readonly tries: number
  readonly wantedSince: Date
}

/** What is to be fetched, for all gateways together. */
export interface MediaJobs {
  /** @param jobs at least one */
  put(jobs: readonly MediaJob[]): Promise<void>
  /** One that is due, nobody else's for `leaseMs`; or how long until the next may be. */
  claim(leaseMs: number): Promise<{ readonly job: ClaimedJob } | { readonly waitMs: number }>
  again(messageId: string, waitMs: number): Promise<void>
  done(messageId: string): Promise<void>
}

export const MEDIA_EVENTS = [
  'MessageReceived',
  'AppMessageSent',
] as const satisfies readonly ConversationEvent['type'][]
type MediaEvent = ReadEvent<Extract<ConversationEvent, { type: (typeof MEDIA_EVENTS)[number] }>>

/** A message whose words cannot be read has no file that could be fetched. */
export function jobOf({ data, envelope, traceparent }: MediaEvent): MediaJob | undefined {
  if (!isMediaType(data.type)) return undefined
  const media = mediaIn(envelope.content)
  if (media === undefined || !isMediaType(media.type)) return undefined
  return {
    messageId: data.messageId,
    contactId: envelope.streamId,
    conversationId: envelope.correlationId,
    causationId: envelope.eventId,
    traceparent,
    mediaId: media.mediaId,
    type: media.type,
    sha256: media.sha256,
    mimeType: media.mimeType,
  }
}

function mediaIn(content: MediaEvent['envelope']['content']) {
  try {
    const body = messageIn(content)?.body
    return body?.$case === 'media' ? body.value : undefined
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined
    throw error
  }
}

const CHANGED_TRIES_MAX = 3
const RETRY_FIRST_MS = 1_000
export const RETRY_LONGEST_MS = 5 * 60_000

/** What to do after a try: fetch again, or say how it ended. Pure. */
export function after(
  job: ClaimedJob,
  received: Received,
  { now, giveUpAfterMs }: { readonly now: number; readonly giveUpAfterMs: number },
): { readonly retryInMs: number } | { readonly command: NewCommand<ConversationCommand> } {
  switch (received.outcome) {
    case 'stored':
      return {
        command: commandOf(
          job,
          now,
          conversations.command('RecordMediaStored', {
            conversationId: job.conversationId,
            messageId: job.messageId,
          }),
          contentOf({ file: received.file }),
        ),
      }
    case 'unavailable':
      return { command: unavailable(job, now, received.reason) }
    case 'changed':
      return job.tries < CHANGED_TRIES_MAX
        ? { retryInMs: backOff(job.tries) }
        : { command: unavailable(job, now, 'wrong_hash') }
    case 'later':
      return now - job.wantedSince.getTime() < giveUpAfterMs
        ? { retryInMs: backOff(job.tries) }
        : { command: unavailable(job, now, 'unreachable') }
  }
}

const backOff = (tries: number): number => Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_LONGEST_MS)

function unavailable(job: MediaJob, now: number, reason: UnavailableReason): NewCommand<ConversationCommand> {
  const { conversationId, messageId } = job
  return commandOf(
    job,
    now,
    conversations.command('RecordMediaUnavailable', { conversationId, messageId, reason }),
  )
}

/** One wish for each file, whichever way it ended: of two gateways that tried, the first in the log counts. */
function commandOf(
  { messageId, contactId, causationId, conversationId, traceparent }: MediaJob,
  now: number,
  command: ConversationCommand,
  content: NewCommand<ConversationCommand>['content'] = [],
): NewCommand<ConversationCommand> {
  return {
    ...command,
    commandId: deterministicId('media', messageId),
    streamId: contactId,
    occurredAt: new Date(now).toISOString(),
    actor: { kind: 'system', id: 'gateway' },
    causationId,
    correlationId: conversationId,
    traceparent,
    content,
  }
}
