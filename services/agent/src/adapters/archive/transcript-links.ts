import { type ArchiveServiceClient, IssueTranscriptLinkRequest } from '@parley/proto/archive'
import { HttpRefusal, bodyOf, grpcCall } from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { answered, archiveRefusal, askedFor } from './answers.ts'
import { nothing } from '../desk-changes/desk-changes.ts'
import { type SightOptions, conversationSeen, noConversation } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'

/** Of whoever looks something up: not to be kept. */
const GOOD_SECONDS = 60 * 60

interface TranscriptLink {
  readonly url: string
  /** ISO 8601 UTC. */
  readonly expiresAt: string
}

export interface TranscriptLinkRoutes {
  readonly desk: SightOptions
  /** @param person the id of who asks @throws {HttpRefusal} */
  readonly issueLink: (conversationId: string, person: string) => Promise<TranscriptLink>
}

/** The archive issues it, asks once more who may, and records it as exported. */
export function archivedLinks(client: ArchiveServiceClient): TranscriptLinkRoutes['issueLink'] {
  return async (conversationId, person) => {
    const request = IssueTranscriptLinkRequest.fromPartial({
      conversationId,
      ttlSeconds: BigInt(GOOD_SECONDS),
    })
    const { url, expiresAt = '' } = await answered(
      grpcCall(client, 'issueTranscriptLink', request, askedFor(person)),
      (cause) => (cause.code === 'CONVERSATION_UNKNOWN' ? noConversation() : archiveRefusal(cause)),
    )
    return { url, expiresAt }
  }
}

/** Whoever has it on their screen is not told that there is none. */
const notArchivedYet = (cause: unknown): HttpRefusal =>
  new HttpRefusal(
    503,
    'ARCHIVE_UNAVAILABLE',
    'The archive does not have yet what you see: ask again in a moment.',
    {
      cause,
    },
  )

/** To what this service has forgotten: it keeps words for 30 days, the archive keeps all. */
export function addTranscriptLinks(app: FastifyInstance, { desk, issueLink }: TranscriptLinkRoutes): void {
  app.post<{ Params: { id: string } }>(
    '/api/conversations/:id/transcript-links',
    {
      config: { access: { permission: 'conversations.export' }, isKeyed: false },
      schema: {
        summary: 'A link to the transcript, good for an hour. On record as exported.',
        body: nothing,
        response: { 200: z.object({ url: z.string(), expiresAt: z.iso.datetime() }) },
      },
    },
    async (request, reply) => {
      try {
        bodyOf(request, nothing)
      } catch (error) {
        // What they do not see is not there, whatever the body says; to ask the archive would issue the link.
        await conversationSeen(desk, request)
        throw error
      }
      const link = await issueLink(request.params.id, signedInOf(request).id).catch(
        async (error: unknown) => {
          if (!(error instanceof HttpRefusal) || error.statusCode !== 404) throw error
          // The archive tells nobody whether there is one that is none of theirs: who tries ids is on record here.
          await conversationSeen(desk, request)
          throw notArchivedYet(error)
        },
      )
      return reply.header('cache-control', 'no-store').send(link)
    },
  )
}
