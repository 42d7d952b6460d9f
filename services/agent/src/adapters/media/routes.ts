import { randomUUID } from 'node:crypto'
import multipart, { type MultipartFile } from '@fastify/multipart'
import { auditPerson } from '@parley/audit'
import { deterministicId } from '@parley/kernel'
import type { Roster } from '@parley/people'
import {
  type Changes,
  HttpRefusal,
  type RecordAct,
  fileNameOf,
  idempotencyKeyReused,
  sendStrangersFile,
  sentAs,
} from '@parley/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import type { DeskFeed } from '../desk/feed.ts'
import { isOfUnseen, mayReveal, notThere, sightOf, upToDate, whenAllIsRead } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import type { MediaFiles } from './files.ts'
import type { RecordOpened } from '../desk/openings.ts'
import type { UploadStore } from './upload-store.ts'

export interface MediaRoutes {
  readonly conversations: Pick<ConversationStore, 'conversations' | 'messagesById'>
  readonly feed: Pick<DeskFeed, 'position' | 'readPosition'>
  readonly roster: Roster
  readonly opened: RecordOpened
  readonly record: RecordAct
  readonly files: MediaFiles
  readonly uploads: Pick<UploadStore, 'keep' | 'count'>
  readonly changes: Pick<Changes, 'hold'>
}

const MEBIBYTE = 1024 * 1024
/** The largest that WhatsApp takes, a document; what is around it in the body. */
const FILE_BYTES_MAX = 100 * MEBIBYTE
const BODY_BYTES_MAX = FILE_BYTES_MAX + MEBIBYTE
/** Counted before they are stored. Each file counts as so much at least: what is kept beside it takes room, too. */
const COUNTED_BYTES = 256 * 1024

/** More than a browser sends at once. Each holds up to a megabyte here for as long as it comes, and a slow line has half an hour. */
export const UPLOADS_AT_ONCE_MAX = 16

const uploaded = z.object({ uploadId: z.string(), type: z.string(), bytes: z.int() })

/** Files from desks, and files to them: a file is somebody's who may see a message that has it, and never by its own name alone. */
export function addMediaRoutes(app: FastifyInstance, media: MediaRoutes): void {
  const { conversations, feed, roster, opened, record, files, uploads, changes } = media

  /** Of each person, here. */
  const underWay = new Map<string, number>()
  /** @returns what ends it @throws {HttpRefusal} 429 */
  const begins = (personId: string): (() => void) => {
    const others = underWay.get(personId) ?? 0
    if (others >= UPLOADS_AT_ONCE_MAX)
      throw new HttpRefusal(429, 'TOO_MANY_UPLOADS', 'You are uploading too many files at once.')
    underWay.set(personId, others + 1)
    return () => {
      const left = (underWay.get(personId) ?? 1) - 1
      if (left === 0) underWay.delete(personId)
      else underWay.set(personId, left)
    }
  }

  const counting = (personId: string, reply: FastifyReply) => async (bytes: number) => {
    const retryAfterSeconds = await uploads.count(personId, bytes)
    if (retryAfterSeconds === undefined) return
    void reply.header('retry-after', String(retryAfterSeconds))
    throw new HttpRefusal(
      429,
      'UPLOADS_OF_DAY_USED_UP',
      'You have uploaded as much today as one person may. It goes on at midnight UTC.',
    )
  }

  void app.register(async (scope) => {
    await scope.register(multipart, {
      throwFileSizeLimit: false,
      limits: { files: 1, fields: 4, fieldSize: 1_024, fileSize: FILE_BYTES_MAX, parts: 5 },
    })
    scope.post(
      '/api/uploads',
      {
        bodyLimit: BODY_BYTES_MAX,
        // Without a key it makes two uploads when it is said twice, of which one is sent; nobody sees the other.
        config: { access: { permission: 'conversations.answer' }, isKeyed: false, body: 'upload' },
        schema: {
          summary:
            'A file to be sent, as multipart/form-data in the field `file`; it can be named for a day, and goes when it is not sent. The same file under the same `Idempotency-Key` is the same upload.',
          response: { 200: uploaded },
        },
      },
      async (request, reply) => {
        const personId = signedInOf(request).id
        const uploadId =
          request.headers['idempotency-key'] === undefined
            ? randomUUID()
            : deterministicId('upload', personId, await changes.hold(request))
        let ends: (() => void) | undefined
        try {
          ends = begins(personId)
          const part = await request.file().catch(refuseMisshapen)
          if (part === undefined || part.fieldname !== 'file') throw bodyInvalid('it is missing')
          // Undefined: the part has none, and is a file by its type alone.
          const filename = fileNameOf(part.filename ?? '')
          const bytes = counted(wholeOf(part.file), counting(personId, reply))
          const stored = await files.store(bytes, { mimeType: part.mimetype, filename })
          if (!(await uploads.keep(personId, uploadId, { ...stored, filename }))) throw idempotencyKeyReused()
          return await reply.send({ uploadId, type: stored.type, bytes: Number(stored.file.bytes) })
        } finally {
          ends?.()
          // What nobody reads any more goes by: the parser would wait for a reader, and with it the connection, and whoever drains.
          request.raw.unpipe()
          request.raw.resume()
        }
      },
    )
  })

  app.get<{ Params: { conversationId: string; messageId: string } }>(
    '/api/media/:conversationId/:messageId',
    {
      config: { access: { permission: 'conversations.read' } },
      schema: {
        summary:
          'The file of a message, or a part of it (`Range`); of a sensitive one for the owner and for supervisors, on record.',
        response: { 200: sentAs('*/*'), 206: sentAs('*/*') },
      },
    },
    async (request, reply) => {
      const { conversationId, messageId } = request.params
      const sight = sightOf(request, roster)
      let isThere = false
      const look = async () => {
        const [[conversation], [message]] = await Promise.all([
          conversations.conversations([conversationId]),
          conversations.messagesById([messageId]),
        ])
        isThere =
          (conversation !== undefined && !sight.sees(conversation)) ||
          (await isOfUnseen(media, request, conversationId, [message]))
        if (conversation === undefined || isThere) return undefined
        if (message?.conversationId !== conversationId || message.deletedAt !== null) return undefined
        return !message.isSensitive || mayReveal(request, roster, conversation) ? message : undefined
      }
      const found = await look()
      if (found?.isSensitive === true) await whenAllIsRead(feed)
      const message = found?.file != null && !found.isSensitive ? found : await upToDate(feed, look)
      const file = message?.file
      if (message === undefined || file == null) throw notThere('file', isThere)
      if ('unavailable' in file)
        throw new HttpRefusal(404, 'FILE_UNAVAILABLE', `The file could not be had: ${file.unavailable}.`)
      const person = signedInOf(request)
      await opened(person, conversationId)
      if (message.isSensitive)
        await record({
          type: 'sensitive_revealed',
          person: auditPerson(person),
          subject: { kind: 'conversation', id: conversationId },
          fields: { file: messageId },
        })
      return sendStrangersFile(request, reply, { ...file, filename: file.filename }, (offset, length) =>
        files.read(file.sha256, offset, length),
      )
    },
  )
}

const bodyInvalid = (message: string): HttpRefusal =>
  new HttpRefusal(400, 'BODY_INVALID', 'The body is not what this route takes.', {
    fields: [{ path: 'file', message }],
  })

/** The parser's limits are told as such; what else it says is of a body that is cut or was never a form. */
function refuseMisshapen(error: unknown): never {
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 413) throw error
  throw bodyInvalid('it cannot be read as multipart/form-data')
}

async function* wholeOf(file: MultipartFile['file']): AsyncGenerator<Uint8Array> {
  try {
    yield* file as AsyncIterable<Uint8Array>
  } catch (error) {
    refuseMisshapen(error)
  }
  // The parser stops at the limit without a word.
  if (file.truncated)
    throw new HttpRefusal(413, 'MEDIA_TOO_LARGE', 'WhatsApp takes no file that is so large.')
}

/** @param count is told of what comes before it is passed on */
async function* counted(
  source: AsyncIterable<Uint8Array>,
  count: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let left = 0
  for await (const piece of source) {
    if (piece.length > left) {
      const more = Math.max(COUNTED_BYTES, piece.length - left)
      await count(more)
      left += more
    }
    left -= piece.length
    yield piece
  }
}
