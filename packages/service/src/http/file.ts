import { Readable } from 'node:stream'
import { create as disposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parse as parseRange } from 'range-parser'
import { HttpRefusal } from './refusal.ts'

/** A file that strangers made: of a customer, or that came from outside to one of the company's people. */
export interface StrangersFile {
  /** By its bytes, and never by what its sender called it. */
  readonly mimeType: string
  readonly bytes: number
  /** As its sender called it; empty: it has none. */
  readonly filename: string
}

/** What browsers show without running anything of it. All else is only ever downloaded. */
const SHOWN: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'audio/aac',
  'audio/amr',
  'audio/mpeg',
  'audio/mp4',
  'audio/ogg',
  'video/mp4',
  'video/3gpp',
])

const PIECE_BYTES = 512 * 1024

/** As much as WhatsApp takes. It travels in a header, where a letter may take nine bytes, and proxies refuse an answer whose headers have more than 4 kB. */
const FILENAME_CHARACTERS_MAX = 240

/**
 * The name of a file as somebody outside gave it, as it may be handed on: what a path, a control character, a sign that turns the reading
 * direction or a name without end might do with it, where it is saved or shown, is not found out.
 */
export function fileNameOf(said: string): string {
  const [last = ''] = said.split(/[\\/]/).slice(-1)
  // oxlint-disable-next-line no-control-regex -- what no name has
  const name = last.replaceAll(/[\u0000-\u001F\u007F]|\p{Bidi_Control}/gu, '')
  // The ending tells the type; a character that is cut in two goes whole.
  return name.slice(-FILENAME_CHARACTERS_MAX).replaceAll(/\p{Surrogate}/gu, '')
}

/**
 * Answers with a file of a stranger, or the part of it that was asked for: a page of ours must never come of it. Its first piece is read
 * before anything is sent, so that what cannot be had is refused and not cut off.
 * @param read exactly these bytes
 * @throws {HttpRefusal} 416 RANGE_REFUSED
 */
export async function sendStrangersFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { mimeType, bytes, filename }: StrangersFile,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<FastifyReply> {
  const isShown = SHOWN.has(mimeType)
  // No answer of ours names a version that a part could be of: whoever asks for one of theirs gets the whole (RFC 9110, 13.1.5).
  const asked = request.headers['if-range'] === undefined ? request.headers.range : undefined
  const range = rangeOf(asked, bytes)
  if (range === 'refused') {
    void reply.header('content-range', `bytes */${bytes}`)
    throw new HttpRefusal(416, 'RANGE_REFUSED', 'The file has no such part.')
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 }
  const pieceAt = (offset: number) => read(offset, Math.min(PIECE_BYTES, end + 1 - offset))
  const first = await pieceAt(start)
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield first
    for (let offset = start + first.length; offset <= end;) {
      // A slow line takes half an hour for what a session may end in the middle of.
      await request.stillSignedIn()
      const piece = await pieceAt(offset)
      if (piece.length === 0) throw new Error('The file ended before its length.')
      yield piece
      offset += piece.length
    }
  }
  if (range !== undefined) void reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`)
  return reply
    .headers({
      'accept-ranges': 'bytes',
      'content-length': end + 1 - start,
      'content-type': isShown || mimeType === 'application/pdf' ? mimeType : 'application/octet-stream',
      'content-disposition': disposition(fileNameOf(filename) || undefined, {
        type: isShown ? 'inline' : 'attachment',
      }),
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'private, no-store',
    })
    .send(Readable.from(pieces(), { objectMode: false }))
}

/** By range-parser. */
const MALFORMED = 1

/** One part; of several, and of what cannot be read, the whole is as good an answer. */
function rangeOf(
  header: string | undefined,
  bytes: number,
): { readonly start: number; readonly end: number } | undefined | 'refused' {
  if (header === undefined || bytes === 0) return undefined
  const { type, code, ranges } = parseRange(bytes, header)
  if (type !== 'bytes' || (code & MALFORMED) !== 0) return undefined
  if (ranges.length === 0) return 'refused'
  return ranges.length === 1 ? ranges[0] : undefined
}
